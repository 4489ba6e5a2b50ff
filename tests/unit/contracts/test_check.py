"""Contracts: what is refused, how it is told, and what the libraries would have let through."""

import pandas as pd
import pytest
import yaml

from drive_eval.contracts.check import check_extract
from drive_eval.contracts.model import build_contract
from drive_eval.study import ConfigurationError, check_closed

DOCUMENT = {
    "extract": "forms",
    "title": "Forms",
    "description": "Forms for tests.",
    "other_sheets": [],
    "sheets": {
        "Intake": {
            "table": "intake",
            "description": "One form.",
            "columns": {
                "case_id": {"header": "Client", "type": "text", "nullable": False, "unique": True, "pattern": "C\\d"},
                "seen": {"header": "Seen", "type": "date", "nullable": True, "date_formats": ["%Y-%m-%d", "%d/%m/%Y"]},
                "visits": {"header": "Visits", "type": "integer", "nullable": True, "minimum": 0, "maximum": 9},
                "abuse": {
                    "header": "Abuse",
                    "type": "code",
                    "nullable": True,
                    "quotable": True,
                    "codes": {
                        "Yes": {"canonical": "yes", "meaning": "yes"},
                        "None": {"canonical": "none", "meaning": "no abuse"},
                    },
                },
            },
        }
    },
    "rules": [],
}
for _column in DOCUMENT["sheets"]["Intake"]["columns"].values():
    _column |= {"description": "A column.", "source": "test"}
GOOD = {"Client": ["C1", "C2"], "Seen": ["2017-03-01", "02/03/2017"], "Visits": ["2", None], "Abuse": ["Yes", "None"]}


@pytest.fixture
def forms():
    return build_contract(DOCUMENT)


def check(forms, **changes):
    cells = {
        header: changes.get(header, cells) for header, cells in GOOD.items() if header not in changes.get("drop", ())
    }
    frame = pd.DataFrame(cells | changes.get("add", {}), index=[2, 3], dtype="object")
    return check_extract(forms, {"Intake": frame}, file="forms.xlsx", read_faults=[])


def told(checked):
    return {(fault.column, fault.rule, fault.rows) for fault in checked.faults}


def test_a_good_sheet_is_typed(forms):
    table = check(forms).tables["intake"]
    assert table["seen"].tolist() == [pd.Timestamp("2017-03-01"), pd.Timestamp("2017-03-02")]
    assert table["visits"].dtype == "Int64"
    assert table["abuse"].tolist() == ["yes", "none"]
    assert table["excel_row"].tolist() == [2, 3]


def test_the_word_none_stays_a_word(forms):
    # pandas would read "None", "NA" and "N/A" as missing
    assert check(forms).tables["intake"]["abuse"].notna().all()


@pytest.mark.parametrize("text", ["1.9", "two", "1,5", "TRUE"])
def test_what_is_not_a_whole_number_is_refused_where_coercion_would_cut_it(forms, text):
    # pandera coerce=True turns 1.9 into 1
    assert told(check(forms, Visits=["2", text])) == {("Visits", "not a whole number", (3,))}


@pytest.mark.parametrize("text", ["False", "no", "0", "yes"])
def test_a_word_that_is_not_a_code_is_refused_where_coercion_would_make_it_true(forms, text):
    # pandera coerce=True turns the texts "False", "no" and "0" into True
    assert told(check(forms, Abuse=[text, "Yes"])) == {("Abuse", "unknown code", (2,))}


def test_all_faults_of_a_sheet_come_together(forms):
    checked = check(forms, Client=["C1", "C1"], Seen=["31/02/2017", "x"], Visits=["12", "abc"], Abuse=["Maybe", None])
    assert told(checked) == {
        ("Client", "given more than once", (2, 3)),
        ("Seen", "not a date", (2, 3)),
        ("Visits", "above 9", (2,)),
        ("Visits", "not a whole number", (3,)),
        ("Abuse", "unknown code", (2,)),
    }
    assert checked.tables == {}


def test_a_renamed_column_is_recognised(forms):
    checked = check(forms, drop=["Visits"], add={"Visit": ["1", "2"]})
    missing = next(fault for fault in checked.faults if fault.rule == "missing column")
    assert "is it the column 'Visit'?" in missing.advice


def test_a_file_without_the_headers_is_refused_without_repeating_what_stands_there(forms):
    frame = pd.DataFrame([["C2", "2017-03-02", None, "None"]], columns=["C1", "2017-03-01", "2", "Yes"], dtype="object")
    (fault,) = check_extract(forms, {"Intake": frame}, file="forms.xlsx", read_faults=[]).faults
    assert fault.rule == "headers not found"
    assert not any(word in fault.sentence() for word in ("C1", "C2", "2017-03"))


@pytest.mark.parametrize("word", ["today", "now", "２０１７-03-01", "2017-03", "20170301", "NaT"])
def test_a_date_is_what_the_contract_writes_and_nothing_that_pandas_would_guess(forms, word):
    # pandas.to_datetime reads "today" and "now" in any format, as the day of the run
    assert told(check(forms, Seen=[word, None])) == {("Seen", "not a date", (2,))}


@pytest.mark.parametrize("word", ["١٢", "１", "²"])
def test_digits_of_another_script_are_no_digits(forms, word):
    assert told(check(forms, Visits=["2", word])) == {("Visits", "not a whole number", (3,))}
    assert told(check(forms, Client=["C1", f"C{word[0]}"])) == {("Client", "not of the agreed form", (3,))}


def test_a_column_without_any_cell_is_told_and_accepted(forms):
    checked = check(forms, Visits=[None, None])
    assert told(checked) == {("Visits", "no cell is filled", ())}
    assert not checked.failed
    assert checked.tables["intake"]["visits"].dtype == "Int64"


def test_blank_ids_and_ids_of_another_form_are_refused(forms):
    assert told(check(forms, Client=[None, "X1"])) == {
        ("Client", "blank cell", (2,)),
        ("Client", "not of the agreed form", (3,)),
    }


def test_values_are_quoted_only_where_the_contract_allows_it(forms):
    checked = check(forms, Client=["Jane Doe", "C2"], Abuse=["Maybe", "Yes"])
    sentences = " ".join(fault.sentence() for fault in checked.faults)
    assert "Jane" not in sentences
    assert "'Maybe'" in sentences


def test_a_sentence_says_where_what_and_what_to_do(forms):
    (fault,) = check(forms, Visits=["2", "12"]).faults
    place = "error: forms.xlsx, sheet Intake, row 3, column 'Visits'"
    assert fault.sentence() == f"{place}: above 9; correct the value; the contract allows 0 to 9"


def test_many_rows_are_counted_in_full_and_named_in_part(forms):
    frame = pd.DataFrame({"Client": [f"C{k}" for k in range(10)] + ["bad"] * 25}, dtype="object")
    frame.index += 2
    checked = check_extract(forms, {"Intake": frame}, file="forms.xlsx", read_faults=[])
    fault = next(fault for fault in checked.faults if fault.rule == "not of the agreed form")
    assert len(fault.rows) == 25
    assert "25 rows (12, 13, 14 and 22 more)" in fault.sentence(examples=3)
    assert "and 5 more)" in fault.sentence()  # twenty where nothing is said


@pytest.mark.parametrize(
    "place", [(), ("sheets", "Intake"), ("sheets", "Intake", "columns", "visits"),
              ("sheets", "Intake", "columns", "abuse", "codes", "Yes")]
)  # fmt: skip
def test_a_misspelt_key_of_a_contract_is_an_error_at_every_level(root, place):
    document = yaml.safe_load(yaml.safe_dump(DOCUMENT))
    inner = document
    for step in place:
        inner = inner[step]
    inner["nulable"] = True
    schema = yaml.safe_load((root / "schemas/contract.schema.yaml").read_text())
    check_closed(yaml.safe_load(yaml.safe_dump(DOCUMENT)), schema, file="forms.yaml")
    with pytest.raises(ConfigurationError, match="nulable"):
        check_closed(document, schema, file="forms.yaml")


def test_a_rule_that_names_no_column_is_an_error():
    rule = {"rule": "r", "kind": "has_match", "left": "Intake.case", "right": "Intake.case_id", "advice": "a"}
    with pytest.raises(ValueError, match=r"unknown 'Intake\.case'"):
        build_contract(DOCUMENT | {"rules": [rule]})
