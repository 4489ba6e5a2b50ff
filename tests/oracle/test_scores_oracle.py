"""Scores over time and differences of means against base R: every statistic, df, p value and limit to 1e-9 relative.

Friedman's pairs, Conover, Hodges-Lehmann, Hedges g and Brunner-Munzel are in no base R function; the scripts have them
by formula, Brunner-Munzel by placements where the pipeline goes by ranks.
"""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.analyses import friedman, mean_differences

from .rscript import assert_r_gives_the_committed

HERE = Path(__file__).resolve().parent
METHODS = ("friedman", "mean_differences")
NAMED = ("estimate", "std_error", "ci_low", "ci_high", "statistic", "df", "p_value", "p_adjusted")
TOLERANCE = 1e-9
"""Relative; means of equal groups cancel, so that an absolute 1e-11 is allowed near zero."""
PLACES = {"first": "intake_2_weeks", "second": "months_5_6", "third": "closure"}


def expected(method, folder=HERE / "expected"):
    return pd.read_csv(folder / f"{method}.csv", comment="#", dtype={"value": str})


def long(results, place):
    melted = results.melt(["outcome", place, "term", "measure"], list(NAMED), "statistic_").dropna(subset="value")
    named = melted["statistic_"].where(melted["statistic_"] != "estimate", melted["measure"])
    return melted.assign(statistic=named).set_index(["outcome", place, "term", "statistic"])["value"]


def from_friedman():
    made = []
    for outcome, rows in pd.read_csv(HERE / "tables/friedman.csv").groupby("outcome"):
        people = rows.loc[rows.index.repeat(rows["people"]), list(PLACES)].add_prefix(f"{outcome}_")
        people = people.reset_index(drop=True).rename_axis("case_id").reset_index()
        made.append(friedman.analyse(people, outcome=outcome, times=list(PLACES), alpha=0.05, ci_level=0.95))
    return long(pd.concat(made), "time")


def from_mean_differences():
    made = []
    for (outcome, stratum), rows in pd.read_csv(HERE / "tables/mean_differences.csv").groupby(["outcome", "stratum"]):
        people = rows.loc[rows.index.repeat(rows["people"])].rename(columns={"number": outcome})
        found = mean_differences.analyse(
            people,
            outcomes=[outcome],
            by="arm",
            index_group="drive",
            reference_group="control",
            strata="",
            levene_alpha=0.05,
            unit="times",
            ci_level=0.95,
        )
        made.append(found.assign(stratum=stratum))
    return long(pd.concat(made), "stratum")


@pytest.mark.parametrize(("method", "ours"), [("friedman", from_friedman), ("mean_differences", from_mean_differences)])
def test_methods_agree_with_r(method, ours):
    theirs, found = expected(method), ours()
    assert len(theirs) > 100
    for row in theirs.itertuples():
        value = found[(row.outcome, row.group, row.term, row.statistic)]
        assert value == pytest.approx(float(row.value), rel=TOLERANCE, abs=1e-11), row


def test_the_registry_of_the_shipped_extracts_agrees_with_r(registry):
    """The same numbers at the end of the pipeline, so that nothing between reading and registry moved them."""
    compared = 0
    for method, place in (("friedman", "time"), ("mean_differences", "stratum")):
        ours = registry[registry["analysis"] == method]
        values = ours.set_index(["outcome", place, "term", "statistic"])["value"]
        theirs = expected(method)
        for row in theirs[theirs["outcome"].isin(set(ours["outcome"]))].itertuples():
            words = "_v_".join(PLACES.get(part, part) for part in row.group.split("_v_"))
            found = values[(row.outcome, words, row.term, row.statistic)]
            assert found == pytest.approx(float(row.value), rel=TOLERANCE, abs=1e-11), row
            compared += 1
    assert compared > 500


def test_tables_are_those_of_the_shipped_workbooks(tmp_path):
    subprocess.run([sys.executable, HERE / "build_scores.py", tmp_path], check=True)
    for method in METHODS:
        assert (tmp_path / f"{method}.csv").read_text() == (HERE / f"tables/{method}.csv").read_text()


@pytest.mark.parametrize("method", METHODS)
def test_r_still_gives_the_committed_outputs(method, tmp_path):
    assert_r_gives_the_committed(method, tmp_path)
