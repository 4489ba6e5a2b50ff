"""Samples planned from printed t and df, checked with scipy on the values."""

import math
from statistics import fmean, median, stdev

import pytest
from scipy import stats

from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.insights_moments import Comparison, Figure, Moments, plan_moments
from drive_eval.reconstruct.insights_samples import Sample, compare, solve_samples


def around(value, half):
    return value - half, value + half


def figures(cell, mean, sd):
    return [Figure((cell,), "mean", around(mean, 0.05)), Figure((cell,), "sd", around(sd, 0.05))]


def solved(sizes, wanted, tests, *, low, together=None, **high):
    moments = plan_moments(sizes, wanted, tests, name="test samples")
    samples = {cell: Sample(cell, moments[cell], low, high[cell]) for cell in sizes}
    return solve_samples(samples, together or {})


def test_welch_t_and_df_hold_with_the_means_and_sds():
    wanted = [*figures("a", 15.5, 12.9), *figures("b", 7.2, 4.7)]
    test = Comparison(("a",), ("b",), True, around(3.34, 0.005), around(31.08, 0.005))
    found = solved({"a": 29, "b": 70}, wanted, [test], low=1, a=52, b=20)
    result = stats.ttest_ind(found["a"], found["b"], equal_var=False)
    assert round(result.statistic, 2) == 3.34
    assert round(result.df, 2) == 31.08
    assert [round(fmean(found[cell]), 1) for cell in "ab"] == [15.5, 7.2]
    assert [round(stdev(found[cell]), 1) for cell in "ab"] == [12.9, 4.7]


def test_pooled_t_holds_together_with_a_figure_of_both_samples():
    wanted = [*figures("a", 7.0, 3.5), *figures("b", 5.0, 3.5)]
    both = [Figure(("a", "b"), "sd", around(3.61, 0.005))]
    test = Comparison(("a",), ("b",), False, around(2.6, 0.05))
    found = solved({"a": 30, "b": 70}, [*wanted, *both], [test], low=0, a=20, b=20)
    assert round(stats.ttest_ind(found["a"], found["b"]).statistic, 1) == 2.6
    assert round(stdev(found["a"] + found["b"]), 2) == 3.61


def test_common_median_is_reached_by_moving_people_to_it():
    wanted = [*figures("a", 10.0, 5.0), *figures("b", 14.0, 6.0)]
    free = solved({"a": 41, "b": 40}, wanted, [], low=1, a=40, b=40)
    middle = median(free["a"] + free["b"]) + 1
    found = solved({"a": 41, "b": 40}, wanted, [], low=1, a=40, b=40, together={middle: ["a", "b"]})
    assert median(found["a"] + found["b"]) == middle


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        pytest.param(
            [Comparison(("a",), ("b",), True, around(9.0, 0.005), around(31.08, 0.005))], "no totals", id="t_too_large"
        ),
        pytest.param(
            [Comparison(("a",), ("b",), True, around(3.34, 0.005), around(98.9, 0.005))],
            "freedom",
            id="df_above_n_less_2",
        ),
    ],
)
def test_figures_that_exclude_each_other_are_refused(tests, message):
    wanted = [*figures("a", 15.5, 12.9), *figures("b", 7.2, 4.7)]
    with pytest.raises(Infeasible, match=message):
        plan_moments({"a": 29, "b": 70}, wanted, tests, name="test samples")


def test_sd_limits_enclose_the_sums_of_squares_and_no_other():
    low, high = Moments(4, 10, (30, 32)).sd_limits()
    assert low < math.sqrt((30 - 25) / 3) < math.sqrt((32 - 25) / 3) < high
    assert math.sqrt((29 - 25) / 3) < low
    assert high < math.sqrt((33 - 25) / 3)


def test_compare_agrees_with_scipy():
    first, second = [1, 4, 4, 7, 9, 30], [2, 3, 3, 5, 6, 6, 7]
    test = compare(first, second)
    pooled, welch = (stats.ttest_ind(first, second, equal_var=equal) for equal in (True, False))
    expected = (pooled.statistic, pooled.df, pooled.pvalue, welch.statistic, welch.df, welch.pvalue)
    found = (test.pooled_t, test.pooled_df, test.pooled_p, test.welch_t, test.welch_df, test.welch_p)
    assert found == pytest.approx(expected, rel=1e-9)  # the same formulas in another order
    assert test.levene_p == pytest.approx(stats.levene(first, second, center="mean").pvalue, rel=1e-9)
