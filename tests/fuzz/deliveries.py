"""The shipped extracts as rows of cells, to be damaged and written again, and the contracts as plain documents."""

import copy
import csv
import datetime as dt
import io
import zipfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import yaml
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data/raw/year2"
WORKBOOKS, DELIMITED = ("cms", "insights"), ("police", "police_subjects", "allocation", "interviews")
FILES = {
    name: entry["file"]
    for name, entry in yaml.safe_load((ROOT / "config/year2/study.yaml").read_text(encoding="utf-8"))[
        "extracts"
    ].items()
}
EPOCHS = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}


class Broken(str):
    """The text of an error cell of a spreadsheet, such as #N/A."""


class Formula(str):
    """A formula without the value it had."""


class Serial(float):
    """The day number of a date whose cell has lost its format."""


@dataclass
class Delivery:
    """One extract as it is delivered: rows of cells by sheet (headers first), and how the file is written."""

    extract: str
    sheets: dict[str, list[list]]
    name: str = ""
    hidden: tuple[str, ...] = ()
    is_1904: bool = False
    after: str = ""
    content: bytes | None = None
    fresh: set[str] = field(default_factory=set)

    @property
    def is_workbook(self) -> bool:
        return self.extract in WORKBOOKS

    def edit(self, sheet: str) -> list[list]:
        """The rows of a sheet, copied so that they may be changed."""
        self.sheets[sheet] = [list(row) for row in self.sheets[sheet]]
        self.fresh.add(sheet)
        return self.sheets[sheet]

    def written(self) -> bytes:
        """The file."""
        if self.content is not None:
            return self.content
        return workbook(self) if self.is_workbook else delimited(next(iter(self.sheets.values())))


@cache
def document(extract: str) -> dict:
    """The contract of an extract as it stands in its file."""
    return yaml.safe_load((ROOT / f"schemas/extracts/{extract}.yaml").read_text(encoding="utf-8"))


@cache
def _shipped(extract: str) -> Delivery:
    path = RAW / FILES[extract]
    if extract in WORKBOOKS:
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        return Delivery(extract, {name: rows for name, rows in sheets.items() if name in document(extract)["sheets"]})
    with path.open(encoding="utf-8", newline="") as stream:
        return Delivery(extract, {next(iter(document(extract)["sheets"])): list(csv.reader(stream))})


def shipped(extract: str) -> Delivery:
    """An extract as shipped; its rows are shared, so change them through `edit` alone."""
    found = _shipped(extract)
    return replace(found, sheets=dict(found.sheets), fresh=set())


def delimited(rows: list[list], **form) -> bytes:
    """Rows as a file with delimiters."""
    text = io.StringIO()
    csv.writer(text, **({"lineterminator": "\n"} | form)).writerows(rows)
    return text.getvalue().encode()


def workbook(delivery: Delivery) -> bytes:
    """A delivery as .xlsx; sheets that are as shipped are turned into XML once."""
    names = list(delivery.sheets)
    tabs = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"'
        + (' state="hidden"/>' if name in delivery.hidden else "/>")
        for number, name in enumerate(names, 1)
    )
    properties = '<workbookPr date1904="1"/>' if delivery.is_1904 else ""
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{SHEET_ML}.worksheet+xml"/>'
        for number in range(1, len(names) + 1)
    )
    links = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(names) + 1)
    )
    parts = {
        "[Content_Types].xml": TYPES.format(kinds=kinds),
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}'
        f"<sheets>{tabs}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}<Relationship Id="s" Type='
        f'"{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }
    for number, (name, rows) in enumerate(delivery.sheets.items(), 1):
        untouched = name not in delivery.fresh and not delivery.is_1904
        xml = _shipped_xml(delivery.extract, name) if untouched else sheet_xml(rows, is_1904=delivery.is_1904)
        parts[f"xl/worksheets/sheet{number}.xml"] = xml.replace("</worksheet>", delivery.after + "</worksheet>")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for part, xml in parts.items():
            file.writestr(zipfile.ZipInfo(part), HEAD + xml)
    return packed.getvalue()


@cache
def _shipped_xml(extract: str, name: str) -> str:
    return sheet_xml(_shipped(extract).sheets[name], is_1904=False)


def sheet_xml(rows: list[list], *, is_1904: bool) -> str:
    """A sheet; blank cells are left out, as spreadsheets do."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell_xml(cell, f"{_letters(place)}{number}", is_1904) for place, cell in enumerate(row) if cell != ""
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell_xml(cell, place: str, is_1904: bool) -> str:
    match cell:
        case Broken():
            return f'<c r="{place}" t="e"><v>{cell}</v></c>'
        case Formula():
            return f'<c r="{place}"><f>{escape(cell)}</f></c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case dt.datetime():
            share = (cell - dt.datetime.combine(cell.date(), dt.time())) / dt.timedelta(days=1)
            return f'<c r="{place}" s="2"><v>{(cell.date() - EPOCHS[is_1904]).days + share!r}</v></c>'
        case dt.date():
            return f'<c r="{place}" s="1"><v>{(cell - EPOCHS[is_1904]).days}</v></c>'
        case float() | int():
            return f'<c r="{place}"><v>{float(cell)!r}</v></c>'
        case _:
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'


@cache
def _letters(place: int) -> str:
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def copied(delivery: Delivery) -> Delivery:
    """A delivery of its own, for tests."""
    return copy.deepcopy(delivery)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_ML}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_ML}.styles+xml"/>{{kinds}}</Types>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1">'
    '<fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">'
    '<xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
