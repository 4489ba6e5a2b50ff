"""Read a workbook (.xlsx, .xls, .ods) as text, cell by cell, so that no library guesses a type or a missing value."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile

from drive_eval.ingest.grid import Book, Grid, Unreadable, as_text, content
from drive_eval.ingest.sheet_errors import cells_without_value

Password = Callable[[str], str | None]
"""Gives the password for the file of this name, or nothing."""

OLE = b"\xd0\xcf\x11\xe0"
"""First bytes of an old workbook, and of a newer one under a password."""


def open_workbook(path: Path, password: Password) -> Book:
    """Open a workbook; rows are numbered as in a spreadsheet program.

    Parameters
    ----------
    path : Path
    password : callable
        Asked only if the workbook has a password. The decrypted content stays in memory.

    Raises
    ------
    Unreadable
        If it is missing, empty, no workbook, or the password is missing or wrong.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    found = content(path)
    if found.startswith(OLE):
        found = _decrypted(found, path.name, password)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(found))
    except PasswordError as error:
        raise Unreadable("password-protected", "save it as .xlsx with a password, or without one") from error
    except (CalamineError, OSError, ValueError) as error:
        advice = f"save it as an Excel workbook (.xlsx); the reader says: {type(error).__name__}"
        raise Unreadable("not a workbook", advice) from error

    def grid(name: str) -> Grid:
        try:
            cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            without_value = cells_without_value(found, name)
        except (CalamineError, BadZipFile, ElementTree.ParseError, OSError, ValueError, zlib.error) as error:
            advice = f"open it in a spreadsheet program and save it again; the reader says: {type(error).__name__}"
            raise Unreadable("damaged workbook", advice) from error
        rows = [[as_text(cell) for cell in row] for row in cells]
        for (row, column), word in without_value.items():
            rows.extend([] for _ in range(row + 1 - len(rows)))
            rows[row].extend([None] * (column + 1 - len(rows[row])))
            rows[row][column] = word
        return Grid(rows)

    return Book(path.name, tuple(workbook.sheet_names), grid)


def _decrypted(found: bytes, file: str, password: Password) -> bytes:
    """The content without its password; unchanged if it has none."""
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    try:
        locked = OfficeFile(io.BytesIO(found))
        if not locked.is_encrypted():
            return found
    except (FileFormatError, ParseError, OSError, ValueError, AttributeError):
        return found  # the reader of workbooks says what is wrong with it
    key = password(file)
    if not key:
        advice = "set DRIVE_EVAL_PASSWORD (or DRIVE_EVAL_PASSWORD_<EXTRACT>) in the environment and run again"
        raise Unreadable("password-protected", advice)
    plain = io.BytesIO()
    try:
        locked.load_key(password=key)
        locked.decrypt(plain)
    except (InvalidKeyError, DecryptionError, ParseError) as error:
        raise Unreadable("wrong password", "correct DRIVE_EVAL_PASSWORD in the environment and run again") from error
    return plain.getvalue()
