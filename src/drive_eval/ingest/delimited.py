"""Read a CSV extract as text, cell by cell, so that no library guesses a type, a date or a missing value.

Rows are numbered as a spreadsheet shows them: the headers are row 1, a cell with a line break is still one row.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.model import Contract, Sheet
from drive_eval.ingest.workbook import as_text

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
NOT_TEXT = {
    b"PK\x03\x04": "it is an Excel workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook",
    codecs.BOM_UTF16_LE: "it is UTF-16, which Excel calls Unicode text",
    codecs.BOM_UTF16_BE: "it is UTF-16, which Excel calls Unicode text",
}
"""First bytes of files that are often given the ending .csv."""

Body = Sequence[tuple[int, list[str | None]]]


class _Unreadable(Exception):
    """The file cannot be read at all; holds rule and advice."""

    def __init__(self, rule: str, advice: str) -> None:
        super().__init__(rule)
        self.rule, self.advice = rule, advice


def read_delimited(path: Path, contract: Contract) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Read a file with delimiters into the one sheet that its contract has.

    Parameters
    ----------
    path : Path
        UTF-8 with or without byte order mark, else Windows-1252 (with a warning); comma, semicolon or tab.
    contract : Contract
        Has exactly one sheet; its headers tell the delimiter, so that a comma in a cell misleads nobody.

    Returns
    -------
    frames : dict, sheet name to DataFrame
        All cells as stripped text, missing where the cell is empty; columns are the headers as delivered,
        the index is the row in a spreadsheet. Wholly empty rows are left out.
    faults : list of Fault
        Unreadable, empty or ragged file. With an unreadable file no frame is returned.

    Raises
    ------
    ValueError
        If the contract has more than one sheet.
    """
    (sheet,) = contract.sheets.values()

    def fault(rule: str, advice: str, *, rows: Sequence[int] = (), severity: str = "error") -> Fault:
        return Fault(path.name, "", tuple(rows), "", rule, advice, severity)

    try:
        text, encoding = _decoded(_content(path))
        delimiter = _delimiter(text, sheet)
        records = _records(text, delimiter)
    except _Unreadable as error:
        return {}, [fault(error.rule, error.advice)]
    faults = []
    if encoding != "utf-8":
        advice = "read as Windows-1252; check letters with accents, or save it as 'CSV UTF-8'"
        faults.append(fault("not UTF-8", advice, severity="warning"))
    headers, body = records[sheet.header_row - 1], list(enumerate(records, start=1))[sheet.header_row :]
    long, short = _ragged(len(headers), body)
    if long:
        advice = f"put a cell that holds a {DELIMITERS[delimiter]} in double quotes; what lies beyond is not read"
        faults.append(fault("more cells than headers", advice, rows=long))
    if short:
        advice = "read as blank to the right; check that the row is whole"
        faults.append(fault("fewer cells than headers", advice, rows=short, severity="warning"))
    frame = _frame(headers, body)
    if frame.empty:
        faults.append(fault("no rows", "deliver the header row and at least one row of data"))
    return {sheet.name: frame}, faults


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise _Unreadable("file not found", "put the extract at the place that study.yaml names")
    try:
        content = path.read_bytes()
    except OSError as reason:
        raise _Unreadable(
            "unreadable file", f"the system refuses to open it ({reason.strerror}); check its permissions"
        ) from reason
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise _Unreadable("empty file", "export the file again; it has no content")
    return content


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding; a file that is not text is told by its first bytes or by a null byte."""
    for start, what in NOT_TEXT.items():
        if content.startswith(start):
            raise _Unreadable("not a text file", f"{what}; save it as 'CSV UTF-8 (comma delimited)'")
    if b"\x00" not in content:
        for name, encoding in (("utf-8", "utf-8-sig"), ("cp1252", "cp1252")):
            try:
                return content.decode(encoding), name
            except UnicodeDecodeError:
                continue
    raise _Unreadable("not a text file", "save it as 'CSV UTF-8 (comma delimited)'")


def _delimiter(text: str, sheet: Sheet) -> str:
    """The delimiter that finds most headers of the contract in the header row; a row of one cell finds none."""
    scores = {}
    for delimiter in DELIMITERS:
        headers = _header_row(text, delimiter, sheet.header_row)
        known = sum(header in sheet.by_header() for header in headers)
        if len(headers) > 1:
            scores[delimiter] = (known, len(headers))
    if not scores:
        raise _Unreadable("no recognisable delimiter", f"separate the cells by {' or '.join(DELIMITERS.values())}")
    return max(scores, key=lambda delimiter: scores[delimiter])


def _header_row(text: str, delimiter: str, row: int) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        cells = next(itertools.islice(reader, row - 1, None), [])
    except csv.Error:
        return []
    return [as_text(cell) or "" for cell in cells]


def _records(text: str, delimiter: str) -> list[list[str | None]]:
    """All rows as cells of text; strict, so that a quotation mark left open is an error and not a giant cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [[as_text(cell) for cell in cells] for cells in reader]
    except csv.Error as error:
        raise _Unreadable(
            "broken quotation marks", f"look near line {reader.line_num}; a quotation mark in a cell is written twice"
        ) from error


def _ragged(width: int, body: Body) -> tuple[list[int], list[int]]:
    """Rows with cells beyond the headers, and rows that are not blank and end before them."""
    long = [row for row, cells in body if any(cells[width:])]
    return long, [row for row, cells in body if any(cells) and len(cells) < width]


def _frame(headers: list[str | None], body: Body) -> pd.DataFrame:
    used = [position for position, header in enumerate(headers) if header]
    frame = pd.DataFrame(
        [[cells[position] if position < len(cells) else None for position in used] for _, cells in body],
        columns=[headers[position] for position in used],
        index=pd.Index([row for row, _ in body], dtype="int64"),
        dtype="object",
    )
    return frame.loc[frame.notna().any(axis=1)]
