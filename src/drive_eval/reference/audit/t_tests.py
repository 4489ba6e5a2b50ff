"""Printed t-tests against the means and SDs they come from: sample sizes that fit, and p."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from drive_eval.reference.audit import two_samples
from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import Interval, interval_of, point
from drive_eval.reference.audit.two_samples import Group, Pairs
from drive_eval.reference.register import Register

SIZES = "t and df from means and SDs"
P_VALUE = "p from the statistic"

Item = Mapping[str, Any]
Splits = list[tuple[tuple[int, int], ...]]
"""Ways to divide the people of both groups over the areas."""


def possible_sizes(tests: Sequence[Item], register: Register) -> dict[str, Pairs]:
    """Pairs of sample sizes that fit each t-test with a printed df, by the test's prefix."""
    found = {}
    for item in tests:
        name = item["test"]
        if f"{name}.df" not in register:
            continue
        at_most = _at_most(item, register)
        df = interval_of(register[f"{name}.df"])
        if item["form"] == "pooled":
            found[name] = two_samples.pooled_sizes(df, at_most=at_most)
        else:
            first, second = (group_of(prefix, register) for prefix in item["groups"])
            t = interval_of(register[f"{name}.t"])
            found[name] = two_samples.welch_sizes(first, second, t, df, at_most=at_most)
    return found


def group_of(prefix: str, register: Register) -> Group:
    """Printed mean and SD of a group."""
    return Group(interval_of(register[f"{prefix}.mean"]), interval_of(register[f"{prefix}.sd"]))


def check_sizes(tests: Sequence[Item], sizes: Mapping[str, Pairs], register: Register) -> Iterator[Finding]:
    """Whether any sample sizes give t and df as printed; the df where only that is printed."""
    for item in tests:
        name = item["test"]
        if name not in sizes:
            continue
        pairs = sizes[name]
        is_whole = item["form"] == "pooled"
        described = [f"{prefix}.{measure}" for prefix in item["groups"] for measure in ("mean", "sd")]
        related = () if is_whole else (f"{name}.t", *(member for member in described if member in register))
        text = f"{_pairs_in_words(pairs)} of at most {' and '.join(map(str, _at_most(item, register)))}"
        finding = Finding(f"{name}.df", SIZES, "holds" if pairs else "impossible", text, related)
        yield finding
        yield from members(finding, related, confirmed=bool(pairs))


def _at_most(item: Item, register: Register) -> tuple[int, int]:
    first, second = (int(register[limit].number) for limit in item["at_most"])
    return first, second


def _pairs_in_words(pairs: Pairs) -> str:
    if not pairs:
        return "no sample sizes fit"
    if len(pairs) <= 3:
        return "sample sizes that fit: " + ", ".join(f"{one} and {two}" for one, two in pairs)
    ones, twos = sorted({one for one, _ in pairs}), sorted({two for _, two in pairs})
    return f"{len(pairs)} pairs of sample sizes fit ({ones[0]} to {ones[-1]} and {twos[0]} to {twos[-1]})"


def sizes_by_group(
    tests: Sequence[Item], sizes: Mapping[str, Pairs], pooled: Iterable[tuple[Item, Splits]]
) -> dict[str, set[int]]:
    """Possible sample sizes of each described group, as far as the tests and the pooled areas leave them open."""
    found: dict[str, set[int]] = {}
    for item in tests:
        for side, prefix in enumerate(item["groups"]):
            if item["test"] in sizes and item["form"] != "pooled":
                found[prefix] = {pair[side] for pair in sizes[item["test"]]}
    for item, splits in pooled:
        for side, group in enumerate(item["groups"]):
            for place, part in enumerate(item["parts"]):
                found[f"{part}.{group}"] = {split[place][side] for split in splits}
            found[f"{item['test']}.{group}"] = {sum(pair[side] for pair in split) for split in splits}
    return found


def check_p_values(
    tests: Sequence[Item], sizes: Mapping[str, Pairs], groups: Mapping[str, Iterable[int]], register: Register
) -> Iterator[Finding]:
    """The p of each t-test from t and df, or from means, SDs and sizes where t is not printed."""
    for item in tests:
        name = item["test"]
        if f"{name}.p" not in register:
            continue
        entry = register[f"{name}.p"]
        if f"{name}.t" in register:
            names = [f"{name}.t", f"{name}.df"]
            span = two_samples.p_span(*(interval_of(register[other]) for other in names), distribution="t")
        else:
            names = [f"{prefix}.{measure}" for prefix in item["groups"] for measure in ("mean", "sd")]
            if not all(other in register for other in names):
                continue
            ones, twos = (sorted(groups.get(prefix, ())) for prefix in item["groups"])
            pairs = list(itertools.product(ones, twos)) or [_at_most(item, register)]
            first, second = (group_of(prefix, register) for prefix in item["groups"])
            spans = [_p_of(two_samples.t_span(first, second, pair), pair) for pair in pairs]
            span = Interval(min(each.low for each in spans), max(each.high for each in spans))
        fits = not span.meet(interval_of(entry)).is_empty
        text = f"recomputed {in_words(span.low)} to {in_words(span.high)}, printed {entry.printed}"
        finding = Finding(entry.published_id, P_VALUE, "holds" if fits else "impossible", text, tuple(names))
        yield finding
        yield from members(finding, names, confirmed=fits)


def _p_of(t: Interval, sizes: tuple[int, int]) -> Interval:
    freedom = point(sum(sizes) - 2)
    if Fraction(0) in t:
        outer = two_samples.p_span(point(max(abs(Fraction(t.low)), abs(Fraction(t.high)))), freedom, distribution="t")
        return Interval(outer.low, Fraction(1))
    return two_samples.p_span(t, freedom, distribution="t")


def in_words(value: Fraction | float) -> str:
    """A p-value to two digits."""
    return f"{float(value):.2g}"
