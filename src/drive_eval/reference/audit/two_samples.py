"""Two-sample t-tests: the sample sizes that fit mean, SD, t and df as printed, and p from the statistic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import stats

from drive_eval.reference.audit.printed import Interval

GRID = 61
"""Points per SD inside its printed interval; the SDs matter smoothly, so a finer grid changes no printed digit."""

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Group:
    """Printed mean and SD of one group."""

    mean: Interval
    sd: Interval


def welch_sizes(first: Group, second: Group, t: Interval, df: Interval, *, at_most: tuple[int, int]) -> Pairs:
    """All pairs of sample sizes for which means and SDs inside their printed intervals give t and df as printed.

    Welch's form: df after Satterthwaite. The search is exhaustive up to `at_most`.
    """
    sizes = [(one, two) for one in range(2, at_most[0] + 1) for two in range(2, at_most[1] + 1)]
    one, two = (np.array([pair[side] for pair in sizes], dtype=float) for side in (0, 1))
    low, high = _df_span(first.sd, second.sd, one, two)
    near = (low < float(df.high)) & (high >= float(df.low))
    return [sizes[place] for place in np.flatnonzero(near) if _fits(first, second, t, df, sizes[place])]


def pooled_sizes(df: Interval, *, at_most: tuple[int, int]) -> Pairs:
    """All pairs of sample sizes with ``n1 + n2 - 2`` as printed (pooled variance)."""
    return [
        (one, two)
        for one in range(2, at_most[0] + 1)
        for two in range(2, at_most[1] + 1)
        if Fraction(one + two - 2) in df
    ]


def t_span(first: Group, second: Group, sizes: tuple[int, int]) -> Interval:
    """Limits of Welch's t for two groups of known size."""
    difference = first.mean - second.mean
    errors = [
        (float(getattr(first.sd, side)) ** 2 / sizes[0] + float(getattr(second.sd, side)) ** 2 / sizes[1]) ** 0.5
        for side in ("low", "high")
    ]
    corners = [float(limit) / error for limit in (difference.low, difference.high) for error in errors]
    return Interval(Fraction(min(corners)), Fraction(max(corners)))


def p_span(statistic: Interval, df: Interval, *, distribution: str) -> Interval:
    """Limits of the p-value of a t (two-sided) or chi-square statistic."""
    low, high = sorted(abs(float(limit)) for limit in (statistic.low, statistic.high))
    if distribution == "t":
        values = [2 * stats.t.sf(limit, float(freedom)) for limit in (low, high) for freedom in (df.low, df.high)]
    else:
        values = [stats.chi2.sf(limit, float(freedom)) for limit in (low, high) for freedom in (df.low, df.high)]
    return Interval(Fraction(float(min(values))), Fraction(float(max(values))))


def smallest_gap(
    sizes: Sequence[tuple[int, int]], spread: float, statistics: Sequence[tuple[float, float]], allowed: float
) -> float:
    """How far apart the areas' second-group means must at least lie for two groups to agree overall.

    Parameters
    ----------
    sizes : sequence of (first, second)
        People per area.
    spread : float
        SD within areas, the same in all.
    statistics : sequence of (low, high)
        Limits of t (first less second) per area.
    allowed : float
        Largest difference of the overall means that still prints as none.

    Returns
    -------
    float
        The smallest possible range of the second group's area means; infinity if none does.
    """
    from scipy.optimize import linprog

    areas = len(sizes)
    first, second = (np.array([pair[side] for pair in sizes], dtype=float) for side in (0, 1))
    errors = spread * np.sqrt(1 / first + 1 / second)
    shares = first / first.sum(), second / second.sum()
    overall = np.concatenate([shares[0] - shares[1], shares[0], [0.0, 0.0]])
    rows, limits = [overall, -overall], [allowed, allowed]
    for area in range(areas):
        for bound, sign in ((2 * areas, -1.0), (2 * areas + 1, 1.0)):
            row = np.zeros(2 * areas + 2)
            row[area], row[bound] = -sign, sign
            rows.append(row)
            limits.append(0.0)
    differences = [(low * error, high * error) for (low, high), error in zip(statistics, errors, strict=True)]
    bounds = [(0.0, None)] * areas + differences + [(None, None)] * 2
    goal = np.concatenate([np.zeros(2 * areas), [1.0, -1.0]])
    result = linprog(goal, A_ub=np.array(rows), b_ub=np.array(limits), bounds=bounds, method="highs")
    return float(result.fun) if result.fun is not None else float("inf")


def _df_span(
    first: Interval, second: Interval, one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    low = float(first.low) ** 2 / one / (float(second.high) ** 2 / two)
    high = float(first.high) ** 2 / one / (float(second.low) ** 2 / two)
    peak = np.clip((one - 1) / (two - 1), low, high)
    values = np.array([_satterthwaite(ratio, one, two) for ratio in (low, high, peak)])
    return values.min(axis=0), values.max(axis=0)


def _satterthwaite(
    ratio: npt.NDArray[np.float64], one: npt.NDArray[np.float64] | int, two: npt.NDArray[np.float64] | int
) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = (ratio + 1) ** 2 / (ratio**2 / (one - 1) + 1 / (two - 1))
    return found


def _fits(first: Group, second: Group, t: Interval, df: Interval, sizes: tuple[int, int]) -> bool:
    squares = [
        np.linspace(float(group.sd.low), float(group.sd.high), GRID) ** 2 / size
        for group, size in zip((first, second), sizes, strict=True)
    ]
    one, two = squares[0][:, None], squares[1][None, :]
    freedom = _satterthwaite(one / two, sizes[0], sizes[1])
    difference, error = first.mean - second.mean, np.sqrt(one + two)
    low, high = float(difference.low) / error, float(difference.high) / error
    fits = (freedom >= float(df.low)) & (freedom < float(df.high)) & (low < float(t.high)) & (high >= float(t.low))
    return bool(fits.any())
