"""Judge counts against published statements: orders, ranges, printed figures, significance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reference.register import Published


def require(condition: bool, entry: Published, found: str) -> None:
    """Raise if a published statement does not hold.

    Raises
    ------
    Infeasible
        With the id of the statement, how it is printed and what was found.
    """
    if not condition:
        raise Infeasible(f"{entry.published_id}: {found} does not agree with {entry.printed!r}")


def require_order(entry: Published, shares: Mapping[str, float]) -> None:
    """Require a published order: relations ``a > b``, a ranking, or the top one of all."""
    listed = [str(item) for item in entry.value] if isinstance(entry.value, tuple) else [str(entry.value)]
    found = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
    if " > " in listed[0]:
        pairs = [item.split(" > ") for item in listed]
        require(all(shares[high] > shares[low] for high, low in pairs), entry, found)
    elif len(listed) == 1:
        others = [share for name, share in shares.items() if name != listed[0]]
        require(shares[listed[0]] > max(others), entry, found)
    else:
        ranked = [shares[name] for name in listed]
        require(all(high > low for high, low in pairwise(ranked)), entry, found)


def require_range(entry: Published, number: float) -> None:
    """Require a number inside the acceptance range, strictly beyond the printed one where the print says so."""
    low, high = entry.range if entry.range else (-math.inf, math.inf)
    beyond = {">": number > entry.number, "<": number < entry.number}.get(entry.op, True)
    require(low <= number <= high and beyond, entry, f"{number:.2f}")


def require_print(entry: Published, number: float) -> None:
    """Require that a number rounds, half up, to what is printed."""
    require(prints_as(number, entry), entry, f"{number:.3f}")


def require_significance(entry: Published, p_value: float, *, clear: float) -> None:
    """Require a p-value on the published side of alpha: below it, or above it by `clear`."""
    alpha = entry.alpha or 0.05
    holds = p_value < alpha if entry.value == "significant" else p_value > alpha + clear
    require(holds, entry, f"p = {p_value:.3f}")


def chi_square_p(table: Sequence[Sequence[int]]) -> float:
    """p-value of the Pearson chi-square of a 2 x 2 table, without correction."""
    (a, b), (c, d) = table
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    statistic = (a + b + c + d) * (a * d - b * c) ** 2 / margins
    return math.erfc(math.sqrt(statistic / 2))


def sign_test_p(fewer: int, more: int) -> float:
    """Exact two-sided p-value of McNemar's test for discordant counts."""
    total, least = fewer + more, min(fewer, more)
    tail = sum(math.comb(total, number) for number in range(least + 1)) / float(2**total)
    return min(1.0, 2 * tail)
