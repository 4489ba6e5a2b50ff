"""Descriptions of whole-number data: whether mean, SD, median, minimum and maximum can belong to one sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from drive_eval.reference.audit import samples
from drive_eval.reference.audit.expressions import parse_expression, value_of
from drive_eval.reference.audit.feasibility import (
    Constraint,
    Linear,
    Problem,
    Statement,
    Undecided,
    conflicts,
    solution,
)
from drive_eval.reference.audit.findings import Finding
from drive_eval.reference.audit.printed import Interval, exact, interval_of, rounding_interval, shown, whole_numbers
from drive_eval.reference.audit.shares import is_number
from drive_eval.reference.register import Published, Register

MEASURES = ("mean", "sd", "median", "min", "max")
GRIM = "mean of whole numbers (GRIM)"
GRIMMER = "SD of whole numbers (GRIMMER)"
LIMITS = "SD within its limits"
PARITY = "median of whole numbers"
BETWEEN = "between minimum and maximum"
TOGETHER = "mean, SD, median and range together"


@dataclass(frozen=True)
class Description:
    """The printed measures of one group, by measure, and the sample sizes that are possible."""

    prefix: str
    entries: Mapping[str, Published]
    sizes: tuple[int, ...]

    def interval(self, measure: str) -> Interval:
        """What is printed of a measure."""
        entry = self.entries[measure]
        return rounding_interval(exact(entry.number), entry.decimals or 0)

    def ids(self, *measures: str) -> tuple[str, ...]:
        """Published ids of those of the measures that are printed."""
        return tuple(self.entries[measure].published_id for measure in measures if measure in self.entries)

    @property
    def size_text(self) -> str:
        """The sample sizes in words."""
        if len(self.sizes) == 1:
            return f"n = {self.sizes[0]}"
        return f"n = {self.sizes[0]} to {self.sizes[-1]}"


def descriptions_of(
    register: Register,
    *,
    whole_units: Sequence[str],
    bases: Sequence[Mapping[str, Any]],
    sizes: Mapping[str, Sequence[int]],
) -> list[Description]:
    """Every group with a mean, SD, median, minimum or maximum in a unit that is counted in whole numbers.

    Parameters
    ----------
    register : Register
    whole_units : sequence of str
    bases : sequence of mapping
        `id` of a mean and `exact`, expressions for the bases it may have, for means of another unit or without `n`.
    sizes : mapping
        Sample sizes per prefix that the t-tests leave possible.
    """
    declared = {
        item["id"]: [int(value_of(parse_expression(text), register).low) for text in item["bases"]] for item in bases
    }
    groups: dict[str, dict[str, Published]] = {}
    for entry in register.values():
        if (
            entry.kind in MEASURES
            and is_number(entry)
            and (entry.unit in whole_units or entry.published_id in declared)
        ):
            groups.setdefault(entry.published_id.rpartition(".")[0], {}).setdefault(entry.kind, entry)
    found = []
    for prefix, entries in groups.items():
        printed = {entry.n for entry in entries.values() if entry.n is not None}
        given = [n for entry in entries.values() for n in declared.get(entry.published_id, [])]
        found.append(Description(prefix, entries, tuple(sorted(printed or given or set(sizes.get(prefix, ()))))))
    return found


def check_description(description: Description) -> Iterator[Finding]:
    """All checks that the printed measures of one group allow."""
    entries, sizes = description.entries, description.sizes
    yield from _between(description)
    if "median" in entries:
        yield _parity(description)
    if not sizes:
        return
    if "mean" in entries:
        mean = description.interval("mean")
        fits = [n for n in sizes if samples.passes_grim(mean, n)]
        yield _verdict(description, "mean", GRIM, fits, ())
        if "sd" in entries:
            fits = [n for n in sizes if samples.passes_grimmer(mean, description.interval("sd"), n)]
            yield _verdict(description, "sd", GRIMMER, fits, description.ids("mean"))
    if set(MEASURES) <= set(entries):
        yield _limits(description)
        yield from _together(description)


def _verdict(
    description: Description, measure: str, check: str, fits: Sequence[int], related: tuple[str, ...]
) -> Finding:
    entry = description.entries[measure]
    if fits:
        return Finding(
            entry.published_id, check, "holds", f"{entry.printed} is possible, {description.size_text}", related
        )
    text = f"no whole-number data print as {entry.printed}, {description.size_text}"
    return Finding(entry.published_id, check, "impossible", text, related)


def _between(description: Description) -> Iterator[Finding]:
    entries = description.entries
    limits = [measure for measure in ("min", "max") if measure in entries]
    for measure in ("mean", "median"):
        if measure not in entries or not limits:
            continue
        low = interval_of(entries["min"]).low if "min" in entries else -float("inf")
        high = interval_of(entries["max"]).high if "max" in entries else float("inf")
        fits = not description.interval(measure).meet(Interval(low, high)).is_empty
        entry = entries[measure]
        text = f"{entry.printed} between {' and '.join(entries[limit].printed for limit in limits)}"
        yield Finding(entry.published_id, BETWEEN, "holds" if fits else "impossible", text, description.ids(*limits))
        for limit in limits:
            yield Finding(
                entries[limit].published_id,
                BETWEEN,
                "holds" if fits else "not testable",
                f"{text}{'' if fits else ' fails'}",
                (entry.published_id,),
            )


def _parity(description: Description) -> Finding:
    entry, median = description.entries["median"], description.interval("median")
    if not samples.can_be_median(median):
        return Finding(entry.published_id, PARITY, "impossible", f"{entry.printed} is no multiple of one half")
    if not samples.needs_even(median):
        return Finding(entry.published_id, PARITY, "holds", f"{entry.printed} is possible for any n")
    even = [n for n in description.sizes if n % 2 == 0]
    text = f"{entry.printed} needs an even n"
    if not description.sizes:
        return Finding(entry.published_id, PARITY, "holds", f"{text}; n is not printed")
    if even:
        return Finding(entry.published_id, PARITY, "holds", f"{text}; {', '.join(map(str, even))} possible")
    return Finding(entry.published_id, PARITY, "impossible", f"{text}, but {description.size_text}")


def _limits(description: Description) -> Finding:
    entry, sd = description.entries["sd"], description.interval("sd")
    low, high = (int(description.entries[limit].number) for limit in ("min", "max"))
    spans = []
    for n in description.sizes:
        totals = samples.possible_sums(description.interval("mean"), n)
        totals = range(max(totals.start, n * low), min(totals.stop, n * high + 1))
        spans += [samples.sd_limits(total, n, low, high) for total in (totals[0], totals[-1]) if len(totals)]
    related = description.ids("mean", "min", "max")
    if not spans:
        return Finding(entry.published_id, LIMITS, "not testable", "no sum of whole numbers gives the mean", related)
    least, most = min(span[0] for span in spans), max(span[1] for span in spans)
    fits = least <= float(sd.high) and float(sd.low) <= most
    limits = f"{shown(Fraction(least))} to {shown(Fraction(most))}"
    text = f"{entry.printed} where {limits} is possible, {description.size_text}"
    return Finding(entry.published_id, LIMITS, "holds" if fits else "impossible", text, related)


def _together(description: Description) -> Iterator[Finding]:
    """Exact: is there a sample at all? Shown by the solver with the count of each value as the unknown."""
    ids = description.ids(*MEASURES)
    last: list[Any] = []
    try:
        for n in description.sizes:
            # with middle values as near as can be a sample is found soonest; only without one are all pairs tried
            near = solution(_problem(description, n, nearest=True))
            last = [] if near is not None else conflicts(_problem(description, n, nearest=False))
            if not last:
                text = f"one sample has all of them, n = {n}"
                for name in ids:
                    yield Finding(name, TOGETHER, "holds", text, tuple(other for other in ids if other != name))
                return
    except Undecided as error:
        yield from (Finding(name, TOGETHER, "not testable", str(error)) for name in ids)
        return
    at_fault = {statement.published_id for conflict in last for statement in (conflict.dropped, *conflict.against)}
    for name in ids:
        against = tuple(other for other in ids if other != name and (other in at_fault or name not in at_fault))
        if name in at_fault:
            text = f"no sample has all of {', '.join(sorted(at_fault))} within the range, {description.size_text}"
            yield Finding(name, TOGETHER, "impossible", text, against)
        else:
            yield Finding(name, TOGETHER, "not testable", "other measures of the group contradict each other", against)


def _problem(description: Description, n: int, *, nearest: bool) -> Problem:
    low, high = (int(description.entries[limit].number) for limit in ("min", "max"))
    values = range(low, high + 1)
    counts = {f"v{value}": (0, n) for value in values}
    people = tuple((name, 1) for name in counts)
    structure: list[Constraint] = [
        Linear(people, n, n),
        Linear(((f"v{low}", 1),), 1, None),
        Linear(((f"v{high}", 1),), 1, None),
        Linear((*((f"v{value}", value) for value in values), ("total", -1)), 0, 0),
    ]
    statements = [
        Statement(description.entries["mean"].published_id, (_mean(description.interval("mean"), n),)),
        Statement(description.entries["sd"].published_id, _spread(description.interval("sd"), n, values)),
    ]
    pairs = _middle_pairs(description.interval("median"), n, values)
    options, median = _middles(pairs[:1] if nearest else pairs, n, values)
    statements.append(Statement(description.entries["median"].published_id, median))
    unknowns = {**counts, "total": (min(0, n * low), n * high), "total_squared": (0, (n * high) ** 2)}
    unknowns |= {f"m{place}": (0, 1) for place in range(len(options))}
    structure += [constraint for option in options for constraint in option]
    return Problem(unknowns, tuple(structure), tuple(statements), squares=(("total_squared", "total"),))


def _mean(mean: Interval, n: int) -> Constraint:
    sums = samples.possible_sums(mean, n)
    return Linear((("total", 1),), sums.start, sums.stop - 1)


def _spread(sd: Interval, n: int, values: range) -> tuple[Constraint, ...]:
    """``n * squares - total_squared`` between n (n - 1) times the squared limits of the SD."""
    low, high = (Fraction(max(limit, Fraction(0))) ** 2 * n * (n - 1) for limit in (sd.low, sd.high))
    band = whole_numbers(Interval(low, high, sd.low_closed, sd.high_closed))
    terms = (*((f"v{value}", n * value * value) for value in values), ("total_squared", -1))
    return (Linear(terms, band.start, band.stop - 1),)


def _middle_pairs(median: Interval, n: int, values: range) -> list[tuple[int, int]]:
    """Pairs of middle values that print as the median, those that lie nearest together first."""
    doubled = whole_numbers(Interval(median.low * 2, median.high * 2, median.low_closed, median.high_closed))
    pairs = [
        (below, total - below)
        for total in doubled
        for below in values
        if below <= total - below <= values[-1] and (n % 2 == 0 or 2 * below == total)
    ]
    return sorted(pairs, key=lambda pair: pair[1] - pair[0])


def _middles(
    pairs: Sequence[tuple[int, int]], n: int, values: range
) -> tuple[list[tuple[Constraint, ...]], tuple[Constraint, ...]]:
    """A switch for each pair of middle values with its conditions, and that one of them is on."""
    options: list[tuple[Constraint, ...]] = []
    for place, (below, above) in enumerate(pairs):
        # with the switch at 0 the conditions ask for no more than nobody
        low_side = tuple((f"v{value}", 1) for value in values if value <= below)
        high_side = tuple((f"v{value}", 1) for value in values if value >= above)
        needed = (n + 1) // 2 if below == above and n % 2 else n // 2 + (below == above)
        options.append(
            (
                Linear((*low_side, (f"m{place}", -n)), needed - n, None),
                Linear((*high_side, (f"m{place}", -n)), needed - n, None),
                *(Linear(((f"v{value}", 1), (f"m{place}", -1)), 0, None) for value in (below, above)),
            )
        )
    return options, (Linear(tuple((f"m{place}", 1) for place in range(len(pairs))), 1, None),)
