"""One test per published number that the pipeline answers, named by its id.

The check is independent of `reference.verdicts`: it goes from the printed text, with its own rounding.
"""

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from drive_eval.reference.verdicts import compare, results_named

WITH_RANGE_OR_WORDS = {"ordering", "significance", "approx"}
with (Path(__file__).parents[2] / "config/year2/reference.csv").open(newline="") as _stream:
    ENTRIES = {row["published_id"]: row for row in csv.DictReader(_stream)}
ANSWERED = [name for name, row in ENTRIES.items() if row["result_id"]]


@pytest.fixture(scope="module")
def values(registry):
    return registry.set_index("result_id")[["value", "unit"]]


@pytest.fixture(scope="module")
def comparison(register, registry):
    return compare(register, registry).set_index("published_id")


@pytest.mark.parametrize("published_id", ANSWERED)
def test_published(published_id, values, comparison):
    row = ENTRIES[published_id]
    if row["kind"] in WITH_RANGE_OR_WORDS:
        assert comparison.loc[published_id, "verdict"] == "match", comparison.loc[published_id].to_dict()
        return
    if row["kind"] == "threshold" and not row["decimals"]:  # dates and lists of settings, one result each
        stated = [Decimal(part.strip().replace("-", "")) for part in row["printed"].split(";")]
        assert [Decimal(repr(float(values.loc[name, "value"]))) for name in results_named(row["result_id"])] == stated
        return
    value, unit = values.loc[row["result_id"]]
    exact = Decimal(repr(float(value))) * (100 if unit == "share" else 1)
    if row["kind"] == "p_value" and row["op"] in ("<", ">"):
        limit = Decimal(row["value"])
        assert exact < limit if row["op"] == "<" else exact > limit
        return
    printed = row["expected"] or row["printed"].lstrip("<>~ =").replace("None", "0")  # a count printed as a word
    step = Decimal(1).scaleb(-int(row["decimals"] or 0))
    assert exact.quantize(step, rounding=ROUND_HALF_UP) == Decimal(printed).quantize(step)


def test_every_insights_dva_entry_is_answered_and_matches(comparison):
    wanted = [name for name in ENTRIES if name.startswith("insights.dva.")]
    wanted += ["exec.vs.physical.reduction.drive", "exec.vs.physical.reduction.control"]
    wanted += ["exec.vs.physical.exit.odds_ratio", "exec.vs.physical.exit.times_more_likely"]
    assert len(wanted) == 46
    assert comparison.loc[wanted, "verdict"].unique().tolist() == ["match"]


def test_nothing_differs(comparison):
    assert comparison.index[comparison["verdict"] == "differs"].tolist() == []


def test_worded_results_are_true_of_the_registry_itself(values):
    """The statements of Figures 8 and 9, checked from the numbers without the relation parser."""
    types = ("physical", "sexual", "harassment_stalking", "jealousy_control")
    stem = "proportions.intake_and_exit"
    for abuse in types:
        reduction = {
            arm: values.loc[f"{stem}.{abuse}.{arm}.intake_to_exit.all.yes.relative_reduction", "value"]
            for arm in ("drive", "control")
        }
        assert reduction["drive"] > reduction["control"] > 0
        level = f"{stem}.{abuse}_level.drive.intake_to_exit.all"
        assert (
            values.loc[f"{level}.high.relative_reduction", "value"]
            > values.loc[f"{level}.below_high.relative_reduction", "value"]
        )


def test_a_wrong_register_entry_is_found(register, registry):
    """Sensitivity: every answered number, moved by one unit of its last decimal, must differ."""
    from dataclasses import replace

    from drive_eval.reference.register import Register

    for name in ANSWERED:
        entry = register[name]
        if entry.kind in WITH_RANGE_OR_WORDS or entry.op or not isinstance(entry.value, float):
            continue
        step = 10.0 ** -(entry.decimals or 0)
        moved = replace(entry, value=entry.number + step, expected=entry.expected and entry.expected + step)
        found = compare(Register([moved]), registry)["verdict"].item()
        assert found == "differs", name


def test_mapped_results_exist(registry):
    known = set(registry["result_id"])
    named = {result for row in ENTRIES.values() for result in results_named(row["result_id"])}
    assert named - known == set()
