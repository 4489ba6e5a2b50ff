"""Every format gives the same cells of text; passwords come from the environment or a person, and stay in memory."""

import io
import sys
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from drive_eval.ingest import passwords
from drive_eval.ingest.extract import read_extract

from .test_delimited import contract_of

FILES = Path(__file__).parent / "files"  # made with LibreOffice from an .xlsx; row 3 is blank
ROWS = [["007", "12", "Drive", "2017-03-04"], ["NA", "1.5", "N/A", "04/03/2017"]]


@pytest.mark.parametrize("name", ["events.xls", "events.ods"])
def test_workbooks_of_other_programs_give_text_without_guessing(name):
    frames, faults = read_extract(FILES / name, contract_of())
    assert faults == []
    assert frames["events"].to_numpy().tolist() == ROWS
    assert list(frames["events"].index) == [2, 4]


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A workbook under a password; no password is known."""
    for name in ("DRIVE_EVAL_PASSWORD", "DRIVE_EVAL_PASSWORD_E"):
        monkeypatch.delenv(name, raising=False)
    plain, closed = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(plain)
    book.add_worksheet("events").write_row(0, 0, ["Event key", "Note", "Group", "Date, recorded"])
    book.worksheets()[0].write_row(1, 0, ["E1", "x", "Drive", "2017-03-04"])
    book.close()
    OOXMLFile(plain).encrypt("right", closed)
    path = tmp_path / "events.xlsx"
    path.write_bytes(closed.getvalue())
    return path


@pytest.mark.parametrize(
    ("variables", "rule"),
    [
        ({}, "password-protected"),
        ({"DRIVE_EVAL_PASSWORD": "wrong"}, "wrong password"),
        ({"DRIVE_EVAL_PASSWORD": "right"}, None),
        ({"DRIVE_EVAL_PASSWORD": "wrong", "DRIVE_EVAL_PASSWORD_E": "right"}, None),
    ],
    ids=["none", "wrong", "right", "that of the extract goes first"],
)
def test_password_from_the_environment(locked, monkeypatch, variables, rule):
    for name, word in variables.items():
        monkeypatch.setenv(name, word)
    before = set(locked.parent.iterdir())
    frames, faults = read_extract(locked, contract_of())
    assert [fault.rule for fault in faults] == ([rule] if rule else [])
    assert ("events" in frames) is (rule is None)
    assert "wrong" not in "".join(fault.advice for fault in faults)
    assert set(locked.parent.iterdir()) == before


def test_a_person_at_a_terminal_is_asked(locked, monkeypatch):
    asked = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(passwords.getpass, "getpass", lambda words: asked.append(words) or "right")
    assert "events" in read_extract(locked, contract_of())[0]
    assert asked == ["Password of events.xlsx: "]


@pytest.mark.parametrize(("write", "ending"), [(pyreadstat.write_sav, "sav"), (pyreadstat.write_dta, "dta")])
def test_files_of_spss_and_stata_number_the_cases_from_1(tmp_path, write, ending):
    frame = pd.DataFrame({"key": ["E1", "E2"], "note": [3.0, None]})
    path = tmp_path / f"events.{ending}"
    write(frame, str(path))
    frames, faults = read_extract(path, contract_of())
    assert faults == []
    assert list(frames["events"].index) == [1, 2]
    assert frames["events"]["note"].tolist() == ["3", None]


@pytest.mark.parametrize("name", ["events.sav", "events.dta", "events.xls", "events.ods"])
def test_a_file_of_another_kind_is_one_fault(tmp_path, name):
    (tmp_path / name).write_bytes(b"no such thing")
    frames, faults = read_extract(tmp_path / name, contract_of())
    assert frames == {}
    assert [fault.rule.startswith("not a") for fault in faults] == [True]


def test_an_old_container_without_a_workbook_is_one_fault(tmp_path):
    (tmp_path / "events.xls").write_bytes(b"\xd0\xcf\x11\xe0 and so on")
    assert [fault.rule for fault in read_extract(tmp_path / "events.xls", contract_of())[1]] == ["not a workbook"]


def test_an_unknown_ending_names_those_that_are_read(tmp_path):
    (tmp_path / "events.pdf").write_bytes(b"%PDF")
    (fault,) = read_extract(tmp_path / "events.pdf", contract_of())[1]
    assert fault.rule == "unknown format"
    assert ".sav" in fault.advice
