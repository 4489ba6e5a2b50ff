"""Each fault a delivery can have: one clear message with file, sheet, row, column and rule; nothing else happens."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drive_eval import cli

from .workbooks import Damaged

NAME = "insights_extract.xlsx"
AGE_0 = ("warning", "age recorded as 0", 1)
SHEETS = ["Exit", "Intake", "Reviews"]


@pytest.fixture
def run(tmp_path, root, monkeypatch):
    """Validate a file with the command line; earlier tables lie in the output folder."""
    monkeypatch.chdir(root)
    out = tmp_path / "processed"
    out.mkdir()
    (out / "insights_intake.parquet").write_bytes(b"earlier")

    def validate(path):
        report = tmp_path / "validation" / "insights.json"
        arguments = ["validate", "insights", "--study", "year2", "--raw", str(path)]
        outcome = CliRunner().invoke(cli.commands, [*arguments, "--out", str(out), "--report", str(report)])
        assert "Traceback" not in outcome.output
        found = json.loads(report.read_text())
        assert report.with_suffix(".html").read_text().startswith("<!doctype html>")
        if outcome.exit_code:
            assert outcome.exit_code == 1
            assert sorted(path.name for path in out.iterdir()) == ["insights_intake.parquet"]
            assert (out / "insights_intake.parquet").read_bytes() == b"earlier"
        return outcome, found

    return validate


@pytest.fixture
def damaged(tmp_path):
    return Damaged(tmp_path / NAME)


def errors(outcome):
    """The error lines without the closing line."""
    return [line for line in outcome.output.splitlines() if line.startswith("error: ")]


def test_the_shipped_workbook_is_accepted_with_the_one_warning_it_is_made_to_give(run, root):
    outcome, found = run(root / "data/raw/year2" / NAME)
    assert outcome.exit_code == 0
    assert [(fault["severity"], fault["rule"], fault["n_rows"]) for fault in found["faults"]] == [AGE_0]
    assert found["rows"] == {"Intake": 662, "Reviews": found["rows"]["Reviews"], "Exit": 414}


@pytest.mark.parametrize("extract", ["cms", "police", "police_subjects", "allocation", "interviews"])
def test_the_other_shipped_extracts_are_accepted_without_any_fault(extract, root, study):
    from drive_eval.contracts.check import check_extract
    from drive_eval.ingest.config import load_contract
    from drive_eval.ingest.extract import read_extract

    entry = study.extracts[extract]
    contract = load_contract(root, entry["contract"])
    frames, faults = read_extract(root / "data/raw/year2" / entry["file"], contract)
    assert check_extract(contract, frames, file=entry["file"], read_faults=faults).faults == []


def test_missing_sheet(run, damaged):
    del damaged.book["Exit"]
    outcome, _ = run(damaged.save())
    (line,) = errors(outcome)
    assert line.startswith(f"error: {NAME}, sheet Exit: missing sheet; ")
    assert "Notice, Intake, Reviews" in line


def test_renamed_column(run, damaged):
    damaged.rename("Intake", "Physical abuse", "Abuse (physical)")
    outcome, _ = run(damaged.save())
    assert any(f"{NAME}, sheet Intake, column 'Physical abuse': missing column; " in line for line in errors(outcome))
    assert any("column 'Abuse (physical)': unknown column" in line for line in errors(outcome))


def test_unknown_code(run, damaged):
    damaged.set("Exit", 7, "Sexual abuse", "Perhaps")
    (line,) = errors(run(damaged.save())[0])
    assert f"{NAME}, sheet Exit, row 7, column 'Sexual abuse': unknown code (found: 'Perhaps')" in line
    assert "use one of: 'Yes', 'No', 'Not known'" in line


def test_exit_before_intake(run, damaged):
    damaged.set("Exit", 12, "Exit date", "01/04/2016")
    (line,) = errors(run(damaged.save())[0])
    assert f"{NAME}, sheet Exit, row 12, column 'Exit date': exit before intake; correct one of the two dates" in line


def test_duplicate_id(run, damaged):
    intake = damaged.book["Intake"]
    for cell in intake[5]:
        intake.cell(663, cell.column).value = cell.value
    last = intake.max_row
    for cell in intake[5]:
        intake.cell(last + 1, cell.column).value = cell.value
    outcome, _ = run(damaged.save())
    line = next(line for line in errors(outcome) if "given more than once" in line)
    assert re.search(rf"sheet Intake, 3 rows \(5, 663, {last + 1}\), column 'Client ID'", line)


def test_id_in_both_arms(run, damaged):
    row = damaged.find("Exit", Trial_arm="Drive")
    damaged.set("Exit", row, "Trial arm", "Control")
    lines = errors(run(damaged.save())[0])
    assert any(f"sheet Exit, row {row}, column 'Trial arm': id in both arms" in line for line in lines)
    assert any("sheet Intake, row " in line and "id in both arms" in line for line in lines)


def test_text_in_a_number_column(run, damaged):
    damaged.set("Intake", 30, "Risk checklist score", "fourteen")
    (line,) = errors(run(damaged.save())[0])
    assert "sheet Intake, row 30, column 'Risk checklist score': not a whole number" in line
    assert "fourteen" not in line


def test_a_number_out_of_range(run, damaged):
    damaged.set("Intake", 31, "Risk checklist score", 25)
    (line,) = errors(run(damaged.save())[0])
    assert "row 31, column 'Risk checklist score': above 24; correct the value; the contract allows 0 to 24" in line


def test_exit_form_without_an_intake_form(run, damaged):
    damaged.set("Exit", 9, "Client ID", "VS-00001")
    (line,) = errors(run(damaged.save())[0])
    assert "sheet Exit, row 9, column 'Client ID': exit form without an intake form" in line
    assert "VS-00001" not in line


def test_empty_sheets(run, damaged):
    for sheet in SHEETS:
        damaged.book[sheet].delete_rows(1, 1000)
    lines = errors(run(damaged.save())[0])
    assert [re.search(r"sheet (\w+): empty sheet", line)[1] for line in lines] == SHEETS


def test_empty_workbook(run, tmp_path):
    from openpyxl import Workbook

    path = tmp_path / NAME
    Workbook().save(path)
    lines = errors(run(path)[0])
    assert [re.search(r"sheet (\w+): missing sheet", line)[1] for line in lines] == SHEETS


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"", "empty file"), (b"a;b\n1;2\n", "not a workbook"), (b"PK\x03\x04 cut short", "not a workbook")],
    ids=["no content", "a text file", "a truncated workbook"],
)
def test_a_file_that_is_not_a_workbook(run, tmp_path, content, rule):
    path = tmp_path / NAME
    path.write_bytes(content)
    (line,) = errors(run(path)[0])
    assert line.startswith(f"error: {NAME}: {rule}; ")


def test_an_unreadable_file(run, damaged, monkeypatch):
    """The system refuses to open it; permissions bind nobody when the tests run as root, so the refusal is played."""
    path = damaged.save()

    opened = Path.open

    def refuse(chosen, *arguments, **keywords):
        if Path(chosen) == path:
            raise PermissionError(13, "Permission denied")
        return opened(chosen, *arguments, **keywords)

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_path", refuse)
    monkeypatch.setattr("pathlib.Path.open", refuse)
    (line,) = errors(run(path)[0])
    assert line == (
        f"error: {NAME}: unreadable file; the system refuses to open it (Permission denied); check its permissions"
    )


def test_a_folder_in_its_place(run, tmp_path):
    (tmp_path / NAME).mkdir()
    (line,) = errors(run(tmp_path / NAME)[0])
    assert line.startswith(f"error: {NAME}: file not found; ")


def test_all_faults_of_one_run_come_together(run, damaged):
    damaged.rename("Intake", "Intake date", "Date in")
    damaged.set("Intake", 3, "Trial arm", "Both")
    damaged.set("Exit", 4, "Client ID", None)
    damaged.set("Exit", 5, "Physical abuse", "?")
    damaged.set("Exit", 6, "Exit date", "soon")
    outcome, found = run(damaged.save())
    rules = {(fault["sheet"], fault["rule"]) for fault in found["faults"]}
    assert {
        ("Intake", "missing column"),
        ("Intake", "unknown column"),
        ("Intake", "unknown code"),
        ("Exit", "blank cell"),
        ("Exit", "unknown code"),
        ("Exit", "not a date"),
    } <= rules
    groups = {(group["severity"], group["rule"]): (group["n_faults"], group["n_rows"]) for group in found["groups"]}
    assert groups["error", "unknown code"] == (2, 2)
    assert groups["error", "missing column"] == (1, 0)
    assert sum(count for count, _ in groups.values()) == len(found["faults"])
    assert f"{found['n_errors']} errors; nothing was analysed, earlier results are unchanged" in outcome.output


def test_what_real_exports_have_is_accepted(run, damaged):
    exit_row = damaged.find("Exit", Physical_abuse="No")
    damaged.set("Exit", exit_row, "Physical abuse", " No ")
    damaged.rename("Exit", "Exit date", "Exit  date ")
    day = damaged.get("Exit", 8, "Exit  date ")
    damaged.set("Exit", 8, "Exit  date ", day.strftime("%d/%m/%Y"))
    damaged.book.create_sheet("Pivot")
    outcome, found = run(damaged.save())
    assert outcome.exit_code == 0
    assert [fault["rule"] for fault in found["faults"]] == [AGE_0[1], "unexpected sheet"]


def test_severity_at_odds_with_the_answer_is_a_warning(run, damaged):
    row = damaged.find("Exit", Physical_abuse_severity="High")
    damaged.set("Exit", row, "Physical abuse", "No")
    outcome, found = run(damaged.save())
    assert (outcome.exit_code, found["n_errors"], found["n_warnings"]) == (0, 0, 2)
    assert ("severity does not agree with the answer", [row]) in [(f["rule"], f["rows"]) for f in found["faults"]]
