"""Files made to do harm: refused with one message before they are opened, or read without their effect."""

import io
import struct
import time
import zipfile

import pandas as pd
import pytest
import xlsxwriter
import yaml
from openpyxl import load_workbook

from drive_eval.ingest import config
from drive_eval.ingest.config import load_delivery, load_study
from drive_eval.ingest.extract import read_extract, read_parts
from drive_eval.ingest.files import read_yaml, write_csv
from drive_eval.ingest.grid import Limits
from drive_eval.report.html import validation_page
from drive_eval.spreadsheet import inert
from drive_eval.study import ConfigurationError

from .test_delimited import contract_of
from .test_formats import FILES

HEADERS = ["Event key", "Note", "Group", "Date, recorded"]
ROW = ["E1", "x", "Drive", "2017-03-04"]
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(path, do=lambda book, sheet: None):
    """A workbook that is as the contract says, with something done to it."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("events")
    sheet.write_row(0, 0, HEADERS)
    sheet.write_row(1, 0, ROW)
    do(book, sheet)
    book.close()
    return path


def repacked(path, change, *, more=()):
    """The workbook with members changed by name, and further members."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, change(content) if name == "xl/worksheets/sheet1.xml" else content)
        for name, content in more:
            new.writestr(name, content)
    return path


def told(path, **limits):
    """Severity, rule, column and rows of all faults of reading."""
    parts, faults = read_parts([path], contract_of(), None, Limits(**limits))
    assert bool(parts) == (not any(fault.severity == "error" and "formula" not in fault.rule for fault in faults))
    return [(fault.severity, fault.rule, fault.column, fault.rows) for fault in faults]


def test_a_formula_is_read_as_its_saved_value_with_a_warning(tmp_path):
    def do(book, sheet):
        sheet.write_formula("B2", '=CONCAT("a","b")', None, "seen")
        sheet.write_formula("B3", "=1+1", None, 2)

    path = workbook(tmp_path / "events.xlsx", do)
    assert told(path) == [("warning", "formula", "B", (2, 3))]
    frames, _ = read_extract(path, contract_of())
    assert frames["events"]["Note"].tolist() == ["seen", "2"]


def test_a_formula_without_a_saved_value_is_an_error(tmp_path):
    path = workbook(tmp_path / "events.xlsx")
    book = load_workbook(path)
    book["events"]["B2"] = "=1+1"  # openpyxl saves no value
    book.save(path)
    assert told(path) == [("error", "formula without a saved value", "B", (2,))]


def test_formulas_of_other_formats():
    """Files made with LibreOffice, which saved 0 for the text of the formula in the .xls."""
    assert told(FILES / "formula.ods") == [("warning", "formula", "B", (2,))]
    assert read_extract(FILES / "formula.ods", contract_of())[0]["events"]["Note"].tolist() == ["ab"]
    assert told(FILES / "formula.xls") == [("error", "formulas in 1 cells", "", ())]


@pytest.mark.parametrize(
    ("member", "rule"),
    [
        ("xl/vbaProject.bin", "the workbook has macros"),
        ("xl/externalLinks/externalLink1.xml", "the workbook has links to other files"),
        ("xl/connections.xml", "the workbook has data connections"),
        ("xl/embeddings/oleObject1.bin", "the workbook has embedded files"),
    ],
)
def test_what_could_act_is_not_read_and_told(tmp_path, member, rule):
    path = repacked(workbook(tmp_path / "events.xlsx"), bytes, more=[(member, "<x/>")])
    assert told(path) == [("warning", rule, "", ())]


def test_a_macro_workbook_is_read_like_any_other(tmp_path):
    path = repacked(workbook(tmp_path / "events.xlsx"), bytes, more=[("xl/vbaProject.bin", "Sub Auto_Open()")])
    path = path.rename(tmp_path / "events.xlsm")
    assert told(path) == [("warning", "the workbook has macros", "", ())]
    assert read_extract(path, contract_of())[0]["events"].to_numpy().tolist() == [ROW]


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path):
    path = repacked(workbook(tmp_path / "events.xlsx"), bytes, more=[("xl/media/a.xml", b"0" * 50_000_000)])
    assert path.stat().st_size < 100_000
    assert told(path) == [("error", "packed as no workbook is", "", ())]


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = repacked(workbook(tmp_path / "events.xlsx"), bytes, more=[("xl/media/a.xml", b"0" * 50_000_000)])
    found = path.read_bytes().replace(struct.pack("<I", 50_000_000), struct.pack("<I", 100))
    path.write_bytes(found)
    with zipfile.ZipFile(io.BytesIO(found)) as archive:
        assert archive.getinfo("xl/media/a.xml").file_size == 100
    assert told(path) == [("error", "packed as no workbook is", "", ())]


def test_many_members_that_share_one_content_are_counted_each(tmp_path):
    path = repacked(workbook(tmp_path / "events.xlsx"), bytes, more=[(f"m{k}.xml", b"01" * 400_000) for k in range(5)])
    assert told(path, file_megabytes=5) == []
    assert told(path, file_megabytes=3) == [("error", "larger than the limit once unpacked", "", ())]


def test_an_endless_number_of_members_is_refused(tmp_path):
    path = repacked(workbook(tmp_path / "events.xlsx"), bytes, more=[(f"m{k}", "") for k in range(10_001)])
    assert told(path)[0][1] == "not a workbook as a spreadsheet program writes it"


def test_a_sheet_of_ten_million_cells_is_refused_in_a_moment(tmp_path):
    row = b"".join(b'<c r="%s%%d"><v>1</v></c>' % letter for letter in (b"A", b"B", b"C", b"D", b"E"))
    rows = b"".join(b'<row r="%d">' % n + row % ((n,) * 5) + b"</row>" for n in range(1, 1001))
    far = b'<row r="%d"><c r="J%d"><v>1</v></c></row>'
    sheet = b'<worksheet xmlns="%s"><sheetData>%s%s</sheetData></worksheet>'
    path = repacked(
        workbook(tmp_path / "events.xlsx"), lambda _: sheet % (NAMESPACE.encode(), rows, far % ((10**6,) * 2))
    )
    started = time.process_time()
    assert told(path) == [("error", "more cells than the limit", "", ())]
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="XFD1048576"><v>1</v></c>',
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<c t="n" r="XFD1048576"><v>1</v></c>',
        b'<x:c xmlns:x="' + NAMESPACE.encode() + b'" r="XFD1048576"><x:v>1</x:v></x:c>',
        b'<c r="XFD1048576"><f>1+1</f></c>',
        b'<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>',
    ],
    ids=["plain", "single quotes", "other order", "prefix", "formula", "inline text"],
)
def test_one_cell_in_the_far_corner_is_refused(tmp_path, cell):
    path = workbook(tmp_path / "events.xlsx")
    repacked(path, lambda text: text.replace(b"</sheetData>", b'<row r="1048576">' + cell + b"</row></sheetData>"))
    assert told(path)[0][:2] == ("error", "more cells than the limit")


def test_a_format_without_content_reaches_nowhere(tmp_path):
    path = workbook(tmp_path / "events.xlsx")
    change = b'<row r="1048576"><c r="XFD1048576" s="0" /></row></sheetData>'
    repacked(path, lambda text: text.replace(b"</sheetData>", change).replace(b'ref="A1:D2"', b'ref="A1:XFD1048576"'))
    assert told(path)[1:] == []


def test_cells_without_a_place_are_counted(tmp_path):
    path = workbook(tmp_path / "events.xlsx")
    row = b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>"
    repacked(path, lambda text: text.replace(b"</sheetData>", row * 20 + b"</sheetData>"))
    assert told(path, sheet_cells=1_000)[0][1] == "more cells than the limit"


def test_repeats_of_an_ods_sheet_are_counted(tmp_path):
    path = tmp_path / "events.ods"
    with zipfile.ZipFile(FILES / "events.ods") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "content.xml":
                many = (
                    b'<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float"'
                    b' office:value="1" table:number-columns-repeated="1000"/></table:table-row></table:table>'
                )
                content = content.replace(b"</table:table>", many, 1)
            new.writestr(name, content)
    assert told(path) == [("error", "more cells than the limit", "", ())]


def test_entities_are_refused(tmp_path):
    lol = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    path = repacked(workbook(tmp_path / "events.xlsx"), lambda _: lol)
    assert told(path)[0][1] == "not a workbook as a spreadsheet program writes it"


@pytest.mark.parametrize("cut", [100, 1_000, 3_000, -30])
def test_a_workbook_cut_short_is_refused(tmp_path, cut):
    path = workbook(tmp_path / "events.xlsx")
    path.write_bytes(path.read_bytes()[:cut])
    assert told(path) == [("error", "not a workbook", "", ())]


def test_a_workbook_with_broken_bytes_never_ends_in_a_traceback(tmp_path):
    path = workbook(tmp_path / "events.xlsx")
    whole = path.read_bytes()
    for place in range(0, len(whole), max(len(whole) // 60, 1)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        read_parts([path], contract_of())


def test_files_over_the_limit_are_not_read(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(",".join(HEADERS) + "\n" + "x" * 1_100_000)
    assert told(path, file_megabytes=1) == [("error", "larger than the limit", "", ())]


def test_an_spss_file_over_the_limit_is_not_read(tmp_path):
    import pyreadstat

    path = tmp_path / "events.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": range(100), "b": range(100)}), str(path))
    assert told(path, sheet_cells=150)[0][1] == "more cells than the limit"


@pytest.fixture
def project(tmp_path, root):
    """A project whose study folder can be edited."""
    (tmp_path / "config/year2/mapping").mkdir(parents=True)
    (tmp_path / "data/raw/year2").mkdir(parents=True)
    (tmp_path / "schemas").symlink_to(root / "schemas")
    for name in ("study.yaml", "exhibits.yaml"):
        (tmp_path / "config/year2" / name).write_bytes((root / "config/year2" / name).read_bytes())

    def edit(old, new):
        path = tmp_path / "config/year2/study.yaml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
        return tmp_path

    return edit


PLACE = "file: police_subjects.csv, contract: police_subjects"


@pytest.mark.parametrize(
    ("new", "key"),
    [
        ("file: /etc/passwd, contract: police_subjects", "file"),
        ("file: ../../secret.csv, contract: police_subjects", "file"),
        ("file: .., contract: police_subjects", "police_subjects"),
        ("file: 'a\\b.csv', contract: police_subjects", "file"),
        ("files: [a.csv, ../b.csv], contract: police_subjects", "files"),
        ("file: a.csv, contract: ../../etc/passwd", "contract"),
        ("file: a.csv, contract: police_subjects, mapping: ../x", "mapping"),
        ("file: jane_smith_extract.csv, contract: police_subjects", "police_subjects"),
    ],
)
def test_paths_that_lead_elsewhere_are_refused_with_file_and_key(project, new, key):
    root = project(PLACE, new)
    for load in (lambda: load_study(root, "year2"), lambda: load_delivery(root, "year2", "police_subjects")):
        with pytest.raises(ConfigurationError) as refused:
            load()
        assert "study.yaml" in str(refused.value)
        assert key in str(refused.value)
        assert "jane" not in str(refused.value)


@pytest.mark.parametrize(("place", "name"), [("data/raw/year2", "out.csv"), ("config/year2/mapping", "out.yaml")])
def test_links_out_of_the_project_are_refused(project, tmp_path_factory, place, name):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text("x")
    root = project(PLACE, "file: out.csv, contract: police_subjects, mapping: out")
    (root / place / name).symlink_to(secret)
    with pytest.raises(ConfigurationError, match=r"study\.yaml, extracts/police_subjects.*outside the project"):
        load_study(root, "year2")


@pytest.mark.parametrize("key", ["extracts", "derivations"])
def test_keys_that_become_paths_are_plain_words(project, key):
    root = project(f"\n{key}:\n", f"\n{key}:\n  ../../x: {{}}\n")
    with pytest.raises(ConfigurationError, match=rf"study\.yaml, {key}: '\.\./\.\./x' does not match"):
        load_study(root, "year2")


@pytest.mark.parametrize(
    "text",
    ["a: !!python/object/apply:os.system ['true']", "a: !!python/name:os.system ''", "a: &x [*x]", "a: 1\na: 2"],
    ids=["call", "name", "holds itself", "key twice"],
)
def test_yaml_that_is_more_than_data_is_refused(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(yaml.YAMLError):
        read_yaml(tmp_path / "a.yaml")


def test_yaml_that_unfolds_hugely_is_refused_in_a_moment(project):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    root = project("study: year2\n", "\n".join([*lines, "study: year2\n"]))
    with pytest.raises(ConfigurationError, match="aliases that stand for more than"):
        load_study(root, "year2")


def test_all_yaml_goes_through_the_safe_loader(root):
    calls = [path for path in (root / "src").rglob("*.py") if "yaml.load(" in path.read_text()]
    assert [path.name for path in calls] == ["files.py"]
    assert config.read_yaml is read_yaml


@pytest.mark.parametrize(
    "cell", ["=1+1", "+SUM(A1)", "-cmd|' /C calc'!A0", "@x", "\t=1", "\r=1", "  =1", "-2+3+cmd|x", "- none"]
)
def test_text_that_a_spreadsheet_would_evaluate_gets_an_apostrophe(tmp_path, cell):
    frame = pd.DataFrame({cell: [cell], "n": [-1.5], "c": pd.Categorical([cell])})
    write_csv(tmp_path / "a.csv", frame)
    read = pd.read_csv(tmp_path / "a.csv", dtype=str)
    safe = "'" + cell.replace("\r", " ")
    assert list(read) == [safe, "n", "c"]
    assert read.iloc[0].tolist() == [safe, "-1.5", safe]


@pytest.mark.parametrize(
    "cell", ["-", "–", "", "-0.3", "-2.8e-05", "-0.3 (-0.5 to -0.1)", "+1", "-12%", "a=b", "1-2", None, -3]
)
def test_other_cells_are_written_as_they_are(cell):
    assert inert(cell) == cell


def test_a_code_that_is_markup_shows_as_text(tmp_path):
    fault = {"severity": "error", "rule": "<script>r</script>", "file": "<script>f</script>", "sheet": "<b>",
             "column": "<i>",
             "rows": [1], "n_rows": 1, "found": ["<script>alert(1)</script>"], "advice": "<img src=x>",
             "sentence": ""}  # fmt: skip
    group = {"severity": "error", "rule": fault["rule"], "n_faults": 1, "n_rows": 1}
    document = {
        "file": "<script>",
        "n_errors": 1,
        "n_warnings": 0,
        "rows": {"<u>": 1},
        "faults": [fault],
        "groups": [group],
    }
    page = validation_page("<script>", document)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_panic_of_the_reader_is_one_message(tmp_path, monkeypatch):
    panic = type("PanicException", (BaseException,), {})

    def fail(_):
        raise panic("index out of bounds: VS-00001")

    path = workbook(tmp_path / "events.xlsx")
    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", fail)
    assert told(path) == [("error", "not a workbook", "", ())]
