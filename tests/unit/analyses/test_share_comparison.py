import math

import pandas as pd
import pytest

from drive_eval.analyses.share_comparison import analyse

SETTINGS = {"outcomes": ["helped"], "by": "side", "groups": {"new": "n", "old": "o"}, "ci_level": 0.95}


def people(yes, no, other_yes, other_no):
    helped = [1] * yes + [0] * no + [1] * other_yes + [0] * other_no
    return pd.DataFrame({"helped": helped, "side": ["n"] * (yes + no) + ["o"] * (other_yes + other_no)})


def compared(cases, **settings):
    return analyse(cases, **SETTINGS | settings).set_index(["group", "term"])


def test_ratios_and_difference_by_hand():
    # 15 of 20 against 5 of 20: odds 3 against 1/3, risks .75 against .25
    found = compared(people(15, 5, 5, 15))["estimate"]
    assert found["new", "yes"] == 0.75
    assert found["new_v_old", "odds_ratio"] == pytest.approx(9)
    assert found["new_v_old", "risk_ratio"] == pytest.approx(3)
    assert found["new_v_old", "risk_difference"] == pytest.approx(0.5)


def test_newcombe_limits_of_the_literature():
    # Newcombe (1998), Table II, example (a), method 10: 56/70 - 48/80 has limits .0524 and .3339
    difference = compared(people(56, 14, 48, 32)).loc[("new_v_old", "risk_difference")]
    assert (difference["ci_low"], difference["ci_high"]) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )


def test_groups_swapped_invert_the_ratios():
    one, two = compared(people(4, 9, 7, 5)), compared(people(7, 5, 4, 9))
    for term in ("odds_ratio", "risk_ratio"):
        first, second = one.loc[("new_v_old", term)], two.loc[("new_v_old", term)]
        assert first["estimate"] == pytest.approx(1 / second["estimate"])
        assert first["ci_low"] == pytest.approx(1 / second["ci_high"])


@pytest.mark.parametrize(
    ("cells", "odds_ratio", "risk_ratio"),
    [((0, 8, 3, 5), 0, 0), ((3, 5, 0, 8), math.inf, math.inf), ((8, 0, 4, 4), math.inf, 2)],
    ids=["none_in_the_first", "none_in_the_second", "everybody_in_the_first"],
)
def test_an_empty_cell_is_not_shifted(cells, odds_ratio, risk_ratio):
    found = compared(people(*cells))
    assert found.loc[("new_v_old", "odds_ratio"), "estimate"] == odds_ratio
    assert found.loc[("new_v_old", "odds_ratio"), ["ci_low", "ci_high"]].isna().all()
    assert found.loc[("new_v_old", "risk_ratio"), "estimate"] == risk_ratio


def test_nobody_with_the_outcome_has_no_ratio():
    found = compared(people(0, 4, 0, 4))
    assert math.isnan(found.loc[("new_v_old", "odds_ratio"), "estimate"])
    assert found.loc[("new_v_old", "odds_ratio"), "note"] == "an empty cell: no limits"


def test_people_without_answer_or_group_are_left_out_and_counted():
    more = pd.DataFrame({"helped": [None, 1, 1], "side": ["n", "other", None]})
    found = compared(pd.concat([people(1, 1, 1, 1), more], ignore_index=True))
    assert found.loc[("new", "yes"), ["n", "denominator", "n_missing"]].tolist() == [1, 2, 1]
    assert found.loc[("new_v_old", "odds_ratio"), ["denominator", "n_missing"]].tolist() == [4, 3]


def test_layers_say_what_the_report_did():
    layers = compared(people(2, 3, 4, 5)).loc["new_v_old", "layer"].to_dict()
    assert layers == {"odds_ratio": "replication", "risk_ratio": "extension", "risk_difference": "extension"}


def test_what_cannot_be_compared_is_an_error():
    with pytest.raises(ValueError, match="nobody in group 'old'"):
        analyse(people(1, 1, 0, 0), **SETTINGS)
    with pytest.raises(ValueError, match="two groups are compared, not 1"):
        analyse(people(1, 1, 1, 1), **SETTINGS | {"groups": {"new": "n"}})
    with pytest.raises(ValueError, match="1 rows hold a value other than 0, 1 or missing"):
        analyse(people(1, 1, 1, 1).replace({"helped": {0: 9}}).iloc[[0, 1, 2]], **SETTINGS)
