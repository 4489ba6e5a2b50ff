"""Percentages: against their own count and base, against every whole number, and against 100 when they are all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add

from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import (
    Interval,
    exact,
    interval_of,
    point,
    prints_as,
    shown,
    whole_counts,
)
from drive_eval.reference.register import NUMERIC_KINDS, Published, Register

SHARE_OF_COUNT = "share of its count"
WHOLE_COUNT = "whole count behind the share"
WITHIN_BASE = "count within its base"


@dataclass(frozen=True)
class Complete:
    """Percentages that are all the parts of one whole; `about` is the entry of the whole."""

    about: str
    check: str
    parts: tuple[str, ...]


def check_shares(register: Register) -> Iterator[Finding]:
    """Every percentage with a base, and every count with a base."""
    for entry in register.values():
        if not is_number(entry) or entry.n is None:
            continue
        count = _count_beside(entry, register)
        if count is not None:
            finding = _share_of_count(entry, int(count.number), entry.n, (count.published_id,))
            yield finding
            yield from members(finding, finding.related, confirmed=finding.verdict == "holds")
        elif entry.numerator is not None:
            yield _share_of_count(entry, entry.numerator, entry.n, ())
        elif entry.kind == "percent":
            yield _whole_count(entry, entry.n)
        elif entry.kind == "count":
            verdict = "holds" if exact(entry.number) <= entry.n else "impossible"
            yield Finding(entry.published_id, WITHIN_BASE, verdict, f"{shown(exact(entry.number))} of {entry.n}")


def _count_beside(entry: Published, register: Register) -> Published | None:
    """The count that a percentage is made of: the same id with ``n`` in the place of ``pct``."""
    count = register.get(f"{entry.published_id.removesuffix('pct')}n")
    if not entry.published_id.endswith("pct") or count is None or count.kind != "count" or not is_number(count):
        return None
    return count


def is_number(entry: Published) -> bool:
    """Whether an entry is one number; a cell that is left blank or holds words is not."""
    return not isinstance(entry.value, (str, tuple)) and (entry.kind in NUMERIC_KINDS | {"approx", "threshold"})


def _share_of_count(entry: Published, numerator: int, base: int, related: tuple[str, ...]) -> Finding:
    share = Fraction(100 * numerator, base)
    verdict = "holds" if prints_as(share, entry) else "impossible"
    text = f"{numerator} of {base} is {shown(share, (entry.decimals or 0) + 1)}, printed {entry.printed}"
    return Finding(entry.published_id, SHARE_OF_COUNT, verdict, text, related)


def _whole_count(entry: Published, base: int) -> Finding:
    counts = whole_counts(interval_of(entry), base)
    if len(counts):
        text = f"{listed(counts)} of {base} prints as {entry.printed}"
        return Finding(entry.published_id, WHOLE_COUNT, "holds", text)
    text = f"no whole number of {base} prints as {entry.printed}"
    return Finding(entry.published_id, WHOLE_COUNT, "impossible", text)


def listed(counts: range) -> str:
    """A few whole numbers in words."""
    if len(counts) == 1:
        return str(counts[0])
    return f"{counts[0]} or {counts[1]}" if len(counts) == 2 else f"{counts[0]} to {counts[-1]}"


def check_complete(complete: Complete, register: Register) -> list[Finding]:
    """Whether all the parts of a whole sum to 100, as printed or before rounding.

    Printed shares that sum to another number although whole counts behind them sum to their base are a tension of
    the whole, not of a share: rounding explains it, the print does not say so.
    """
    entries = [register[name] for name in complete.parts]
    total = sum((exact(entry.number) for entry in entries), Fraction(0))
    text = f"{' + '.join(shown(exact(entry.number)) for entry in entries)} = {shown(total)}"
    if total == 100:
        verdict, confirmed = "holds", True
    else:
        explained, why = _explained_by_rounding(entries)
        verdict, confirmed, text = "tension" if explained else "impossible", explained, f"{text}, not 100; {why}"
    finding = Finding(complete.about, complete.check, verdict, text, complete.parts)
    return [finding, *members(finding, complete.parts, confirmed=confirmed)]


def _explained_by_rounding(entries: Sequence[Published]) -> tuple[bool, str]:
    span = _sum([interval_of(entry) for entry in entries])
    reach = f"rounding puts the exact sum between {shown(Fraction(span.low))} and {shown(Fraction(span.high))}"
    if Fraction(100) not in span:
        return False, reach
    bases = {entry.n for entry in entries}
    base = bases.pop() if len(bases) == 1 else None
    if base is None:
        return True, reach
    counts = [whole_counts(interval_of(entry), base) for entry in entries]
    if all(counts) and sum(found.start for found in counts) <= base <= sum(found.stop - 1 for found in counts):
        return True, f"{reach}, and whole counts behind them sum to {base}"
    return False, f"{reach}, but no whole counts behind them sum to {base}"


def counts_can_agree(left: Published, parts: Sequence[Published]) -> str:
    """Whole counts on one base that reconcile a share with the shares it sums, in words; empty if there are none."""
    bases = {entry.n for entry in (left, *parts)}
    base = bases.pop() if len(bases) == 1 else None
    if base is None:
        return ""
    whole = whole_counts(interval_of(left), base)
    found = [whole_counts(interval_of(entry), base) for entry in parts]
    low, high = sum(counts.start for counts in found), sum(counts.stop - 1 for counts in found)
    both = range(max(whole.start, low), min(whole.stop - 1, high) + 1)
    return f"{listed(both)} of {base}" if len(both) and all(found) else ""


def _sum(intervals: Sequence[Interval]) -> Interval:
    return reduce(add, intervals, point(0))
