"""The sentences of a report: the numbers choose the verb, the guard goes with the kind of finding.

A finding names its numbers and the words around them; what is claimed is decided here. An odds ratio is never told as a
likelihood, a test that shows nothing is never told as evidence of nothing, and what compares the same people over time
says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from drive_eval.exhibits.finding_numbers import FindingNotMade, Number, Numbers, direction
from drive_eval.exhibits.wording import fill, show, slots_of
from drive_eval.study import Study

GUARDS = {
    "within": "This follows one group over time and says nothing about what brought the change about.",
    "arms": "Arms are compared among those with data, not among everybody allocated.",
    "groups": "Nobody was put into these groups at random; this is an association.",
    "classes": "Classes summarise a pattern of recorded needs and were named afterwards.",
}
"""Said once in a chapter, by the first finding that needs it."""
_NOT_NONE = "this is not evidence of none"
_AT_ODDS = "interval and test do not agree, so the result is borderline"
_ENOUGH_EVENTS = 10
Words = Mapping[str, Any]
Slots = Mapping[str, Any]


@dataclass(frozen=True)
class Sentence:
    """A finding in words, with the registry rows that its numbers come from."""

    id: str
    chapter: str
    text: str
    result_ids: tuple[str, ...]
    exhibits: tuple[str, ...]


def write(study: Study, registry: pd.DataFrame) -> list[Sentence]:
    """Write the findings of a study, in the order of ``findings.yaml``; a study without that file has none.

    Raises
    ------
    FindingNotMade
        If the registry lacks a number of a finding, or the numbers of a finding do not belong together.
    """
    columns = (registry[name].tolist() for name in ("result_id", "value", "unit", "method"))
    rows = {result_id: Number(*row) for result_id, *row in zip(*columns, strict=True)}
    settings, told, written = study.findings, set(), []
    for name, entry in settings.get("findings", {}).items():
        numbers = Numbers(name, rows, alpha=settings["alpha"], small_base=settings["small_base"])
        if entry["kind"] == "description":
            text, guard = _description(entry["words"], numbers, registry), ""
        else:
            tell, guard = KINDS[entry["kind"]]
            text = tell(entry["words"], entry["slots"], numbers)
        parts = [text[0].upper() + text[1:] + "."]
        if numbers.small:
            parts.append(f"The base is small ({', '.join(numbers.small)}).")
        if guard and (entry["chapter"], guard) not in told:
            told.add((entry["chapter"], guard))
            parts.append(GUARDS[guard])
        exhibits = tuple(entry["exhibits"])
        written.append(Sentence(name, entry["chapter"], " ".join(parts), tuple(numbers.used), exhibits))
    return written


def _description(words: Words, numbers: Numbers, registry: pd.DataFrame) -> str:
    text = str(words["text"]).rstrip(".")
    slots = slots_of(text)
    for slot in slots:
        estimate, _, name = slot.rpartition(".")
        read = numbers.size if name == "denominator" else numbers.value
        read(estimate, name)
    return fill(text, registry[registry["result_id"].isin(slots)])


def _share(words: Words, slots: Slots, numbers: Numbers) -> str:
    bases = [numbers.size(row, "denominator") for row in slots["shares"]]
    if len(set(bases)) > 1:
        raise FindingNotMade(
            f"findings.yaml, {numbers.finding}: shares of different bases ({', '.join(bases)}); make a finding of each"
        )
    interval = numbers.interval if len(bases) == 1 else None
    parts = [
        f"{numbers.size(row)} ({show(numbers.share(row), 'percent1')}{f', {interval(row)}' if interval else ''}) {were}"
        for row, were in zip(slots["shares"], words["were"], strict=True)
    ]
    return f"of {bases[0]} {words['who']}, {_listed(parts)}"


def _change_within_arm(words: Words, slots: Slots, numbers: Numbers) -> str:
    before, after = numbers.share(slots["before"]), numbers.share(slots["after"])
    tested = _test_of_change(slots, numbers)
    details = []
    if "change" in slots:
        change = slots["change"]
        details.append(f"change {numbers.effect(change, 'point_change')} ({numbers.interval(change)})")
    if "reduction" in slots:
        details.append(_relative(slots["reduction"], numbers))
    if "stopped" in slots:
        details.append(
            f"of {numbers.size(slots['stopped'], 'denominator')} with both answers {numbers.size(slots['stopped'])}"
            f" stopped and {numbers.size(slots['started'])} started"
        )
    if "test" in slots:
        details.append(f"{numbers.p(slots['test'])}, {numbers.method(slots['test'])}")
    shares = (
        f"from {numbers.part(slots['before'])} {words['before']} to {numbers.part(slots['after'])} {words['after']}"
    )
    return _change(words, shares, direction(before, after, share=True), tested, details)


def _test_of_change(slots: Slots, numbers: Numbers) -> bool:
    return numbers.shows(slots["test"]) if "test" in slots else numbers.leaves_out(slots["change"], 0)


def _relative(estimate: str, numbers: Numbers) -> str:
    value = numbers.value(estimate, "relative_reduction")
    word, sign = ("increase", -1) if value < 0 else ("reduction", 1)
    said = f"a relative {word} of {show(sign * value, 'percent1')}"
    has_interval = f"{estimate}.ci_low" in numbers.registry
    if not has_interval:
        return said
    level = show(numbers.value(estimate, "ci_level"), "percent")
    limits = sorted(sign * numbers.value(estimate, name) for name in ("ci_low", "ci_high"))
    return f"{said} ({level} CI {' to '.join(show(limit, 'percent1') for limit in limits)})"


def _change(words: Words, shares: str, moved: int, tested: bool, details: list[str]) -> str:
    """A change over time: told as one only where its test, or else its interval, shows one."""
    verb = {-1: "fell", 0: "stayed the same", 1: "rose"}[moved]
    who, told = words["who"], "; ".join(details)
    if tested:
        return f"among {who}, {words['what']} {verb} {shares}: {told}"
    return f"among {who}, the data do not show a change in {words['what']}, {shares}: {told}; {_NOT_NONE}"


def _mean_change(words: Words, slots: Slots, numbers: Numbers) -> str:
    before, after, change = (slots[name] for name in ("before", "after", "change"))
    first, second = numbers.mean(before), numbers.mean(after)
    details = [
        f"mean change {numbers.effect(change, 'mean_difference')} in the {numbers.size(change)} with both"
        f" ({numbers.interval(change)}, {numbers.p(change)}, {numbers.method(change)})"
    ]
    if "reduction" in slots:
        details.append(_relative(slots["reduction"], numbers))
    means = f"from a mean of {numbers.average(before)} {words['before']} to {numbers.average(after)} {words['after']}"
    moved = direction(first.value, second.value, share=first.unit == "share")
    return _change(words, means, moved, numbers.shows(change), details)


def _odds_ratio(words: Words, slots: Slots, numbers: Numbers) -> str:
    ratio, test = slots["odds_ratio"], slots["test"]
    _same_groups(slots, ratio, numbers)
    shares = f"{numbers.part(slots['first'])} against {numbers.part(slots['second'])}"
    evidence = f"{numbers.interval(ratio)}, {numbers.p(test)}, {numbers.method(test)}"
    printed = show(numbers.value(ratio, "odds_ratio"), "ratio")
    after = [f"; {_AT_ODDS}"] if numbers.shows(test) != numbers.leaves_out(ratio, 1) else []
    if "family" in slots:
        others = _listed([numbers.p(row) for row in slots["family"]])
        after.append(f"; the same test of {words['others']} gives {others}, and none is corrected for the others")
    if "difference" in slots:
        row = slots["difference"]
        shares += f", a difference of {numbers.effect(row, 'risk_difference')} ({numbers.interval(row)})"
    if numbers.shows(test):
        return (
            f"the odds of {words['what']} among {words['first']} were {printed} times those among {words['second']}"
            f" ({evidence}): {shares}{''.join(after)}"
        )
    return (
        f"the data do not show a difference in {words['what']} between {words['first']} and {words['second']}:"
        f" {shares}; odds ratio {printed} ({evidence}); {_NOT_NONE}{''.join(after)}"
    )


def _mean_difference(words: Words, slots: Slots, numbers: Numbers) -> str:
    row = slots["difference"]
    _same_groups(slots, row, numbers)
    means = f"{numbers.average(slots['first'])} against {numbers.average(slots['second'])}"
    evidence = f"{numbers.interval(row)}, {numbers.p(row)}, {numbers.method(row)}"
    difference = numbers.number(row, "mean_difference")
    told = f"{means}, a difference of {numbers.effect(row, 'mean_difference')} ({evidence})"
    if not numbers.shows(row):
        return (
            f"the data do not show a difference in {words['what']} between {words['first']} and {words['second']}:"
            f" {told}; {_NOT_NONE}"
        )
    word = "higher" if difference.value > 0 else "lower"
    return f"{words['what']} was {word} among {words['first']} than among {words['second']}: {told}"


def _association(words: Words, slots: Slots, numbers: Numbers) -> str:
    row, test = slots["difference"], slots["test"]
    shares = f"{numbers.part(slots['first'])} against {numbers.part(slots['second'])}"
    told = (
        f"{shares}, a difference of {numbers.effect(row, 'risk_difference')}"
        f" ({numbers.interval(row)}, {numbers.p(test)}, {numbers.method(test)})"
    )
    groups = words["first"], words["second"]
    if not numbers.shows(test):
        return (
            f"among {words['who']}, the data do not show a difference in {words['what']} between those {groups[0]} and"
            f" those {groups[1]}: {told}; {_NOT_NONE}"
        )
    word = "more" if numbers.value(row, "risk_difference") > 0 else "less"
    return f"among {words['who']}, {words['what']} was {word} frequent {groups[0]} than {groups[1]}: {told}"


def _model_association(words: Words, slots: Slots, numbers: Numbers) -> str:
    found = [
        f"{label} (odds ratio {show(numbers.value(row['odds_ratio'], 'odds_ratio'), 'ratio')},"
        f" {numbers.interval(row['odds_ratio'])}, {numbers.p(row['test'])})"
        for label, row in zip(words["terms"], slots["terms"], strict=True)
        if numbers.shows(row["test"])
    ]
    events = numbers.value(slots["events_per_variable"], "events_per_variable")
    few = ", fewer than the ten usually asked for" if events < _ENOUGH_EVENTS else ""
    model = (
        f"the model as a whole, {numbers.size(slots['overall'], 'denominator')} people, has"
        f" {numbers.p(slots['overall'])} ({show(events, 'decimal1')} events per variable{few})"
    )
    if found:
        return f"among {words['who']}, {words['what']} was associated with {_listed(found)}; {model}"
    smallest = min((row["test"] for row in slots["terms"]), key=lambda row: numbers.value(row, "p_value"))
    return (
        f"among {words['who']}, the data do not show an association of {words['what']} with any of"
        f" {words['terms_together']}: the smallest {numbers.p(smallest)}; {model}; {_NOT_NONE}"
    )


def _latent_classes(words: Words, slots: Slots, numbers: Numbers) -> str:
    base = numbers.size(slots["classes"][0], "denominator")
    sizes = [
        f"{label} {numbers.size(row)} ({show(numbers.share(row), 'percent1')})"
        for label, row in zip(words["classes"], slots["classes"], strict=True)
    ]
    lowest = numbers.value(slots["lowest"], "n_classes")
    other = "" if lowest == len(sizes) else ", which is another number than shown here"
    return (
        f"{base} {words['who']} fall into these classes by {words['what']}: {_listed(sizes)}; the Bayesian information"
        f" criterion is lowest for {show(lowest, 'count')} classes{other}"
    )


def _rank_change(words: Words, slots: Slots, numbers: Numbers) -> str:
    row, level = slots["overall"], numbers.value(slots["level"], "setting")
    ranks = [
        f"{show(numbers.value(rank, 'mean_rank'), 'ratio')} {when}"
        for rank, when in zip(slots["ranks"], words["times"], strict=True)
    ]
    evidence = (
        f"mean ranks {_listed(ranks)}; {numbers.method(row)} {show(numbers.value(row, 'statistic'), 'statistic')},"
        f" {numbers.p(row)}, Kendall's W {show(numbers.value(row, 'kendalls_w'), 'ratio')}"
    )
    people = f"the {numbers.size(row)} of {numbers.size(row, 'denominator')} {words['who']}"
    if not numbers.shows(row):
        return f"among {people}, the data do not show a change in {words['what']}: {evidence}; {_NOT_NONE}"
    differing = [
        f"{label} ({numbers.p(pair)})"
        for label, pair in zip(words["pairs"], slots["pairs"], strict=True)
        if numbers.value(pair, "p_value") < level
    ]
    tested = ", ".join(numbers.p(pair) for pair in slots["pairs"])
    pairs = (
        f"the times that differ are {_listed(differing)}"
        if differing
        else f"but no single pair of times is below the level set for pairs, p {show(level, 'p')} ({tested})"
    )
    return f"among {people}, {words['what']} moved over the times: {evidence}; {pairs}"


KINDS: Mapping[str, tuple[Callable[[Words, Slots, Numbers], str], str]] = {
    "share": (_share, ""),
    "change_within_arm": (_change_within_arm, "within"),
    "mean_change": (_mean_change, "within"),
    "rank_change": (_rank_change, "within"),
    "difference_between_arms_odds_ratio": (_odds_ratio, "arms"),
    "difference_between_arms_mean": (_mean_difference, "arms"),
    "association": (_association, "groups"),
    "model_association": (_model_association, "groups"),
    "latent_classes": (_latent_classes, "classes"),
}


def _same_groups(slots: Slots, comparison: str, numbers: Numbers) -> None:
    """Two groups in the order that the comparison has them, so that a ratio is never told the wrong way round."""
    named = comparison.split(".")[3].replace("_minus_", "_v_").split("_v_")
    given = [slots[name].split(".")[3] for name in ("first", "second")]
    if named != given:
        raise FindingNotMade(
            f"findings.yaml, {numbers.finding}: first and second are {' and '.join(given)}, the comparison is of"
            f" {' and '.join(named)}; put the slots and words in its order"
        )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
