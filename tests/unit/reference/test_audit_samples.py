"""GRIM, GRIMMER and limits of the SD against published examples and other programs.

Sources: Brown and Heathers (2017) for 5.19 with n = 28; The Economist, 18 June 2016, for 5.93 with n = 49; Wikipedia,
"GRIM test", for 3.48 with n = 20; README of phoughton/grim_test for 11.09 with n = 21; tests of the R package rsprite2
(quoted in lhdjung/scrutiny, test-grimmer.R) for the GRIMMER cases and the limits of the SD.
"""

import itertools
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drive_eval.reference.audit import samples
from drive_eval.reference.audit.printed import Interval, exact, half_up, rounding_interval


def printed(text):
    return rounding_interval(Fraction(text), len(text.partition(".")[2]))


@pytest.mark.parametrize(
    ("mean", "n", "is_possible"),
    [
        pytest.param("5.19", 28, False, id="Brown and Heathers"),
        pytest.param("5.18", 28, True, id="145 of 28"),
        pytest.param("5.93", 49, False, id="The Economist"),
        pytest.param("3.48", 20, False, id="Wikipedia"),
        pytest.param("3.45", 20, True, id="69 of 20"),
        pytest.param("11.09", 21, False, id="grim_test README"),
        pytest.param("8.67", 133, True, id="Drive contacts: 1,153 of 133"),
        pytest.param("43.2", 17, True, id="interviewed victims: 734 of 17"),
        pytest.param("43.20", 17, False, id="734 of 17 is 43.18 and 735 of 17 is 43.24"),
    ],
)
def test_grim(mean, n, is_possible):
    assert samples.passes_grim(printed(mean), n) is is_possible


@pytest.mark.parametrize(
    ("mean", "sd", "n", "is_possible"),
    [
        pytest.param("5.21", "1.6", 28, True, id="rsprite2, possible"),
        pytest.param("3.44", "2.47", 18, False, id="rsprite2, impossible"),
        pytest.param("5.19", "1.6", 28, False, id="fails GRIM already"),
        pytest.param("2.0", "1.0", 3, True, id="1, 2, 3"),
        pytest.param("2.0", "0.5", 3, False, id="three whole numbers of mean 2 have SD 0, 1, 1.7, 2 ..."),
    ],
)
def test_grimmer(mean, sd, n, is_possible):
    assert samples.passes_grimmer(printed(mean), printed(sd), n) is is_possible


@pytest.mark.parametrize(
    ("total", "n", "low", "high", "limits"),
    [
        pytest.param(21, 5, 1, 7, (0.45, 3.03), id="rsprite2: mean 4.2, n = 5, scale 1 to 7"),
        pytest.param(100, 100, 1, 7, (0.0, 0.0), id="rsprite2: all at the lower end"),
        pytest.param(10, 2, 0, 10, (0.0, 7.07), id="0 and 10"),
    ],
)
def test_sd_limits(total, n, low, high, limits):
    assert [round(limit, 2) for limit in samples.sd_limits(total, n, low, high)] == pytest.approx(limits)


def test_sd_limits_refuses_a_sum_out_of_reach():
    with pytest.raises(ValueError, match="do not sum"):
        samples.sd_limits(36, 5, 1, 7)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=12), st.integers(0, 2))
def test_every_real_sample_passes(numbers, decimals):
    n, mean = len(numbers), Fraction(sum(numbers), len(numbers))
    sd = half_up(exact(statistics.stdev(numbers)), decimals)
    shown_mean = rounding_interval(half_up(mean, decimals), decimals)
    assert samples.passes_grim(shown_mean, n)
    assert samples.passes_grimmer(shown_mean, rounding_interval(sd, decimals), n)
    least, most = samples.sd_limits(sum(numbers), n, min(numbers), max(numbers))
    assert least - 1e-9 <= statistics.stdev(numbers) <= most + 1e-9
    assert samples.can_be_median(rounding_interval(half_up(Fraction(statistics.median(numbers)), decimals), decimals))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_grimmer_accepts_whatever_an_enumeration_finds(n):
    seen = set()
    for numbers in itertools.combinations_with_replacement(range(7), n):
        mean = half_up(Fraction(sum(numbers), n), 1)
        seen.add((mean, half_up(exact(statistics.stdev(numbers)), 1)))
    for mean, sd in seen:
        assert samples.passes_grimmer(rounding_interval(mean, 1), rounding_interval(sd, 1), n)


@pytest.mark.parametrize(
    ("median", "even", "possible"),
    [
        pytest.param("15.5", True, True, id="between two values"),
        pytest.param("17.0", False, True, id="a value"),
        pytest.param("33", False, True, id="33 or 32.5"),
        pytest.param("10.3", False, False, id="no median of whole numbers"),
    ],
)
def test_median_parity(median, even, possible):
    assert samples.needs_even(printed(median)) is even
    assert samples.can_be_median(printed(median)) is possible


@given(st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=8), min_size=2, max_size=3))
def test_pooling_encloses_the_whole(groups):
    means = [rounding_interval(half_up(Fraction(sum(group), len(group)), 1), 1) for group in groups]
    sds = [rounding_interval(half_up(exact(statistics.stdev(group)), 1), 1) for group in groups]
    sds = [Interval(max(sd.low, Fraction(0)), sd.high) for sd in sds]
    everyone = [number for group in groups for number in group]
    sizes = [len(group) for group in groups]
    assert Fraction(sum(everyone), len(everyone)) in samples.pooled_mean(means, sizes)
    span = samples.pooled_sd(means, sds, sizes)
    assert float(span.low) - 1e-9 <= statistics.stdev(everyone) <= float(span.high) + 1e-9
