"""A second provider layout of the same people, with mapping files alone, gives the same registry to the last bit."""

import pandas as pd
import pytest

from drive_eval.chapter import run_chapter, run_derivation
from drive_eval.contracts.links import check_links
from drive_eval.contracts.parts import origin
from drive_eval.ingest.config import load_contract, load_delivery, load_links, load_study
from drive_eval.ingest.extract import check_files, read_extract
from drive_eval.results import merge_registries
from drive_eval.study import raw_files

from . import second_layout

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def delivered(root, study, tmp_path_factory):
    """A folder with the other files and a study folder beside it."""
    folder = tmp_path_factory.mktemp("second")
    contracts = {name: load_contract(root, entry["contract"]) for name, entry in study.extracts.items()}
    frames = {
        name: read_extract(root / "data/raw/year2" / entry["file"], contracts[name])[0]
        for name, entry in study.extracts.items()
    }
    second_layout.write_study(root, folder, second_layout.write_all(folder, contracts, frames))
    return folder


@pytest.fixture(scope="module")
def checked(delivered):
    """The outcome of every check, as the validate command makes it."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIVE_EVAL_PASSWORD_POLICE_SUBJECTS", second_layout.PASSWORD)
        for name, entry in load_study(delivered, "year2").extracts.items():
            paths = [delivered / file for file in raw_files(entry)]
            found[name] = check_files(paths, *load_delivery(delivered, "year2", name))
    return found


def test_the_other_files_are_accepted_with_the_same_warning_and_rows_not_read_are_told(checked, tables):
    told = [(name, fault.rule, len(fault.rows)) for name, found in checked.items() for fault in found.faults]
    sites = tables["cms_cases"]["site"].astype("str")
    subtotals = int((sites != sites.shift()).sum())
    assert sorted(told) == [
        *[("cms", "rows below a footer, not read", 2)] * 5,
        ("cms", "rows that the mapping leaves out", subtotals),
        ("insights", "age recorded as 0", 1),
    ]
    assert {fault.severity for found in checked.values() for fault in found.faults} == {"warning"}


def test_no_header_of_the_contract_is_left_in_the_files(delivered, study, root):
    for entry in study.extracts.values():
        contract = load_contract(root, entry["contract"])
        headers = {column.header for sheet in contract.sheets.values() for column in sheet.columns.values()}
        text = (delivered / "config/year2/mapping" / f"{entry['contract']}.yaml").read_text()
        assert not [header for header in headers if f"header: {header}\n" in text]


def test_typed_tables_hold_the_same_records(checked, tables):
    for found in checked.values():
        for name, table in found.tables.items():
            old, new = (frame.drop(columns="excel_row") for frame in (tables[name], table))
            keys = [
                column for column in old if column.endswith("_id") or column in ("time", "time_point", "review_date")
            ]
            if name in ("cms_behaviour", "cms_dash"):  # from wide to long the order of rows is by time
                old, new = (frame.sort_values(keys).reset_index(drop=True) for frame in (old, new))
            pd.testing.assert_frame_equal(new, old)


def test_the_registry_is_identical(delivered, checked, registry):
    study = load_study(delivered, "year2")
    tables = {name: table for found in checked.values() for name, table in found.tables.items()}
    for name in study.derivations:
        tables[name] = run_derivation(study, name, tables)
    chapters = dict.fromkeys(exhibit.chapter for exhibit in study.exhibits)
    again = merge_registries([run_chapter(study, chapter, tables) for chapter in chapters])
    pd.testing.assert_frame_equal(again, registry, check_exact=True)


def test_rules_across_extracts_hold_and_name_the_places_of_the_other_files(delivered, checked):
    study = load_study(delivered, "year2")
    tables = {}
    for found in checked.values():
        for name, table in found.tables.items():
            tables[name] = table.copy()
            tables[name].attrs["origin"] = origin(found.places[name])
    links = load_links(delivered, "year2")
    assert check_links(links, tables, window=study.window) == []
    actions = tables["cms_actions"]
    actions.loc[[0, len(actions) - 1], "action_date"] = pd.Timestamp("2030-01-01")
    first, last = check_links(links, tables, window=study.window)
    assert (first.file, first.sheet, first.rows, first.column) == (
        "casework_a.xlsx", "Actions export", (4,), "Action Date (A)"
    )  # fmt: skip
    half = len(actions) // 2
    assert (last.file, last.rows, last.column) == ("casework_b.xlsx", (len(actions) - half + 1,), "2 Action Date (A)")
