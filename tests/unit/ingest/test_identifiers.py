"""The identifier gate: planted identifiers are refused by the right rule without their value; no false alarm."""

import csv
import datetime as dt
import io

import pytest
import xlsxwriter
from typer.testing import CliRunner

from drive_eval import cli
from drive_eval.contracts.check import check_extract
from drive_eval.contracts.faults import failure_report
from drive_eval.contracts.identifiers import find, harmless, header_rule
from drive_eval.errors import UserError
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.gate import PREFIX
from drive_eval.reconstruct.simulate import FILES, Effects, simulate

LONG = "Client said at the second visit that things had been a lot calmer since the move to the new flat"
LEAKS = {
    # Test numbers of the NHS; the last has its 7 by hand: 4x10+1x8+2x6+3x5+2x4+1x3+3x2 = 92, 92 mod 11 = 4, 11 - 4 = 7.
    "NHS number": ["9434765919", "943 476 5919", "943-476-5919", "9434765870", "NHS 943 476 5870", "4010232137",
                   "９４３ ４７６ ５９１９", "943\u00a0476\u00a05919", "943\u200b476\u200b5919", "9434765919.0"],
    # Numbers that Ofcom keeps free for drama, and forms they lose their first 0 in.
    "telephone number": ["07700 900123", "07700900123", "07700 900 123", "07700-900-123", "+44 7700 900123",
                         "+447700900123", "0044 7700 900123", "+44 (0)7700 900123", "(01632) 960123", "01632 960123",
                         "020 7946 0123", "(020) 7946 0123", "7700900123", "447700900123", "7700900123.0",
                         "7.700900123E+09", "tel 07700 900123", "０７７００ ９００１２３", "+353 1 555 0123"],
    "postcode": ["SW1A 1AA", "SW1A1AA", "sw1a 1aa", "sw1a1aa", "M1 1AE", "m11ae", "CR2 6XH", "DN55 1PT", "W1A 0AX",
                 "EC1A 1BB", "CF10-1EP", "lives at CM1 1QH", "ＣＭ１ １ＱＨ", "C\u200bM1 1QH", "BN1\u00a01EE",
                 "GIR 0AA"],
    # PNC and CRO numbers of public test data of the courts, with their check letters.
    "PNC number": ["2003/0062845E", "2003/0011985X", "2020/0476873U", "2008/0056560Z", "20030062845E", "03/0062845E",
                   "03/62845E", "2003-0062845E", "2003/0062845e", "PNC 2003/0062845E", "030062845E"],
    "CRO number": ["33577/63G", "33577/63g", "SF39/56402H", "CRO 33577/63G"],
    # The form of a national insurance number, with a prefix of its published examples.
    "national insurance number": ["QQ123456C".replace("QQ", "AB"), "AB 12 34 56 C", "ab123456c", "AB-12-34-56-C"],
    "e-mail address": ["jane.doe@example.org", "J.DOE@EXAMPLE.CO.UK", "jane＠example.org",
                       "jane (at) example (dot) org",
                       "write to jane_d+x@mail.example.org"],
    "name": ["Jane Smith", "SMITH, John", "Smith John", "jane smith", "JANE SMITH", "J. Smith", "J Smith", "Smith J",
             "Mr Quillfeather", "Mrs. Quillfeather", "MISS QUILLFEATHER", "Dr Quillfeather", "PC Quillfeather",
             "Siobhán O’Connor", "Siobhan O'Connor", "Priya Chatterjee", "Muhammad Khan", "Agnieszka Nowak",
             "Mary-Jane Jones", "Sarah Quillfeather", "Xanthe Kowalczyk", "spoke to Jane Smith today", "Mohammed",
             "Patel", "Ｊａｎｅ Ｓｍｉｔｈ", "Jane\u00a0Smith", "Ja\u00adne Smith"],
    "address": ["12 High Street", "12a Mill Lane", "Flat 2, 7 Queen Anne Road"],
    "date of birth": ["12/03/1985", "12.03.1985", "12-03-1985", "1985-03-12", "1985/03/12", "12 March 1985",
                      "12th March 1985", "12-Mar-85", "March 12, 1985", "12/03/85", "DOB 12/03/1985", "born 12.3.1985",
                      "03/25/1985", "19850312", "12031985", "１２/０３/１９８５"],
    "free text": [LONG, LONG.upper(), LONG[:61], "x " * 31],
}  # fmt: skip
PLACES = {
    "free": "Remarks",  # a column the contract does not know
    "code": "Area",
    "id": "Perpetrator ref",
    "date": "Date allocated",
    "number": "Matched pair",
    "header": None,
}
PLANTED = [(rule, text, place) for rule, texts in LEAKS.items() for text in texts for place in PLACES]


@pytest.fixture(scope="module")
def allocation(root):
    return load_contract(root, "allocation")


@pytest.fixture(scope="module")
def rows(root):
    """The first rows of the shipped allocation register, with a column of remarks that the contract does not know."""
    with (root / "data/raw/year2/allocation_register.csv").open(encoding="utf-8", newline="") as stream:
        table = [row for row, _ in zip(csv.reader(stream), range(40), strict=False)]
    return [[*row, word] for row, word in zip(table, ["Remarks", *["seen"] * 39], strict=True)]


@pytest.fixture
def read(tmp_path, allocation):
    def read_rows(table):
        path = tmp_path / "register.csv"
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows(table)
        path.write_text(stream.getvalue(), encoding="utf-8", newline="")
        return read_extract(path, allocation)

    return read_rows


def test_there_are_at_least_two_hundred_planted_leaks():
    assert len(set(PLANTED)) >= 200


@pytest.mark.parametrize(("rule", "text", "place"), PLANTED)
def test_a_planted_identifier_is_refused_by_its_rule_and_never_shown(read, rows, rule, text, place):
    table = [list(row) for row in rows]
    if place == "header":
        table[0][-1] = text
    else:
        position = table[0].index(PLACES[place])
        table[6][position] = table[11][position] = text
    frames, faults = read(table)
    assert frames == {}
    assert {fault.severity for fault in faults} == {"error"}
    (fault,) = [fault for fault in faults if f": {rule}" in fault.rule]
    expected = (chr(64 + len(rows[0])), (1,)) if place == "header" else (PLACES[place], (7, 12))
    assert (fault.column, fault.rows) == expected
    told = str(failure_report(faults)) + " ".join(fault.sentence() for fault in faults)
    assert text not in told
    assert " ".join(text.split()) not in told


@pytest.mark.parametrize(
    ("header", "rule"),
    [("Surname", "name"), ("First name", "name"), ("firstName", "name"), ("Client name", "name"),
     ("DOB", "date of birth"),
     ("Date of birth", "date of birth"), ("dateOfBirth", "date of birth"), ("Home postcode", "postcode"),
     ("NHS No.", "NHS number"), ("PNC ID", "PNC number"), ("Mobile", "telephone number"),
     ("Tel no", "telephone number"),
     ("E-mail", "e-mail address"), ("Address line 1", "address"), ("NI number", "national insurance number")],
)  # fmt: skip
def test_a_header_that_announces_identifiers_is_refused_and_named(read, rows, header, rule):
    table = [list(row) for row in rows]
    table[0][-1] = header
    frames, (fault,) = read(table)
    assert frames == {}
    assert (fault.column, fault.rule, len(fault.rows)) == (header, f"{PREFIX}: {rule} (by its header)", 39)


@pytest.mark.parametrize(
    "header", ["Contact by telephone", "Date allocated", "Area name", "Disruption: address provision"]
)
def test_other_headers_announce_nothing(header):
    assert header_rule(header) is None


HARMLESS = [
    "South Wales", "Case Manager", "Not Known", "Drive case manager", "Ex-partner", "3 or more", "16-24", "55+", "SW1",
    "CM01", "SU-00123", "EV-0000123", "PE/2017/0001234", "0.1234567890", "1.5e-05", "2017-03-04", "04-03-2017 10:30",
    "2017-03-04T10:30:00", "9434765918", "0000000000", "03/62845F", "12/3", "May", "Mark", "Ward", "Male", "N/K", "-",
    "Children's social services", "Breach of order", "1 2 3 4 0 1 2 3 4 5", "10 months", "Type 14", "AB123456", "100%",
    "West Sussex (Area 3)", "Violence with injury", "Year 2", "4", "3.5", "2016/17",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_contents_are_no_alarm(text):
    assert find([text], born_before=dt.date(2016, 4, 1), longest=60) == {}


def test_three_words_with_capitals_are_a_name_where_no_words_belong():
    assert find(["Xenia Quillfeather", "Not Known"], shape=True) == {"name": {"Xenia Quillfeather"}}
    assert find(["Xenia Quillfeather"]) == {}


def test_a_child_is_found_in_a_column_without_dates_only(read, rows):
    for header, alarm in (("Area", True), ("Date allocated", False)):
        table = [list(row) for row in rows]
        table[3][table[0].index(header)] = "03/09/2012"
        _, faults = read(table)
        assert [fault.rule for fault in faults] == ([f"{PREFIX}: date of birth"] if alarm else [])


def test_a_column_may_accept_a_rule_and_no_other(read, rows, allocation, monkeypatch):
    site = allocation.sheets["allocation_register"].columns["site"]
    monkeypatch.setitem(site.__dict__, "accept", ("postcode",))
    table = [list(row) for row in rows]
    table[3][table[0].index("Area")] = "CM1 1QH"
    table[4][table[0].index("Area")] = "07700 900123"
    assert [fault.rule for fault in read(table)[1]] == [f"{PREFIX}: telephone number"]


def test_a_declared_code_is_never_an_alarm(read, rows, allocation, monkeypatch):
    site = allocation.sheets["allocation_register"].columns["site"]
    monkeypatch.setitem(site.codes, "Jane Smith House, 12 High Street, CM1 1QH", next(iter(site.codes.values())))
    table = [list(row) for row in rows]
    table[3][table[0].index("Area")] = "Jane Smith House, 12 High Street, CM1 1QH"
    assert read(table)[1] == []


@pytest.mark.parametrize(("text", "alarms"), [("Jane Smith", []), ("9434765919", [f"{PREFIX}: NHS number"])])
def test_the_agreed_form_of_a_column_is_no_name_but_may_be_a_number_of_a_person(
    read, rows, allocation, monkeypatch, text, alarms
):
    column = allocation.sheets["allocation_register"].columns["perpetrator_id"]
    monkeypatch.setitem(column.__dict__, "pattern", r"[A-Z]{2}-\d+|[A-Z][a-z]+ [A-Z][a-z]+|\d{10}")
    table = [list(row) for row in rows]
    table[3][table[0].index("Perpetrator ref")] = text
    assert [fault.rule for fault in read(table)[1]] == alarms


def test_cells_below_a_header_that_holds_an_identifier_are_told_by_the_letter(read, rows):
    table = [list(row) for row in rows]
    table[0][-1], table[5][-1] = "Jane Smith", "07700 900123"
    _, faults = read(table)
    letter = chr(64 + len(table[0]))
    assert [(fault.column, fault.rows) for fault in faults] == [(letter, (1,)), (letter, (6,))]


def test_a_missing_header_row_shows_no_value(read, rows, allocation):
    frames, faults = read(rows[1:])
    assert frames == {}
    assert {fault.rule for fault in faults} == {f"{PREFIX} in a header: value in place of a header"}
    plain = [["a", "b"], ["c", "d"]]
    frames, faults = read(plain)
    checked = check_extract(allocation, frames, file="register.csv", read_faults=faults)
    assert "headers not found" in [fault.rule for fault in checked.faults]
    assert "'a'" not in " ".join(fault.sentence() for fault in checked.faults)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Perhaps", True),
        ("Esex", True),
        ("not known", True),
        ("CANARY-1", False),
        ("Kowalczyk", False),
        ("SU-00012", False),
    ],
)
def test_a_faulty_code_is_quoted_only_if_it_says_nothing_of_a_person(allocation, text, quoted):
    assert harmless(text, allocation.sheets["allocation_register"].columns["site"]) is quoted


def test_every_column_that_may_be_quoted_is_a_closed_list_of_codes(root, study):
    for entry in study.extracts.values():
        for sheet in load_contract(root, entry["contract"]).sheets.values():
            assert {column.type for column in sheet.columns.values() if column.quotable} <= {"code"}


@pytest.fixture
def workbook(tmp_path, root, allocation, rows):
    """Write the rows as a workbook in which something more is done, and read it."""

    def write(do, name="allocation_register"):
        path = tmp_path / "register.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row[:-1])
        do(book, sheet)
        book.close()
        return read_extract(path, allocation)

    return write


@pytest.mark.parametrize(
    ("do", "rule", "severity"),
    [
        (lambda book, sheet: sheet.write_comment("A2", "ask Jane Smith"), "in the comments: name", "error"),
        (lambda book, sheet: sheet.write_comment("A2", LONG), "in the comments: free text", "error"),
        (lambda book, sheet: book.set_properties({"comments": "jane@example.org"}), "in the properties: e-mail address",
         "error"),
        (lambda book, sheet: book.set_properties({"author": "Jane Smith"}), "in the properties: name", "warning"),
        (lambda book, sheet: book.add_worksheet("Jane Smith").hide(), "in the name of a sheet: name", "error"),
        (lambda book, sheet: book.add_worksheet("old").write(7, 3, "07700 900123"), ": telephone number", "error"),
        (lambda book, sheet: sheet.write_url("A2", "mailto:jane@example.org", string="AL-00001"),
         "in the links: e-mail address", "error"),
        (lambda book, sheet: sheet.insert_textbox(2, 2, "CM1 1QH"), "in the text boxes: postcode", "error"),
        (lambda book, sheet: book.define_name("Jane_Smith", "=allocation_register!$A$2"), "in the defined names: name",
         "error"),
        (lambda book, sheet: sheet.write(60, 40, "CM1 1QH"), ": postcode", "error"),
    ],
    ids=["comment", "long comment", "property", "author", "hidden sheet", "other sheet", "link", "text box",
         "defined name",
         "far cell"],
)  # fmt: skip
def test_identifiers_beside_the_cells_of_the_contract(workbook, do, rule, severity):
    frames, faults = workbook(do)
    assert (f"{PREFIX}{' ' if rule[0] != ':' else ''}{rule}", severity) in {
        (f.rule.split(" (")[0], f.severity) for f in faults
    }
    assert bool(frames) == (severity == "warning")
    told = " ".join(fault.sentence() for fault in faults)
    assert not [word for word in ("Jane", "Smith", "jane@", "07700", "1QH", LONG) if word in told]


def test_the_shipped_extracts_raise_no_alarm(root, study):
    for entry in study.extracts.values():
        frames, faults = read_extract(root / "data/raw/year2" / entry["file"], load_contract(root, entry["contract"]))
        assert frames
        assert [fault.rule for fault in faults] == []


def test_simulated_trials_raise_no_alarm(root, tmp_path):
    contracts = {name: load_contract(root, name) for name in FILES}
    for name, content in simulate(
        contracts, n_drive=60, n_control=60, effects=Effects.from_text(["moderate"]), seed=7
    ).items():
        (tmp_path / name).write_bytes(content)
    for name, contract in contracts.items():
        frames, faults = read_extract(tmp_path / FILES[name], contract)
        assert frames
        assert [fault.rule for fault in faults if fault.rule.startswith(PREFIX)] == []


def test_no_mapping_is_proposed_from_a_file_with_identifiers(rows, tmp_path, root, monkeypatch):
    monkeypatch.chdir(root)
    table = [list(row) for row in rows]
    table[3][5] = "Jane Smith"
    with (tmp_path / "p.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(table)
    outcome = CliRunner().invoke(cli.commands, ["map", str(tmp_path / "p.csv")])
    assert isinstance(outcome.exception, UserError)
    assert f"{PREFIX}: name" in str(outcome.exception)
    assert "Jane" not in outcome.output + str(outcome.exception)


def test_of_texts_that_differ_in_digits_alone_only_those_with_the_right_digits_are_found():
    """943 476 5919 has the NHS check digit, 5918 not; 077 is a mobile, 177 none; 1970 is before 2000, 2017 not."""
    ids = {f"EV-{number:010}" for number in range(0, 10**10 - 1, 10**7)}
    leaks = {"9434765919": "NHS number", "07700900123": "telephone number", "01/02/1970": "date of birth"}
    others = {"9434765918", "17700900123", "01/02/2017", "EV-123456789"}
    found = find([*ids, *leaks, *others], born_before=dt.date(2000, 1, 1))
    assert found == {
        "NHS number": {"9434765919"} | {text for text in ids if text.startswith("EV-") and _nhs(text[3:])},
        "telephone number": {"07700900123"} | {text for text in ids if text[3] == "0" and text[4] in "1235789"}
        | {text for text in ids if text[3] == "7" and text[4] != "0"},
        "date of birth": {"01/02/1970"},
    }  # fmt: skip


def test_nobody_is_born_before_1900():
    found = find(["01/02/1870", "31/12/1899", "01/01/1900"], born_before=dt.date(2000, 1, 1))
    assert found == {"date of birth": {"01/01/1900"}}


def _nhs(digits):
    """The check digit by its definition: 11 minus the weighted sum modulo 11; 11 is written 0, 10 is not used."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return len(set(digits)) > 1 and check != 10 and check % 11 == int(digits[9])
