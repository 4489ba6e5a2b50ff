"""The shipped files say that they are synthetic and hold nothing that could point to a person."""

import re
import zipfile

import pandas as pd
import pytest

from .raw import FILES, RAW, Raw, read_dates

WORKBOOKS = ("cms", "insights")
NOTICE = "Notice"
TELLING_HEADERS = re.compile(r"\bnames?\b|surname|initials|\bdob\b|birth|post ?code|phone|mobile|e-?mail|street", re.I)
TELLING_CELLS = {
    "e-mail address": re.compile(r"\S+@\S+\.\w+"),
    "postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b"),
    "telephone number": re.compile(r"(?<!\d)(\+44|0)[\d ]{9,12}(?!\d)"),
    "National Insurance number": re.compile(r"\b[A-Z]{2}\d{6}[A-D]\b"),
}
FIRST_DATE = pd.Timestamp("2000-01-01")  # earlier days would look like dates of birth


SHEETS = [
    pytest.param(extract, sheet, id=f"{extract}-{sheet}")
    for extract, parts in Raw().contracts.items()
    for sheet in parts
]
every_sheet = pytest.mark.parametrize(("extract", "sheet"), SHEETS)


def _frame(raw, extract, sheet):
    return raw.cells[extract].sheets[sheet]


@every_sheet
def test_every_row_says_that_it_is_synthetic(raw, extract, sheet):
    frame = _frame(raw, extract, sheet)
    assert len(frame)
    assert (frame["Data origin"] == "synthetic").all()


@every_sheet
def test_every_column_is_in_the_contract(raw, extract, sheet):
    """So that codes, dates, numbers and patterned ids are all there is: free text cannot slip in."""
    columns = raw.contracts[extract][sheet]["columns"]
    headers = {column["header"]: column for column in columns.values()}
    frame = _frame(raw, extract, sheet)
    assert set(frame.columns) == set(headers)
    for header, column in headers.items():
        if column["type"] == "text":
            assert frame[header].map(lambda cell, pattern=column["pattern"]: bool(re.fullmatch(pattern, cell))).all(), (
                header
            )


@every_sheet
def test_no_header_or_cell_points_to_a_person(raw, extract, sheet):
    frame = _frame(raw, extract, sheet)
    assert not [header for header in frame.columns if TELLING_HEADERS.search(header)]
    cells = pd.unique(frame.to_numpy().ravel())
    found = {what for what, pattern in TELLING_CELLS.items() for cell in cells if pattern.search(cell)}
    assert not found


@every_sheet
def test_no_date_looks_like_a_date_of_birth(raw, extract, sheet):
    columns = raw.contracts[extract][sheet]["columns"].values()
    dates = [
        read_dates(_frame(raw, extract, sheet)[column["header"]]) for column in columns if column["type"] == "date"
    ]
    assert not [column for column in dates if column.min() < FIRST_DATE]


@pytest.mark.parametrize("extract", WORKBOOKS)
def test_workbook_begins_with_a_notice(raw, extract):
    sheets = raw.cells[extract].sheets
    assert next(iter(sheets)) == NOTICE
    words = " ".join([*sheets[NOTICE].columns, *sheets[NOTICE].to_numpy().ravel()])
    assert "synthetic" in words.lower()
    assert not [what for what, pattern in TELLING_CELLS.items() if pattern.search(words)]


@pytest.mark.parametrize("extract", WORKBOOKS)
def test_workbook_has_no_sheet_outside_the_contract(raw, extract):
    assert set(raw.cells[extract].sheets) == {NOTICE, *raw.contracts[extract]}


@pytest.mark.parametrize("extract", WORKBOOKS)
def test_workbook_properties_name_nobody(extract):
    with zipfile.ZipFile(RAW / FILES[extract]) as parts:
        core = parts.read("docProps/core.xml").decode() if "docProps/core.xml" in parts.namelist() else ""
    assert not re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]+)<", core)


def test_nothing_else_is_shipped():
    assert {path.name for path in RAW.iterdir()} == set(FILES.values())
