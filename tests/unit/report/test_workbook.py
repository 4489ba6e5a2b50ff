"""The workbook as a spreadsheet program reads it, against the layout of the Government Analysis Function."""

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from drive_eval.report import workbook
from drive_eval.report.content import NOTICE, Finding


@pytest.fixture(scope="module")
def made(content):
    return workbook.render(content)


@pytest.fixture(scope="module")
def book(made):
    return load_workbook(io.BytesIO(made))


@pytest.fixture(scope="module")
def small(content):
    return replace(content, exhibits=[shown for shown in content.exhibits if shown.id == "table_mcnemar"])


def opened(report):
    return load_workbook(io.BytesIO(workbook.render(report)))


def table_of(sheet):
    """The cells of a sheet's one table, header first."""
    (table,) = sheet.tables.values()
    return [list(row) for row in sheet[table.ref]]


def test_cover_contents_notes_then_one_table_a_sheet(book, content):
    names = book.sheetnames
    assert names[:4] == ["Cover", "Contents", "Notes", "Findings"]
    assert len(names) == 4 + len(content.exhibits) + 1
    assert names[-1] == "Published_numbers"
    assert max(map(len, names)) <= 31
    assert len({name.casefold() for name in names}) == len(names)
    assert [len(book[name].tables) for name in names] == [0] + [1] * (len(names) - 1)
    assert max(Counter(table for name in names for table in book[name].tables).values()) == 1


def test_the_title_is_in_the_first_cell_and_nothing_is_merged_or_hidden(book, content):
    assert book["Cover"]["A1"].value.startswith(content.title)
    for sheet in book:
        assert sheet["A1"].value
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert not [row for row in sheet.row_dimensions.values() if row.hidden]
    for number, shown in enumerate(content.exhibits, 1):
        title = book[f"{number}_{shown.id}"[:31]]["A1"].value
        assert re.sub(r"( \[note \d+\])?(\[note \d+\])*$", "", title) == shown.title


def test_tables_have_no_gap_and_stand_alone(book):
    for sheet in book.worksheets[1:]:
        cells = table_of(sheet)
        assert all(cell.value not in (None, "") for row in cells for cell in row), sheet.title
        headers = [str(cell.value).casefold() for cell in cells[0]]
        assert len(set(headers)) == len(headers)
        assert sheet.max_row == cells[-1][0].row
        assert all(sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1))


def test_numbers_are_numbers(book, content):
    number = next(n for n, shown in enumerate(content.exhibits, 1) if shown.id == "table_mcnemar")
    header, first, *_ = table_of(book[f"{number}_table_mcnemar"])
    cells = {name.value: cell for name, cell in zip(header, first, strict=True)}
    assert [cells[name].value for name in ("Type of abuse", "Group", "Pairs", "Chi-square")] == [
        "Physical",
        "Drive",
        69,
        49.16,
    ]
    assert (cells["OR upper"].value, cells["OR upper"].number_format) == (2171.88, "#,##0.00")
    assert (cells["p"].value, cells["p"].data_type) == ("< .001", "s")


@pytest.mark.parametrize(
    ("printed", "cell"),
    [
        ("175", (175, "0")),
        ("2,499", (2499, "#,##0")),
        ("2,892.00", (2892, "#,##0.00")),
        ("45.9%", (0.459, "0.0%")),
        ("-142%", (-1.42, "0%")),
        (".718", (0.718, ".000")),
        ("-29.5", (-29.5, "0.0")),
        ("-0.00", (0, "0.00")),
        ("–", ("[x]", "")),
        ("", ("[z]", "")),
        ("< .001", ("< .001", "")),
        ("infinite", ("infinite", "")),
        ("20 to 40", ("20 to 40", "")),
        ("2016-04", ("2016-04", "")),
        ("1,23", ("1,23", "")),
        ("-", ("-", "")),
        ("=1+1", ("=1+1", "")),
    ],
)
def test_printed_text_becomes_a_cell(printed, cell):
    assert workbook.cell_of(printed) == cell


def test_shorthand_is_explained_where_it_stands(book):
    for sheet in book.worksheets[1:]:
        rows = table_of(sheet)
        above = [sheet.cell(row, 1).value for row in range(1, rows[0][0].row)]
        for mark in ("[x]", "[z]"):
            used = any(cell.value == mark for row in rows for cell in row)
            assert any(text.startswith(f"{mark} =") for text in above) == used, sheet.title


def test_notes_named_in_titles_are_the_footnotes(book, content):
    notes = {row[0].value: row[1].value for row in table_of(book["Notes"])[1:]}
    for number, shown in enumerate(content.exhibits, 1):
        title = book[f"{number}_{shown.id}"[:31]]["A1"].value
        named = [notes[int(note)] for note in re.findall(r"\[note (\d+)\]", title)]
        assert named == list(dict.fromkeys(shown.footnotes))
    assert len(notes) == len({note for shown in content.exhibits for note in shown.footnotes})


def test_contents_link_to_every_sheet(book):
    rows = table_of(book["Contents"])[1:]
    assert [row[0].value for row in rows] == book.sheetnames[3:]
    assert [row[0].hyperlink.location for row in rows] == [f"'{name}'!A1" for name in book.sheetnames[3:]]


def test_the_cover_says_that_data_are_synthetic_only_when_they_are(book, small):
    assert NOTICE in [cell.value for cell in book["Cover"]["A"]]
    assert "ynthetic" not in "".join(str(cell.value) for cell in opened(replace(small, synthetic=False))["Cover"]["A"])


def test_text_never_becomes_a_formula_or_a_link(small):
    (shown,) = small.exhibits
    hostile = ["=1+1", "+1", "@SUM(A1)", "-2+3", "http://example.org", "{=1}", '=HYPERLINK("x")', "x"]
    bad = replace(
        shown, title="=1+1", alt="=2+2", base="=3+3", footnotes=["=4+4"], table=shown.table.assign(**{"=5": hostile})
    )
    book = opened(replace(small, exhibits=[bad]))
    assert {
        cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    } == {"s", "n"}
    assert [row[-1].value for row in table_of(book["1_table_mcnemar"])] == ["=5", *hostile]
    assert not [row[-1] for row in table_of(book["1_table_mcnemar"]) if row[-1].hyperlink]


def test_headers_that_differ_by_case_alone_are_told_apart(small):
    (shown,) = small.exhibits
    table = shown.table.set_axis(["N", "n", *shown.table.columns[2:]], axis=1)
    header = table_of(opened(replace(small, exhibits=[replace(shown, table=table)]))["1_table_mcnemar"])[0]
    assert [cell.value for cell in header[:2]] == ["N", "n (2)"]


def test_a_study_without_footnotes_findings_or_published_numbers(small):
    (shown,) = small.exhibits
    bare = replace(small, exhibits=[replace(shown, footnotes=[], published=[])], findings=[])
    assert opened(bare).sheetnames == ["Cover", "Contents", "1_table_mcnemar"]


def test_findings_have_a_sheet(small):
    chapter = small.exhibits[0].chapter
    finding = Finding("one", chapter, "Fell.", (), ("table_mcnemar",))
    rows = table_of(opened(replace(small, findings=[finding]))["Findings"])
    assert [cell.value for cell in rows[1]] == [small.chapters[chapter], "Fell.", "table_mcnemar"]


def test_nothing_in_the_file_tells_when_it_was_written(small):
    made = workbook.render(small)
    assert workbook.render(small) == made
    said = opened(small).properties
    assert (said.title, said.created.year, said.modified.year) == (small.title, 1980, 1980)
    assert {member.date_time[0] for member in zipfile.ZipFile(io.BytesIO(made)).infolist()} == {1980}
