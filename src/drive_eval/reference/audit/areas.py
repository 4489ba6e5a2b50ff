"""Areas and their whole: means, SDs, medians and extremes that must pool, and equal wholes of unequal areas."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drive_eval.reference.audit import samples, two_samples
from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import Interval, exact, interval_of, rounding_interval
from drive_eval.reference.audit.t_tests import Splits, group_of
from drive_eval.reference.audit.two_samples import Pairs
from drive_eval.reference.register import Register

POOLED = "areas pool to the whole"

Item = Mapping[str, Any]


def pool_areas(item: Item, sizes: Mapping[str, Pairs], register: Register) -> Splits:
    """Sizes of all areas, in both groups, for which the areas' means and SDs pool to the printed ones of the whole.

    The last area may have no test of its own: its sizes are what is left of the whole.
    """
    *tested, last = item["parts"]
    found = []
    for whole in sizes[item["test"]]:
        for parts in itertools.product(*(sizes[part] for part in tested)):
            rest = (whole[0] - sum(pair[0] for pair in parts), whole[1] - sum(pair[1] for pair in parts))
            if min(rest) < 2:
                continue
            split = (*parts, rest)
            if all(_pools(item, [pair[side] for pair in split], side, register) for side in (0, 1)):
                found.append(split)
    return [split for split in found if last not in sizes or split[-1] in sizes[last]]


def _pools(item: Item, split: Sequence[int], side: int, register: Register) -> bool:
    names = [f"{part}.{item['groups'][side]}" for part in item["parts"]]
    if any(
        samples.needs_even(_described(f"{name}.median", register)) and size % 2
        for name, size in zip(names, split, strict=True)
    ):
        return False
    groups = [group_of(name, register) for name in names]
    whole = group_of(f"{item['test']}.{item['groups'][side]}", register)
    mean = samples.pooled_mean([group.mean for group in groups], split)
    if mean.meet(whole.mean).is_empty:
        return False
    sd = samples.pooled_sd([group.mean for group in groups], [group.sd for group in groups], split)
    return not sd.meet(whole.sd).is_empty


def _described(name: str, register: Register) -> Interval:
    entry = register[name]
    return rounding_interval(exact(entry.number), entry.decimals or 0)


def check_pooled(item: Item, splits: Splits, register: Register) -> Iterator[Finding]:
    """Means, SDs, medians and extremes of the whole against those of its areas."""
    test, parts = item["test"], item["parts"]
    text = f"{len(splits)} ways to divide the people fit" if splits else "no division of the people fits"
    for side, group in enumerate(item["groups"]):
        sizes = sorted({tuple(pair[side] for pair in split) for split in splits})
        detail = f"{text}; {group}: for instance {' + '.join(map(str, sizes[-1]))}" if sizes else text
        for measure in ("mean", "sd"):
            name = f"{test}.{group}.{measure}"
            related = tuple(f"{part}.{group}.{measure}" for part in parts)
            finding = Finding(name, POOLED, "holds" if splits else "impossible", detail, related)
            yield finding
            yield from members(finding, related, confirmed=bool(splits))
        for measure in ("median", "min", "max"):
            yield from _pooled_order(test, group, measure, parts, register)


def _pooled_order(test: str, group: str, measure: str, parts: Sequence[str], register: Register) -> Iterator[Finding]:
    name = f"{test}.{group}.{measure}"
    related = tuple(f"{part}.{group}.{measure}" for part in parts)
    values = [register[other].number for other in related]
    whole = register[name].number
    expected = {"min": (min(values),) * 2, "max": (max(values),) * 2, "median": (min(values), max(values))}[measure]
    fits = expected[0] <= whole <= expected[1]
    text = f"{register[name].printed} with {', '.join(register[other].printed for other in related)} in the areas"
    finding = Finding(name, POOLED, "holds" if fits else "impossible", text, related)
    yield finding
    yield from members(finding, related, confirmed=fits)


def check_equal_overall(
    item: Item, sizes: Mapping[str, Pairs], register: Register, notable: float
) -> Iterator[Finding]:
    """Two groups equal overall although one is higher in some areas: how far the areas themselves must lie apart."""
    first, second = (group_of(prefix, register) for prefix in item["groups"])
    same = all(
        register[f"{item['groups'][0]}.{part}"].number == register[f"{item['groups'][1]}.{part}"].number
        for part in ("mean", "sd")
    )
    people = _area_sizes(item, sizes, register)
    if people is None:
        return
    limits = [_t_limits(area, pair, register) for area, pair in zip(item["areas"], people, strict=True)]
    allowed = float(max(first.mean.high - second.mean.low, second.mean.high - first.mean.low))
    total = register[f"{item['groups'][1]}.sd"].number
    gap = _gap_at_total(people, total, limits, allowed)
    tense = same and gap >= notable * total
    numbers = ", ".join(f"{one} and {two}" for one, two in people)
    text = (
        f"mean and SD are {'the same' if same else 'not the same'} in both groups; with {numbers} people per area and"
    )
    text += f" the printed t the areas' own means must lie at least {gap:.1f} apart ({gap / total:.1f} SD)"
    text += "; otherwise a value is copied" if tense else ""
    related = tuple(
        name
        for area in item["areas"]
        for name in (f"{area}.t", f"{area}.df", f"{area}.significance")
        if name in register
    )
    for name in item["about"]:
        yield Finding(name, item["check"], "tension" if tense else "holds", text, related)


def _area_sizes(item: Item, sizes: Mapping[str, Pairs], register: Register) -> Pairs | None:
    """People per area: pairs that another test leaves possible and the df allows, and what is left of the samples."""
    found: Pairs = []
    for area, other in zip(item["areas"], item["sizes_from"], strict=True):
        if area in sizes:
            fitting = [pair for pair in sizes[other] if pair in sizes[area]]
            if len(fitting) != 1:
                return None
            found.append(fitting[0])
    whole = [int(register[name].number) for name in item["samples"]]
    rest = (whole[0] - sum(pair[0] for pair in found), whole[1] - sum(pair[1] for pair in found))
    return [*found, rest] if len(found) == len(item["areas"]) - 1 and min(rest) > 1 else None


def _t_limits(area: str, pair: tuple[int, int], register: Register) -> tuple[float, float]:
    from scipy import stats

    if f"{area}.t" in register:
        printed = interval_of(register[f"{area}.t"])
        return float(printed.low), float(printed.high)
    critical = float(stats.t.isf(0.025, sum(pair) - 2))
    return -critical, critical


def _gap_at_total(people: Pairs, total: float, limits: Sequence[tuple[float, float]], allowed: float) -> float:
    """The smallest gap when the spread within areas and between them make up the total SD."""
    spread = total
    for _ in range(20):
        gap = two_samples.smallest_gap(people, spread, limits, allowed)
        if math.isinf(gap):
            return gap
        share = max(pair[1] for pair in people) / sum(pair[1] for pair in people)
        spread = math.sqrt(max(total**2 - share * (1 - share) * gap**2, total**2 / 100))
    return gap
