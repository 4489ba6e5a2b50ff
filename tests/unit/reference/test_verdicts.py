"""Verdicts on hand-made entries: what matches, what differs, and why."""

import pandas as pd
import pytest

from drive_eval.reference.register import REGISTER_COLUMNS, RegisterError, read_register
from drive_eval.reference.verdicts import compare, compare_assumed, summarise

BLANK = dict.fromkeys(REGISTER_COLUMNS, "") | {"document": "year2_report", "locator": "text", "extract": "insights"}
REGISTRY = pd.DataFrame(
    [
        ("a", 0.525, "share"),
        ("b", 0.004, "probability"),
        ("c", 2.0, ""),
        ("d", 1.9, ""),
        ("e", 1.0, ""),
        ("f", 73, ""),
        ("g", 20180331, ""),
        ("h", 0, ""),
    ],
    columns=["result_id", "value", "unit"],
)


def verdict(**entry):
    rows = [BLANK | {"published_id": "x", "printed": str(entry.get("value", ""))} | entry]
    return compare(read_register(rows), REGISTRY).iloc[0]


@pytest.mark.parametrize(("expected", "written"), [("73", "73"), ("73.0", "73"), ("", "")])
def test_what_a_misprint_should_have_been_is_written_as_printed(expected, written):
    assert verdict(kind="count", value="83", decimals="0", result_id="f", expected=expected)["expected"] == written


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"kind": "percent", "value": "53", "decimals": "0", "result_id": "a"}, "match"),
        ({"kind": "percent", "value": "52", "decimals": "0", "result_id": "a"}, "differs"),
        ({"kind": "percent", "value": "52.5", "decimals": "1", "result_id": "a"}, "match"),
        ({"kind": "count", "value": "83", "decimals": "0", "result_id": "f", "expected": "73"}, "misprint"),
        ({"kind": "count", "value": "73", "decimals": "0", "result_id": "f", "expected": "83"}, "differs"),
        ({"kind": "p_value", "value": "0.005", "decimals": "3", "op": "<", "result_id": "b"}, "match"),
        ({"kind": "p_value", "value": "0.004", "decimals": "3", "op": "<", "result_id": "b"}, "differs"),
        ({"kind": "p_value", "value": "0.05", "decimals": "2", "op": ">", "result_id": "b"}, "differs"),
        ({"kind": "significance", "value": "significant", "alpha": "0.05", "result_id": "b"}, "match"),
        ({"kind": "significance", "value": "significant", "alpha": "0.001", "result_id": "b"}, "differs"),
        ({"kind": "significance", "value": "not_significant", "alpha": "0.05", "result_id": "{b|c}"}, "differs"),
        ({"kind": "significance", "value": "not_significant", "alpha": "0.05", "result_id": "{c|d}"}, "match"),
        ({"kind": "significance", "value": "significant", "alpha": "0.05", "result_id": "{b|c}"}, "differs"),
        ({"kind": "approx", "value": "50.0", "unit": "percent", "range": "[50, 55]", "result_id": "a"}, "match"),
        ({"kind": "approx", "value": "50.0", "unit": "percent", "range": "[40, 52]", "result_id": "a"}, "differs"),
        ({"kind": "ordering", "value": '["x > y"]', "result_id": "x=c;y=d"}, "match"),
        ({"kind": "ordering", "value": '["y > x"]', "result_id": "x=c;y=d"}, "differs"),
        ({"kind": "ordering", "value": '["x > y"]', "result_id": "x={c|e};y={d|d}"}, "differs"),
        ({"kind": "ordering", "value": '["x > y"]', "result_id": "x={e|c};y={d|d}"}, "differs"),
        ({"kind": "ordering", "value": '["x ~ y"]', "result_id": "x=c;y=d"}, "match"),
        ({"kind": "ordering", "value": '["x ~ z"]', "result_id": "x=c;z=e"}, "differs"),
        ({"kind": "ordering", "value": '["x", "y", "z"]', "result_id": "x=c;y=d;z=e"}, "match"),
        ({"kind": "ordering", "value": '["y"]', "result_id": "x=c;y=d"}, "differs"),
        ({"kind": "ordering", "value": '["x > q"]', "result_id": "x=c;y=d"}, "differs"),
        ({"kind": "approx", "value": "similar", "result_id": "a"}, "differs"),
        ({"kind": "approx", "value": "similar", "result_id": "e"}, "match"),
        ({"kind": "approx", "value": "similar", "result_id": "{e|c}"}, "differs"),
        ({"kind": "ordering", "value": '["x", "y"]', "unranked": "true", "result_id": "e"}, "match"),
        ({"kind": "threshold", "value": "73", "decimals": "0", "result_id": "f"}, "match"),
        ({"kind": "threshold", "value": "74", "decimals": "0", "result_id": "f"}, "differs"),
        ({"kind": "threshold", "value": "[2, 1]", "result_id": "c;e"}, "match"),
        ({"kind": "threshold", "value": "[2, 1]", "result_id": "e;c"}, "differs"),
        ({"kind": "threshold", "value": "[2, 1]", "result_id": "c"}, "differs"),
        ({"kind": "threshold", "value": "2018-03-31", "result_id": "g"}, "match"),
        ({"kind": "threshold", "value": "2018-03-30", "result_id": "g"}, "differs"),
        ({"kind": "threshold", "value": "53", "decimals": "0", "unit": "percent", "result_id": "a"}, "match"),
        ({"kind": "count", "value": "None", "decimals": "0", "result_id": "h"}, "match"),
        ({"kind": "count", "value": "None", "decimals": "0", "result_id": "e"}, "differs"),
        ({"kind": "count", "value": "1", "decimals": "0", "result_id": "no_such_result"}, "differs"),
        ({"kind": "count", "value": "1", "decimals": "0"}, "not yet computed"),
        ({"kind": "count", "value": "1", "decimals": "0", "reason": "read from a map"}, "context"),
    ],
)
def test_verdicts(entry, expected):
    assert verdict(**entry)["verdict"] == expected


def test_a_result_that_is_not_there_is_named():
    assert "no_such_result" in verdict(kind="count", value="1", decimals="0", result_id="no_such_result")["reason"]


def test_an_entry_that_repeats_another_takes_its_result():
    rows = [
        BLANK | {"published_id": "first", "kind": "count", "value": "73", "decimals": "0", "result_id": "f"},
        BLANK | {"published_id": "again", "kind": "count", "value": "73", "decimals": "0", "same_as": "first"},
    ]
    assert compare(read_register(rows), REGISTRY)["verdict"].tolist() == ["match", "match"]


def test_summary_counts_every_entry_once_in_each_breakdown(register, registry):
    summary = summarise(compare(register, registry))
    assert summary["entries"] == sum(summary["verdicts"].values()) == 1048
    for part in ("by_kind", "by_document", "by_extract"):
        assert sum(sum(counts.values()) for counts in summary[part].values()) == 1048


def test_assumed_values_hold_or_move():
    assumed = [
        {"id": "one", "value": "73", "result_id": "f"},
        {"id": "two", "value": "74", "result_id": "f"},
        {"id": "gone", "value": "1", "result_id": "no_such_result"},
        {"id": "free", "value": "5", "result_id": ""},
    ]
    assert compare_assumed(assumed, REGISTRY)["verdict"].tolist() == ["held", "moved", "moved"]


@pytest.mark.parametrize(
    "rows",
    [
        [BLANK | {"published_id": "x", "value": "1"}] * 2,
        [BLANK | {"published_id": "x", "value": "1", "same_as": "nowhere"}],
        [BLANK | {"published_id": "x", "value": "1", "n": "many"}],
    ],
    ids=["repeated id", "same_as leads nowhere", "n is no number"],
)
def test_a_broken_register_is_refused(rows):
    with pytest.raises(RegisterError):
        read_register(rows)
