"""The same faults with the same counts in a large extract as were planted; time and memory are for `make bench`."""

import pytest

from drive_eval.contracts.faults import report_document
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import check_files

from .police_rows import BOTH_ARMS, TWICE, write


@pytest.mark.parametrize("rows", [10_000, 100_000])
def test_every_planted_fault_is_counted_and_no_other(root, tmp_path, rows):
    planted = write(tmp_path / "police.csv", rows, share=0.01, seed=7)
    assert {TWICE, BOTH_ARMS} < set(planted)
    faults = check_files([tmp_path / "police.csv"], load_contract(root, "police")).faults
    assert {(fault.column, fault.rule): len(fault.rows) for fault in faults} == dict(planted)
    report = report_document(faults, examples=3)
    assert all(len(fault["rows"]) == 3 and " and " in fault["sentence"] for fault in report["faults"])
    assert sum(group["n_rows"] for group in report["groups"]) == sum(planted.values())


def test_without_faults_all_rows_are_typed(root, tmp_path):
    assert not write(tmp_path / "police.csv", 5_000, share=0, seed=7)
    checked = check_files([tmp_path / "police.csv"], load_contract(root, "police"))
    assert not checked.failed
    assert checked.tables["police_incidents"]["event_id"].nunique() == 5_000
