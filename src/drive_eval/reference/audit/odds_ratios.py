"""A printed odds ratio with its limits, and what is said of it, against the whole counts that can be behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from drive_eval.reference.audit import two_by_two
from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import exact, interval_of, prints_as, shown
from drive_eval.reference.register import Register

SYMMETRY = "limits symmetric on the log scale"
TABLES = "odds ratio and limits from whole counts"
LIKELIHOOD = "odds ratio worded as likelihood"
REDUCTION = "reduction from whole counts"

Item = Mapping[str, Any]


def check_odds_ratio(item: Item, register: Register) -> Iterator[Finding]:
    """An odds ratio with its limits: log symmetry, the whole counts behind it, and what is said of it."""
    ratio, low, high = (register[item[part]] for part in ("odds_ratio", "ci_low", "ci_high"))
    limits = (low.published_id, high.published_id)
    middle = two_by_two.middle_on_log_scale(interval_of(low), interval_of(high))
    fits = not middle.meet(interval_of(ratio)).is_empty
    text = f"the root of {low.printed} x {high.printed} is {shown(middle.low)} to {shown(middle.high)}"
    finding = Finding(ratio.published_id, SYMMETRY, "holds" if fits else "impossible", text, limits)
    yield finding
    yield from members(finding, limits, confirmed=fits)
    sizes = {f"{side}_n": int(register[item[side]].number) for side in ("first", "second")}
    quantile = _quantile(register[item["level"]].number)
    tables = two_by_two.tables_behind(
        interval_of(ratio), interval_of(low), interval_of(high), **sizes, quantile=quantile
    )
    yield from _tables(item, tables, sizes, register)
    if tables:
        yield from _limit_and_one(item, tables, sizes, register)
        yield from _likelihoods(item, tables, register)
        yield from _reductions(item, tables, register)


def _quantile(level: float) -> float:
    from scipy import stats

    return float(stats.norm.ppf(0.5 + level / 200))


def _tables(
    item: Item, tables: Sequence[two_by_two.Table], sizes: Mapping[str, int], register: Register
) -> Iterator[Finding]:
    related = (item["ci_low"], item["ci_high"], item["first"], item["second"])
    counts = [f"{each.first} of {sizes['first_n']} and {each.second} of {sizes['second_n']}" for each in tables]
    text = f"whole counts that fit: {', '.join(counts)}" if tables else "no whole counts fit"
    finding = Finding(item["odds_ratio"], TABLES, "holds" if tables else "impossible", text, related)
    yield finding
    yield from members(finding, related, confirmed=bool(tables))


def _limit_and_one(
    item: Item, tables: Sequence[two_by_two.Table], sizes: Mapping[str, int], register: Register
) -> Iterator[Finding]:
    entry, significance = register[item["ci_low"]], register[item["significance"]]
    if significance.value != "significant":
        return
    contains = all(table.low < 1 < table.high for table in tables)
    tests = two_by_two.p_values(tables[0], **sizes)
    listed = ", ".join(f"{name} {value:.3f}" for name, value in tests.items())
    text = f"unrounded limits {', '.join(f'{table.low:.3f} to {table.high:.3f}' for table in tables)}; p: {listed}"
    disagree = {value < (significance.alpha or 0.05) for value in tests.values()} == {True, False}
    hides_one = contains and Fraction(1) in interval_of(entry)
    words = "; the limit prints as 1 while the interval contains 1" if hides_one else ""
    yield Finding(entry.published_id, TABLES, "tension" if hides_one else "holds", text + words, (item["odds_ratio"],))
    tense = contains or disagree
    words = "; significant in some of these tests only" if disagree else ""
    related = (item["odds_ratio"], item["ci_low"], item["ci_high"])
    yield Finding(significance.published_id, TABLES, "tension" if tense else "holds", text + words, related)


def _likelihoods(item: Item, tables: Sequence[two_by_two.Table], register: Register) -> Iterator[Finding]:
    for name in item["likelihoods"]:
        entry = register[name]
        stated = exact(entry.number)
        risk = [abs(float(stated) - table.risk_ratio) for table in tables]
        odds = [abs(float(stated) - table.odds_ratio) for table in tables]
        is_odds = min(odds) < min(risk)
        ratios = f"odds ratio {tables[0].odds_ratio:.2f}, risk ratio {tables[0].risk_ratio:.2f}"
        text = f"stated {entry.printed} times as likely; {ratios}"
        yield Finding(name, LIKELIHOOD, "tension" if is_odds else "holds", text, (item["odds_ratio"],))


def _reductions(item: Item, tables: Sequence[two_by_two.Table], register: Register) -> Iterator[Finding]:
    """A printed fall from intake to exit, with the exit count of the table and any whole count at intake."""
    for reduction in item["reductions"]:
        entry, base = register[reduction["id"]], int(register[reduction["intake"]].number)
        exit_n = int(register[item[reduction["side"]]].number)
        exits = {getattr(table, reduction["side"]) for table in tables}
        fitting = [
            count
            for count in range(1, base + 1)
            for events in exits
            if prints_as(100 * (1 - Fraction(events, exit_n) / Fraction(count, base)), entry)
        ]
        related = (item["odds_ratio"], reduction["intake"])
        if fitting:
            text = f"{fitting[0]} to {fitting[-1]} of {base} at intake give {entry.printed}"
            yield Finding(entry.published_id, REDUCTION, "holds", text, related)
        else:
            text = f"no count of {base} at intake gives {entry.printed}"
            yield Finding(entry.published_id, REDUCTION, "impossible", text, related)
