"""Read a CSV extract as text, cell by cell, so that no library guesses a type, a date or a missing value.

Rows are numbered as a spreadsheet shows them: the headers are row 1, a cell with a line break is still one row.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Collection
from pathlib import Path

from drive_eval.contracts.faults import Fault
from drive_eval.ingest.grid import LIMITS, Book, Grid, Limits, Unreadable, Words, as_text, content

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
NOT_TEXT = {
    b"PK\x03\x04": "it is an Excel workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook",
}
"""First bytes of files that are often given the ending .csv."""
HEAD = 1 << 20
"""Characters among which the headers are looked for."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_delimited(
    path: Path,
    known: Collection[str],
    *,
    header_row: int = 1,
    encoding: str = "",
    delimiter: str = "",
    limits: Limits = LIMITS,
) -> Book:
    """Open a file with delimiters.

    Parameters
    ----------
    path : Path
    known : collection of str
        Headers that may be there. They tell the delimiter, so that a comma in a cell misleads nobody.
    header_row : int
    encoding : str
        Where not given: UTF-8 with or without byte order mark, UTF-16 with one, else Windows-1252 with a warning.
    delimiter : str
    limits : Limits

    Raises
    ------
    Unreadable
        If it is missing, empty, too large, not text, in another encoding, or its quotation marks are broken.
    """
    text, used = _decoded(content(path, limits), encoding)
    if not text.strip():
        raise Unreadable("empty file", "export it again; the file has no content")
    chosen = delimiter or _delimiter(text, known, header_row)
    grid = Grid(_records(text, chosen), delimiter=chosen)
    faults = []
    if used != "utf-8" and not encoding:
        advice = "read as Windows-1252; check letters with accents, or save it as 'CSV UTF-8'"
        faults.append(Fault(path.name, "", (), "", "not UTF-8", advice, "warning"))
    return Book(path.name, (), lambda _: grid, tuple(faults))


def likely_encoding(path: Path) -> str:
    """The encoding to propose for a file of text; empty where it is UTF-8 or says itself what it is."""
    from charset_normalizer import from_bytes

    found = content(path)
    try:
        found.decode("utf-8-sig")
    except UnicodeDecodeError:
        if found.startswith(UTF_16):
            return ""
        allowed = ["cp1252", "latin_1", "utf_16"]
        best = from_bytes(found, cp_isolation=allowed).best()
        return {"latin_1": "latin-1", "utf_16": "utf-16"}.get(best.encoding, "cp1252") if best else "cp1252"
    return ""


def _decoded(found: bytes, encoding: str) -> tuple[str, str]:
    """The text and its encoding; a file that is not text is told by its first bytes or by a null byte."""
    for start, what in NOT_TEXT.items():
        if found.startswith(start):
            raise Unreadable("not a text file", f"{what}; save it as 'CSV UTF-8 (comma delimited)'")
    if encoding == "utf-16" or (not encoding and found.startswith(UTF_16)):
        return _strict(found, "utf-16"), "utf-8"
    if b"\x00" in found:
        raise Unreadable("not a text file", "save it as 'CSV UTF-8 (comma delimited)'")
    if encoding:
        return _strict(found, "utf-8-sig" if encoding == "utf-8" else encoding), encoding
    try:
        return found.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return _strict(found, "cp1252"), "cp1252"


def _strict(found: bytes, encoding: str) -> str:
    """The text, or the row of the first byte that the encoding does not have; nothing is replaced."""
    try:
        return found.decode(encoding)
    except UnicodeDecodeError as error:
        row = found[: error.start].decode(encoding, errors="ignore").count("\n") + 1
        advice = "name its encoding in the mapping, or save it as 'CSV UTF-8'; rows are counted by line breaks"
        words = "UTF-8 or Windows-1252" if encoding == "cp1252" else encoding.removesuffix("-sig").upper()
        raise Unreadable(f"bytes that are not {words}", advice, (row,)) from error


def _delimiter(text: str, known: Collection[str], row: int) -> str:
    """The delimiter that finds most known headers in the header row; a row of one cell finds none."""
    scores = {}
    for delimiter in DELIMITERS:
        headers = _header_row(text, delimiter, row)
        if len(headers) > 1:
            scores[delimiter] = (sum(header in known for header in headers), len(headers))
    if not scores:
        raise Unreadable("no recognisable delimiter", f"separate the cells by {' or '.join(DELIMITERS.values())}")
    return max(scores, key=lambda delimiter: scores[delimiter])


def _header_row(text: str, delimiter: str, row: int) -> list[str]:
    reader = csv.reader(io.StringIO(text[:HEAD], newline=""), delimiter=delimiter)
    try:
        cells = next(itertools.islice(reader, row - 1, None), [])
    except csv.Error:
        return []
    return [as_text(cell) or "" for cell in cells]


def _records(text: str, delimiter: str) -> list[list[str | None]]:
    """All rows as cells of text; strict, so that a quotation mark left open is an error and not a giant cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    known = Words()
    try:
        return [[known[cell] for cell in cells] for cells in reader]
    except csv.Error as error:
        advice = f"look near line {reader.line_num}; a quotation mark in a cell is written twice"
        raise Unreadable("broken quotation marks", advice) from error
