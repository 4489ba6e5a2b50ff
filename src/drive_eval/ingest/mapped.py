"""Apply one source of a mapping to a sheet as delivered: its rows become parts of a table and keep their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.mapping import ColumnMap, Source, section_header
from drive_eval.contracts.model import Column, Sheet
from drive_eval.contracts.parts import Part
from drive_eval.ingest.delimited import DELIMITERS
from drive_eval.ingest.grid import Grid, Row

Body = list[tuple[int, Row]]


def parts_of(grid: Grid, source: Source, sheet: Sheet, part: Part) -> tuple[list[Part], list[Fault]]:
    """The parts of a table that a sheet holds: one, or one per group of columns where the mapping makes wide long.

    Parameters
    ----------
    grid : Grid
        The sheet as delivered.
    source : Source
        How it differs from the contract.
    sheet : Sheet
        The sheet of the contract that the rows belong to.
    part : Part
        File, name and mapping for messages; cells and sheet are put in here.
    """
    header_row = grid.header_row if grid.header_row is not None else source.header_row or sheet.header_row
    headers = headers_of(grid, header_row, source.heading_row)
    if not any(headers):
        return [], [
            Fault(part.file, part.name, (), "", "empty sheet", "deliver the header row and at least one row of data")
        ]
    body, faults = _body(grid, source, header_row, part)
    sections: dict[int, str] = {}
    if source.section:
        body, sections = _sections(body)
    faults += _ragged(part, grid.delimiter, len(headers), body) if grid.delimiter else []
    faults += _unnamed(part, headers, body)
    frame = _frame(headers, body)
    if frame.empty:
        rule = "no rows" if grid.delimiter else "empty sheet"
        faults.append(Fault(part.file, part.name, (), "", rule, "deliver the header row and at least one row of data"))
    if source.section:
        frame[section_header(source.section)] = [sections[row] for row in frame.index]
    kept = [not any(fnmatchcase(str(header), pattern) for pattern in source.ignore) for header in frame.columns]
    return list(_repeats(frame.loc[:, kept], grid, source, sheet, part)), faults


def _repeats(frame: pd.DataFrame, grid: Grid, source: Source, sheet: Sheet, part: Part) -> Iterator[Part]:
    """One part for each group of columns; columns of no group belong to the first part, which reports them."""
    present = {str(header) for header in frame.columns}
    local = {name: source.localised(sheet, present, name) for name in source.repeat or {"": {}}}
    headers = {name: set(found.by_header()) for name, found in local.items()}
    shared = set.intersection(*headers.values())
    unknown = present - {header for own in headers.values() for header in own}
    for number, (name, found) in enumerate(local.items()):
        own = headers[name] | (unknown if number == 0 else set())
        cells = frame.loc[:, frame.columns.isin(list(own))]
        if source.repeat:
            group = cells.loc[:, cells.columns.isin(list(headers[name] - shared))]
            cells = cells[group.notna().any(axis=1)]
        cells = cells.assign(**source.constants(sheet, name)) if source.columns or source.repeat else cells
        yield replace(part, sheet=found, cells=_rewritten(cells, found, source, grid))


def _rewritten(cells: pd.DataFrame, sheet: Sheet, source: Source, grid: Grid) -> pd.DataFrame:
    """Cells with value labels, blanks, prefixes and units as the mapping says."""
    changed = {}
    for column in sheet.columns.values():
        entry = source.columns.get(column.name, ColumnMap())
        labels = grid.labels.get(column.header, {}) if column.type == "code" else {}
        plain = not (labels or entry.blank or entry.prefix or entry.width or entry.multiply != 1)
        if plain or entry.value or list(cells.columns).count(column.header) != 1:
            continue
        texts = cells[column.header]
        words = {text: _word(text, column, entry, labels) for text in texts.dropna().unique()}
        changed[column.header] = texts.map(words).astype("object")
    return cells.assign(**changed) if changed else cells


def _word(text: str, column: Column, entry: ColumnMap, labels: Mapping[str, str]) -> str | None:
    if text in entry.blank:
        return None
    if column.type == "code":
        text = labels.get(text, text)
        return None if text in entry.blank else text
    if entry.multiply != 1:
        try:
            return format((Decimal(text) * Decimal(str(entry.multiply))).normalize(), "f")
        except InvalidOperation:
            return text
    return entry.prefix + text.zfill(entry.width)


def headers_of(grid: Grid, header_row: int, heading_row: int | None) -> list[str]:
    """Headers of the columns; under merged headings they are written 'heading / header'."""
    if len(grid.rows) <= header_row - grid.first:
        return []
    headers = [cell or "" for cell in grid.rows[header_row - grid.first]]
    if heading_row is None:
        return headers
    above, heading = [], ""
    for cell in grid.rows[heading_row - grid.first]:
        heading = cell or heading  # a merged cell has its text in the first column alone
        above.append(heading)
    above += [heading] * (len(headers) - len(above))
    return [f"{top} / {header}" if top and header else header for top, header in zip(above, headers, strict=False)]


def _body(grid: Grid, source: Source, header_row: int, part: Part) -> tuple[Body, list[Fault]]:
    """Rows below the headers, without footer and rows that the mapping leaves out; how many those are is told."""
    below = header_row - grid.first + 1
    body: Body = list(enumerate(grid.rows[below:], start=header_row + 1))
    if not (source.footer or source.leave_out):
        return body, []
    starts = [next((cell for cell in row if cell), "") for _, row in body]
    footer, patterns = re.compile(source.footer), [re.compile(pattern) for pattern in source.leave_out]
    ends = (place for place, start in enumerate(starts) if source.footer and start and footer.search(start))
    end = next(ends, len(body))
    out = {place for place in range(end) if any(pattern.search(starts[place]) for pattern in patterns if starts[place])}
    told = (
        ("rows below a footer, not read", range(end, len(body)), "footer"),
        ("rows that the mapping leaves out", sorted(out), "leave_out"),
    )
    faults = []
    for rule, places, key in told:
        rows = tuple(body[place][0] for place in places if starts[place])
        if rows:
            advice = f"see that they hold no case; which rows these are is said by {key} in {part.mapping}"
            faults.append(Fault(part.file, part.name, rows, "", rule, advice, "warning"))
    return [row for place, row in enumerate(body[:end]) if place not in out], faults


def _sections(body: Body) -> tuple[Body, dict[int, str]]:
    """Rows without the heading rows (one filled cell), and the heading above each of them."""
    kept, above, heading = [], {}, ""
    for number, row in body:
        filled = [cell for cell in row if cell]
        if len(filled) == 1:
            heading = filled[0]
        elif filled:
            kept.append((number, row))
            above[number] = heading
    return kept, above


def _ragged(part: Part, delimiter: str, width: int, body: Body) -> list[Fault]:
    """Rows with cells beyond the headers, and rows that are not blank and end before them."""
    long = tuple(row for row, cells in body if len(cells) > width and any(cells[width:]))
    short = tuple(row for row, cells in body if len(cells) < width and any(cells))
    faults = []
    if long:
        name = DELIMITERS.get(delimiter, repr(delimiter))
        advice = f"put a cell that holds a {name} in double quotes; what lies beyond is not read"
        faults.append(Fault(part.file, part.name, long, "", "more cells than headers", advice))
    if short:
        advice = "read as blank to the right; check that the row is whole"
        faults.append(Fault(part.file, part.name, short, "", "fewer cells than headers", advice, "warning"))
    return faults


def _unnamed(part: Part, headers: Sequence[str], body: Body) -> list[Fault]:
    """Rows with cells in columns that have no header."""
    unnamed = [position for position, header in enumerate(headers) if not header]
    rows = tuple(row for row, cells in body if unnamed and any(cells[place] for place in unnamed if place < len(cells)))
    advice = "not read; give the column a header of the contract, or remove it"
    return [Fault(part.file, part.name, rows, "", "cells without a header", advice, "warning")] if rows else []


def _frame(headers: Sequence[str], body: Body) -> pd.DataFrame:
    """Cells below headers, in the columns that have one; the index is the row in the file. Blank rows are left out."""
    used = [position for position, header in enumerate(headers) if header]
    blank, width = [None] * len(headers), len(headers)
    numbers, records = [], []
    for number, row in body:
        cells = row if len(row) >= width else [*row, *blank[len(row) :]]
        record = [cells[position] for position in used] if len(used) < width else cells[:width]
        if any(record):
            numbers.append(number)
            records.append(record)
    columns = dict(enumerate(zip(*records, strict=True))) if records else dict.fromkeys(range(len(used)), ())
    frame = pd.DataFrame(columns, index=pd.Index(numbers, dtype="int64"), dtype="object")
    return frame.set_axis([headers[position] for position in used], axis="columns")
