"""The register of published numbers (``config/<study>/reference.csv``) as typed entries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from drive_eval.errors import UserError

NUMERIC_KINDS = frozenset(
    {"count", "percent", "mean", "sd", "median", "min", "max", "p_value", "test_statistic", "df"}
    | {"odds_ratio", "ci_low", "ci_high", "effect_size", "currency"}
)
REGISTER_COLUMNS = (
    "published_id",
    "result_id",
    "printed",
    "value",
    "decimals",
    "kind",
    "tolerance",
    "range",
    "op",
    "alpha",
    "unit",
    "group",
    "n",
    "numerator",
    "implied_count",
    "unranked",
    "same_as",
    "issue",
    "expected",
    "extract",
    "test",
    "document",
    "section",
    "locator",
    "reason",
)


class RegisterError(UserError):
    """The register breaks its own rules; the message names every entry at fault."""


@dataclass(frozen=True)
class Published:
    """One published number, statement or setting.

    `value` and `expected` are a number, a text or a list of texts. `result_id` names the result that answers it,
    several as ``name=id;name=id``, alternatives as ``{a|b}``; empty while nothing does. `reason` says why an
    entry is context.
    """

    published_id: str
    result_id: str
    printed: str
    value: float | str | tuple[str | float, ...]
    decimals: int | None
    kind: str
    range: tuple[float, float] | None
    op: str
    alpha: float | None
    unit: str
    group: str
    n: int | None
    numerator: int | None
    implied_count: int | None
    unranked: bool
    same_as: str
    issue: str
    expected: float | None
    extract: str
    test: str
    document: str
    section: str
    locator: str
    reason: str

    @property
    def number(self) -> float:
        """The value as a number.

        Raises
        ------
        TypeError
            If the entry is not a single number.
        """
        if self.value == "None":
            return 0.0  # a count printed as a word
        if isinstance(self.value, (str, tuple)):
            raise TypeError(f"{self.published_id} is not a number")
        return self.value

    @property
    def source(self) -> str:
        """Where it is printed."""
        return f"{self.document}: {self.locator}"


class Register(Mapping[str, Published]):
    """All entries by `published_id`, in the order of the file."""

    def __init__(self, entries: Iterable[Published]) -> None:
        listed = list(entries)
        self._entries = {entry.published_id: entry for entry in listed}
        faults = [] if len(self._entries) == len(listed) else ["an id is given twice"]
        faults += [
            f"{entry.published_id}: same_as names unknown {entry.same_as}"
            for entry in listed
            if entry.same_as and entry.same_as not in self._entries
        ]
        if faults:
            raise RegisterError("\n".join(faults))

    def __getitem__(self, published_id: str) -> Published:
        return self._entries[published_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def result_of(self, entry: Published) -> str:
        """The result id of an entry, or of the entry that it repeats."""
        if entry.result_id or not entry.same_as:
            return entry.result_id
        return self.result_of(self[entry.same_as])


def read_register(rows: Iterable[Mapping[str, str]]) -> Register:
    """Build the register from rows of text, as read from ``reference.csv``.

    Raises
    ------
    RegisterError
        If a column is missing, a cell cannot be read, an id repeats or `same_as` leads nowhere.
    """
    entries, faults = [], []
    for row in rows:
        missing = set(REGISTER_COLUMNS) - set(row)
        if missing:
            raise RegisterError(f"columns missing from the register: {', '.join(sorted(missing))}")
        try:
            entries.append(_entry(row))
        except ValueError as error:
            faults.append(f"{row['published_id']}: {error}")
    if faults:
        raise RegisterError("\n".join(faults))
    return Register(entries)


def _entry(row: Mapping[str, str]) -> Published:
    limits = json.loads(row["range"]) if row["range"] else None
    return Published(
        published_id=row["published_id"],
        result_id=row["result_id"],
        printed=row["printed"],
        value=_value(row["value"]),
        decimals=_whole(row["decimals"]),
        kind=row["kind"],
        range=(float(limits[0]), float(limits[1])) if limits else None,
        op=row["op"],
        alpha=float(row["alpha"]) if row["alpha"] else None,
        unit=row["unit"],
        group=row["group"],
        n=_whole(row["n"]),
        numerator=_whole(row["numerator"]),
        implied_count=_whole(row["implied_count"]),
        unranked=row["unranked"] == "true",
        same_as=row["same_as"],
        issue=row["issue"],
        expected=float(row["expected"]) if row["expected"] else None,
        extract=row["extract"],
        test=row["test"],
        document=row["document"],
        section=row["section"],
        locator=row["locator"],
        reason=row["reason"],
    )


def _value(text: str) -> float | str | tuple[str | float, ...]:
    if text.startswith("["):
        return tuple(json.loads(text))
    try:
        return float(text)
    except ValueError:
        return text


def _whole(text: str) -> int | None:
    return int(text) if text else None
