"""Read a workbook (.xlsx, .xls, .ods) as text, cell by cell, so that no library guesses a type or a missing value."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile

from drive_eval.contracts.faults import Fault
from drive_eval.ingest.grid import LIMITS, Book, Grid, Limits, Unreadable, as_text, content
from drive_eval.ingest.package import Looked, look_into
from drive_eval.ingest.sheet_errors import cells_without_value, shows_errors

Password = Callable[[str], str | None]
"""Gives the password for the file of this name, or nothing."""

OLE = b"\xd0\xcf\x11\xe0"
"""First bytes of an old workbook, and of a newer one under a password."""
FORMULA_RECORD = 0x0006


def open_workbook(path: Path, password: Password, limits: Limits = LIMITS) -> Book:
    """Open a workbook; rows are numbered as in a spreadsheet program.

    Parameters
    ----------
    path : Path
    password : callable
        Asked only if the workbook has a password. The decrypted content stays in memory.
    limits : Limits
        Held against the workbook before it is opened.

    Raises
    ------
    Unreadable
        If it is missing, empty, no workbook, too large, made to do harm, or the password is missing or wrong.
    """
    from python_calamine import CalamineWorkbook

    found = content(path, limits)
    if found.startswith(OLE):
        found = _decrypted(found, path.name, password)
    looked = look_into_old(found, path.name) if found.startswith(OLE) else look_into(found, path.name, limits)
    with _readable():
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(found))

    @cache
    def grid(name: str) -> Grid:
        with _readable():
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > limits.sheet_cells:
                advice = f"a sheet has more than {limits.sheet_cells:,} (limits in study.yaml); deliver it as CSV"
                raise Unreadable("more cells than the limit", advice)
            cells = sheet.to_python(skip_empty_area=False)
            without_value = cells_without_value(found, name)
        rows = [[as_text(cell) for cell in row] for row in cells]
        for (row, column), word in without_value.items():
            rows.extend([] for _ in range(row + 1 - len(rows)))
            rows[row].extend([None] * (column + 1 - len(rows[row])))
            rows[row][column] = word
        return Grid(rows)

    return Book(
        path.name,
        tuple(workbook.sheet_names),
        grid,
        (*looked.faults, *_errors_as_blank(found, path.name)),
        looked.texts,
    )


@contextmanager
def _readable() -> Iterator[None]:
    """Turn whatever the reader of workbooks raises at a damaged file into one message."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise Unreadable("password-protected", "save it as .xlsx with a password, or without one") from error
    except (CalamineError, BadZipFile, ElementTree.ParseError, OSError, ValueError, zlib.error) as error:
        raise _not_a_workbook(error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what its Rust code raises where it did not expect such a file
            raise
        raise _not_a_workbook(error) from error


def _not_a_workbook(error: BaseException) -> Unreadable:
    advice = f"save it as an Excel workbook (.xlsx); the reader says: {type(error).__name__}"
    return Unreadable("not a workbook", advice)


def _errors_as_blank(found: bytes, file: str) -> tuple[Fault, ...]:
    """A warning where cells with an error are read as blank, since only .xlsx lets us say which they are."""
    try:
        shown = shows_errors(found)
    except (BadZipFile, OSError, ValueError, zlib.error):
        return ()  # the reader of its sheets says what is wrong with it
    advice = "read as blank, since this format does not say which they are; save it as .xlsx"
    return (Fault(file, "", (), "", "cells that show an error, such as #N/A", advice, "warning"),) if shown else ()


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


def look_into_old(found: bytes, file: str) -> Looked:
    """Look for macros, formulas and properties of an old workbook (.xls); a damaged one is left to the reader."""
    import olefile

    looked = Looked()
    try:
        book = olefile.OleFileIO(found)
        parts = {"/".join(part).lower() for part in book.listdir(storages=True)}
        about = book.get_metadata()
        stream = book.openstream("Workbook").read() if book.exists("Workbook") else b""
    except (OSError, ValueError, IndexError, TypeError, struct.error):
        return looked
    if any(part.startswith("_vba_project") for part in parts):
        advice = "not run, followed or read; save the workbook without them"
        looked.faults.append(Fault(file, "", (), "", "the workbook has macros", advice, "warning"))
    n_formulas = sum(kind == FORMULA_RECORD for kind in _records(stream))
    if n_formulas:
        advice = "an old workbook does not say whether their values were saved; paste the values, or save it as .xlsx"
        looked.faults.append(Fault(file, "", (), "", f"formulas in {n_formulas:,} cells", advice))
    spoken = (about.author, about.last_saved_by, about.title, about.subject, about.comments, about.manager)
    looked.texts["properties"] = {text.decode("cp1252", "replace") for text in spoken if text}
    return looked


def _records(stream: bytes) -> Iterator[int]:
    """The kinds of the records of an old workbook."""
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind
        place += 4 + length
