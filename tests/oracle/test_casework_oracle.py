"""Casework against base R on the same tables: shares of actions with limits between cases, and contacts.

R's outputs are committed with R version and call. Where R is at hand they are made anew and must be the same.
"""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.analyses import action_profile, descriptives

from .rscript import assert_r_gives_the_committed

HERE = Path(__file__).resolve().parent
SCRIPTS = ("action_shares", "contact_numbers")
NAMED = ("estimate", "std_error", "ci_low", "ci_high")
TOLERANCE = 1e-9
"""Relative; R's logistic fit and its distribution functions agree to about 1e-12."""
PLACES = {
    ("direct", "year1"): "actions.work_type.all.year1.all.direct",
    ("direct", "year2"): "actions.work_type.all.year2.all.direct",
    ("police", "multi_agency"): "actions_multi_agency.agency_pooled.all.all.all.police",
    ("police", "case_update"): "actions_case_update.agency.all.all.all.police",
}


def expected(script, folder=HERE / "expected"):
    return pd.read_csv(folder / f"{script}.csv", comment="#", dtype={"value": str})


def long(results):
    melted = results.melt(["outcome", "group", "term", "measure"], list(NAMED), "statistic").dropna(subset="value")
    named = melted["statistic"].where(melted["statistic"] != "estimate", melted["measure"])
    return melted.assign(statistic=named).set_index(["outcome", "group", "term", "statistic"])["value"]


def from_action_shares():
    made = []
    tables = pd.read_csv(HERE / "tables/action_shares.csv")
    for (outcome, group), cases in tables.groupby(["outcome", "group"]):
        actions = pd.DataFrame(
            [
                (case, "share" if k < number else "rest")
                for case, (number, size) in enumerate(zip(cases["number"], cases["size"], strict=True))
                for k in range(size)
            ],
            columns=["case_id", "kind"],
        )
        found = action_profile.analyse(
            actions, outcomes=["kind"], time="", total=True, empty=False, top=0, cluster="case_id", ci_level=0.95
        )
        made.append(found.assign(outcome=outcome, group=group))
    return long(pd.concat(made))


def from_contact_numbers():
    made = []
    for (outcome, group), cases in pd.read_csv(HERE / "tables/contact_numbers.csv").groupby(["outcome", "group"]):
        found = descriptives.analyse(cases, outcomes=["number"], by="", total=True, unit="contacts", ci_level=0.95)
        made.append(found.assign(outcome=outcome, group=group))
    return long(pd.concat(made))


@pytest.mark.parametrize("script", SCRIPTS)
def test_methods_agree_with_r(script):
    ours = {"action_shares": from_action_shares, "contact_numbers": from_contact_numbers}[script]()
    theirs = expected(script)
    assert len(theirs) >= 28
    for row in theirs.itertuples():
        value = float(row.value)
        assert ours[(row.outcome, row.group, row.term, row.statistic)] == pytest.approx(value, rel=TOLERANCE), row


def test_the_registry_of_the_shipped_extract_agrees_with_r(registry):
    """The same numbers at the end of the pipeline, so that nothing between reading and registry moved them."""
    values = registry.set_index("result_id")["value"]
    compared = 0
    for row in expected("action_shares").itertuples():
        if (row.outcome, row.group) in PLACES:
            found = values[f"action_profile.{PLACES[row.outcome, row.group]}.{row.statistic}"]
            assert found == pytest.approx(float(row.value), rel=TOLERANCE), row
            compared += 1
    populations = {"contacts": "casework_contacted", "months_open": "casework_cases"}
    for row in expected("contact_numbers").itertuples():
        if row.outcome in populations:
            place = f"descriptives.{populations[row.outcome]}.{row.outcome}.all.all.all.{row.term}"
            assert values[f"{place}.{row.statistic}"] == pytest.approx(float(row.value), rel=TOLERANCE), row
            compared += 1
    assert compared == 36


def test_tables_are_those_of_the_shipped_workbook(tmp_path):
    subprocess.run([sys.executable, HERE / "build_casework.py", tmp_path], check=True)
    for script in SCRIPTS:
        assert (tmp_path / f"{script}.csv").read_text() == (HERE / f"tables/{script}.csv").read_text()


@pytest.mark.parametrize("script", SCRIPTS)
def test_r_still_gives_the_committed_outputs(script, tmp_path):
    assert_r_gives_the_committed(script, tmp_path)
