"""Mean, SD, median and extremes of whole-number data: GRIM, GRIMMER, limits of the SD, and the parity a median needs.

GRIM: Brown and Heathers (2017), Soc Psychol Personal Sci 8(4), 363-369. GRIMMER: Anaya (2016), PeerJ Preprints
4:e2400v1, in the analytic form of Allard (2018). Both are exact here: every possible sum is tried, not the nearest one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from drive_eval.reference.audit.printed import Interval, whole_numbers


def possible_sums(mean: Interval, n: int) -> range:
    """Whole-number sums of `n` people whose mean lies in an interval."""
    return whole_numbers(Interval(mean.low * n, mean.high * n, mean.low_closed, mean.high_closed))


def passes_grim(mean: Interval, n: int) -> bool:
    """Whether `n` whole numbers can have such a mean."""
    return len(possible_sums(mean, n)) > 0


def possible_squares(total: int, n: int, sd: Interval) -> range:
    """Sums of squares, of the parity of the sum, that give such an SD (with n - 1) for one sum of `n` whole numbers."""
    floor = Fraction(total * total, n)
    low, high = max(sd.low, Fraction(0)), sd.high
    band = Interval(floor + (n - 1) * low**2, floor + (n - 1) * high**2, sd.low_closed or sd.low < 0, sd.high_closed)
    found = whole_numbers(band)
    start = found.start + (found.start - total) % 2
    return range(start, found.stop, 2)


def passes_grimmer(mean: Interval, sd: Interval, n: int) -> bool:
    """Whether `n` whole numbers can have such a mean and SD together (a square is odd where its root is)."""
    return any(len(possible_squares(total, n, sd)) for total in possible_sums(mean, n))


def sd_limits(total: int, n: int, low: int, high: int) -> tuple[float, float]:
    """Smallest and largest SD of `n` whole numbers between two limits that sum to a total.

    Raises
    ------
    ValueError
        If no such numbers exist.
    """
    if not n * low <= total <= n * high:
        raise ValueError(f"{n} numbers between {low} and {high} do not sum to {total}")
    each, over = divmod(total, n)
    smallest = [each + 1] * over + [each] * (n - over)
    if low == high:
        return 0.0, 0.0
    at_high, left = divmod(total - n * low, high - low)
    largest = [high] * at_high + ([low + left] if left else [])
    largest += [low] * (n - len(largest))
    return _sd(smallest), _sd(largest)


def needs_even(median: Interval) -> bool:
    """Whether the median of whole numbers prints so only between two of them, which needs an even number of people."""
    return len(whole_numbers(median)) == 0 and can_be_median(median)


def can_be_median(median: Interval) -> bool:
    """Whether the median of whole numbers, a multiple of one half, can print so."""
    doubled = Interval(median.low * 2, median.high * 2, median.low_closed, median.high_closed)
    return len(whole_numbers(doubled)) > 0


def pooled_mean(means: Sequence[Interval], sizes: Sequence[int]) -> Interval:
    """The mean of all people of several groups, from the groups' means and sizes."""
    n = sum(sizes)
    low = sum((Fraction(mean.low) * size for mean, size in zip(means, sizes, strict=True)), Fraction(0)) / n
    high = sum((Fraction(mean.high) * size for mean, size in zip(means, sizes, strict=True)), Fraction(0)) / n
    return Interval(low, high, all(mean.low_closed for mean in means), all(mean.high_closed for mean in means))


def pooled_sd(means: Sequence[Interval], sds: Sequence[Interval], sizes: Sequence[int]) -> Interval:
    """Limits of the SD of all people of several groups, from the groups' means, SDs and sizes.

    The sum of squares between groups is convex in the means, so that its largest value is at a corner; its smallest
    is bounded from below by what the centres allow to lose.
    """
    n = sum(sizes)
    corners = [_between(corner, sizes) for corner in _corners(means)]
    centre = _between([(mean.low + mean.high) / 2 for mean in means], sizes)
    lowest = max(0.0, 2 * centre - max(corners))
    within = [
        sum((size - 1) * float(getattr(sd, side)) ** 2 for sd, size in zip(sds, sizes, strict=True))
        for side in ("low", "high")
    ]
    low, high = math.sqrt((within[0] + lowest) / (n - 1)), math.sqrt((within[1] + max(corners)) / (n - 1))
    return Interval(Fraction(low), Fraction(high))


def _corners(means: Sequence[Interval]) -> list[list[Fraction | float]]:
    corners: list[list[Fraction | float]] = [[]]
    for mean in means:
        corners = [[*corner, limit] for corner in corners for limit in (mean.low, mean.high)]
    return corners


def _between(means: Sequence[Fraction | float], sizes: Sequence[int]) -> float:
    centre = sum(float(mean) * size for mean, size in zip(means, sizes, strict=True)) / sum(sizes)
    return sum(size * (float(mean) - centre) ** 2 for mean, size in zip(means, sizes, strict=True))


def _sd(numbers: Sequence[int]) -> float:
    n = len(numbers)
    mean = Fraction(sum(numbers), n)
    return math.sqrt(sum((number - mean) ** 2 for number in numbers) / (n - 1)) if n > 1 else 0.0
