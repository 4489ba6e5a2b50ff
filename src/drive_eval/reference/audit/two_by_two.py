"""An odds ratio with its limits against every 2x2 table of known margins (log-odds interval of Woolf)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drive_eval.reference.audit.printed import Interval


@dataclass(frozen=True)
class Table:
    """Events among the first and the second group, with the unrounded figures of the odds second over first."""

    first: int
    second: int
    odds_ratio: float
    low: float
    high: float
    risk_ratio: float


def tables_behind(
    odds_ratio: Interval, low: Interval, high: Interval, *, first_n: int, second_n: int, quantile: float
) -> list[Table]:
    """Every table whose odds ratio (second over first) and limits print as given.

    Parameters
    ----------
    odds_ratio, low, high : Interval
        What is printed.
    first_n, second_n : int
        Group sizes; both cells of each group hold at least one person.
    quantile : float
        Normal quantile of the confidence level, 1.96 for 95 per cent.
    """
    first, second = np.arange(1, first_n, dtype=float)[:, None], np.arange(1, second_n, dtype=float)[None, :]
    log_odds = np.log(second * (first_n - first) / ((second_n - second) * first))
    error = np.sqrt(1 / first + 1 / (first_n - first) + 1 / second + 1 / (second_n - second))
    fits = np.ones(log_odds.shape, dtype=bool)
    for printed, step in ((odds_ratio, 0.0), (low, -1.0), (high, 1.0)):
        value = np.exp(log_odds + step * quantile * error)
        fits &= (value >= float(printed.low)) & (value < float(printed.high))
    found = []
    for one, two in np.argwhere(fits):
        a, b = int(one) + 1, int(two) + 1
        centre, width = float(log_odds[one, two]), quantile * float(error[one, two])
        ratio = float(Fraction(b, second_n) / Fraction(a, first_n))
        found.append(Table(a, b, math.exp(centre), math.exp(centre - width), math.exp(centre + width), ratio))
    return found


def middle_on_log_scale(low: Interval, high: Interval) -> Interval:
    """Where an odds ratio lies whose limits are symmetric on the log scale: the root of their product."""
    return Interval(
        Fraction(math.sqrt(float(low.low) * float(high.low))), Fraction(math.sqrt(float(low.high) * float(high.high)))
    )


def p_values(table: Table, *, first_n: int, second_n: int) -> dict[str, float]:
    """The p-values of one table: Wald, Mantel-Haenszel without and with continuity correction, Fisher."""
    from scipy import stats

    counts = np.array([[table.second, second_n - table.second], [table.first, first_n - table.first]], dtype=float)
    total = counts.sum()
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    expected = rows[0] * columns[0] / total
    variance = rows[0] * rows[1] * columns[0] * columns[1] / (total**2 * (total - 1))
    distance = abs(counts[0, 0] - expected)
    error = math.sqrt((1 / counts).sum())
    return {
        "Wald": 2 * float(stats.norm.sf(abs(math.log(table.odds_ratio)) / error)),
        "Mantel-Haenszel": float(stats.chi2.sf(distance**2 / variance, 1)),
        "Mantel-Haenszel with continuity correction": float(stats.chi2.sf((distance - 0.5) ** 2 / variance, 1)),
        "Fisher": float(stats.fisher_exact(counts).pvalue),
    }
