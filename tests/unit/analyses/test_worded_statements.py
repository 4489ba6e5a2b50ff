"""Methods that say whether a worded statement of the report holds, each under a stated definition."""

import pandas as pd
import pytest

from drive_eval.analyses import group_differences, range_share, share_stability


def stability(before, after, most=0.05):
    cases = pd.DataFrame({"need_intake": before, "need_closure": after})
    settings = {"outcomes": ["need"], "before": "intake", "after": "closure", "most": most, "statement": "all"}
    return share_stability.analyse(cases, **settings).set_index(["outcome", "term"])


@pytest.mark.parametrize(("most", "holds"), [(0.1, 0), (0.25, 1)], ids=["larger", "equal_still_counts_as_little"])
def test_little_change_means_at_most_the_bound_either_way(most, holds):
    found = stability([1, 1, 0, 0], [1, 0, 0, 0], most)
    assert found.loc[("need", "change"), "estimate"] == -0.25
    assert found.loc[("all", "little_change"), "estimate"] == holds
    assert found.loc[("all", "little_change"), "measure"] == "holds"


def test_each_time_has_its_own_valid_answers():
    found = stability([1, 1, 0, 0], [1, 0, None, None])
    assert found.loc[("need", "change"), "estimate"] == 0
    assert found.loc[("need", "yes"), "denominator"].tolist() == [4, 2]


def test_a_time_without_answers_is_an_error():
    with pytest.raises(ValueError, match="nobody has an answer at closure"):
        stability([1, 0], [None, None])


def in_range(numbers, **settings):
    cases = pd.DataFrame({"age": pd.array(numbers, dtype="Int64")})
    chosen = {"outcome": "age", "low": 20, "high": 40, "majority": 0.5, "ci_level": 0.95} | settings
    return range_share.analyse(cases, **chosen).set_index("term")


@pytest.mark.parametrize(
    ("ages", "share", "holds"),
    [([20, 40, 41], 2 / 3, 1), ([19, 30], 0.5, 0), ([19, 41, None], 0, 0)],
    ids=["ends_belong_to_it", "one_half_is_not_most", "missing_is_left_out"],
)
def test_most_means_more_than_half(ages, share, holds):
    found = in_range(ages)
    assert found.loc["20_to_40", "estimate"] == pytest.approx(share)
    assert found.loc["most_20_to_40", "estimate"] == holds


def test_a_range_needs_its_limits_in_order_and_somebody():
    with pytest.raises(ValueError, match="is above"):
        in_range([30], low=50)
    with pytest.raises(ValueError, match="nobody has a number"):
        in_range([None])


def differences(cases, categories=(), numbers=(), alpha=0.05):
    settings = {"categories": categories, "numbers": numbers, "by": "site", "alpha": alpha, "statement": "all"}
    return group_differences.analyse(cases, **settings).set_index("outcome")


def test_pearson_chi_square_without_correction():
    # 12/5/7/9 of 33: R, chisq.test(matrix(c(12, 5, 7, 9), 2), correct = FALSE)
    answers = ["x"] * 12 + ["y"] * 5 + ["x"] * 7 + ["y"] * 9
    found = differences(pd.DataFrame({"answer": answers, "site": ["a"] * 17 + ["b"] * 16}), ["answer"])
    expected = 33 * (12 * 9 - 5 * 7) ** 2 / (17 * 16 * 19 * 14)
    assert found.loc["answer", "statistic"] == pytest.approx(expected)
    assert found.loc["answer", "estimate"] == pytest.approx((expected / 33) ** 0.5)
    assert found.loc["answer", "df"] == 1
    assert found.loc["all", "estimate"] == 1


def test_kruskal_wallis_by_hand():
    # ranks 1 to 6 in two groups of three, fully apart: H = 12/(6*7) * (36/3 + 225/3) - 3*7 = 27/7
    found = differences(pd.DataFrame({"age": range(6), "site": ["a"] * 3 + ["b"] * 3}), numbers=["age"])
    assert found.loc["age", "statistic"] == pytest.approx(27 / 7)
    assert found.loc["age", "estimate"] == pytest.approx(27 / 7 / 5)
    assert found.loc["all", ["estimate", "p_value"]].tolist() == [0, found.loc["age", "p_value"]]


def test_an_attribute_that_does_not_vary_is_noted_and_not_counted():
    cases = pd.DataFrame({"same": ["x"] * 6, "age": [1, 2, 3, 1, 2, 3], "site": ["a"] * 3 + ["b"] * 3})
    found = differences(cases, ["same"], ["age"])
    assert "not defined" in found.loc["same", "note"]
    assert found.loc["all", ["n", "denominator", "estimate"]].tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="none can be tested"):
        differences(cases, ["same"])


def test_missing_answers_are_left_out_and_counted_and_thin_cells_noted():
    cases = pd.DataFrame({"answer": ["x", "y", None, "x"], "site": ["a", "a", "b", "b"]})
    found = differences(cases, ["answer"])
    assert found.loc["answer", ["n", "n_missing"]].tolist() == [3, 1]
    assert found.loc["answer", "note"] == "4 of 4 expected counts below 5"
