"""drive-eval map: what it proposes, what it leaves open, and what it never prints."""

import pytest
import xlsxwriter
import yaml
from typer.testing import CliRunner

from drive_eval import cli
from drive_eval.errors import UserError
from drive_eval.ingest.config import load_contract, load_mapping
from drive_eval.ingest.extract import check_files

ROWS = [
    ["NOMINAL  reference", "group", "AREA", "Allocated on", "Sexx", "Age group at allocation", "Searched from:",
     "Searched to", "Officer"],
    ["PS-1001", "drive", "Essex", "31.01.2017", "Woman", "25 to 34", "01.01.2016", "31.08.2018", "OF-1"],
    ["PS-1002", "Contrl", "South Wales", "28.02.2017", "M", "N/K", "01.02.2016", "31.08.2018", "OF-2"],
]  # fmt: skip


@pytest.fixture
def propose(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    book = xlsxwriter.Workbook(tmp_path / "people.xlsx")
    for number, row in enumerate(ROWS, start=2):
        if number == 2:
            book.add_worksheet("List").write(0, 0, "Our list")
        book.worksheets()[0].write_row(number, 0, row)
    book.close()

    def run(*arguments):
        return CliRunner().invoke(cli.commands, ["map", str(tmp_path / "people.xlsx"), *arguments])

    return run


def test_a_proposal_places_what_is_alike_and_leaves_the_rest_to_a_person(propose, root, tmp_path):
    out = tmp_path / "mapping.yaml"
    outcome = propose("--out", str(out))
    assert outcome.exit_code == 0, outcome.output
    assert not any(word in outcome.output + out.read_text() for word in ("OF-1", "PS-1001", "31.01.2017"))
    document = yaml.safe_load(out.read_text())
    (source,) = document["sheets"]["police_subjects"]
    assert document["contract"] == "police_subjects"
    assert (source["sheet"], source["header_row"], source["todo"]) == ("List", 3, ["Allocated on", "Officer"])
    assert source["columns"] == {
        "subject_id": "NOMINAL reference",
        "arm": {"header": "group", "codes": {"drive": "drive", "Contrl": "control"}},
        "site": "AREA",
        "allocation_date": "TODO",
        "sex": {"header": "Sexx", "codes": {"Woman": "TODO", "M": "male"}},
        "searched_from": {"header": "Searched from:", "date_formats": ["%d.%m.%Y"]},
        "searched_to": {"header": "Searched to", "date_formats": ["%d.%m.%Y"]},
    }
    assert "2 codes of 'group'" not in outcome.output
    assert "'Woman'" in outcome.output
    contract = load_contract(root, "police_subjects")
    with pytest.raises(UserError, match="TODO is left") as told:
        load_mapping(root, out, contract)
    assert len(str(told.value).splitlines()) == 3  # the header, the code and the columns that have no place


def test_an_edited_proposal_reads_the_file(propose, root, tmp_path):
    out = tmp_path / "mapping.yaml"
    propose("--out", str(out))
    document = yaml.safe_load(out.read_text())
    (source,) = document["sheets"]["police_subjects"]
    del source["todo"]
    source["ignore"] = ["Officer"]
    source["columns"]["sex"]["codes"]["Woman"] = "female"
    source["columns"]["allocation_date"] = {"header": "Allocated on", "date_formats": ["%d.%m.%Y"]}
    out.write_text(yaml.safe_dump(document))
    contract = load_contract(root, "police_subjects")
    checked = check_files([tmp_path / "people.xlsx"], contract, load_mapping(root, out, contract))
    assert checked.faults == []
    assert checked.tables["police_subjects"]["sex"].tolist() == ["female", "male"]


def test_dates_that_may_be_read_in_two_ways_are_left_open(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    (tmp_path / "p.csv").write_text(
        "Person key;Group;Area;Date allocated;Sex;Age group at allocation;Searched from;Searched to\n"
        "PS-1001;Drive;Essex;01-02-17;M;25 to 34;2016-01-01;2018-01-01\n"
    )
    outcome = CliRunner().invoke(cli.commands, ["map", str(tmp_path / "p.csv")])
    assert "date_formats:\n        - TODO" in outcome.output
    assert "delimiter: ;" in outcome.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--extract", "polise"), "no contract 'polise'"), (("--extract", "interviews"), "write the mapping by hand")],
)
def test_what_cannot_be_proposed_is_said(propose, arguments, words):
    outcome = propose(*arguments)
    assert isinstance(outcome.exception, UserError)
    assert words in str(outcome.exception)


def test_an_earlier_mapping_is_not_overwritten(propose, tmp_path):
    (tmp_path / "m.yaml").write_text("mine")
    assert "is there already" in str(propose("--out", str(tmp_path / "m.yaml")).exception)
