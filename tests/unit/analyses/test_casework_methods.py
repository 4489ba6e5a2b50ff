import pandas as pd
import pytest

from drive_eval.analyses.action_profile import analyse as profile
from drive_eval.analyses.histogram import analyse as bins
from drive_eval.analyses.still_open import analyse as still_open
from drive_eval.analyses.within_limit import analyse as within_limit

SETTINGS = {
    "outcomes": ["agency"],
    "time": "",
    "total": True,
    "empty": False,
    "top": 0,
    "cluster": "case_id",
    "ci_level": 0.95,
}


@pytest.fixture
def actions():
    rows = [("a", "police", "y1"), ("a", "police", "y2"), ("a", "idva", "y2"), ("b", "idva", "y2"), ("b", None, "y1")]
    return pd.DataFrame(rows, columns=["case_id", "agency", "year"])


def shares(actions, **settings):
    found = profile(actions, **SETTINGS | settings)
    return found.set_index(["time", "outcome", "term", "measure"])


def test_shares_are_of_actions_that_name_a_code(actions):
    found = shares(actions)
    police = found.loc[("all", "agency", "police", "proportion")]
    assert police[["n", "denominator", "n_missing"]].tolist() == [2, 4, 1]
    assert found.loc[("all", "agency", "police", "cases"), "estimate"] == 1
    assert found.loc[("all", "agency", "idva", "cases"), "estimate"] == 2


def test_totals_count_all_actions_and_their_cases(actions):
    found = shares(actions, time="year")["estimate"]
    totals = {key[0]: found[(*key, "all", "all", "actions")] for key in [("all",), ("y1",), ("y2",)]}
    assert totals == {"all": 5, "y1": 2, "y2": 3}
    assert found[("y2", "all", "all", "cases")] == 2


def test_standard_error_is_between_cases(actions):
    # by hand: share 2/4; residuals a: 2 - .5 * 3 = .5, b: 0 - .5 * 1 = -.5; sqrt(2 / 1 * .5) / 4 = .25
    found = shares(actions).loc[("all", "agency", "police", "proportion")]
    assert found["std_error"] == pytest.approx(0.25)
    # limits on the logit scale with 1 df: t = 12.7062047, reach 12.706 * .25 / .25
    assert found["ci_low"] == pytest.approx(1 / (1 + 2.718281828459045**12.7062047361747), rel=1e-9)


def test_the_most_frequent_codes_are_summed_before_rounding():
    actions = pd.DataFrame({"case_id": range(7), "agency": ["p", "p", "p", "i", "i", "c", "h"]})
    found = shares(actions, top=2).loc[("all", "agency", "top_2", "proportion")]
    assert (found["n"], found["note"]) == (5, "p, i")


def test_declared_codes_without_actions_are_kept_on_request(actions):
    declared = actions.assign(agency=pd.Categorical(actions["agency"], categories=["police", "courts", "idva"]))
    assert ("all", "agency", "courts", "proportion") not in shares(declared).index
    courts = shares(declared, empty=True).loc[("all", "agency", "courts", "proportion")]
    assert (courts["n"], courts["note"].startswith("no interval")) == (0, True)


def test_without_actions_there_is_no_share(actions):
    declared = actions.assign(agency=pd.Categorical(actions["agency"], categories=["police", "idva"]))
    found = shares(declared.iloc[:0], empty=True).loc[("all", "agency", "police", "proportion")]
    assert pd.isna(found["estimate"])
    assert found["note"] == "no actions in the base"


@pytest.mark.parametrize("column", ["case_id", "year"])
def test_an_action_without_case_or_time_is_an_error(actions, column):
    actions.loc[0, column] = None
    with pytest.raises(ValueError, match=f"1 actions have no {column}"):
        shares(actions, time="year")


def test_bins_hold_both_their_ends_and_empty_ones_stay():
    found = bins(pd.DataFrame({"contacts": [1, 5, 6, 16, None]}), outcome="contacts", start=1, width=5)
    assert found.set_index("term")["n"].to_dict() == {"1_to_5": 2, "6_to_10": 1, "11_to_15": 0, "16_to_20": 1}
    assert found["denominator"].tolist() == [4] * 4
    assert found["n_missing"].tolist() == [1] * 4


@pytest.mark.parametrize(("numbers", "width"), [([0, 2], 5), ([1.5], 5), ([2], 0)], ids=["below", "part", "width"])
def test_what_does_not_fit_a_bin_is_an_error(numbers, width):
    with pytest.raises(ValueError, match=r"whole numbers|at least one"):
        bins(pd.DataFrame({"contacts": numbers}), outcome="contacts", start=1, width=width)


def test_no_numbers_no_bins():
    assert bins(pd.DataFrame({"contacts": []}), outcome="contacts", start=1, width=5).empty


def test_a_number_at_the_limit_is_within_it():
    found = within_limit(pd.DataFrame({"m": [9, 10, 11, None]}), outcome="m", limit=10, unit="months", ci_level=0.95)
    found = found.set_index("term")
    assert found["n"].dropna().to_dict() == {"within": 2, "over": 1}
    values = found["estimate"]
    assert values[["limit", "largest", "some_over", "all_within"]].tolist() == [10, 11, 1, 0]
    # Wilson, 1 of 3: binom::binom.wilson(1, 3) in R gives 0.06149194 to 0.7923404
    assert (found.loc["over", "ci_low"], found.loc["over", "ci_high"]) == (
        pytest.approx(0.06149194, abs=1e-8),
        pytest.approx(0.7923404, abs=1e-7),
    )


def test_without_numbers_no_statement_holds():
    found = within_limit(pd.DataFrame({"m": [None]}), outcome="m", limit=10, unit="months", ci_level=0.95)
    values = found.set_index("term")["estimate"]
    assert values[["some_over", "all_within"]].tolist() == [0, 0]


def test_a_case_is_open_in_the_month_in_which_it_closes():
    found = still_open(pd.DataFrame({"months": [1, 3, 3]}), outcome="months")
    assert found.set_index("term")["n"].to_dict() == {"1": 3, "2": 2, "3": 2}


def test_a_case_without_month_of_closure_is_an_error():
    with pytest.raises(ValueError, match="1 cases have no months"):
        still_open(pd.DataFrame({"months": [1, None]}), outcome="months")
