"""What a mapping says is done, what it does not say is a fault with the place in the person's own file."""

from copy import deepcopy

import pandas as pd
import pyreadstat
import pytest
import yaml

from drive_eval.contracts.mapping import build_mapping
from drive_eval.contracts.model import build_contract
from drive_eval.ingest.extract import check_files
from drive_eval.study import ConfigurationError, check_closed

TEXT = {"nullable": True, "description": "", "source": ""}
COLUMNS = {
    "client": {"header": "Client", "type": "text", "pattern": "C-\\d{3}", **TEXT},
    "site": {
        "header": "Site", "type": "code", "quotable": True,
        "codes": {"Essex": {"canonical": "essex", "meaning": ""}}, **TEXT,
    },
    "need": {
        "header": "Need", "type": "code", "quotable": True,
        "codes": {"N": {"canonical": "no", "meaning": ""}, "Y": {"canonical": "yes", "meaning": ""},
                  "N/K": {"canonical": "not_known", "meaning": "", "missing": True}}, **TEXT,
    },
    "time": {
        "header": "Time", "type": "code",
        "codes": {"1": {"canonical": "intake", "meaning": ""}, "2": {"canonical": "exit", "meaning": ""}}, **TEXT,
    },
    "minutes": {"header": "Minutes", "type": "integer", "minimum": 0, **TEXT},
    "day": {"header": "Day", "type": "date", **TEXT},
}  # fmt: skip


@pytest.fixture(scope="module")
def schema(root):
    return yaml.safe_load((root / "schemas/mapping.schema.yaml").read_text())


@pytest.fixture
def check(tmp_path, schema):
    """Check files of text against the contract with the given columns and one source per entry."""

    def run(files, *sources, columns=tuple(COLUMNS), unique=()):
        entries = {name: deepcopy(COLUMNS[name]) for name in columns}
        for name in unique:
            entries[name]["unique"] = True
        sheet = {"table": "forms", "description": "", "columns": entries}
        document = {"extract": "e", "title": "", "description": "", "other_sheets": [], "sheets": {"Forms": sheet}}
        contract = build_contract(document | {"rules": []})
        mapping = {"contract": "e", "sheets": {"Forms": list(sources)}}
        check_closed(mapping, schema, file="m.yaml")
        paths = []
        for name, content in files.items():
            paths.append(tmp_path / name)
            if isinstance(content, str):
                paths[-1].write_text(content)
        return check_files(paths, contract, build_mapping("m.yaml", mapping, contract))

    return run


def told(checked):
    return [(fault.file, fault.column, fault.rule, fault.rows) for fault in checked.faults]


def test_headers_codes_dates_units_and_ids(check):
    source = {
        "columns": {
            "client": {"header": ["No", "Number"], "prefix": "C-", "width": 3},
            "need": {"header": "Has need", "codes": {"0": "no", "1": "yes"}, "blank": ["-"]},
            "minutes": {"header": "Hours", "multiply": 60},
            "day": {"header": "On", "date_formats": ["%d.%m.%Y", "excel_serial"]},
            "site": {"value": "essex"},
        },
        "ignore": ["Note*"],
    }
    text = "Number,Has need,Hours,On,Notes\n7,1,1.5,04.03.2017,x\n12,0,2,42798,\n13,-,,2017-03-05,\n"
    checked = check({"a.csv": text}, source, columns=("client", "need", "minutes", "day", "site"))
    assert told(checked) == []
    table = checked.tables["forms"]
    assert table["client"].tolist() == ["C-007", "C-012", "C-013"]
    assert table["need"].astype("object").where(table["need"].notna(), None).tolist() == ["yes", "no", None]
    assert table["minutes"].astype("object").where(table["minutes"].notna(), None).tolist() == [90, 120, None]
    # day 42798 of a spreadsheet is 4 March 2017: 42736 is 1 January 2017
    assert table["day"].dt.strftime("%Y-%m-%d").tolist() == ["2017-03-04", "2017-03-04", "2017-03-05"]
    assert set(table["site"]) == {"essex"}


def test_codes_that_are_listed_are_the_only_ones(check):
    """N is 'no' in the contract; where a mapping lists the codes it is nothing."""
    source = {"columns": {"need": {"codes": {"J": "yes"}}}}
    checked = check({"a.csv": "Client,Need\nC-001,J\nC-002,N\n"}, source, columns=("client", "need"))
    assert told(checked) == [("a.csv", "Need", "unknown code", (3,))]
    assert checked.faults[0].quoted == ("N",)
    assert "'J'" in checked.faults[0].advice


def test_an_unmapped_column_is_an_error_that_says_where_to_place_it(check):
    checked = check({"a.csv": "Client,Other\nC-001,1\n"}, {"columns": {}}, columns=("client",))
    assert told(checked) == [("a.csv", "Other", "unknown column", ())]
    assert "m.yaml" in checked.faults[0].advice


def test_two_names_of_one_column_are_not_chosen_from(check):
    source = {"columns": {"client": {"header": ["A", "B"]}}}
    checked = check({"a.csv": "A,B\nC-001,C-002\n"}, source, columns=("client",))
    assert told(checked) == [("a.csv", "B", "unknown column", ())]


def test_title_headings_footer_and_subtotals_keep_the_row_of_the_file(check):
    head = "Export\n,Abuse,,When\nNo,Need,Minutes,Day\n"
    text = head + "C-001,Y,5,2017-01-01\nSubtotal,,5,\nC-2,Y,-1,2017-01-01\nTotal,,4\nnotes\nSubtotal"
    source = {
        "header_row": 3, "heading_row": 2, "footer": "^Total", "leave_out": ["^Subtotal"], "delimiter": ",",
        "columns": {"client": "No", "need": "Abuse / Need", "minutes": "Abuse / Minutes", "day": "When / Day"},
    }  # fmt: skip
    checked = check({"a.csv": text}, source, columns=("client", "need", "minutes", "day"))
    assert told(checked) == [
        ("a.csv", "Abuse / Minutes", "below 0", (6,)),
        ("a.csv", "No", "not of the agreed form", (6,)),
        ("a.csv", "", "rows that the mapping leaves out", (5,)),
        ("a.csv", "", "rows below a footer, not read", (7, 8, 9)),
    ]
    assert [fault.severity for fault in checked.faults] == ["error", "error", "warning", "warning"]
    assert "leave_out in m.yaml" in checked.faults[2].advice
    assert "footer in m.yaml" in checked.faults[3].advice


def test_a_footer_that_is_not_there_and_blank_rows_are_not_told(check):
    source = {"footer": "^Total", "leave_out": ["^Subtotal"]}
    checked = check({"a.csv": "Client,Minutes\nC-001,1\n,\n"}, source, columns=("client", "minutes"))
    assert told(checked) == []
    checked = check({"a.csv": "Client,Minutes\nC-001,1\nTotal,1\n,\n"}, source, columns=("client", "minutes"))
    assert told(checked) == [("a.csv", "", "rows below a footer, not read", (3,))]


def test_headings_between_the_rows_give_a_column(check):
    text = "Client,Minutes\nEssex,\nC-001,1\nC-002,2\nKent,\nC-003,3\n"
    checked = check({"a.csv": text}, {"section": "site"}, columns=("client", "minutes", "site"))
    assert [(fault.rule, fault.rows, fault.quoted) for fault in checked.faults] == [("unknown code", (6,), ())]
    source = {"section": "site", "leave_out": ["^Kent$"]}
    checked = check({"a.csv": text}, source, columns=("client", "minutes", "site"))
    assert told(checked) == [("a.csv", "", "rows that the mapping leaves out", (5,))]
    table = checked.tables["forms"]
    assert table["site"].tolist() == ["essex"] * 3
    assert table["excel_row"].tolist() == [3, 4, 6]


def test_wide_to_long_names_the_wide_row_and_column(check):
    text = "Client,need_1,need_2\nC-001,Y,N\nC-002,,Maybe\nC-3,N,\nC-4,,N\n"
    source = {"columns": {"need": "need_{repeat}"}, "repeat": {"1": {"time": "intake"}, "2": {"time": "exit"}}}
    checked = check({"a.csv": text}, source, columns=("client", "need", "time"))
    assert told(checked) == [
        ("a.csv", "need_2", "unknown code", (3,)),
        ("a.csv", "Client", "not of the agreed form", (4, 5)),
    ]
    good = text.replace("Maybe", "N/K").replace("C-3", "C-003").replace("C-4,,N\n", "")
    table = check({"a.csv": good}, source, columns=("client", "need", "time")).tables["forms"]
    assert table[["client", "time", "need"]].astype("str").to_numpy().tolist() == [
        ["C-001", "intake", "yes"], ["C-003", "intake", "no"], ["C-001", "exit", "no"], ["C-002", "exit", "not_known"]
    ]  # fmt: skip


def test_several_files_of_one_table_and_ids_that_meet_across_them(check):
    files = {
        "a1.csv": "Client,Minutes\nC-001,1\nC-002,2\n",
        "a2.csv": "Client,Minutes\nC-009,3\nC-002,3\n",
        "b.csv": "Who\nC-005\nC-001\n",
    }
    sources = [
        {"file": "a*.csv"},
        {"file": "b.csv", "delimiter": ",", "columns": {"client": "Who", "minutes": {"value": "0"}}},
    ]
    checked = check(files, *sources, columns=("client", "minutes"), unique=("client",))
    assert told(checked) == [
        ("a1.csv", "Client", "given more than once", (2, 3)),
        ("a2.csv", "Client", "given more than once", (3,)),
        ("b.csv", "Who", "given more than once", (3,)),
    ]


def test_files_that_nothing_reads_and_files_that_are_not_there(check):
    checked = check(
        {"a.csv": "Client,Minutes\nC-001,1\n", "x.csv": "y"},
        {"file": "a.csv"},
        {"file": "b*"},
        columns=("client", "minutes"),
    )
    assert [(fault.file, fault.rule) for fault in checked.faults] == [
        ("b*", "file not delivered"),
        ("x.csv", "file that nothing reads"),
    ]


def test_bytes_that_are_not_of_the_encoding_of_the_mapping(check, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"Client,Minutes\nC-001,1\nC-\xe9,2\n")
    checked = check({"a.csv": None}, {"encoding": "utf-8"}, columns=("client", "minutes"))
    assert told(checked) == [("a.csv", "", "bytes that are not UTF-8", (3,))]


def test_value_labels_are_the_codes_and_user_missing_values_are_named(check, tmp_path):
    frame = pd.DataFrame({"who": ["C-001", "C-002", "C-003"], "n": [1.0, 0.0, 9.0], "m": [0.0, 3.0, 99.0]})
    labels = {"n": {0: "Keine", 1: "Ja", 9: "Unbekannt"}, "m": {0: "none", 99: "not asked"}}
    ranges = {"n": [9], "m": [99]}
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_value_labels=labels, missing_ranges=ranges)
    need = {"header": "n", "codes": {"Keine": "no", "Ja": "yes"}}
    source = {"columns": {"client": "who", "need": need, "minutes": {"header": "m", "blank": ["99"]}}}
    columns = ("client", "need", "minutes")
    assert told(check({"a.sav": None}, source, columns=columns)) == [("a.sav", "n", "unknown code", (3,))]
    need["codes"]["Unbekannt"] = "not_known"
    table = check({"a.sav": None}, source, columns=columns).tables["forms"]
    assert table["need"].tolist() == ["yes", "no", "not_known"]
    assert table["minutes"].iloc[:2].tolist() == [0, 3]
    assert table["minutes"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"columns": {"clint": "No"}}, "columns/clint: the contract has no such column"),
        ({"columns": {"client": "TODO"}}, "TODO is left"),
        ({"columns": {"need": {"codes": {"1": "TODO"}}}}, "TODO is left; use one of: no, yes, not_known"),
        ({"columns": {"need": {"codes": {"1": "ja"}}}}, "'ja' is no code of the contract"),
        ({"columns": {"client": {"multiply": 2}}}, "multiply is for columns of type integer or number"),
        ({"columns": {"day": {"date_formats": ["TODO"]}}}, "name the format of the dates"),
        ({"todo": ["Other"]}, "place or ignore 'Other'"),
        ({"section": "sight"}, "no column 'sight'"),
        ({"footer": "("}, "no regular expression"),
        ({"repeat": {"1": {"time": "later"}}}, "'later' is no code"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(check, source, words):
    with pytest.raises(ValueError, match=words):
        check({"a.csv": "Client\n"}, source)


@pytest.mark.parametrize("place", [(), ("sheets", "Forms", 0), ("sheets", "Forms", 0, "columns", "need")])
def test_a_misspelt_key_of_a_mapping_is_an_error_at_every_level(schema, place):
    document = {"contract": "e", "sheets": {"Forms": [{"columns": {"need": {"header": "n"}}}]}}
    inner = document
    for step in place:
        inner = inner[step]
    inner["heder"] = "x"
    with pytest.raises(ConfigurationError, match=r"heder|is not valid"):
        check_closed(document, schema, file="m.yaml")
