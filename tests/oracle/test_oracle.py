"""The pipeline against base R on the same tables: every statistic, p value and limit to 1e-9 relative.

R's outputs are committed with R version and call. Where R is at hand they are made anew and must be the same.
"""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.analyses import mantel_haenszel, mcnemar

from .rscript import assert_r_gives_the_committed

HERE = Path(__file__).resolve().parent
METHODS = ("mcnemar", "mantel_haenszel")
NAMED = ("estimate", "std_error", "ci_low", "ci_high", "statistic", "p_value")
TOLERANCE = 1e-9
"""Relative; R's own root finding and distribution functions agree to about 1e-12."""


def expected(method, folder=HERE / "expected"):
    return pd.read_csv(folder / f"{method}.csv", comment="#", dtype={"value": str})


def long(results):
    """Result frame as outcome, group, term, statistic and value, as the R scripts write it."""
    melted = results.melt(["outcome", "group", "term", "measure"], list(NAMED), "statistic").dropna(subset="value")
    named = melted["statistic"].where(melted["statistic"] != "estimate", melted["measure"])
    return melted.assign(statistic=named).set_index(["outcome", "group", "term", "statistic"])["value"]


def from_mcnemar(registry):
    made = []
    for row in pd.read_csv(HERE / "tables/mcnemar.csv").itertuples():
        before = [1] * (row.both + row.stopped) + [0] * (row.started + row.neither)
        after = [1] * row.both + [0] * row.stopped + [1] * row.started + [0] * row.neither
        people = pd.DataFrame({f"{row.outcome}_intake": before, f"{row.outcome}_exit": after}).assign(arm=row.group)
        made.append(
            mcnemar.analyse(
                people, outcomes=[row.outcome], before="intake", after="exit", by="arm", exact_up_to=25, ci_level=0.95
            )
        )
    return long(pd.concat(made))


def from_mantel_haenszel(registry):
    made = []
    tables = pd.read_csv(HERE / "tables/mantel_haenszel.csv")
    for outcome, strata in tables.groupby("outcome", sort=False):
        people = pd.concat(
            pd.DataFrame({"arm": arm, "site": row.stratum, f"{outcome}_exit": [answer] * getattr(row, cell)})
            for row in strata.itertuples()
            for arm, answer, cell in (
                ("control", 1, "index_yes"),
                ("control", 0, "index_no"),
                ("drive", 1, "reference_yes"),
                ("drive", 0, "reference_no"),
            )
        )
        found = mantel_haenszel.analyse(
            people,
            outcomes=[outcome],
            time="exit",
            by="arm",
            index_group="control",
            reference_group="drive",
            strata="site",
            ci_level=0.95,
        )
        made.append(found.assign(group=found["stratum"]))
    return long(pd.concat(made))


@pytest.mark.parametrize("method", METHODS)
def test_methods_agree_with_r(method, registry):
    ours = {"mcnemar": from_mcnemar, "mantel_haenszel": from_mantel_haenszel}[method](registry)
    theirs = expected(method)
    assert len(theirs) > 150
    for row in theirs.itertuples():
        value = float(row.value)
        assert ours[(row.outcome, row.group, row.term, row.statistic)] == pytest.approx(value, rel=TOLERANCE), row


@pytest.mark.parametrize("method", METHODS)
def test_the_registry_of_the_shipped_extract_agrees_with_r(method, registry):
    """The same numbers at the end of the pipeline, so that nothing between reading and registry moved them."""
    theirs = expected(method)
    theirs = theirs[theirs["outcome"].isin(["physical", "sexual", "harassment_stalking", "jealousy_control"])]
    ours = registry[registry["analysis"] == method]
    place = "group" if method == "mcnemar" else "stratum"
    values = ours.set_index(["outcome", place, "term", "statistic"])["value"]
    assert len(theirs) > 90
    for row in theirs.itertuples():
        found = values[(row.outcome, row.group, row.term, row.statistic)]
        assert found == pytest.approx(float(row.value), rel=TOLERANCE), row


def test_tables_are_those_of_the_shipped_workbook(tmp_path):
    subprocess.run([sys.executable, HERE / "build_tables.py", tmp_path], check=True)
    for method in METHODS:
        assert (tmp_path / f"{method}.csv").read_text() == (HERE / f"tables/{method}.csv").read_text()


@pytest.mark.parametrize("method", METHODS)
def test_r_still_gives_the_committed_outputs(method, tmp_path):
    assert_r_gives_the_committed(method, tmp_path)
