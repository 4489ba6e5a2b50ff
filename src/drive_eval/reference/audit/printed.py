"""What a printed number says about the number behind it: intervals of exact fractions, ties half up (rule R1)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from drive_eval.reference.register import Published

Number = Fraction | float
"""A fraction, or plus or minus infinity where a side is open-ended."""

_EXACT_KINDS = frozenset({"count", "threshold", "min", "max"})
_UNIT_SCALES = {"million": 10**6, "billion": 10**9}


@dataclass(frozen=True)
class Interval:
    """All numbers between two limits; a limit that is not closed does not belong to it."""

    low: Number
    high: Number
    low_closed: bool = True
    high_closed: bool = True

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float, Fraction)):
            return False
        above = value > self.low or (self.low_closed and value == self.low)
        return above and (value < self.high or (self.high_closed and value == self.high))

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in it."""
        return self.low > self.high or (self.low == self.high and not (self.low_closed and self.high_closed))

    def meet(self, other: Interval) -> Interval:
        """The numbers that lie in both."""
        low = max((self.low, not self.low_closed), (other.low, not other.low_closed))
        high = min((self.high, self.high_closed), (other.high, other.high_closed))
        return Interval(low[0], high[0], not low[1], high[1])

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low,
            self.high + other.high,
            self.low_closed and other.low_closed,
            self.high_closed and other.high_closed,
        )

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_closed, self.low_closed)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        return _hull(
            (_times(left, right), left_closed and right_closed)
            for left, left_closed in self._limits()
            for right, right_closed in other._limits()
        )

    def __truediv__(self, other: Interval) -> Interval:
        if Fraction(0) in other:
            return Interval(-math.inf, math.inf, False, False)
        return self * _hull(
            (Fraction(0) if math.isinf(limit) else 1 / Fraction(limit), closed) for limit, closed in other._limits()
        )

    def _limits(self) -> tuple[tuple[Number, bool], tuple[Number, bool]]:
        return (self.low, self.low_closed), (self.high, self.high_closed)


def point(value: Number | int) -> Interval:
    """The interval of one number."""
    exact_value = value if isinstance(value, float) and math.isinf(value) else Fraction(value)
    return Interval(exact_value, exact_value)


def exact(value: float) -> Fraction:
    """A printed number as the fraction that its digits say, not its binary neighbour."""
    return Fraction(repr(value))


def half_up(value: Fraction, decimals: int) -> Fraction:
    """Round to so many decimals, ties away from zero."""
    scaled = abs(value) * 10**decimals
    rounded: Fraction = math.floor(scaled + Fraction(1, 2)) * _unit(decimals)
    return rounded if value >= 0 else -rounded


def rounding_interval(value: Fraction, decimals: int) -> Interval:
    """Every number that rounds half up to a value of so many decimals."""
    half = _unit(decimals) / 2
    return Interval(value - half, value + half, low_closed=value > 0, high_closed=value < 0)


def interval_of(entry: Published) -> Interval:
    """Every number for which an entry would be printed as it is.

    A band (`range`) is taken as it stands. Counts, settings and extremes are exact, everything else is rounded to
    its `decimals`. ``>`` and ``<`` leave one side open; a count marked ``~`` is exact to half its last digit but 0.
    """
    if entry.range is not None:
        return Interval(exact(entry.range[0]), exact(entry.range[1]))
    value = exact(entry.number) * unit_scale(entry)
    if entry.op in (">", ">="):
        return Interval(value, math.inf, entry.op == ">=", False)
    if entry.op in ("<", "<="):
        return Interval(-math.inf, value, False, entry.op == "<=")
    if entry.op == "~" and entry.kind in ("count", "currency"):
        return rounding_interval(value, -_trailing_zeros(value))
    if entry.kind in _EXACT_KINDS:
        return point(value)
    band = rounding_interval(exact(entry.number), entry.decimals or 0)
    scale = unit_scale(entry)
    return Interval(band.low * scale, band.high * scale, band.low_closed, band.high_closed)


def unit_scale(entry: Published) -> int:
    """1, or a million or a billion if the unit says so."""
    return next((scale for word, scale in _UNIT_SCALES.items() if word in entry.unit.split()), 1)


def prints_as(value: Fraction, entry: Published) -> bool:
    """Whether a value would be printed as the entry is."""
    return value in interval_of(entry)


def whole_counts(percentage: Interval, base: int) -> range:
    """Whole numbers whose share of a base, in per cent, lies in an interval."""
    return whole_numbers(percentage * point(Fraction(base, 100)), low=0, high=base)


def whole_numbers(interval: Interval, *, low: int | None = None, high: int | None = None) -> range:
    """The whole numbers in an interval, cut to the limits given."""
    start = math.ceil(interval.low) if interval.low != -math.inf else low
    end = math.floor(interval.high) if interval.high != math.inf else high
    if start is None or end is None:
        raise ValueError("an open-ended interval needs limits")
    start += interval.low == start and not interval.low_closed
    end -= interval.high == end and not interval.high_closed
    return range(start if low is None else max(start, low), (end if high is None else min(end, high)) + 1)


def shown(value: Fraction | float, decimals: int = 2) -> str:
    """A number for a sentence: rounded half up, without trailing zeros."""
    if isinstance(value, float) and math.isinf(value):
        return "infinity"
    rounded = half_up(Fraction(value), decimals)
    return (
        f"{float(rounded):,.{decimals}f}".rstrip("0").rstrip(".") if rounded.denominator != 1 else f"{int(rounded):,}"
    )


def _unit(decimals: int) -> Fraction:
    return Fraction(1, 10**decimals) if decimals >= 0 else Fraction(10**-decimals)


def _times(left: Number, right: Number) -> Number:
    return Fraction(0) if left == 0 or right == 0 else left * right


def _hull(corners: Iterable[tuple[Number, bool]]) -> Interval:
    listed = list(corners)
    low, high = min(value for value, _ in listed), max(value for value, _ in listed)
    return Interval(
        low,
        high,
        any(closed for value, closed in listed if value == low),
        any(closed for value, closed in listed if value == high),
    )


def _trailing_zeros(value: Fraction) -> int:
    digits = str(int(value))
    return len(digits) - len(digits.rstrip("0"))
