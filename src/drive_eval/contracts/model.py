"""Contracts as typed objects, built from the closed YAML files under ``schemas/extracts/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Code:
    """One code of a column: the canonical word, what it means, and whether it stands for a missing answer."""

    canonical: str
    meaning: str
    missing: bool


@dataclass(frozen=True)
class Column:
    """One column of a sheet: header as delivered, type, limits and how it may be reported."""

    name: str
    header: str
    type: str
    description: str
    source: str
    unit: str
    nullable: bool
    unique: bool
    quotable: bool
    required: bool
    codes: Mapping[str, Code]
    minimum: Any
    maximum: Any
    pattern: str
    date_formats: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet of an extract: the canonical table it becomes, its header row and its columns."""

    name: str
    table: str
    description: str
    header_row: int
    columns: Mapping[str, Column]

    def by_header(self) -> dict[str, Column]:
        """Columns keyed by the header as delivered."""
        return {column.header: column for column in self.columns.values()}


@dataclass(frozen=True)
class Contract:
    """What one extract must look like."""

    extract: str
    title: str
    description: str
    other_sheets: tuple[str, ...]
    sheets: Mapping[str, Sheet]
    rules: tuple[Mapping[str, Any], ...]
    longest_text: int = 60


def build_contract(document: Mapping[str, Any]) -> Contract:
    """Build a contract from a document that already satisfies ``schemas/contract.schema.yaml``.

    Raises
    ------
    ValueError
        If a cross-column or cross-sheet rule names a sheet or column that the contract does not have.
    """
    sheets = {
        name: Sheet(
            name=name,
            table=sheet["table"],
            description=sheet["description"],
            header_row=sheet.get("header_row", 1),
            columns={key: _column(key, column) for key, column in sheet["columns"].items()},
        )
        for name, sheet in document["sheets"].items()
    }
    for rule in document["rules"]:
        for place in (value for key, value in rule.items() if key in ("left", "right", "key")):
            sheet, _, column = place.partition(".")
            if sheet not in sheets or column not in sheets[sheet].columns:
                raise ValueError(f"contract {document['extract']}: rule {rule['rule']!r} names unknown {place!r}")
    return Contract(
        extract=document["extract"],
        title=document["title"],
        description=document["description"],
        other_sheets=tuple(document["other_sheets"]),
        sheets=sheets,
        rules=tuple(document["rules"]),
        longest_text=document.get("longest_text", 60),
    )


def _column(name: str, entry: Mapping[str, Any]) -> Column:
    codes = {
        raw: Code(code["canonical"], code["meaning"], code.get("missing", False))
        for raw, code in entry.get("codes", {}).items()
    }
    return Column(
        name=name,
        header=entry["header"],
        type=entry["type"],
        description=entry["description"],
        source=entry["source"],
        unit=entry.get("unit", ""),
        nullable=entry["nullable"],
        unique=entry.get("unique", False),
        quotable=entry.get("quotable", False),
        required=entry.get("required", True),
        codes=codes,
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        pattern=entry.get("pattern", ""),
        date_formats=tuple(entry.get("date_formats", ("%Y-%m-%d",))),
        aliases=tuple(entry.get("aliases", ())),
        accept=tuple(entry.get("accept", ())),
    )
