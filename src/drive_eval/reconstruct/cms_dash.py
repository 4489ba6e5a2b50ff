"""The Drive DASH sheet of the case management system: 20 items at three times for every service user."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_dash_scores import (
    TOP,
    removal_patterns,
    score_shape,
    scored_triples,
    solve_courses,
    totals,
)
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.samples import roughen, solve_sample
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

Row = dict[str, Any]

TIMES = ("intake_2_weeks", "months_5_6", "closure")
ITEMS: Mapping[str, tuple[float, float]] = {
    "item_01": (0.9, -0.6),  # injury
    "item_02": (0.8, -0.2),  # victim frightened
    "item_03": (-0.2, 0.5),  # victim isolated
    "item_04": (-0.1, 0.7),  # victim depressed or suicidal
    "item_05": (0.5, -0.4),  # separated
    "item_06": (-0.3, 0.4),  # conflict over child contact
    "item_07": (0.3, 0.0),  # stalking, constant contact
    "item_08": (-1.4, 0.2),  # pregnancy or recent baby
    "item_09": (0.1, 0.2),  # more often
    "item_10": (0.0, 0.2),  # getting worse
    "item_11": (1.0, -0.3),  # controlling or very jealous
    "item_12": (-0.4, 0.1),  # weapons or objects
    "item_13": (0.0, 0.2),  # believed threats to kill
    "item_14": (-0.2, 0.3),  # choking
    "item_15": (-1.0, 1.0),  # sexual acts
    "item_16": (-0.2, 0.6),  # hurt anybody else
    "item_17": (-0.3, 0.3),  # money
    "item_18": (0.9, -0.5),  # drugs, alcohol or mental health
    "item_19": (-0.5, 0.5),  # suicide threats
    "item_20": (0.2, -0.8),  # broke bail or an order
}
"""How readily each item is answered yes, and how readily it stays unknown (both on a logit-like scale)."""
FAMILY_ITEMS = frozenset({"item_05", "item_06", "item_08"})
"""Items that do not apply to everybody; any other unanswered item is not known."""


def build(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], *, seed: int) -> list[Row]:
    """One row per service user and time, with the answers to `item_01` to `item_20`.

    Answers are `yes`, `no`, `not_applicable` and `not_known`. The score of a row is its number of `yes`; it is
    removed when `cms.dash.max_na_items` or more are not applicable or not known (R6).

    Raises
    ------
    Infeasible
        If the removals, means and tests do not go together; the message names the figures.
    """
    if int(register["cms.dash.items_n"].number) != len(ITEMS):
        raise Infeasible(f"cms.dash.items_n: the form has {len(ITEMS)} items")
    random = Random(f"dash {seed}")
    known = {user.su_id: 0.9 * user.contacted + random.gauss(0, 1) for user in spine}
    removed = _removed(register, assumed, spine, known, random)
    scores = _scores(register, assumed, spine, removed, random)
    rows = []
    unanswered = {time: _unanswered(register, time, scores, known, random) for time in TIMES}
    for user in spine:
        family = random.random() < 0.65
        leaning = {item: (yes + random.gauss(0, 0.9), gap + random.gauss(0, 0.8)) for item, (yes, gap) in ITEMS.items()}
        for time in TIMES:
            score, gaps = scores[user.su_id][time], unanswered[time][user.su_id]
            if score is None:
                score = sum(random.random() < 0.42 + 0.08 * user.severity for _ in range(len(ITEMS) - gaps))
            answers = _answers(leaning, score, gaps, family=family, random=random)
            rows.append(
                {
                    "data_origin": "synthetic",
                    "su_id": user.su_id,
                    "time": time,
                    "assessment_date": _date(user, time, random),
                    **answers,
                }
            )
    return rows


def _removed(
    register: Register, assumed: Assumed, spine: Sequence[ServiceUser], known: Mapping[str, float], random: Random
) -> dict[str, tuple[bool, ...]]:
    """At which times each score is removed; more often where little is known of the service user."""
    patterns = removal_patterns(register, assumed, TIMES, len(spine))
    ranked = sorted(spine, key=lambda user: known[user.su_id] + random.gauss(0, 0.6))
    return {user.su_id: flags for user, flags in zip(ranked, patterns, strict=True)}


def _scores(
    register: Register,
    assumed: Assumed,
    spine: Sequence[ServiceUser],
    removed: Mapping[str, tuple[bool, ...]],
    random: Random,
) -> dict[str, dict[str, int | None]]:
    """The score of every service user at each time, None where it is removed; higher with severity."""
    triples = scored_triples(register, solve_courses(register, assumed))
    changes = [(0, later - first, last - first) for first, later, last in triples]
    ranked = sorted(spine, key=lambda user: user.severity + random.gauss(0, 0.6))
    complete = [user for user in ranked if not any(removed[user.su_id])]
    at_intake = [user for user in ranked if any(removed[user.su_id]) and not removed[user.su_id][0]]
    found: dict[str, dict[str, int | None]] = {}
    triples.sort(key=lambda triple: sum(triple) + random.gauss(0, 2))
    for user, triple in zip(complete, triples, strict=True):
        found[user.su_id] = dict(zip(TIMES, triple, strict=True))
    others = _other_intake_scores(register, len(at_intake), sum(triple[0] for triple in triples))
    start = {user.su_id: score for user, score in zip(at_intake, others, strict=True)}
    for user in spine:
        if user.su_id not in found:
            first = start.get(user.su_id, round(8 + 3 * user.severity + random.gauss(0, 2)))
            course = [min(TOP, max(0, first + change)) for change in random.choice(changes)]
            flags = removed[user.su_id]
            found[user.su_id] = {
                time: None if gone else score for time, gone, score in zip(TIMES, flags, course, strict=True)
            }
    return found


def _other_intake_scores(register: Register, n: int, total: int) -> list[int]:
    """Intake scores of those not scored later, so that the mean prints the same with and without them (Y25)."""
    mean = register["cms.dash.intake.mean"]
    scored = int(register["cms.dash.friedman.n"].number) + n
    wanted = totals(mean, scored)
    rest = wanted[len(wanted) // 2] - total
    return solve_sample(
        n=n,
        minimum=2,
        maximum=TOP - 3,
        mean=((rest - 0.25) / n, (rest + 0.25) / n),
        shape=roughen(score_shape, range(TOP + 1), amount=0.2, random_seed=3)[2 : TOP - 2],
        name="cms.dash.intake.mean on all scored at intake",
    )


def _unanswered(
    register: Register,
    time: str,
    scores: Mapping[str, Mapping[str, int | None]],
    known: Mapping[str, float],
    random: Random,
) -> dict[str, int]:
    """How many items are not applicable or not known, for everybody at one time.

    The printed mean is over all service users; those at or above the limit are the removed ones. The less is
    known of a person the more, as far as the score leaves room.
    """
    limit = int(register["cms.dash.max_na_items"].number)
    kept = {su_id: score for su_id, found in scores.items() if (score := found[time]) is not None}
    removed = [su_id for su_id in scores if su_id not in kept]
    removed.sort(key=lambda su_id: known[su_id] + random.gauss(0, 0.5))
    many = solve_sample(
        n=len(removed),
        minimum=limit,
        maximum=len(ITEMS),
        shape=roughen(lambda gaps: 0.78 ** (gaps - limit), range(limit, len(ITEMS) + 1), amount=0.2, random_seed=1),
        name=f"cms.dash.{time}.removed_n",
    )
    found = dict(zip(removed, sorted(many, reverse=True), strict=True))
    printed = totals(register[f"cms.dash.{time}.na_items.mean"], len(scores))
    rest = printed[len(printed) // 2] - sum(many)
    few = solve_sample(
        n=len(kept),
        minimum=0,
        maximum=limit - 1,
        mean=((rest - 0.25) / len(kept), (rest + 0.25) / len(kept)),
        shape=roughen(lambda gaps: 0.8**gaps, range(limit), amount=0.1, random_seed=2),
        name=f"cms.dash.{time}.na_items.mean",
    )
    waiting = sorted(kept, key=lambda su_id: known[su_id] + random.gauss(0, 0.7))
    for gaps in sorted(few, reverse=True):
        su_id = next((su_id for su_id in waiting if kept[su_id] + gaps <= len(ITEMS)), "")
        if not su_id:
            raise Infeasible(f"cms.dash.{time}.na_items.mean: the scores leave no room for so many unanswered items")
        waiting.remove(su_id)
        found[su_id] = gaps
    return found


def _answers(
    leaning: Mapping[str, tuple[float, float]], score: int, gaps: int, *, family: bool, random: Random
) -> dict[str, str]:
    """Answers with the given numbers of yes and of unanswered items, mostly the same items at each time."""
    open_items = sorted(ITEMS, key=lambda item: leaning[item][1] + random.gauss(0, 0.3), reverse=True)
    without = set(open_items[:gaps])
    answered = sorted(open_items[gaps:], key=lambda item: leaning[item][0] + random.gauss(0, 0.3), reverse=True)
    yes = set(answered[:score])
    return {
        item: _gap(item, family=family, random=random) if item in without else "yes" if item in yes else "no"
        for item in ITEMS
    }


def _gap(item: str, *, family: bool, random: Random) -> str:
    """An unanswered item, sometimes in the shorthand of a case manager."""
    canonical, shorthand = ("not_known", "N/K")
    if item in FAMILY_ITEMS and not family:
        canonical, shorthand = ("not_applicable", "N/A")
    return Raw(shorthand) if random.random() < 0.08 else canonical


def _date(user: ServiceUser, time: str, random: Random) -> dt.date | str:
    """The day of the assessment, now and then typed as text."""
    if time == "closure":
        day = user.closure_date - dt.timedelta(days=min(20, int(random.expovariate(0.3))))
    else:
        earliest, latest = {"intake_2_weeks": (3, 24), "months_5_6": (148, 185)}[time]
        day = user.allocation_date + dt.timedelta(days=random.randrange(earliest, latest))
    return Raw(day.strftime("%d/%m/%Y")) if random.random() < 0.06 else day
