import pandas as pd
import pytest

from drive_eval.analyses.counts import analyse as count
from drive_eval.analyses.proportions import analyse

SETTINGS = {"outcomes": ["abuse"], "times": ["intake", "exit"], "by": "arm", "levels": {"yes": [1]}, "ci_level": 0.95}


@pytest.fixture
def cases():
    """Ten people: 8 of 10 valid yes at intake, 1 of 5 valid yes at exit."""
    intake = [1] * 8 + [0] * 2
    last = [1] + [0] * 4 + [None] * 5
    return pd.DataFrame({"abuse_intake": intake, "abuse_exit": last}).astype("Int8").assign(arm="drive")


def test_shares_are_of_valid_answers_and_missing_ones_are_counted(cases):
    found = analyse(cases, **SETTINGS).set_index("time")
    assert found.loc["exit", ["n", "denominator", "n_missing", "estimate"]].tolist() == [1, 5, 5, 0.2]


def test_relative_reduction_uses_the_base_of_each_time(cases):
    found = analyse(cases, **SETTINGS).set_index("time").loc["intake_to_exit"]
    assert found["estimate"] == pytest.approx(1 - 0.2 / 0.8, abs=1e-15)
    assert found["measure"] == "relative_reduction"


def test_wilson_interval_of_wilson_himself_is_not_the_normal_one(cases):
    # 1 of 5: Wilson 0.0362 to 0.6245 (Agresti and Coull 1998 give the formula); the normal one starts below 0
    found = analyse(cases, **SETTINGS).set_index("time").loc["exit"]
    assert (found["ci_low"], found["ci_high"]) == (pytest.approx(0.0362, abs=5e-5), pytest.approx(0.6245, abs=5e-5))


def test_reduction_from_nothing_is_not_defined(cases):
    found = analyse(cases.assign(abuse_intake=pd.array([0] * 10, dtype="Int8")), **SETTINGS).set_index("time")
    assert pd.isna(found.loc["intake_to_exit", "estimate"])
    assert "nobody had it" in found.loc["intake_to_exit", "note"]


def test_levels_may_be_pooled():
    levels = pd.Series(["none", "standard", "high", "high"], dtype="category")
    cases = pd.DataFrame({"abuse_intake": levels, "arm": "drive"})
    chosen = SETTINGS | {"times": ["intake"], "levels": {"high": ["high"], "any": ["standard", "high"]}}
    found = analyse(cases, **chosen).set_index("term")
    assert found["estimate"].to_dict() == {"high": 0.5, "any": 0.75}


def test_people_without_a_group_are_an_error(cases):
    cases.loc[0, "arm"] = None
    with pytest.raises(ValueError, match="1 rows have no arm"):
        analyse(cases, **SETTINGS)


def test_counts_in_all_and_per_group():
    cases = pd.DataFrame({"case_id": list("abc"), "arm": ["drive", "control", "drive"]})
    found = count(cases, outcome="forms", by="arm").set_index("group")
    assert found["estimate"].to_dict() == {"all": 3, "control": 1, "drive": 2}


def test_a_person_counted_twice_is_an_error():
    with pytest.raises(ValueError, match="1 people occur more than once"):
        count(pd.DataFrame({"case_id": ["a", "a"], "arm": "drive"}), outcome="forms", by="arm")
