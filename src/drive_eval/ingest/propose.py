"""Propose a mapping for a file: match its headers and codes to a contract, and list what could not be placed.

Nothing here is used to read data. A proposal is text for a person, who decides; what is left open is marked TODO.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd

from drive_eval.contracts.mapping import TODO
from drive_eval.contracts.model import Column, Contract, Sheet
from drive_eval.contracts.schema import EXCEL_SERIAL, dates
from drive_eval.ingest.grid import Book, Grid

ALIKE = 0.8
"""Two words are proposed as the same from this ratio of difflib on; below it a person must place them."""

HEADER_ROWS = 10
"""The headers are looked for in so many rows."""

MANY_CODES = 30
"""A column with more different cells is not taken for codes."""

DATE_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%d-%b-%Y", EXCEL_SERIAL,
)  # fmt: skip


@dataclass
class Proposal:
    """A mapping to edit, and in words what was placed and what was not."""

    document: dict[str, Any]
    placed: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def n_placed(self) -> int:
        """Columns that were placed."""
        return len(self.placed)


@dataclass(frozen=True)
class _Table:
    """A sheet of the file from its headers down."""

    name: str
    header_row: int
    headers: tuple[str, ...]
    grid: Grid

    def cells(self, header: str) -> list[str]:
        """The filled cells of a column, each once, in words where the file has value labels."""
        position, first = self.headers.index(header), self.header_row - self.grid.first + 1
        found = dict.fromkeys(row[position] for row in self.grid.rows[first:] if position < len(row))
        labels = self.grid.labels.get(header, {})
        return list(dict.fromkeys([labels.get(cell, cell) for cell in found if cell] + list(labels.values())))


def propose(book: Book, contract: Contract, *, encoding: str = "") -> Proposal:
    """Propose how a file maps to a contract.

    Parameters
    ----------
    book : Book
        The opened file.
    contract : Contract
    encoding : str
        To be written into the mapping of a file of text, where it is not UTF-8.

    Returns
    -------
    Proposal
        Names headers of the file, and cells only of columns that the contract marks as safe to quote.
    """
    proposal = Proposal({"contract": contract.extract, "description": f"Proposed from {book.file}.", "sheets": {}})
    tables = [table for name in book.names or ("",) if (table := _likely_table(name, book.grid(name), contract))]
    chosen = _assigned(tables, contract, single=not book.names)
    for name, sheet in contract.sheets.items():
        if name not in chosen:
            proposal.open.append(f"sheet {name} of the contract: nothing in the file looks like it")
            continue
        table, matched = chosen[name]
        entry: dict[str, Any] = {"file": book.file}
        if table.name:
            entry["sheet"] = table.name
        if table.grid.header_row is None and table.header_row != sheet.header_row:
            entry["header_row"] = table.header_row
        if table.grid.delimiter:
            entry |= ({"encoding": encoding} if encoding else {}) | {"delimiter": table.grid.delimiter}
        entry["columns"] = dict(_columns(table, sheet, matched, proposal))
        left = [header for header in table.headers if header and header not in matched.values()]
        if left:
            entry["todo"] = left
            proposal.open += [f"sheet {name}: column {header!r} of the file" for header in left]
        proposal.document["sheets"][name] = [entry]
    read = {table.name for table, _ in chosen.values()}
    others = [name for name in book.names if name not in read | set(contract.other_sheets)]
    proposal.open += [f"sheet {name!r} of the file: add it to ignore_sheets if it is not wanted" for name in others]
    return proposal


def _likely_table(name: str, grid: Grid, contract: Contract) -> _Table | None:
    """The sheet below the row that matches most headers of any sheet of the contract."""
    first = grid.first if grid.header_row is None else grid.header_row
    known = {
        _plain(text)
        for sheet in contract.sheets.values()
        for column in sheet.columns.values()
        for text in (column.header, column.name, *column.aliases)
    }
    rows = range(first, first + (HEADER_ROWS if grid.header_row is None else 1))
    tables = [
        _Table(name, row, tuple(cell or "" for cell in grid.rows[row - grid.first]), grid)
        for row in rows
        if row - grid.first < len(grid.rows)
    ]
    if not tables:
        return None
    exact = [sum(_plain(header) in known for header in table.headers if header) for table in tables]
    if any(exact):
        return tables[exact.index(max(exact))]
    near = [
        sum(any(_ratio(word, _plain(header)) for word in known) for header in table.headers if header)
        for table in tables
    ]
    return tables[near.index(max(near))]


def _assigned(tables: list[_Table], contract: Contract, *, single: bool) -> dict[str, tuple[_Table, dict[str, str]]]:
    """The table of each sheet of the contract: one that matches a third of its columns, and no table twice."""
    pairs = [(table, sheet, _matched(table, sheet)) for table in tables for sheet in contract.sheets.values()]
    pairs.sort(key=lambda pair: (pair[0].name == pair[1].name, len(pair[2]) / len(pair[1].columns)), reverse=True)
    chosen: dict[str, tuple[_Table, dict[str, str]]] = {}
    for table, sheet, matched in pairs:
        taken = sheet.name in chosen or any(table is other for other, _ in chosen.values())
        if not taken and 3 * len(matched) >= len(sheet.columns) and not (single and chosen):
            chosen[sheet.name] = (table, matched)
    return chosen


def _matched(table: _Table, sheet: Sheet) -> dict[str, str]:
    """Header of the file for each column of the contract: the most alike first, none twice, then by codes."""
    headers = [header for header in dict.fromkeys(table.headers) if header]
    scores = sorted(
        (
            (_alike(table, header, column), column.name, header)
            for column in sheet.columns.values()
            for header in headers
        ),
        key=lambda score: -score[0],
    )
    matched: dict[str, str] = {}
    for score, name, header in scores:
        if score >= ALIKE and name not in matched and header not in matched.values():
            matched[name] = header
    for header in headers:
        if header not in matched.values():
            fitting = [
                name for name, column in sheet.columns.items() if name not in matched and _holds(table, header, column)
            ]
            if len(fitting) == 1:
                matched[fitting[0]] = header
    return matched


def _alike(table: _Table, header: str, column: Column) -> float:
    ours = {_plain(text) for text in (column.header, column.name, *column.aliases)}
    theirs = {_plain(text) for text in (header, table.grid.titles.get(header, ""))} - {""}
    if ours & theirs:
        return 1 + (header == column.header)
    return max((_ratio(our, their) for our in ours for their in theirs), default=0)


@cache
def _ratio(our: str, their: str) -> float:
    """How alike two words are; 0 where the cheap upper bounds say that it is too little."""
    matcher = difflib.SequenceMatcher(None, our, their)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0
    return matcher.ratio()


def _holds(table: _Table, header: str, column: Column) -> bool:
    """Whether all cells of a column are codes of the contract, and at least two of them."""
    if not (column.codes and column.quotable):
        return False
    found, known = (
        {_plain(cell) for cell in table.cells(header)[: MANY_CODES + 1]},
        {_plain(raw) for raw in column.codes},
    )
    return len(found) >= 2 and found <= known


def _columns(
    table: _Table, sheet: Sheet, matched: Mapping[str, str], proposal: Proposal
) -> Iterator[tuple[str, str | dict[str, Any]]]:
    """Entries of the mapping for columns that differ, and what is told about each column."""
    for name, column in sheet.columns.items():
        if name not in matched:
            if column.required:
                proposal.open.append(f"sheet {sheet.name}: no column for {name} ({column.header!r})")
                yield name, TODO
            continue
        header = matched[name]
        entry: dict[str, Any] = {}
        if column.codes:
            entry = _codes(table, header, sheet, column, proposal)
        elif column.type == "date":
            entry = _date_formats(table, header, sheet, column, proposal)
        proposal.placed.append(f"sheet {sheet.name}: {name} is {header!r}")
        if entry:
            yield name, {"header": header, **entry}
        elif header != column.header:
            yield name, header


def _codes(table: _Table, header: str, sheet: Sheet, column: Column, proposal: Proposal) -> dict[str, Any]:
    found = table.cells(header)
    unknown = [cell for cell in found if cell not in column.codes]
    if not unknown:
        return {}
    where = f"sheet {sheet.name}: {len(unknown)} codes of {header!r}"
    if not column.quotable or len(found) > MANY_CODES:
        proposal.open.append(f"{where} are not in the contract; they are not shown, since they may not be codes")
        return {}
    codes = {cell: _canonical(cell, column) for cell in found}
    left = [cell for cell, word in codes.items() if word == TODO]
    if left:
        proposal.open.append(f"{where}, of which to place: {', '.join(map(repr, left))}")
    return {"codes": codes}


def _canonical(cell: str, column: Column) -> str:
    words: dict[str, str] = {}
    for raw, code in column.codes.items():
        for text in (code.meaning, code.canonical, raw):
            words[_plain(text)] = code.canonical
    if cell in column.codes:
        return column.codes[cell].canonical
    near = difflib.get_close_matches(_plain(cell), list(words), n=1, cutoff=ALIKE)
    return words[near[0]] if near else TODO


def _date_formats(table: _Table, header: str, sheet: Sheet, column: Column, proposal: Proposal) -> dict[str, Any]:
    cells = pd.Series(table.cells(header), dtype="object").astype("str")
    if cells.empty or dates(cells, column).notna().all():
        return {}
    fitting = [form for form in DATE_FORMATS if _dates_as(cells, form).notna().all()]
    if len(fitting) == 1:
        return {"date_formats": fitting}
    proposal.open.append(
        f"sheet {sheet.name}: format of the dates in {header!r}; fitting are {', '.join(fitting) or 'none'}"
    )
    return {"date_formats": [TODO]}


def _dates_as(cells: pd.Series, form: str) -> pd.Series:
    return dates(cells, Column("", "", "date", "", "", "", True, False, False, True, {}, None, None, "", (form,)))


@cache
def _plain(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def likely_contract(book: Book, contracts: Iterable[Contract], *, encoding: str = "") -> tuple[Contract, Proposal]:
    """The contract of which most columns are found in a file.

    Raises
    ------
    LookupError
        If none fits, or two fit alike.
    """
    ranked = [(propose(book, contract, encoding=encoding), contract) for contract in contracts]
    ranked.sort(key=lambda pair: -pair[0].n_placed)
    best, *rest = ranked
    if not best[0].n_placed:
        raise LookupError("no sheet of the file has a third of the columns of a contract; write the mapping by hand")
    if rest and rest[0][0].n_placed == best[0].n_placed:
        raise LookupError(f"{best[1].extract} and {rest[0][1].extract} fit alike; name one with --extract")
    return best[1], best[0]
