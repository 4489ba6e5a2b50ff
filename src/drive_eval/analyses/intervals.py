"""Confidence limits that several methods share."""

from __future__ import annotations


def wilson(count: int, base: int, ci_level: float) -> tuple[float | None, float | None]:
    """Wilson score limits of a share; none for an empty base.

    Source: Wilson (1927), JASA 22, 209-212.
    """
    from scipy.stats import binomtest

    if not base:
        return None, None
    limits = binomtest(count, base).proportion_ci(ci_level, method="wilson")
    return float(limits.low), float(limits.high)
