"""The profile chapter against base R on tables counted from the raw workbooks: to 1e-9 relative."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.analyses import descriptives, frequencies, group_differences, share_comparison

from .rscript import assert_r_gives_the_committed

HERE = Path(__file__).resolve().parent
NAMED = ("estimate", "std_error", "ci_low", "ci_high", "statistic", "df", "p_value")
TOLERANCE = 1e-9
"""Relative; both sides use closed forms and the same distribution functions."""
ZERO = 1e-12
"""Absolute, for limits that are 0 or 1 exactly and carry rounding of either program."""


def expected(method, folder=HERE / "expected"):
    return pd.read_csv(folder / f"{method}.csv", comment="#", dtype={"value": str}, keep_default_na=False)


def counts(method):
    return pd.read_csv(HERE / f"tables/{method}.csv", keep_default_na=False)


def long(results):
    """Result frame as outcome, group, term, statistic and value, as the R scripts write it."""
    melted = results.melt(["outcome", "group", "term", "measure"], list(NAMED), "statistic").dropna(subset="value")
    named = melted["statistic"].where(melted["statistic"] != "estimate", melted["measure"])
    return melted.assign(statistic=named).set_index(["outcome", "group", "term", "statistic"])["value"]


def repeated(rows):
    return rows.loc[rows.index.repeat(rows["count"])].reset_index(drop=True)


def from_descriptives():
    made = []
    for group, rows in counts("profile_descriptives").groupby("group"):
        people = repeated(rows).rename(columns={"value": "age"})
        found = descriptives.analyse(people, outcomes=["age"], by="", total=True, unit="years", ci_level=0.95)
        made.append(found.assign(group=group))
    return long(pd.concat(made))


def from_frequencies():
    made = []
    for (outcome, group), rows in counts("profile_frequencies").groupby(["outcome", "group"]):
        people = pd.DataFrame({outcome: rows["term"].repeat(rows["n"])}).reset_index(drop=True)
        people[outcome] = people[outcome].astype(pd.CategoricalDtype(list(rows["term"])))
        found = frequencies.analyse(
            people, outcomes=[outcome], by="", total=True, base="valid", missing=[], ci_level=0.95
        )
        made.append(found.assign(group=group))
    return long(pd.concat(made))


def from_share_comparison():
    made = []
    for row in counts("share_comparison").itertuples():
        answers = [1] * row.yes + [0] * (row.base - row.yes)
        others = [1] * row.other_yes + [0] * (row.other_base - row.other_yes)
        people = pd.DataFrame({row.outcome: answers + others, "side": [1] * len(answers) + [0] * len(others)})
        names = row.group.split("_v_")
        made.append(
            share_comparison.analyse(
                people, outcomes=[row.outcome], by="side", groups={names[0]: 1, names[1]: 0}, ci_level=0.95
            )
        )
    return long(pd.concat(made))


def from_group_differences():
    made = []
    for outcome, rows in counts("group_differences").groupby("outcome"):
        kind = rows["kind"].iloc[0]
        people = repeated(rows).rename(columns={"value": outcome, "group": "site"})
        if kind == "number":
            people[outcome] = people[outcome].astype(float)
        names = (
            {"categories": [outcome], "numbers": []} if kind == "category" else {"categories": [], "numbers": [outcome]}
        )
        made.append(group_differences.analyse(people, **names, by="site", alpha=0.05, statement="summary"))
    return long(pd.concat(made))


METHODS = {
    "profile_descriptives": from_descriptives,
    "profile_frequencies": from_frequencies,
    "share_comparison": from_share_comparison,
    "group_differences": from_group_differences,
}


@pytest.mark.parametrize("method", METHODS)
def test_methods_agree_with_r(method):
    ours, theirs = METHODS[method](), expected(method)
    assert len(theirs) >= 36
    for row in theirs.itertuples():
        found = ours[(row.outcome, row.group, row.term, row.statistic)]
        assert found == pytest.approx(float(row.value), rel=TOLERANCE, abs=ZERO), row


@pytest.mark.parametrize("method", METHODS)
def test_the_registry_of_the_shipped_extracts_agrees_with_r(method, registry):
    """The same numbers at the end of the pipeline, so that nothing between reading and registry moved them."""
    analysis = method.removeprefix("profile_")
    ours = registry[registry["analysis"] == analysis].set_index(["population", "outcome", "group", "term", "statistic"])
    compared = 0
    for row in expected(method).itertuples():
        population, _, group = row.group.rpartition("/")
        population = population or {"share_comparison": "service_users"}.get(analysis, "intake_profile")
        if population == "corner" or row.outcome in ("tied", "empty_cell", "both_all", "equal", "small"):
            continue
        found = ours["value"][(population, row.outcome, group, row.term, row.statistic)]
        assert found == pytest.approx(float(row.value), rel=TOLERANCE, abs=ZERO), row
        compared += 1
    assert compared >= 32


def test_tables_are_those_of_the_shipped_workbooks(tmp_path):
    subprocess.run([sys.executable, HERE / "build_profile_tables.py", tmp_path], check=True)
    for method in METHODS:
        assert (tmp_path / f"{method}.csv").read_text() == (HERE / f"tables/{method}.csv").read_text()


@pytest.mark.parametrize("method", METHODS)
def test_r_still_gives_the_committed_outputs(method, tmp_path):
    assert_r_gives_the_committed(method, tmp_path)
