"""Friedman's test: p from chi-square, Kendall's W, and whether no pair of occasions can differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from drive_eval.reference.audit import two_samples
from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import exact, interval_of, point, shown
from drive_eval.reference.audit.t_tests import P_VALUE, in_words
from drive_eval.reference.register import Register

KENDALL = "W from chi-square and n"
RANKS = "rank comparisons after Friedman"

Item = Mapping[str, Any]


def check_rank_test(item: Item, register: Register) -> Iterator[Finding]:
    """Friedman's chi-square with its p and W, and whether no pair can differ when ranks are compared in pairs.

    Without ties the sum of squared rank-sum deviations is ``chi-square * n`` for three occasions, so that the largest
    difference of two rank sums is at least the root of 1.5 times that, and its z at least the root of 0.75 chi-square.
    Ties shrink it by the root of the tie correction C.
    """
    yield from _p_value(item["test"], register)
    yield from _effect_size(item, register)
    yield from _rank_comparisons(item, register)


def _p_value(name: str, register: Register) -> Iterator[Finding]:
    related = (f"{name}.statistic", f"{name}.df")
    statistic, df = (interval_of(register[other]) for other in related)
    span = two_samples.p_span(statistic, df.meet(point(int(register[related[1]].number))), distribution="chi2")
    entry = register[f"{name}.p"]
    fits = not span.meet(interval_of(entry)).is_empty
    text = f"recomputed {in_words(span.low)} to {in_words(span.high)}, printed {entry.printed}"
    finding = Finding(entry.published_id, P_VALUE, "holds" if fits else "impossible", text, related)
    yield finding
    yield from members(finding, related, confirmed=fits)


def _effect_size(item: Item, register: Register) -> Iterator[Finding]:
    """Kendall's W is chi-square over n times the occasions less one."""
    related = (f"{item['test']}.statistic", f"{item['test']}.n", f"{item['test']}.df")
    statistic, n, df = (register[name] for name in related)
    entry, scale = register[item["effect"]], int(n.number) * int(df.number)
    fits = not (interval_of(statistic) / point(scale)).meet(interval_of(entry)).is_empty
    value = shown(exact(statistic.number) / scale, (entry.decimals or 0) + 1)
    text = f"{statistic.printed} / ({n.printed} x {df.printed}) = {value}"
    finding = Finding(entry.published_id, KENDALL, "holds" if fits else "impossible", text, related)
    yield finding
    yield from members(finding, related, confirmed=fits)


def _rank_comparisons(item: Item, register: Register) -> Iterator[Finding]:
    from scipy import stats

    pairs = [register[name] for name in item["pairs"]]
    alpha, statistic = pairs[0].alpha, register[f"{item['test']}.statistic"]
    if alpha is None or register[f"{item['test']}.df"].number != 2 or any(e.value != "not_significant" for e in pairs):
        return
    least, critical = math.sqrt(0.75 * statistic.number), float(stats.norm.isf(alpha / 2))
    text = f"without ties the largest rank difference has z of at least {least:.2f}, and {critical:.2f} is significant"
    related = (f"{item['test']}.statistic", f"{item['test']}.significance")
    fits = least < critical
    if not fits:
        share = (critical / least) ** 2
        text += f"; possible with ties (correction factor at most {share:.2f}), or if other than ranks were compared"
    for entry in pairs:
        yield Finding(entry.published_id, RANKS, "holds" if fits else "tension", text, related)
