"""The identifier gate: nothing of a delivery goes on while it holds what identifies a person.

It looks at every sheet of a file, read or not, at cells, headers, names of sheets and what stands beside the cells. A
fault names the place, the rule and the rows, never the value. Decisions are in docs/identifiers.md.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.identifiers import BIRTH, FREE_TEXT, HEADER, NAME, find, header_rule
from drive_eval.contracts.mapping import Source
from drive_eval.contracts.model import Column, Contract, Sheet
from drive_eval.contracts.schema import dates
from drive_eval.ingest.grid import Book, Grid, Row
from drive_eval.ingest.mapped import headers_of
from drive_eval.ingest.sheets import letters_of

PREFIX = "identifier"
YEARS = 10
"""A date this long before the first day of a contract is a date of birth wherever it stands."""
FIRST_DAY = dt.date(2015, 1, 1)
"""First day where a contract has no date with a minimum."""
_ADVICE = {
    "cell": "take it out of the extract before delivery; an extract holds pseudonyms, codes, numbers and dates",
    "header": "correct the header row and deliver it again; the header is not shown because it holds the value",
    "says": "take the column out of the extract before it is delivered",
    "beside": "remove it from the file before it is delivered",
}


@dataclass(frozen=True)
class Layout:
    """How a sheet is read: where its headers stand, and the columns of the contract by the header that the file has."""

    header_row: int = 1
    heading_row: int | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, grid: Grid, source: Source, sheet: Sheet) -> Layout:
        """The layout that a source of a mapping gives a sheet."""
        row = grid.header_row if grid.header_row is not None else source.header_row or sheet.header_row
        present = set(headers_of(grid, row, source.heading_row))
        columns: dict[str, Column] = {}
        for name in source.repeat or {"": {}}:
            columns |= source.localised(sheet, present, name).by_header()
        sections = [column for column in columns.values() if column.name == source.section]
        codes = {code for column in sections for code in column.codes}
        return cls(row, source.heading_row, columns, frozenset(codes))


def examine(
    book: Book, contract: Contract | None, layouts: Mapping[str, Sequence[Layout]], *, unread: Collection[str] = ()
) -> list[Fault]:
    """Look for identifiers in a whole file.

    Parameters
    ----------
    book : Book
    contract : Contract, optional
        What the file should be; not given where that is not known yet.
    layouts : mapping of sheet to Layouts
        How the sheets are read; a sheet that is not listed has its headers in the first row and no known column.
    unread : collection of str
        Sheets that the contract or mapping names as not read; long texts are allowed there.
    """
    faults = list(_beside(book))
    for number, name in enumerate(book.names or ("",), start=1):
        leaks = sorted(find([name])) if name else []
        shown = f"number {number}" if leaks else name
        faults += [
            Fault(book.file, shown, (), "", f"{PREFIX} in the name of a sheet: {kind}", "rename it") for kind in leaks
        ]
        look = _Look(
            book.file, shown, contract, longest=None if name in unread or contract is None else contract.longest_text
        )
        faults += look.sheet(book.grid(name), list(layouts.get(name, ())) or [Layout()])
    return faults


def is_alarm(fault: Fault) -> bool:
    """Whether a fault comes from the gate and stops the run."""
    return fault.rule.startswith(PREFIX) and fault.severity == "error"


def _beside(book: Book) -> Iterator[Fault]:
    """Identifiers in comments, properties and the like; the name of an author is a warning only."""
    for place, texts in book.texts.items():
        longest = 60 if place == "comments" else None
        for kind in sorted(find(texts, longest=longest)):
            severity = "warning" if (place, kind) == ("properties", NAME) else "error"
            yield Fault(book.file, "", (), "", f"{PREFIX} in the {place}: {kind}", _ADVICE["beside"], severity)


class _Look:
    """Looks at the columns of one sheet."""

    def __init__(self, file: str, sheet: str, contract: Contract | None, longest: int | None) -> None:
        self.file, self.name, self.longest = file, sheet, longest
        columns = (
            [column for sheet in contract.sheets.values() for column in sheet.columns.values()] if contract else []
        )
        self.first = min((_day(column.minimum) for column in columns if _dated(column)), default=FIRST_DAY)
        patterns = {column.pattern for column in columns if column.pattern}
        self.pattern = re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)) or r"(?!)")

    def sheet(self, grid: Grid, layouts: Sequence[Layout]) -> Iterator[Fault]:
        """All faults of a sheet."""
        top = min(layout.header_row for layout in layouts) - grid.first
        above, body = grid.rows[: max(top, 0)], grid.rows[top + 1 :]
        rows = [headers_of(grid, layout.header_row, layout.heading_row) for layout in layouts]
        codes = frozenset[str]().union(*(layout.codes for layout in layouts))
        for position in range(max(map(len, grid.rows), default=0)):
            headers = [_at(row, position) for row in rows]
            columns = [
                layout.columns[text] for layout, text in zip(layouts, headers, strict=True) if text in layout.columns
            ]
            header, place = headers[0], letters_of(position + 1)
            texts = [text for text in {*headers, grid.titles.get(header, "")} if text]
            leaks = [] if columns else sorted(self.in_header(texts))
            yield from (self.fault((top + grid.first,), place, f" in a header: {kind}", "header") for kind in leaks)
            shown = place if leaks or not header else header
            labels = grid.labels.get(header, {}).values()
            first = grid.first + top + 1
            yield from self.column(body, position, first, shown, columns, codes | set(labels))
            for kind in sorted(find({text for text in (_at(row, position) for row in above) if text})):
                yield self.fault((), place, f" above the headers: {kind}", "cell")
            said = header_rule(header) if header and not columns and not leaks else None
            filled = tuple(number for number, row in enumerate(body, start=first) if _at(row, position)) if said else ()
            if filled:
                yield self.fault(filled, shown, f": {said} (by its header)", "says")

    def in_header(self, texts: Sequence[str]) -> set[str]:
        """The rules that headers break by what they hold."""
        found = set(find(texts, born_before=self.first, longest=self.longest))
        return found | ({HEADER} if any(map(self.is_value, texts)) else set())

    def is_value(self, header: str) -> bool:
        """Whether a header has the form that the contract agrees for ids, as where the header row is missing."""
        return any(letter.isdigit() for letter in header) and bool(self.pattern.fullmatch(header))

    def column(
        self,
        body: Sequence[Row],
        position: int,
        first: int,
        shown: str,
        columns: Sequence[Column],
        codes: Collection[str],
    ) -> Iterator[Fault]:
        """Faults of the cells of one column; codes that the contract or mapping declares are never an alarm."""
        try:
            texts = set(map(itemgetter(position), body))
        except IndexError:  # rows of different length
            texts = {row[position] for row in body if len(row) > position}
        texts.difference_update([None, ""], codes, *(column.codes for column in columns))
        accepted = {rule for column in columns for rule in column.accept}
        for kind, values in sorted(self.in_texts(texts, columns).items()):
            if kind not in accepted:
                rows = tuple(number for number, row in enumerate(body, start=first) if _at(row, position) in values)
                yield self.fault(rows, shown, f": {kind}", "cell")

    def in_texts(self, texts: Collection[str], columns: Sequence[Column]) -> dict[str, set[str]]:
        """The rules that cells break, with the texts; what has its agreed form is no name, date or free text."""
        if not columns:
            return find(texts, born_before=_earlier(self.first), longest=self.longest)
        column = columns[0]
        if column.type == "date":
            return self.in_dates(list(texts), column)
        found = find(texts, born_before=self.first, longest=self.longest, shape=column.type != "code")
        if column.pattern:
            for kind in {NAME, BIRTH, FREE_TEXT} & found.keys():
                found[kind] = {text for text in found[kind] if not re.fullmatch(column.pattern, text)}
        return {kind: values for kind, values in found.items() if values}

    def in_dates(self, texts: Sequence[str], column: Column) -> dict[str, set[str]]:
        """The same for a column of dates: a date long before the first one allowed is a date of birth."""
        first = _earlier(_day(column.minimum) if _dated(column) else self.first)
        days = dates(pd.Series(texts, dtype="object"), column)
        read = [text for text, day in zip(texts, days, strict=True) if pd.notna(day)]
        born = {
            text
            for text, day in zip(texts, days, strict=True)
            if pd.notna(day) and dt.date(1900, 1, 1) <= day.date() < first
        }
        other = find([*set(texts).difference(read)], born_before=first, longest=self.longest, shape=True)
        return other | ({BIRTH: other.get(BIRTH, set()) | born} if born else {})

    def fault(self, rows: tuple[int, ...], column: str, rule: str, advice: str) -> Fault:
        """A fault of this sheet."""
        words = f" ({self.longest} characters at most)" if rule.endswith(FREE_TEXT) else ""
        return Fault(self.file, self.name, rows, column, f"{PREFIX}{rule}{words}", _ADVICE[advice])


def _at(row: Row, position: int) -> str:
    return (row[position] or "") if len(row) > position else ""


def _dated(column: Column) -> bool:
    return column.type == "date" and column.minimum is not None


def _day(value: object) -> dt.date:
    return pd.Timestamp(str(value)).date()


def _earlier(day: dt.date) -> dt.date:
    return dt.date(day.year - YEARS, day.month, 1)
