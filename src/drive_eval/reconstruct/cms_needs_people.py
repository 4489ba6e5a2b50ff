"""Which service user has which need, how high and when: needs tied to contact, and to no change of behaviour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import fmean

import numpy as np

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_behaviour import CLEAR, Person, Row
from drive_eval.reconstruct.cms_needs_classes import CLASSES, NEEDS, Pattern
from drive_eval.reconstruct.cms_needs_statements import require, require_order
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

TIMES = ("intake", "during", "closure")
ATTEMPTS = 500
HIGH = 0.43
"""Share of those with a need whose need is rated high; mental health by contact is solved for."""
RESOLVED, EMERGED, EASED, UNKNOWN = 0.05, 0.04, 0.2, 0.03
"""Shares of needs that end before closure, begin after intake, ease from high; share of later cells not known."""
MENTAL_HEALTH = NEEDS.index("mental_health")


@dataclass(frozen=True)
class Needs:
    """Needs of one person at any time, and which of them were rated high."""

    present: Pattern
    high: Pattern


@dataclass(frozen=True)
class Split:
    """People with a mental health need, and with a high one, with and without direct contact."""

    contacted: int
    others: int
    high_contacted: int
    high_others: int


def assign_needs(
    register: Register,
    spine: Sequence[ServiceUser],
    people: Mapping[str, Person],
    patterns: Mapping[str, Sequence[Pattern]],
    random: Random,
) -> dict[str, Needs]:
    """Give the patterns of each class to its members, by severity, until the published statements hold.

    Raises
    ------
    Infeasible
        If the engagement statements allow no split, or no need stays unrelated to behaviour change.
    """
    members = [person for person in people.values() if person.user.has_specific_needs]
    split = mental_health_split(register, spine, patterns)
    entry = register["cms.needs_behaviour.logistic.significance"]
    limit = (entry.alpha or 0.05) + 1.5 * CLEAR
    for _ in range(ATTEMPTS):
        present = _give(members, patterns, split, random)
        users = [person for person in members if person.used_any]
        design = np.array([present[person.user.su_id] for person in users], dtype=float)
        if min(wald_p_values(design, np.array([person.changed for person in users], dtype=float))) > limit:
            break
    else:
        raise Infeasible(f"{entry.published_id}: a need stays related to behaviour change")
    _check_engagement(register, members, present)
    high = _rate_high(members, present, split, random)
    return {su_id: Needs(pattern, high[su_id]) for su_id, pattern in present.items()}


def mental_health_split(
    register: Register, spine: Sequence[ServiceUser], patterns: Mapping[str, Sequence[Pattern]]
) -> Split:
    """Numbers with (high) mental health need by contact that agree with twice as likely under three readings.

    The readings, all over the 212: odds of contact with a high need against everyone else; the same against those
    without a recorded mental health need; share with a high need among the contacted against the others. A ratio of
    the shares contacted is no reading: 63 % are contacted overall, so it cannot come near 2.

    Raises
    ------
    Infeasible
        If no numbers lie in the accepted range.
    """
    entry = register["cms.engagement.high_mental_health_ratio"]
    low, high = entry.range if entry.range else (entry.number, entry.number)
    contacted = sum(user.contacted for user in spine)
    specific = sum(user.has_specific_needs for user in spine)
    with_both = sum(user.contacted and user.has_specific_needs for user in spine)
    total = sum(pattern[MENTAL_HEALTH] for each in patterns.values() for pattern in each)
    best: tuple[float, Split] | None = None
    for without in range(1, total):
        engaged = total - without
        gap = engaged / total - (with_both - engaged) / (specific - total)
        if gap < 0.05 or engaged > with_both or without > specific - with_both:
            continue
        for more, fewer in product(range(1, engaged + 1), range(1, without + 1)):
            split = Split(engaged, without, more, fewer)
            readings = _readings(split, contacted, len(spine) - contacted)
            if not all(low <= reading <= high for reading in readings):
                continue
            uneven = abs(more / engaged - fewer / without) + abs(math.log((more + fewer) / total / HIGH))
            off = uneven + sum(abs(reading - entry.number) for reading in readings) / 3 + gap
            if best is None or off < best[0]:
                best = off, split
    if best is None:
        raise Infeasible(f"{entry.published_id}: no numbers of high needs agree with {entry.printed}")
    return best[1]


def _readings(split: Split, contacted: int, others: int) -> tuple[float, float, float]:
    """Odds ratio against everyone else, odds ratio against those without the need, ratio of the shares rated high."""
    more, fewer = split.high_contacted, split.high_others
    return (
        more * (others - fewer) / (fewer * (contacted - more)),
        more * (others - split.others) / (fewer * (contacted - split.contacted)),
        more * others / (fewer * contacted),
    )


def _give(
    members: Sequence[Person], patterns: Mapping[str, Sequence[Pattern]], split: Split, random: Random
) -> dict[str, Pattern]:
    halves = {
        (name, flag): [each for each in members if each.group == name and each.user.contacted == flag]
        for name, flag in product(CLASSES, (True, False))
    }
    share = {name: fmean(pattern[MENTAL_HEALTH] for pattern in patterns[name]) for name in CLASSES}
    without = apportion(split.others, {name: share[name] * len(halves[name, False]) for name in CLASSES})
    given: dict[str, Pattern] = {}
    for name in CLASSES:
        ranked = sorted(patterns[name], key=lambda pattern: sum(pattern) + random.gauss(0, 2))
        needy = [pattern for pattern in ranked if pattern[MENTAL_HEALTH]]
        rest = [pattern for pattern in ranked if not pattern[MENTAL_HEALTH]]
        cut = len(halves[name, False]) - without[name]
        parts = {False: needy[: without[name]] + rest[:cut], True: needy[without[name] :] + rest[cut:]}
        for flag in (True, False):
            people = sorted(halves[name, flag], key=lambda person: person.user.severity + random.gauss(0, 0.7))
            part = sorted(parts[flag], key=lambda pattern: sum(pattern) + random.gauss(0, 1))
            given.update({person.user.su_id: row for person, row in zip(people, part, strict=True)})
    return given


def _check_engagement(register: Register, members: Sequence[Person], present: Mapping[str, Pattern]) -> None:
    means = {}
    for name, flag in (("engaging", True), ("non_engaging", False)):
        numbers = [sum(present[person.user.su_id]) for person in members if person.user.contacted == flag]
        means[name] = sum(numbers) / len(numbers)
    require_order(register["cms.needs.engaging_vs_not"], means)
    shares = {}
    for name, flag in (("with_mental_health_need", True), ("without", False)):
        part = [person for person in members if present[person.user.su_id][MENTAL_HEALTH] == flag]
        shares[name] = sum(person.user.contacted for person in part) / len(part)
    require_order(register["exec.engagement.mental_health_direction"], shares)


def _rate_high(
    members: Sequence[Person], present: Mapping[str, Pattern], split: Split, random: Random
) -> dict[str, Pattern]:
    """Which needs are rated high: those of the more severe."""
    high: dict[str, list[bool]] = {person.user.su_id: [False] * len(NEEDS) for person in members}
    for column, flag in product(range(len(NEEDS)), (True, False)):
        part = [each for each in members if each.user.contacted == flag and present[each.user.su_id][column]]
        part.sort(key=lambda person: person.user.severity + random.gauss(0, 0.8), reverse=True)
        count = math.floor(HIGH * len(part) + 0.5)
        if column == MENTAL_HEALTH:
            count = split.high_contacted if flag else split.high_others
        for person in part[:count]:
            high[person.user.su_id][column] = True
    return {su_id: tuple(flags) for su_id, flags in high.items()}


def wald_p_values(design: np.ndarray, outcome: np.ndarray) -> list[float]:
    """Wald p-values of a logistic regression by maximum likelihood, all 0 where it is separated."""
    rows = np.column_stack([np.ones(len(outcome)), design])
    estimates = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-rows @ estimates))
        information = rows.T @ (rows * (chance * (1 - chance))[:, None])
        step = np.linalg.solve(information, rows.T @ (outcome - chance))
        estimates = estimates + step
        if not np.all(np.abs(estimates) < 6):
            return [0.0] * design.shape[1]
        if np.max(np.abs(step)) < 1e-10:
            break
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return [math.erfc(abs(z) / math.sqrt(2)) for z in (estimates / errors)[1:]]


def needs_rows(
    register: Register, assumed: Assumed, spine: Sequence[ServiceUser], needs: Mapping[str, Needs], random: Random
) -> list[Row]:
    """One row per service user: each need at intake, during the intervention and at closure.

    Raises
    ------
    Infeasible
        If the share with a need changes more between intake and closure than the report's words allow.
    """
    cells: dict[str, Row] = {su_id: {} for su_id in needs}
    for column, need in enumerate(NEEDS):
        _fill(cells, need, {su_id: (each.present[column], each.high[column]) for su_id, each in needs.items()}, random)
    _check_change(register, assumed, cells)
    return [_row(user, cells.get(user.su_id), random) for user in spine]


def _fill(cells: dict[str, Row], need: str, flags: Mapping[str, tuple[bool, bool]], random: Random) -> None:
    """Levels of one need over time; a need at any time is always seen at some time."""
    present = [su_id for su_id, (has, _) in flags.items() if has]
    slight = [su_id for su_id in present if not flags[su_id][1]]
    emerged = set(random.sample(slight, min(len(slight), round(EMERGED * len(present)))))
    resolved = set(random.sample([su_id for su_id in present if su_id not in emerged], round(RESOLVED * len(present))))
    for su_id, (has, high) in flags.items():
        level = "high_need" if high else "need" if has else "no_need"
        course = dict.fromkeys(TIMES, level)
        if su_id in emerged:
            course["intake"] = "no_need"
        elif su_id in resolved:
            course["closure"] = "no_need"
        elif high and random.random() < EASED:
            course["closure"] = "need"
        if su_id not in emerged | resolved:
            for time in TIMES[1:]:
                if random.random() < UNKNOWN:
                    course[time] = random.choice(["not_known", Raw("N/K")])
        cells[su_id].update({f"{need}_{time}": course[time] for time in TIMES})


def _check_change(register: Register, assumed: Assumed, cells: Mapping[str, Row]) -> None:
    for need in NEEDS:
        shares = []
        for time in ("intake", "closure"):
            valid = [cell[f"{need}_{time}"] for cell in cells.values() if "need" in cell[f"{need}_{time}"]]
            shares.append(100 * sum(level != "no_need" for level in valid) / len(valid))
        moved = abs(shares[0] - shares[1])
        entry = register["cms.needs.change_over_time"]
        require(moved <= assumed["cms.reading.little_change"], entry, f"{need}: {moved:.1f} points")


def _row(user: ServiceUser, known: Row | None, random: Random) -> Row:
    information = "specific" if known else "general" if user.has_need_information else "none"
    row: Row = {"data_origin": "synthetic", "su_id": user.su_id, "needs_information": information}
    if known:
        return row | known
    blank = random.choice(["not_known", None, None])
    for need, time in product(NEEDS, TIMES):
        row[f"{need}_{time}"] = Raw("N/K") if random.random() < 0.05 else blank
    return row


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Share out a whole number in proportion to weights (largest remainders)."""
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    given = {name: int(amount) for name, amount in exact.items()}
    left = total - sum(given.values())
    for name in sorted(weights, key=lambda each: given[each] - exact[each])[:left]:
        given[name] += 1
    return given
