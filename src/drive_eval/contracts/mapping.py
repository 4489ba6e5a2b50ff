"""How the files of a provider differ from a contract: built from a closed YAML file, applied to a contract's sheets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drive_eval.contracts.model import Column, Contract, Sheet

TODO = "TODO"
"""What `drive-eval map` writes where a person must decide."""

ISO_DATE = "%Y-%m-%d"


@dataclass(frozen=True)
class ColumnMap:
    """How one column is delivered; what is empty is as the contract says."""

    headers: tuple[str, ...] = ()
    value: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()
    prefix: str = ""
    width: int = 0
    multiply: float = 1


@dataclass(frozen=True)
class Source:
    """One place that rows of a sheet come from; without any entry it is the sheet of the contract itself."""

    file: str = "*"
    sheet: str = ""
    header_row: int | None = None
    heading_row: int | None = None
    footer: str = ""
    leave_out: tuple[str, ...] = ()
    section: str = ""
    encoding: str = ""
    delimiter: str = ""
    ignore: tuple[str, ...] = ()
    repeat: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: Mapping[str, ColumnMap] = field(default_factory=dict)

    def headers(self, sheet: Sheet) -> set[str]:
        """Every header that the file may have."""
        names = self.repeat or {"": {}}
        return {
            header
            for column in sheet.columns.values()
            for name in names
            for header in self._headers(column, name)
            if self._given(column.name, name) is None
        }

    def localised(self, sheet: Sheet, present: Collection[str], repeat: str = "") -> Sheet:
        """The sheet of the contract as this file has it: its headers, codes and formats.

        Parameters
        ----------
        sheet : Sheet
        present : collection of str
            Headers of the file, which decide between several names of a column.
        repeat : str
            Name of the group of columns that is read.
        """
        return replace(
            sheet, columns={name: self._local(column, present, repeat) for name, column in sheet.columns.items()}
        )

    def constants(self, sheet: Sheet, repeat: str = "") -> dict[str, str]:
        """Values that the mapping itself gives, by the header that `localised` gives their columns."""
        found = {name: self._given(name, repeat) for name in sheet.columns if name != self.section}
        return {f"{name} (from the mapping)": given for name, given in found.items() if given is not None}

    def _given(self, name: str, repeat: str) -> str | None:
        if name == self.section:
            return ""
        given = self.repeat.get(repeat, {}).get(name, "") or self.columns.get(name, ColumnMap()).value
        return given or None

    def _headers(self, column: Column, repeat: str) -> tuple[str, ...]:
        chosen = self.columns.get(column.name, ColumnMap()).headers or (column.header,)
        return tuple(header.replace("{repeat}", repeat) for header in chosen)

    def _local(self, column: Column, present: Collection[str], repeat: str) -> Column:
        entry = self.columns.get(column.name, ColumnMap())
        by_word = {code.canonical: code for code in reversed(list(column.codes.values()))}
        given = self._given(column.name, repeat)
        if given:
            codes = {given: by_word[given]} if column.codes else {}
            return replace(column, header=f"{column.name} (from the mapping)", codes=codes, required=True)
        headers = self._headers(column, repeat)
        header = next((header for header in headers if header in present), headers[0])
        local = replace(column, header=section_header(column.name) if given == "" else header)
        if entry.codes:
            local = replace(local, codes={raw: by_word[word] for raw, word in entry.codes.items()})
        if entry.date_formats:
            local = replace(local, date_formats=tuple(dict.fromkeys((*entry.date_formats, ISO_DATE))))
        return local


@dataclass(frozen=True)
class FileMapping:
    """A mapping of the files of one extract."""

    name: str
    ignore_sheets: tuple[str, ...]
    sources: Mapping[str, tuple[Source, ...]]


def section_header(name: str) -> str:
    """What stands for a header where heading rows give the column."""
    return f"{name} (heading rows)"


def identity(contract: Contract) -> FileMapping:
    """The mapping of files that are as the contract says."""
    return FileMapping("", (), {name: (Source(),) for name in contract.sheets})


def build_mapping(name: str, document: Mapping[str, Any], contract: Contract) -> FileMapping:
    """Build a mapping from a document that already satisfies ``schemas/mapping.schema.yaml``.

    Raises
    ------
    ValueError
        With one line per fault: what the contract does not have, and what is left to do.
    """
    faults = list(_faults(document, contract))
    if faults:
        raise ValueError("\n".join(f"{name}, {fault}" for fault in faults))
    listed = {sheet: tuple(map(_source, sources)) for sheet, sources in document["sheets"].items()}
    sources = {sheet: listed.get(sheet, (Source(),)) for sheet in contract.sheets}
    return FileMapping(name, tuple(document.get("ignore_sheets", ())), sources)


def _source(entry: Mapping[str, Any]) -> Source:
    plain = {key: value for key, value in entry.items() if key not in ("columns", "todo", "leave_out", "ignore")}
    lists: dict[str, Any] = {key: tuple(entry.get(key, ())) for key in ("leave_out", "ignore")}
    columns = {name: _column_map(column) for name, column in entry.get("columns", {}).items()}
    return Source(**plain, **lists, columns=columns)


def _column_map(entry: str | Mapping[str, Any]) -> ColumnMap:
    if isinstance(entry, str):
        return ColumnMap(headers=(entry,))
    headers = entry.get("header", ())
    lists: dict[str, Any] = {key: tuple(entry.get(key, ())) for key in ("blank", "date_formats")}
    plain = {key: entry[key] for key in ("value", "codes", "prefix", "width", "multiply") if key in entry}
    return ColumnMap(headers=(headers,) if isinstance(headers, str) else tuple(headers), **plain, **lists)


def _faults(document: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    if document["contract"] != contract.extract:
        yield f"contract: is {document['contract']!r}, the study names {contract.extract!r}"
    for name, sources in document["sheets"].items():
        if name not in contract.sheets:
            yield f"sheets/{name}: the contract has no such sheet; it has {', '.join(contract.sheets)}"
            continue
        for number, source in enumerate(sources):
            for place, fault in _source_faults(source, contract.sheets[name]):
                yield f"sheets/{name}/{number}/{place}: {fault}"


def _source_faults(source: Mapping[str, Any], sheet: Sheet) -> Iterator[tuple[str, str]]:
    if TODO in (source.get("sheet"), source.get("file")):
        yield "sheet", f"{TODO} is left; name the sheet or delete the entry"
    if source.get("todo"):
        yield "todo", f"place or ignore {', '.join(map(repr, source['todo']))}, then delete this key"
    for pattern in (source.get("footer", ""), *source.get("leave_out", ())):
        try:
            re.compile(pattern)
        except re.error as error:
            yield "footer or leave_out", f"{pattern!r} is no regular expression: {error}"
    if source.get("section", "") not in ("", *sheet.columns):
        yield "section", f"the contract has no column {source['section']!r}"
    for repeat, values in source.get("repeat", {}).items():
        for name, value in values.items():
            yield from _value_faults(f"repeat/{repeat}/{name}", sheet.columns.get(name), [value])
    for name, entry in source.get("columns", {}).items():
        place = f"columns/{name}"
        column = sheet.columns.get(name)
        headers = entry if isinstance(entry, str) else entry.get("header", ())
        if TODO in ([headers] if isinstance(headers, str) else headers):
            yield place, f"{TODO} is left; name the header, or delete the entry if the file does not have the column"
        settings = {} if isinstance(entry, str) else entry
        if TODO in settings.get("date_formats", ()):
            yield place, f"{TODO} is left; name the format of the dates"
        values = [*settings.get("codes", {}).values(), *([settings["value"]] if "value" in settings else [])]
        yield from _value_faults(place, column, values)
        if column is not None:
            yield from _kind_faults(place, column, settings)


def _value_faults(place: str, column: Column | None, values: list[str]) -> Iterator[tuple[str, str]]:
    if column is None:
        yield place, "the contract has no such column"
    elif column.codes:
        known = list(dict.fromkeys(code.canonical for code in column.codes.values()))
        for value in dict.fromkeys(values):
            if value not in known:
                left = f"{TODO} is left" if value == TODO else f"{value!r} is no code of the contract"
                yield place, f"{left}; use one of: {', '.join(known)}"


def _kind_faults(place: str, column: Column, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kinds = {
        "codes": ("code",),
        "date_formats": ("date",),
        "multiply": ("integer", "number"),
        "prefix": ("text",),
        "width": ("text",),
    }
    for key, allowed in kinds.items():
        if key in settings and column.type not in allowed:
            yield place, f"{key} is for columns of type {' or '.join(allowed)}; this one is {column.type}"
