"""Reader and writer of CSV extracts."""

import datetime as dt

import pandas as pd
import pytest

from drive_eval.contracts.model import build_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.reconstruct.delimited import csv_bytes
from drive_eval.reconstruct.delivery import Raw

TEXT = {"nullable": True, "description": "", "source": ""}
ARMS = {"Drive": {"canonical": "drive", "meaning": ""}, "DRIVE": {"canonical": "drive", "meaning": ""}}


def contract_of(date_formats=("%Y-%m-%d", "%d/%m/%Y"), header_row=1):
    columns = {
        "event_id": {"header": "Event key", "type": "text", **TEXT},
        "note": {"header": "Note", "type": "text", **TEXT},
        "arm": {"header": "Group", "type": "code", "codes": ARMS, **TEXT},
        "day": {"header": "Date, recorded", "type": "date", "date_formats": list(date_formats), **TEXT},
    }
    sheet = {"table": "events", "description": "", "header_row": header_row, "columns": columns}
    document = {"extract": "e", "title": "", "description": "", "other_sheets": [], "sheets": {"events": sheet}}
    return build_contract(document | {"rules": []})


def read(tmp_path, content, **settings):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    frames, faults = read_extract(path, contract_of(**settings))
    return frames.get("events"), faults


def rules(faults):
    return [(fault.severity, fault.rule, fault.rows) for fault in faults]


HEADER = b'Event key,Note,Group,"Date, recorded"\r\n'


def test_cells_are_stripped_text_and_rows_are_numbered_as_in_a_spreadsheet(tmp_path):
    frame, faults = read(tmp_path, HEADER + b' E1 ,"a  b\r\nc",Drive,007\r\n,,,\r\n\r\nE2,,,NA\r\n')
    assert faults == []
    assert list(frame.index) == [2, 5]
    assert frame.loc[2].tolist() == ["E1", "a b c", "Drive", "007"]
    assert frame.loc[5, "Event key"] == "E2"
    assert frame.loc[5, "Date, recorded"] == "NA"
    assert pd.isna(frame.loc[5, "Note"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "vertical bar"])
def test_delimiter_is_told_by_the_headers_of_the_contract(tmp_path, delimiter):
    header = delimiter.join(["Event key", "Note", "Group", '"Date, recorded"'])
    row = delimiter.join(["E1", '"one, two; three"', "Drive", "2017-01-02"])
    frame, faults = read(tmp_path, f"{header}\n{row}\n".encode())
    assert faults == []
    assert frame.loc[2, "Note"] == "one, two; three"


def test_unquoted_commas_do_not_outvote_the_headers_that_semicolons_find(tmp_path):
    frame, _ = read(tmp_path, b"Event key;Note, if any, in words, short;Group\nE1;x;Drive\n")
    assert list(frame.columns) == ["Event key", "Note, if any, in words, short", "Group"]


@pytest.mark.parametrize(
    ("head", "encoding", "expected"),
    [
        (b"\xef\xbb\xbf", "utf-8", []),
        (b"", "utf-8", []),
        (b"", "utf-16", []),
        (b"", "cp1252", [("warning", "not UTF-8", ())]),
    ],
    ids=["byte order mark", "plain UTF-8", "UTF-16 with its mark", "Windows-1252"],
)
def test_encodings(tmp_path, head, encoding, expected):
    frame, faults = read(tmp_path, head + (HEADER.decode() + "E1,théâtre’s,Drive,\r\n").encode(encoding))
    assert frame.columns[0] == "Event key"
    assert frame.loc[2, "Note"] == "théâtre’s"
    assert rules(faults) == expected


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty file"),
        (b"\xef\xbb\xbf \r\n", "empty file"),
        (b"PK\x03\x04 and so on", "not a text file"),
        (b"\xd0\xcf\x11\xe0 and so on", "not a text file"),
        (b"Event key,No\x00te\r\n", "not a text file"),
        (b"Event key^Note\r\nE1^x\r\n", "no recognisable delimiter"),
        (HEADER + b'E1,"left open,Drive,\r\nE2,x,Drive,\r\n', "broken quotation marks"),
        (b'"' + b"x," * 100_000, "no recognisable delimiter"),
    ],
    ids=["empty", "blank", "xlsx", "xls", "null_byte", "carets", "open_quote", "giant_cell"],
)
def test_a_file_that_cannot_be_read_is_one_fault_and_no_frame(tmp_path, content, rule):
    frame, faults = read(tmp_path, content)
    assert frame is None
    assert rules(faults) == [("error", rule, ())]
    assert faults[0].file == "events.csv"


def test_bytes_of_no_encoding_are_named_with_their_row_and_never_replaced(tmp_path):
    frame, faults = read(tmp_path, HEADER + b"E1,a,Drive,\r\nE2,\x81\x8d,Drive,\r\n")
    assert frame is None
    assert rules(faults) == [("error", "bytes that are not UTF-8 or Windows-1252", (3,))]


def test_missing_file(tmp_path):
    frames, faults = read_extract(tmp_path / "events.csv", contract_of())
    assert frames == {}
    assert rules(faults) == [("error", "file not found", ())]


def test_file_that_the_system_refuses_to_open(tmp_path, monkeypatch):
    (tmp_path / "events.csv").write_bytes(HEADER)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    frames, faults = read_extract(tmp_path / "events.csv", contract_of())
    assert frames == {}
    assert rules(faults) == [("error", "unreadable file", ())]
    assert "Permission denied" in faults[0].advice


def test_headers_without_rows(tmp_path):
    frame, faults = read(tmp_path, HEADER)
    assert list(frame.columns) == ["Event key", "Note", "Group", "Date, recorded"]
    assert rules(faults) == [("error", "no rows", ())]


def test_ragged_rows_are_named_and_nothing_is_shifted(tmp_path):
    frame, faults = read(tmp_path, HEADER + b"E1,a,b,Drive,2017-01-02\r\nE2\r\nE3,,Drive,2017-01-02,,\r\n")
    assert rules(faults) == [("error", "more cells than headers", (2,)), ("warning", "fewer cells than headers", (3,))]
    assert frame.loc[3].isna().tolist() == [False, True, True, True]
    assert frame.loc[4, "Date, recorded"] == "2017-01-02"


def test_headers_given_twice_are_kept_for_the_check_of_the_contract(tmp_path):
    frame, _ = read(tmp_path, b"Event key,Note,Note\r\nE1,a,b\r\n")
    assert list(frame.columns) == ["Event key", "Note", "Note"]


def test_headers_on_a_later_row(tmp_path):
    frame, faults = read(tmp_path, b"Police extract,,,\r\n\r\n" + HEADER + b"E1,,Drive,\r\n", header_row=3)
    assert faults == []
    assert list(frame.index) == [4]


@pytest.mark.parametrize(
    ("formats", "written"), [(("%Y-%m-%d",), b"2017-03-04"), (("%d/%m/%Y",), b"04/03/2017")], ids=["iso", "days first"]
)
def test_written_file_has_headers_and_codes_of_the_provider_and_reads_back(tmp_path, formats, written):
    contract = contract_of(date_formats=formats)
    rows = [
        {"event_id": "E1", "note": 'a, "b"\r\nc', "arm": "drive", "day": dt.date(2017, 3, 4)},
        {"event_id": "E2", "arm": Raw("DRIVE "), "day": Raw("?")},
    ]
    content = csv_bytes(contract, rows)
    assert content == HEADER + b'E1,"a, ""b""\r\nc",Drive,' + written + b"\r\nE2,,DRIVE ,?\r\n"
    frame, faults = read(tmp_path, content)
    assert faults == []
    assert frame["Group"].tolist() == ["Drive", "DRIVE"]


def test_writing_an_unknown_column_fails():
    with pytest.raises(ValueError, match="no column evnt_id"):
        csv_bytes(contract_of(), [{"evnt_id": "E1"}])
