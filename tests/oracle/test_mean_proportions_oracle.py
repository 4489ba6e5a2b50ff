"""Mean proportions against base R on the same persons: means, limits, statistics, df and p values to 1e-9 relative."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.analyses import mean_proportions

from .rscript import assert_r_gives_the_committed

HERE = Path(__file__).resolve().parent
NAMED = ("estimate", "std_error", "ci_low", "ci_high", "statistic", "df", "p_value")
KEYS = ["outcome", "group", "term", "statistic"]
TOLERANCE = 1e-9


def expected(folder=HERE / "expected"):
    return pd.read_csv(folder / "mean_proportions.csv", comment="#", dtype={"value": str})


def test_the_method_agrees_with_r():
    people = pd.read_csv(HERE / "tables/mean_proportions.csv")
    made = []
    for outcome, part in people.groupby("outcome", sort=False):
        cases = part.rename(columns={name: f"{outcome}_{name}" for name in part.columns[2:]})
        found = mean_proportions.analyse(
            cases,
            outcomes=[outcome],
            windows=["before", "during", "after"],
            part="criminal",
            whole="all",
            by="group",
            before="before",
            after="after",
            compare=["drive", "control"],
            no_change=0.05,
            ci_level=0.95,
        )
        made.append(found)
    results = pd.concat(made)
    window = ~results["time"].isin(["all", "before_to_after"])
    results["term"] = results["term"].where(~window, results["term"] + "_" + results["time"])
    melted = results.melt(["outcome", "group", "term", "measure"], list(NAMED), "statistic").dropna(subset="value")
    melted["statistic"] = melted["statistic"].where(melted["statistic"] != "estimate", melted["measure"])
    melted = melted[~melted["statistic"].isin(["count", "holds", "setting"])]
    ours = melted.set_index(KEYS)["value"]
    theirs = expected()
    assert len(theirs) > 140
    for row in theirs.itertuples():
        close = pytest.approx(float(row.value), rel=TOLERANCE, abs=1e-13)
        assert ours[(row.outcome, row.group, row.term, row.statistic)] == close, row
    assert set(ours.index) == set(theirs.set_index(KEYS).index)


def test_the_registry_of_the_shipped_extract_agrees_with_r(registry):
    ours = registry[registry["analysis"] == "mean_proportions"]
    window = ~ours["time"].isin(["all", "before_to_after"])
    term = ours["term"].where(~window, ours["term"] + "_" + ours["time"])
    values = ours.assign(term=term).set_index(KEYS)["value"]
    theirs = expected()
    theirs = theirs[theirs["outcome"].isin(["dva", "non_dva"])]
    assert len(theirs) > 90
    for row in theirs.itertuples():
        found = values[(row.outcome, row.group, row.term, row.statistic)]
        assert found == pytest.approx(float(row.value), rel=TOLERANCE), row


def test_the_table_is_that_of_the_shipped_files(tmp_path):
    subprocess.run([sys.executable, HERE / "build_police_tables.py", tmp_path], check=True)
    assert (tmp_path / "mean_proportions.csv").read_text() == (HERE / "tables/mean_proportions.csv").read_text()


def test_r_still_gives_the_committed_outputs(tmp_path):
    assert_r_gives_the_committed("mean_proportions", tmp_path)
