"""Cells that a spreadsheet shows as an error are never read as blank, and columns without a header are told."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.sheet_errors import NOT_COMPUTED, cells_without_value

from .test_delimited import contract_of

FILES = Path(__file__).parent / "files"  # made with LibreOffice: #N/A in row 2, 1/0 in row 3
HEADERS = ["Event key", "Note", "Group", "Date, recorded"]


def book(*rows):
    made = openpyxl.Workbook()
    made.active.title = "events"
    for row in (HEADERS, *rows):
        made.active.append(row)
    for cell in (cell for row in made.active.iter_rows() for cell in row if str(cell.value).startswith("#")):
        cell.data_type = "e"
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def replaced(sheet):
    """A workbook whose one sheet has this XML."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return content.getvalue()


def test_error_cells_and_formulas_without_a_value_are_read_as_such(tmp_path):
    path = tmp_path / "e.xlsx"
    path.write_bytes(book(["E1", "#N/A", "Drive", "2017-03-04"], ["E2", "x", "=1/0", "#REF!"]))
    frames, faults = read_extract(path, contract_of())
    assert [(fault.rule, fault.rows, fault.column) for fault in faults] == [
        ("formula without a saved value", (3,), "C")
    ]
    assert frames["events"].to_numpy().tolist() == [
        ["E1", "#N/A", "Drive", "2017-03-04"],
        ["E2", "x", NOT_COMPUTED, "#REF!"],
    ]


@pytest.mark.parametrize(("cell", "read"), [("#N/A", "#N/A"), ("=A1", NOT_COMPUTED)])
def test_a_last_row_without_any_value_is_not_lost(tmp_path, cell, read):
    path = tmp_path / "e.xlsx"
    path.write_bytes(book(["E1", "x", "Drive", "2017-03-04"], [cell] * 4))
    frames, _ = read_extract(path, contract_of())
    assert frames["events"].loc[3].tolist() == [read] * 4


def test_a_formula_with_its_value_is_a_value():
    xml = b'<c r="B2"><f>1+1</f><v>2</v></c><c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="AA3"><f>A1</f></c>'
    content = replaced(b"<worksheet><sheetData>" + xml + b"</sheetData></worksheet>")
    assert cells_without_value(content, "events") == {(1, 2): "#DIV/0!", (2, 26): NOT_COMPUTED}


def test_cells_without_a_header_are_told_and_not_read(tmp_path):
    path = tmp_path / "e.xlsx"
    path.write_bytes(book(["E1", "x", "Drive", "2017-03-04"], ["E2", "x", "Drive", "2017-03-04", None, "a name"]))
    frames, (fault,) = read_extract(path, contract_of())
    assert (fault.rule, fault.rows, fault.severity) == ("cells without a header", (3,), "warning")
    assert "a name" not in fault.sentence()
    assert list(frames["events"]) == HEADERS


@pytest.mark.parametrize("name", ["errors.xls", "errors.ods"])
def test_in_formats_that_do_not_say_where_errors_are_told_for_the_file(name):
    _, faults = read_extract(FILES / name, contract_of())
    (fault,) = [fault for fault in faults if fault.rule.startswith("cells that show an error")]
    assert (fault.file, fault.severity) == (name, "warning")


def test_a_damaged_sheet_is_a_fault_of_the_file(tmp_path):
    path = tmp_path / "e.xlsx"
    path.write_bytes(replaced(b"<worksheet><sheetData><row><c"))
    frames, faults = read_extract(path, contract_of())
    assert (frames, {fault.rule for fault in faults}) == ({}, {"not a workbook"})
