import pandas as pd
import pytest

from drive_eval.analyses.descriptives import analyse as describe
from drive_eval.analyses.frequencies import analyse

SETTINGS = {
    "outcomes": ["answer"],
    "by": "arm",
    "total": True,
    "base": "valid",
    "missing": ["not_known"],
    "ci_level": 0.95,
}
DAYS = {"outcomes": ["days"], "by": "", "total": False, "unit": "days", "ci_level": 0.95}


@pytest.fixture
def cases():
    answers = pd.Categorical(["a", "a", "b", "not_known", None, "a"], categories=["a", "b", "c", "not_known"])
    return pd.DataFrame({"answer": answers, "arm": ["drive"] * 4 + ["control"] * 2})


def shares(cases, **settings):
    found = analyse(cases, **SETTINGS | settings)
    return found.set_index(["group", "term"])


def test_percentages_are_of_valid_answers(cases):
    found = shares(cases)
    assert found.loc[("all", "a"), ["n", "denominator", "n_missing"]].tolist() == [3, 4, 2]
    assert found.loc[("drive", "b"), "estimate"] == pytest.approx(1 / 3)


def test_a_category_that_nobody_has_is_there_with_none(cases):
    assert shares(cases).loc[("all", "c"), "n"] == 0


def test_missing_may_be_a_category_of_its_own(cases):
    found = shares(cases, base="everybody")
    assert found.loc[("all", "missing"), ["n", "denominator"]].tolist() == [2, 6]
    assert found.loc["all", "estimate"].sum() == pytest.approx(1)


def test_yes_and_no_are_the_words_of_one_and_zero():
    found = shares(pd.DataFrame({"answer": [1, 0, 1], "arm": "drive"}), total=False)
    assert found["n"].to_dict() == {("drive", "yes"): 2, ("drive", "no"): 1}


@pytest.mark.parametrize("kind", ["bool", "boolean", "Int8", "float64"])
def test_true_and_false_are_yes_and_no_in_any_dtype(kind):
    answers = pd.Series([True, False, True]).astype(kind)
    found = shares(pd.DataFrame({"answer": answers, "arm": "drive"}), total=False)
    assert found["n"].to_dict() == {("drive", "yes"): 2, ("drive", "no"): 1}


def test_an_unknown_base_is_an_error(cases):
    with pytest.raises(ValueError, match="not 'all'"):
        shares(cases, base="all")


def test_percentiles_are_those_of_spss():
    # HAVERAGE on 1..10: 25th is 2.75, 75th 8.25; R quantile type 6 gives the same
    cases = pd.DataFrame({"days": [*range(1, 11), None]})
    found = describe(cases, **DAYS).set_index("term")
    expected = {"mean": 5.5, "sd": 3.0276503540974917, "q1": 2.75, "median": 5.5, "q3": 8.25, "min": 1, "max": 10}
    assert found["estimate"].to_dict() == pytest.approx(expected)
    assert found.loc["mean", ["n", "n_missing"]].tolist() == [10, 1]


def test_interval_of_the_mean_is_the_t_interval():
    # R: t.test(1:10)$conf.int is 3.334149 to 7.665851
    found = describe(pd.DataFrame({"days": range(1, 11)}), **DAYS)
    mean = found.set_index("term").loc["mean"]
    assert (mean["ci_low"], mean["ci_high"]) == (pytest.approx(3.334149, abs=1e-6), pytest.approx(7.665851, abs=1e-6))


def test_one_number_has_no_spread():
    found = describe(pd.DataFrame({"days": [4]}), **DAYS)
    assert found.set_index("term")["estimate"].isna().to_dict()["sd"]
