"""Rules across extracts: each planted fault is found at its place, and the shipped extracts have none."""

import pandas as pd
import pytest

from drive_eval.contracts.links import check_links
from drive_eval.ingest.config import load_links

DAY = pd.Timestamp
ALLOCATED = "date of allocation is not that of the allocation register"
SEARCHED = "incident outside the days searched for this subject"
PLANTED = [
    ("cms_cases", "su_id", "SU-99999", "case of a perpetrator who was not allocated"),
    ("cms_victims", "su_id", "SU-99999", "victim/survivor of a perpetrator who was not allocated"),
    ("cms_victims", "vs_id", "copy", "victim/survivor linked to several perpetrators"),
    ("allocation_register", "victim_id", "copy", "victim/survivor linked to several perpetrators"),
    ("allocation_register", "arm", "case", "Drive case of a perpetrator in the control arm"),
    ("police_incidents", "arm", "flip", "arm is not that of the subject"),
    ("cms_cases", "site", "flip", "site is not that of the allocation register"),
    ("cms_cases", "allocation_date", DAY("2017-01-01"), ALLOCATED),
    ("cms_cases", "closure_date", DAY("2018-01-01"), "date of closure is not that of the allocation register"),
    ("police_incidents", "subject_id", "PS-9999999", "incident of an unknown subject"),
    ("police_incidents", "recorded_date", DAY("2015-04-02"), SEARCHED),
    ("police_incidents", "recorded_date", DAY("2018-09-01"), SEARCHED),
    ("police_incidents", "recorded_date", DAY("2015-03-31"), "incident outside the police window"),
    ("insights_exit", "exit_date", DAY("2018-09-01"), "date outside the study window"),
    ("cms_dash", "assessment_date", pd.Timestamp("2016-03-31"), "date outside the study window"),
]  # fmt: skip


def test_the_shipped_extracts_break_none(root, study, tables):
    assert check_links(load_links(root, "year2"), tables, window=study.window) == []


@pytest.mark.parametrize(("name", "column", "value", "rule"), PLANTED, ids=[f"{p[0]}.{p[1]}: {p[3]}" for p in PLANTED])
def test_each_rule_finds_its_fault_at_its_place(root, study, tables, name, column, value, rule):
    table = tables[name].copy()
    row = 3
    if isinstance(value, str) and value == "case":
        row = table.index[table["perpetrator_id"] == tables["cms_cases"]["su_id"].iloc[0]][0]
        value = "control"
    elif isinstance(value, str) and value == "flip":
        value = next(word for word in table[column].cat.categories if word != table[column].iloc[row])
    elif isinstance(value, str) and value == "copy":
        value = next(
            v
            for v, who in zip(table[column], table.iloc[:, 2:].to_numpy().tolist(), strict=True)
            if who != 0 and v != table[column].iloc[row]
        )
    table.loc[row, column] = value
    headers = {column: "Their header"}
    table.attrs["origin"] = [{"file": "theirs.xlsx", "sheet": "S", "headers": headers, "n": len(table)}]
    faults = [
        f for f in check_links(load_links(root, "year2"), tables | {name: table}, window=study.window) if f.rule == rule
    ]
    assert len(faults) == 1
    assert faults[0].severity == "error"
    if rule == "Drive case of a perpetrator in the control arm":
        assert faults[0].rows == (int(tables["cms_cases"]["excel_row"].iloc[0]),)
    else:
        assert int(table["excel_row"].iloc[row]) in faults[0].rows
        if column in ("arm", "site") or "date" in column or column.endswith("subject_id"):
            assert (faults[0].file, faults[0].sheet, faults[0].column) == ("theirs.xlsx", "S", "Their header")


def test_a_study_without_a_window_or_without_a_table_passes_these_rules_over():
    rules = [
        {"rule": "w", "kind": "within", "left": ["a.day"], "advice": ""},
        {"rule": "m", "kind": "has_match", "left": "a.id", "right": "b.id", "advice": ""},
    ]
    table = pd.DataFrame({"id": ["x"], "day": [pd.Timestamp("1999-01-01")]})
    assert check_links(rules, {"a": table}, window={}) == []
    assert [f.rows for f in check_links(rules, {"a": table}, window={"first": "2000-01-01", "last": "2001-01-01"})] == [
        (0,)
    ]
