"""Look into a zipped workbook (.xlsx, .xlsm, .ods) before it is opened: size, formulas, macros, links, other texts.

Nothing is evaluated or followed. Sizes are measured by unpacking piece by piece, since a hostile file lies about them.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from drive_eval.contracts.faults import Fault
from drive_eval.ingest.grid import Limits, Unreadable
from drive_eval.ingest.sheets import OdsSheets, Sheet, XlsxSheet, is_plain

PIECE = 1 << 18
HELD = 32_000_000
"""Bytes of a member that may be held at once."""
MOST_MEMBERS = 10_000
RATIO, RATIO_FROM = 200, 10_000_000
"""A member that unpacks to more than `RATIO` times its size is a bomb, if that is more than `RATIO_FROM` bytes."""

WARNED = {
    "macros": ("vbaproject.bin", "xl/macrosheets/", "xl/dialogsheets/", "basic/", "scripts/"),
    "links to other files": ("xl/externallinks/",),
    "data connections": ("xl/connections.xml", "xl/querytables/"),
    "embedded files": ("xl/embeddings/", "xl/activex/", "object "),
}
BESIDE = {
    "comments": r"xl/(?:comments|threadedcomments)",
    "properties": r"docprops/|meta\.xml|xl/persons/",
    "text boxes": r"xl/(?:drawings|charts|diagrams)/",
    "pivot tables": r"xl/pivotcache/",
    "links": r"xl/externallinks/|.*_rels/sheet[^/]*\.rels",
    "defined names": r"xl/workbook\.xml|xl/tables/",
}
"""Places of a workbook that hold texts beside the cells, by the beginning of their path in lower case."""
SPOKEN = {"v", "val", "Target", "displayName", "name", "author", "title", "descr"}
"""Attributes that may hold what a person typed."""


class Looked:
    """What a look into a workbook found: faults, and texts beside the cells by kind of place."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.texts: dict[str, set[str]] = {}


def look_into(found: bytes, file: str, limits: Limits) -> Looked:
    """Measure and examine a zipped workbook.

    Parameters
    ----------
    found : bytes
        The file, without its password.
    file : str
        Its name, for messages.
    limits : Limits

    Raises
    ------
    Unreadable
        If it is damaged, larger than the limits, or made to do harm.
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(found)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        advice = f"save it as an Excel workbook (.xlsx); the reader says: {type(error).__name__}"
        raise Unreadable("not a workbook", advice) from error
    names = [member.filename.lower() for member in members]
    if len(members) > MOST_MEMBERS or len(set(names)) < len(names):
        raise Unreadable("not a workbook as a spreadsheet program writes it", "save it again in a spreadsheet program")
    looked, left = Looked(), limits.file_megabytes * 1_000_000
    titles = _titles(found, members, left)
    for member in members:
        left -= _look_at(member, found, looked, titles, file, left, limits)
    for what, starts in WARNED.items():
        if any(
            start in f"/{name}" if start.endswith(".bin") else name.startswith(start)
            for name in names
            for start in starts
        ):
            advice = "not run, followed or read; save the workbook without them"
            looked.faults.append(Fault(file, "", (), "", f"the workbook has {what}", advice, "warning"))
    return looked


def _look_at(
    member: zipfile.ZipInfo, found: bytes, looked: Looked, titles: dict[str, str], file: str, left: int, limits: Limits
) -> int:
    """Unpack one member piece by piece, read it if it is a sheet or holds texts; the number of its bytes."""
    size, reader, held = 0, None, b""
    name = member.filename.lower()
    kind = next((kind for kind, start in BESIDE.items() if re.match(start, name)), "")
    for piece in unpacked(found, member):
        if not size and name.endswith((".xml", ".rels")):
            if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                raise Unreadable("not a workbook as a spreadsheet program writes it", "it declares a document type")
            reader = _reader(name, piece, titles.get(name, ""), kind, limits)
        size += len(piece)
        _hold_to_limits(size, member, left, limits)
        held += piece
        if len(held) > HELD:
            _feed(reader, held)
            held = b""
    if isinstance(reader, XlsxSheet) and size <= HELD and is_plain(held, limits.sheet_cells):
        return size
    _feed(reader, held, last=True)
    for sheet in reader.sheets() if isinstance(reader, XlsxSheet | OdsSheets) else ():
        looked.faults += _formula_faults(sheet, file)
    if isinstance(reader, OdsSheets):
        looked.texts.setdefault("comments", set()).update(reader.comments)
    if isinstance(reader, _Spoken):
        looked.texts.setdefault(kind, set()).update(reader.texts)
    return size


def _hold_to_limits(size: int, member: zipfile.ZipInfo, left: int, limits: Limits) -> None:
    if size > left:
        advice = f"the limit is {limits.file_megabytes:,} MB (limits in study.yaml); deliver it in parts or as CSV"
        raise Unreadable("larger than the limit once unpacked", advice)
    if size > RATIO_FROM and size > RATIO * max(member.compress_size, 1):
        raise Unreadable("packed as no workbook is", "it unpacks to hundreds of times its size; export it again")


def _feed(reader: Reader | None, piece: bytes, *, last: bool = False) -> None:
    if reader is None:
        return
    try:
        reader.parser.Parse(piece, last)
    except (expat.ExpatError, ValueError) as error:
        raise Unreadable("not a workbook", "it is damaged; save it as an Excel workbook (.xlsx)") from error


def _reader(name: str, start: bytes, title: str, kind: str, limits: Limits) -> Reader | None:
    if re.search(rb"<(?:\w+:)?worksheet[\s>]", start[:4096]):
        return XlsxSheet(title, limits.sheet_cells)
    if name == "content.xml":
        return OdsSheets(limits.sheet_cells)
    return _Spoken() if kind else None


def unpacked(found: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a member in pieces, whatever length it declares; at least one piece.

    Raises
    ------
    Unreadable
        If it is damaged, locked or packed in a way that spreadsheet programs do not use.
    """
    start = member.header_offset
    if (
        len(found) < start + 30
        or member.flag_bits & 1
        or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ):
        raise Unreadable("not a workbook", "it is damaged; save it as an Excel workbook (.xlsx)")
    name, extra = struct.unpack_from("<HH", found, start + 26)
    start += 30 + name + extra
    packed = memoryview(found)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes = bytes(packed)
    try:
        while True:
            piece = machine.decompress(rest, PIECE)
            yield piece
            rest = machine.unconsumed_tail
            if machine.eof or (not rest and not piece):
                return
    except zlib.error as error:
        raise Unreadable("not a workbook", "it is damaged; save it as an Excel workbook (.xlsx)") from error


def _titles(found: bytes, members: list[zipfile.ZipInfo], left: int) -> dict[str, str]:
    """The names of the sheets by the path of their member, in lower case."""
    texts = {}
    for member in members:
        if member.filename.lower() in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            size, pieces = 0, []
            for piece in unpacked(found, member):
                size += len(piece)
                if size > min(left, 10_000_000):
                    raise Unreadable("packed as no workbook is", "its list of sheets is too long; export it again")
                pieces.append(piece)
            texts[member.filename.lower().rpartition("/")[2]] = b"".join(pieces)
    paths, titles = {}, {}

    def relation(_: str, given: dict[str, str]) -> None:
        target = given.get("Target", "")
        paths[given.get("Id", "")] = (target.lstrip("/") if target.startswith("/") else f"xl/{target}").lower()

    def sheet(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            wanted = next((value for key, value in given.items() if key.endswith(":id")), "")
            titles[paths.get(wanted, "")] = given.get("name", "")

    for name, handler in (("workbook.xml.rels", relation), ("workbook.xml", sheet)):
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        try:
            parser.Parse(texts.get(name, b"<none/>"), True)
        except expat.ExpatError as error:
            raise Unreadable("not a workbook", "it is damaged; save it as an Excel workbook (.xlsx)") from error
    return titles


def _formula_faults(sheet: Sheet, file: str) -> Iterator[Fault]:
    for column, rows in sheet.without_value.items():
        advice = "open it in a spreadsheet program, paste the values in place of the formulas and save it"
        yield Fault(file, sheet.title, tuple(rows), column, "formula without a saved value", advice)
    for column, rows in sheet.with_value.items():
        advice = "read as the value saved with it, not worked out anew; better paste the values before delivery"
        yield Fault(file, sheet.title, tuple(rows), column, "formula", advice, "warning")


class _Spoken:
    """Collects the texts of an XML member: what stands between tags, and attributes that a person may have typed."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.open: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.open.append

    def start(self, _: str, given: dict[str, str]) -> None:
        self.end("")
        self.texts |= {value for key, value in given.items() if key.rpartition(":")[2] in SPOKEN and len(value) > 1}

    def end(self, _: str) -> None:
        text = " ".join("".join(self.open).split())
        if text:
            self.texts.add(text)
        self.open.clear()


Reader = XlsxSheet | OdsSheets | _Spoken
