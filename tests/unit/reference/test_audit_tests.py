"""t-tests, rank tests, odds ratios and equal wholes against closed forms, other programs and enumeration.

Oracles: scipy's `ttest_ind_from_stats` for sizes put in and found again; the chi-square tail with two degrees of
freedom is exp(-x / 2); the odds ratio 2.86 (1.0 to 8.2) of 4 of 70 against 48 of 325 worked out by hand.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from drive_eval.reference.audit.printed import Interval, half_up, point, rounding_interval
from drive_eval.reference.audit.two_by_two import middle_on_log_scale, p_values, tables_behind
from drive_eval.reference.audit.two_samples import (
    Group,
    p_span,
    pooled_sizes,
    smallest_gap,
    t_span,
    welch_sizes,
)

Z95 = 1.959963984540054


def printed(text):
    return rounding_interval(Fraction(text), len(text.partition(".")[2]))


def group(mean, sd):
    return Group(printed(mean), printed(sd))


def welch(first, second, sizes):
    """t and df to two decimals, from scipy."""
    test = stats.ttest_ind_from_stats(*first, sizes[0], *second, sizes[1], equal_var=False)
    one, two = first[1] ** 2 / sizes[0], second[1] ** 2 / sizes[1]
    df = (one + two) ** 2 / (one**2 / (sizes[0] - 1) + two**2 / (sizes[1] - 1))
    return tuple(rounding_interval(half_up(Fraction(float(value)), 2), 2) for value in (test.statistic, df))


@pytest.mark.parametrize("sizes", [(20, 30), (15, 60), (40, 25)])
def test_welch_sizes_finds_the_sizes_that_made_the_test(sizes):
    t, df = welch((21.3, 9.8), (15.2, 5.1), sizes)
    found = welch_sizes(group("21.3", "9.8"), group("15.2", "5.1"), t, df, at_most=(60, 80))
    assert sizes in found
    assert len(found) < 60


def test_support_days_leave_one_pair_of_sizes():
    found = welch_sizes(
        group("285.0", "132.2"), group("143.1", "81.8"), printed("8.51"), printed("78.24"), at_most=(73, 341)
    )
    assert found == [(68, 320)]


def test_welch_sizes_finds_none_for_an_impossible_df():
    """Welch's df lies between the smaller n - 1 and n1 + n2 - 2."""
    assert (
        welch_sizes(group("5.0", "2.0"), group("4.0", "2.0"), printed("1.00"), printed("99.00"), at_most=(20, 20)) == []
    )


def test_pooled_sizes_share_the_df():
    assert pooled_sizes(printed("3"), at_most=(3, 3)) == [(2, 3), (3, 2)]


def test_t_span_holds_the_exact_t():
    test = stats.ttest_ind_from_stats(19.3, 17.5, 23, 22.8, 18.0, 89, equal_var=False)
    assert Fraction(float(test.statistic)) in t_span(group("19.3", "17.5"), group("22.8", "18.0"), (23, 89))


@pytest.mark.parametrize(
    ("statistic", "df", "distribution", "p"),
    [
        pytest.param("10.91", 2, "chi2", math.exp(-10.91 / 2), id="Friedman: exp(-x/2)"),
        pytest.param("1.96", 10**7, "t", 0.05, id="normal limit"),
        pytest.param("12.71", 1, "t", 0.05, id="t with one degree of freedom, from any table"),
        pytest.param("2.81", 97, "t", 0.006, id="support interventions, Area 1 (N4)"),
        pytest.param("2.31", 201, "t", 0.0219, id="support interventions, Area 2 (N4)"),
    ],
)
def test_p_span(statistic, df, distribution, p):
    span = p_span(printed(statistic), point(df), distribution=distribution)
    assert float(span.low) == pytest.approx(p, rel=0.02)
    assert float(span.low) <= float(span.high)


def test_the_table_behind_the_printed_odds_ratio():
    found = tables_behind(printed("2.86"), printed("1.0"), printed("8.2"), first_n=70, second_n=325, quantile=Z95)
    assert [(table.first, table.second) for table in found] == [(4, 48)]
    (table,) = found
    assert table.odds_ratio == pytest.approx((48 * 66) / (277 * 4))
    assert table.risk_ratio == pytest.approx((48 / 325) / (4 / 70))
    error = math.sqrt(1 / 4 + 1 / 66 + 1 / 48 + 1 / 277)
    assert table.low == pytest.approx(table.odds_ratio * math.exp(-Z95 * error))
    assert round(table.low, 3) == 0.996
    assert round(table.high, 2) == 8.21


def test_p_values_of_the_table_as_worked_out_before():
    (table,) = tables_behind(printed("2.86"), printed("1.0"), printed("8.2"), first_n=70, second_n=325, quantile=Z95)
    found = p_values(table, first_n=70, second_n=325)
    assert found["Wald"] == pytest.approx(0.051, abs=0.0005)
    assert found["Mantel-Haenszel"] == pytest.approx(0.042, abs=0.0005)
    assert found["Mantel-Haenszel with continuity correction"] == pytest.approx(0.066, abs=0.0005)
    assert found["Fisher"] == pytest.approx(0.0498, abs=0.0001)


def test_limits_that_are_not_symmetric_have_no_table():
    assert not tables_behind(printed("2.86"), printed("1.5"), printed("8.2"), first_n=70, second_n=325, quantile=Z95)
    assert printed("2.86").meet(middle_on_log_scale(printed("1.5"), printed("8.2"))).is_empty
    assert not printed("2.86").meet(middle_on_log_scale(printed("1.0"), printed("8.2"))).is_empty


def test_smallest_gap_is_endless_where_shares_are_equal_and_both_areas_favour_one_group():
    assert smallest_gap([(10, 10), (10, 10)], 4.0, [(2.0, 2.1), (2.0, 2.1)], 0.1) == math.inf


def test_smallest_gap_is_zero_where_another_area_can_offset():
    assert smallest_gap([(10, 10), (10, 10)], 4.0, [(2.0, 2.0), (-2.5, 2.5)], 0.1) == pytest.approx(0)


def test_smallest_gap_by_hand():
    """First group 3/4 in area one, second 1/4; d = 1 in both areas (t 1 at a standard error of 1).

    Overall difference is d + (3/4 - 1/4) (m1 - m2), so that m2 must exceed m1 by 2.
    """
    errors = [1 / math.sqrt(1 / 30 + 1 / 10), 1 / math.sqrt(1 / 10 + 1 / 30)]
    assert errors[0] == pytest.approx(errors[1])
    gap = smallest_gap([(30, 10), (10, 30)], errors[0], [(1.0, 1.0), (1.0, 1.0)], 0.0)
    assert gap == pytest.approx(2)


def test_the_bound_on_rank_differences_holds_for_ranks_without_ties():
    """A pair's largest z is at least the root of 0.75 chi-square (three occasions, no ties), here by simulation."""
    random = np.random.default_rng(2019)
    for _ in range(200):
        n = int(random.integers(5, 60))
        scores = random.normal(size=(n, 3)) + random.normal(size=3)
        ranks = stats.rankdata(scores, axis=1).sum(axis=0)
        largest = (ranks.max() - ranks.min()) / math.sqrt(n * 3 * 4 / 6)
        statistic = stats.friedmanchisquare(*scores.T).statistic
        assert largest >= math.sqrt(0.75 * statistic) - 1e-9


def test_ties_shrink_the_bound_by_the_root_of_the_correction():
    random = np.random.default_rng(1)
    for _ in range(100):
        scores = random.integers(0, 3, size=(40, 3))
        ranks = np.apply_along_axis(stats.rankdata, 1, scores)
        counts = [np.unique(row, return_counts=True)[1] for row in ranks]
        correction = 1 - sum(float((each**3 - each).sum()) for each in counts) / (40 * 3 * 8)
        largest = np.ptp(ranks.sum(axis=0)) / math.sqrt(40 * 2)
        statistic = stats.friedmanchisquare(*scores.T).statistic
        assert largest >= math.sqrt(0.75 * statistic * correction) - 1e-9


def test_interval_limits_are_fractions():
    assert isinstance(p_span(printed("2.00"), point(10), distribution="t"), Interval)
