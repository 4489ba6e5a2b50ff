"""The behaviour chapter against base R on the same tables, and latent classes against flexmix and StepMix.

Statistics, p values and limits agree to 1e-9 relative, logistic coefficients to 1e-6. R's outputs are committed; where
R is at hand they are made anew and must be the same.
"""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drive_eval.analyses import chi_square, logistic_regression, wilcoxon_signed_rank
from drive_eval.derive import latent

from .rscript import assert_r_gives_the_committed, rscript_or_skip

HERE = Path(__file__).resolve().parent
METHODS = ("chi_square", "wilcoxon_signed_rank", "logistic_regression")
TOLERANCE = {"chi_square": 1e-9, "wilcoxon_signed_rank": 1e-9, "logistic_regression": 1e-6}
NAMED = ("estimate", "std_error", "ci_low", "ci_high", "statistic", "p_value")
KEYS = ["outcome", "group", "term", "statistic"]


def expected(method, folder=HERE / "expected"):
    return pd.read_csv(folder / f"{method}.csv", comment="#", dtype={"value": str})


def long(results):
    melted = results.melt(["outcome", "group", "term", "measure"], list(NAMED), "statistic").dropna(subset="value")
    named = melted["statistic"].where(melted["statistic"] != "estimate", melted["measure"])
    return melted.assign(statistic=named).set_index(KEYS)["value"]


def from_chi_square():
    made = []
    for row in pd.read_csv(HERE / "tables/chi_square.csv").itertuples():
        cells = (row.with_yes, row.with_no, row.without_yes, row.without_no)
        people = pd.DataFrame(
            {
                "work": np.repeat([1, 1, 0, 0], cells),
                f"{row.outcome}_closure": np.repeat([1, 0, 1, 0], cells),
            }
        )
        found = chi_square.analyse(people, outcomes=[row.outcome], time="closure", by="work", ci_level=0.95)
        made.append(found.assign(group=row.group))
    return long(pd.concat(made))


def from_wilcoxon_signed_rank():
    made = []
    for outcome, rows in pd.read_csv(HERE / "tables/wilcoxon_signed_rank.csv").groupby("outcome", sort=False):
        levels = rows.loc[rows.index.repeat(rows["people"])]
        people = pd.DataFrame({f"{outcome}_a": levels["before"], f"{outcome}_b": levels["after"], "arm": "drive"})
        made.append(wilcoxon_signed_rank.analyse(people, outcomes=[outcome], before="a", after="b", by="arm"))
    return long(pd.concat(made))


def from_logistic_regression():
    rows = pd.read_csv(HERE / "tables/logistic_regression.csv")
    people = rows.loc[rows.index.repeat(rows["people"])].drop(columns="people").reset_index(drop=True)
    predictors = list(people.columns[1:])
    return long(logistic_regression.analyse(people, outcome=people.columns[0], predictors=predictors, ci_level=0.95))


OURS = {
    "chi_square": from_chi_square,
    "wilcoxon_signed_rank": from_wilcoxon_signed_rank,
    "logistic_regression": from_logistic_regression,
}


@pytest.mark.parametrize("method", METHODS)
def test_methods_agree_with_r(method):
    ours, theirs = OURS[method](), expected(method)
    assert len(theirs) > 15
    for row in theirs.itertuples():
        value = ours[(row.outcome, row.group, row.term, row.statistic)]
        # limits of Cramer's V at 0 come from a root search; absolute as well
        assert value == pytest.approx(float(row.value), rel=TOLERANCE[method], abs=1e-12), row


@pytest.mark.parametrize("method", METHODS)
def test_the_registry_of_the_shipped_extract_agrees_with_r(method, registry):
    ours = registry[registry["analysis"] == method]
    if method == "chi_square":
        ours = ours.assign(group=ours["population"])
    values = ours.set_index(KEYS)["value"]
    theirs = expected(method)
    shipped = theirs[theirs["outcome"].isin(set(ours["outcome"]))]
    assert len(shipped) >= 12
    for row in shipped.itertuples():
        found = values[(row.outcome, row.group, row.term, row.statistic)]
        assert found == pytest.approx(float(row.value), rel=TOLERANCE[method], abs=1e-12), row


def test_tables_are_those_of_the_shipped_workbook(tmp_path):
    subprocess.run([sys.executable, HERE / "build_behaviour_tables.py", tmp_path], check=True)
    for method in METHODS:
        assert (tmp_path / f"{method}.csv").read_text() == (HERE / f"tables/{method}.csv").read_text()


@pytest.mark.parametrize("method", METHODS)
def test_r_still_gives_the_committed_outputs(method, tmp_path):
    # the last digits of glm move more than those of closed formulas
    assert_r_gives_the_committed(method, tmp_path, rel=1e-9, abs=1e-12)


def made_up_answers(people, missing, seed=11):
    """Answers of three classes that part moderately well, some of them missing."""
    generator = np.random.default_rng(seed)
    profile = np.array([[0.1] * 8, [0.85] * 4 + [0.15] * 4, [0.8] * 8])
    classes = generator.choice(3, size=people, p=[0.5, 0.3, 0.2])
    answers = (generator.random((people, 8)) < profile[classes]).astype(float)
    answers[generator.random(answers.shape) < missing] = np.nan
    return answers


@pytest.mark.slow
def test_log_likelihood_of_latent_classes_agrees_with_flexmix_on_complete_data(tmp_path):
    rscript = rscript_or_skip()
    probe = [rscript, "--vanilla", "-e", "q(status = !requireNamespace('flexmix', quietly = TRUE))"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        assert not os.environ.get("CI"), "CI installs r-cran-flexmix and must run this"
        pytest.skip("R package flexmix (Debian r-cran-flexmix) is not installed here; CI runs it")
    answers = made_up_answers(300, missing=0)
    pd.DataFrame(answers).add_prefix("item").to_csv(tmp_path / "items.csv", index=False)
    call = [rscript, "--vanilla", HERE / "latent_classes.R", tmp_path / "items.csv", tmp_path / "out.csv"]
    subprocess.run(call, check=True)
    patterns = latent.collapse(answers)
    for row in pd.read_csv(tmp_path / "out.csv").itertuples():
        found = latent.search(patterns, n_classes=row.classes, starts=200, seed=1)
        assert found.log_likelihood == pytest.approx(row.log_likelihood, abs=1e-4), row.classes


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3])
def test_log_likelihood_of_latent_classes_agrees_with_stepmix_on_missing_data(classes):
    from stepmix.stepmix import StepMix

    answers = made_up_answers(250, missing=0.12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = StepMix(n_components=classes, measurement="binary_nan", n_init=15, max_iter=5000, abs_tol=1e-11,
                         rel_tol=0.0, random_state=3, progress_bar=0, verbose=0).fit(answers)  # fmt: skip
    found = latent.search(latent.collapse(answers), n_classes=classes, starts=200, seed=1)
    assert found.converged == 200
    assert found.log_likelihood == pytest.approx(theirs.score(answers) * len(answers), abs=1e-4)
