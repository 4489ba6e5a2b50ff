"""What a printed number allows: intervals with half-up limits, and the whole counts behind a percentage."""

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drive_eval.reference.audit.printed import (
    Interval,
    exact,
    half_up,
    interval_of,
    point,
    rounding_interval,
    shown,
    whole_counts,
    whole_numbers,
)

from .audit_entries import register_of


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        pytest.param(Fraction(25, 2), 0, 13, id="12.5 prints as 13 (rule R1)"),
        pytest.param(Fraction(5, 2), 0, 3, id="2.5 prints as 3, not to even"),
        pytest.param(Fraction(-5, 2), 0, -3, id="ties away from zero below zero"),
        pytest.param(Fraction(100 * 21, 40), 0, 53, id="21 of 40 prints as 53"),
        pytest.param(Fraction(1, 3), 2, Fraction(33, 100), id="one third"),
        pytest.param(Fraction(149, 1000), 1, Fraction(1, 10), id="below the tie"),
    ],
)
def test_half_up(value, decimals, expected):
    assert half_up(value, decimals) == expected


@given(st.fractions(-1000, 1000, max_denominator=5000), st.integers(0, 3))
def test_rounding_interval_holds_exactly_the_numbers_that_round_so(value, decimals):
    rounded = half_up(value, decimals)
    assert value in rounding_interval(rounded, decimals)
    assert value not in rounding_interval(rounded + Fraction(1, 10**decimals), decimals)


@given(st.integers(-10000, 10000), st.integers(1, 997), st.integers(0, 2))
def test_half_up_equals_decimal(numerator, denominator, decimals):
    value = Fraction(numerator, denominator)
    digits = Decimal(numerator) / Decimal(denominator)
    assert (
        half_up(value, decimals) == Fraction(digits.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
        or (2 * value * 10**decimals).denominator == 1
    )


def test_exact_takes_the_digits_and_not_the_binary_neighbour():
    assert exact(0.1) == Fraction(1, 10)


@pytest.mark.parametrize(
    ("columns", "inside", "outside"),
    [
        pytest.param({"value": 59, "kind": "percent"}, Fraction(585, 10), Fraction(595, 10), id="rounded percentage"),
        pytest.param({"value": 74}, 74, Fraction(745, 10), id="a count is exact"),
        pytest.param({"value": 0.05, "kind": "p_value", "op": ">"}, Fraction(1, 2), Fraction(1, 20), id="above"),
        pytest.param({"value": 0.001, "kind": "p_value", "op": "<"}, 0, Fraction(1, 1000), id="below"),
        pytest.param({"value": 66.7, "kind": "approx", "range": [63.0, 70.0]}, 63, 71, id="declared band"),
        pytest.param({"value": 2400000, "op": "~"}, 2386000, 2460000, id="about 2.4 million"),
        pytest.param({"value": 66, "kind": "currency", "unit": "GBP billion"}, 66_190_000_000, 66, id="billions"),
    ],
)
def test_interval_of(columns, inside, outside):
    interval = interval_of(register_of(x=columns)["x"])
    assert inside in interval
    assert outside not in interval


@pytest.mark.parametrize(
    ("percentage", "base", "counts"),
    [
        pytest.param(63, 212, [133, 134], id="133 and 134 of 212 both print as 63"),
        pytest.param(13, 68, [9], id="9 of 68 only"),
        pytest.param(3, 40, [1], id="1 of 40 is 2.5 and prints as 3"),
        pytest.param(98, 40, [39], id="39 of 40"),
        pytest.param(1, 40, [], id="no whole number of 40 prints as 1"),
        pytest.param(0, 40, [0], id="nobody"),
    ],
)
def test_whole_counts(percentage, base, counts):
    assert list(whole_counts(rounding_interval(Fraction(percentage), 0), base)) == counts


def test_open_limits_do_not_belong_to_an_interval():
    open_one = Interval(Fraction(1), Fraction(2), False, False)
    assert list(whole_numbers(open_one)) == []
    assert open_one.meet(point(1)).is_empty
    assert not Interval(Fraction(1), Fraction(2)).meet(point(1)).is_empty


def test_an_interval_open_to_infinity_needs_a_limit():
    above = Interval(Fraction(3), math.inf, False, False)
    assert list(whole_numbers(above, low=0, high=5)) == [4, 5]
    with pytest.raises(ValueError, match="limits"):
        whole_numbers(above)


@given(
    *(st.tuples(st.fractions(-50, 50), st.fractions(-50, 50)) for _ in range(2)), st.fractions(0, 1), st.fractions(0, 1)
)
def test_arithmetic_encloses_every_result(first, second, at, there):
    one, two = (Interval(min(pair), max(pair)) for pair in (first, second))
    x = one.low + at * (one.high - one.low)
    y = two.low + there * (two.high - two.low)
    assert x + y in one + two
    assert x - y in one - two
    assert x * y in one * two
    if y:
        assert x / y in one / two


def test_shown_drops_trailing_zeros():
    assert [shown(Fraction(1, 2)), shown(Fraction(2)), shown(Fraction(1_946_000))] == ["0.5", "2", "1,946,000"]
