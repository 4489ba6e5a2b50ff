"""Damage to sheets and files of workbooks."""

import io
import zipfile

from ..deliveries import RAW
from .base import Claim, kind


@kind("workbook")
def sheet_dropped(case):
    del case.delivery.sheets[case.sheet]
    return case.refused(rule="missing sheet")


@kind("workbook")
def sheet_renamed(case):
    name = case.rng.choice([case.sheet.upper(), f"{case.sheet} (2)", case.sheet[:-1]])
    if name == case.sheet:
        name += "2"
    sheets = case.delivery.sheets
    case.delivery.sheets = {name if sheet == case.sheet else sheet: rows for sheet, rows in sheets.items()}
    case.delivery.fresh.add(name)
    return case.refused(rule="missing sheet")


@kind("workbook")
def sheet_extra(case):
    case.delivery.sheets["Pivot"] = [["Sum of all"], [12.0]]
    case.delivery.fresh.add("Pivot")
    if case.rng.random() < 0.5:
        case.delivery.hidden = ("Pivot",)
    return Claim("visible", case.sheet, {"sheet": "Pivot", "rule": "unexpected sheet"})


@kind("workbook")
def sheet_hidden(case):
    case.delivery.hidden = (case.sheet,)
    return case.same()


@kind("workbook")
def sheets_reordered(case):
    case.delivery.sheets = dict(reversed(case.delivery.sheets.items()))
    return case.same()


@kind("workbook")
def sheet_empty(case):
    rows = case.rows()
    del rows[case.rng.choice([0, 1]) :]
    return case.refused(rule="empty sheet")


@kind("workbook")
def sheets_swapped(case):
    names = [name for name in case.delivery.sheets if name != case.sheet]
    other = case.rng.choice(names)
    mine, theirs = case.delivery.edit(case.sheet), case.delivery.edit(other)
    case.delivery.sheets[case.sheet], case.delivery.sheets[other] = theirs, mine
    return case.refused()


@kind("workbook")
def filter_and_hidden_columns(case):
    case.delivery.after = '<autoFilter ref="A1:C20"/>'
    return case.same()


@kind("workbook")
def system_of_1904(case):
    case.delivery.is_1904 = True
    return case.same()


@kind("workbook")
def system_of_1904_by_mistake(case):
    written = case.delivery.written()
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(
                name, part.replace(b"<sheets>", b'<workbookPr date1904="1"/><sheets>') if "book.xml" in name else part
            )
    case.delivery.content = content.getvalue()
    return Claim("refused", case.sheet, {"rule": "above"})


@kind("workbook")
def workbook_cut_off(case):
    written = case.delivery.written()
    case.delivery.content = written[: case.rng.randrange(1, len(written) - 30)]
    return Claim("refused")


@kind("workbook")
def workbook_bytes_damaged(case):
    written = bytearray(case.delivery.written())
    for _ in range(case.rng.randrange(1, 8)):
        written[case.rng.randrange(len(written))] ^= 1 << case.rng.randrange(8)
    case.delivery.content = bytes(written)
    return Claim("harmless or refused")


@kind("workbook")
def other_file_as_workbook(case):
    case.delivery.content = case.rng.choice(
        [
            b"",
            b" ",
            (RAW / "interviews.csv").read_bytes(),
            b"<html><table><tr><td>1</td></tr></table></html>",
            b"PK\x03\x04" + bytes(40),
            b"\xd0\xcf\x11\xe0" + bytes(600),
            b"%PDF-1.4",
        ]
    )
    return Claim("refused")
