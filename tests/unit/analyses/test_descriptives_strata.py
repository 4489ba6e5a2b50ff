import pandas as pd

from drive_eval.analyses.descriptives import analyse

CASES = pd.DataFrame({"arm": ["a", "a", "b", "b"], "site": ["x", "y", "x", "x"], "age": [20, 40, 30, 50]})
SETTINGS = {"outcomes": ["age"], "by": "arm", "total": False, "unit": "years", "ci_level": 0.95}


def test_strata_stand_beside_everybody():
    found = analyse(CASES, strata="site", **SETTINGS)
    means = found[found["term"] == "mean"].set_index(["stratum", "group"])["estimate"].to_dict()
    assert means == {("all", "a"): 30, ("all", "b"): 40, ("x", "a"): 20, ("x", "b"): 40, ("y", "a"): 40}


def test_without_strata_nothing_changes():
    with_strata = analyse(CASES, strata="site", **SETTINGS)
    whole = with_strata[with_strata["stratum"] == "all"].reset_index(drop=True)
    pd.testing.assert_frame_equal(analyse(CASES, **SETTINGS), whole)
