"""Cells of a workbook that hold no value: errors such as #N/A, and formulas that were never computed.

The reader of workbooks gives them as blank, and a blank cell may be allowed where an error never is.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
NOT_COMPUTED = "#NOT COMPUTED"
BOOLERR, FORMULA = 0x0205, 0x0006
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_ERROR = re.compile(rb"""\bt=["']e["']""")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)([0-9]+)["']""")


def cells_without_value(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """What such cells of a sheet show, by row and column counted from 0; nothing for other formats than .xlsx.

    Parameters
    ----------
    content : bytes
        The workbook.
    sheet : str
        Its name.
    """
    if not content.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = _parts(file)
        if sheet not in parts:
            return {}
        xml = file.read(parts[sheet])
    if not (_ERROR.search(xml) or _FORMULA.search(xml)):
        return {}
    found = {}
    for cell in _CELL.finditer(xml):
        place, value = _PLACE.search(cell[1]), _VALUE.search(cell[2])
        if place and (_ERROR.search(cell[1]) or (_FORMULA.search(cell[2]) and not value)):
            word = value[1].decode() if value else NOT_COMPUTED
            found[int(place[2]) - 1, _column(place[1])] = word
    return found


def shows_errors(content: bytes) -> bool:
    """Whether an .xls or .ods has a cell with an error; which one, only .xlsx lets us say.

    Parameters
    ----------
    content : bytes
        The workbook, without a password.
    """
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "content.xml" in file.namelist() and b'value-type="error"' in file.read("content.xml")
    from olefile import OleFileIO

    with OleFileIO(io.BytesIO(content)) as book:
        name = next((name for name in ("Workbook", "Book") if book.exists(name)), None)
        return name is not None and _has_error_record(book.openstream(name).read())


def _has_error_record(stream: bytes) -> bool:
    """Look for cells of the kind BOOLERR that are errors, and formulas whose last value was one ([MS-XLS])."""
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        record = stream[place + 4 : place + 4 + size]
        if kind == BOOLERR and record[7:8] == b"\x01":
            return True
        if kind == FORMULA and record[6:7] == b"\x02" and record[12:14] == b"\xff\xff":
            return True
        place += 4 + size
    return False


def _parts(file: zipfile.ZipFile) -> Mapping[str, str]:
    """The part of the file that holds each sheet; none where it is no .xlsx."""
    names = set(file.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    links = {
        link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
        for link in ElementTree.fromstring(file.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 (no entities: expat)
    }
    book = ElementTree.fromstring(file.read("xl/workbook.xml"))  # noqa: S314
    tabs = [tab for tab in book.iter() if tab.tag.endswith("}sheet")]
    return {str(tab.get("name")): links[tab.get(RELATION)] for tab in tabs if links.get(tab.get(RELATION)) in names}


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
