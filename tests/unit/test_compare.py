"""What changed between two runs, on registries written by hand."""

import math

import pandas as pd
import pytest

from drive_eval.compare import compare_runs


def registry(**values):
    said = {"n": 10.0, "denominator": math.nan, "unit": "share", "layer": "replication", "method": "Wilson"}
    said |= {"options": "{}", "note": "", "data_origin": "synthetic"}
    return pd.DataFrame([{"result_id": name, "value": value, **said} for name, value in values.items()])


def test_a_run_does_not_differ_from_itself():
    run = registry(a=1.0, b=math.inf)
    found = compare_runs(run, run.sample(frac=1, random_state=1), tolerance=0)
    assert (found["differ"], found["same"]) == (False, 2)


def test_numbers_added_gone_and_changed_are_named():
    found = compare_runs(registry(a=4.0, b=0.0, c=1.0), registry(a=5.0, b=1.0, d=1.0), tolerance=0)
    assert (found["gone"], found["added"], found["same"], found["differ"]) == (["c"], ["d"], 0, True)
    assert found["changed"] == [
        {"result_id": "a", "before": 4.0, "after": 5.0, "relative": 0.25},
        {"result_id": "b", "before": 0.0, "after": 1.0, "relative": None},
    ]


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "changes"),
    [
        (100.0, 100.1, 0.001, 0),
        (100.0, 100.2, 0.001, 1),
        (-100.0, -100.1, 0.001, 0),
        (math.inf, math.inf, 0, 0),
        (math.inf, 5.0, 0.5, 1),
        (math.inf, -math.inf, 0.5, 1),
        (0.0, 1e-12, 0.1, 1),
    ],
)
def test_the_tolerance_is_relative_to_the_earlier_value(before, after, tolerance, changes):
    assert len(compare_runs(registry(a=before), registry(a=after), tolerance=tolerance)["changed"]) == changes


@pytest.mark.parametrize(
    ("what", "value"),
    [("method", "Wald"), ("options", '{"exact": true}'), ("n", 9.0), ("denominator", 5.0), ("unit", "")],
)
def test_a_number_computed_another_way_is_told_though_its_value_is_the_same(what, value):
    before = registry(a=1.0)
    found = compare_runs(before, before.assign(**{what: value}), tolerance=0)
    assert found["differ"]
    assert [(row["what"], row["after"]) for row in found["described"]] == [(what, value)]
    assert found["changed"] == []
