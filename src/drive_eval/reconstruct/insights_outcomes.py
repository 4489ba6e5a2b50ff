"""How advisers (IDVAs) judge the change in risk and how long it will last, on exit forms and on reviews.

More people have an answer than an exit form (Y07): those without one were judged at a review. Only where risk was
reduced, significantly or moderately, was asked how lasting the reduction is; 68 and 342 are exactly these people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import LEVELS, TYPES, Infeasible
from drive_eval.reconstruct.insights_samples import shows
from drive_eval.reference.register import Register

Row = dict[str, Any]
ARMS = ("drive", "control")
RISK, LASTING = "insights.risk_change", "insights.sustainability"
CHANGES = ("significant_reduction", "moderate_reduction", "limited_reduction", "no_change", "increased")
REDUCED = CHANGES[:2]
TERMS = (
    "permanently_eliminated",
    "long_term_over_2_years",
    "medium_term_6_months_to_2_years",
    "short_term_1_to_6_months",
)
UNSURE = "dont_know_or_unpredictable"
EARLIER_REVIEW, SECOND_REVIEW = 0.35, 0.15


def solve_outcomes(register: Register, assumed: Assumed, arm: str) -> dict[str, dict[str, int]]:
    """Counts of `risk_change` and `sustainability` in an arm, checked against what is printed.

    Raises
    ------
    Infeasible
        If counts do not sum to the people who answered, or a share prints otherwise.
    """
    changes = {name: _count(register, assumed, f"{RISK}.{arm}.{name}") for name in CHANGES}
    terms = {name: _count(register, assumed, f"{LASTING}.{arm}.{name}") for name in (*TERMS, UNSURE)}
    reduced = sum(changes[name] for name in REDUCED)
    for prefix, counts in ((RISK, changes), (LASTING, terms)):
        total = int(register[f"{prefix}.{arm}.n"].number)
        if sum(counts.values()) != total:
            raise Infeasible(f"{prefix}.{arm}: the categories sum to {sum(counts.values())}, the report has {total}")
        for name, size in counts.items():
            entry = register.get(f"{prefix}.{arm}.{name}")
            if entry and not shows(100 * size / total, entry):
                raise Infeasible(f"{entry.published_id}: {size} of {total} does not print as {entry.printed}")
    if reduced != sum(terms.values()):
        raise Infeasible(f"{LASTING}.{arm}: {sum(terms.values())} people, but risk was reduced for {reduced}")
    return {"risk_change": changes, "sustainability": terms}


def _count(register: Register, assumed: Assumed, name: str) -> int:
    entry = register.get(name)
    return entry.implied_count if entry and entry.implied_count is not None else assumed.count(name)


def give_outcomes(people: Sequence[Row], register: Register, assumed: Assumed, random: Random) -> None:
    """Give the last answer of each person who has one, and earlier answers on reviews to some.

    Adds `risk_change`, `sustainability` (of the last form that has them), `judged_at` ("exit", "review" or None) and
    `reviews`, a list of rows of the sheet `Reviews`. Better answers go to people who were abused less at exit.
    """
    for arm in ARMS:
        counts = solve_outcomes(register, assumed, arm)
        members = [person for person in people if person["arm"] == arm]
        at_exit = assumed.count(f"{RISK}.{arm}.on_exit_form")
        judged = _judged(members, at_exit, sum(counts["risk_change"].values()) - at_exit, random)
        judged.sort(key=lambda person: _worse(person) + random.gauss(0, 0.8))
        _hand_out(judged, "risk_change", counts["risk_change"], CHANGES)
        reduced = [person for person in judged if person["risk_change"] in REDUCED]
        unsure = set(map(id, random.sample(reduced, counts["sustainability"][UNSURE])))
        for person in reduced:
            if id(person) in unsure:
                person["sustainability"] = UNSURE
        sure = [person for person in reduced if id(person) not in unsure]
        sure.sort(key=lambda person: CHANGES.index(person["risk_change"]) + _worse(person) + random.gauss(0, 0.8))
        _hand_out(sure, "sustainability", counts["sustainability"], TERMS)
    for person in people:
        person["reviews"] = _reviews(person, random)


def _judged(members: Sequence[Row], at_exit: int, at_review: int, random: Random) -> list[Row]:
    """People with an answer: at exit, or at a review where there is no exit form; the least engaged have none."""
    found = []
    for has_exit, place, size in ((True, "exit", at_exit), (False, "review", at_review)):
        group = [person for person in members if person["has_exit_form"] == has_exit]
        if size > len(group):
            raise Infeasible(f"{RISK}: {size} answers at {place} for {len(group)} people")
        group.sort(key=lambda person: person["engagement"] + random.gauss(0, 1), reverse=True)
        for rank, person in enumerate(group):
            person["judged_at"] = place if rank < size else None
            person["risk_change"] = person["sustainability"] = None
        found += group[:size]
    return found


def _worse(person: Row) -> float:
    """Abuse that goes on, as far as it is known, less engagement."""
    steps = {level: rank for rank, level in enumerate(LEVELS, start=1)}
    at_exit = [steps.get(person[abuse].get("exit_level") or "", 0) for abuse in TYPES]
    ongoing = max(at_exit) if person["has_exit_form"] else 0.8
    return 0.7 * ongoing + 0.3 * float(person["severity"]) - 0.3 * float(person["engagement"])


def _hand_out(ranked: Sequence[Row], column: str, counts: Mapping[str, int], order: Sequence[str]) -> None:
    values = [name for name in order for _ in range(counts[name])]
    for person, value in zip(ranked, values, strict=True):
        person[column] = value


def _reviews(person: Row, random: Random) -> list[Row]:
    """Reviews in order of their dates: the last answer itself where there is no exit form, and earlier, worse ones.

    Someone with an exit form but no answer on it has none on a review either, so that the last answer stands alone.
    """
    if person["judged_at"] is None:
        return []
    last = person["judged_at"] == "review"
    wanted = int(last) + (random.random() < (SECOND_REVIEW if last else EARLIER_REVIEW))
    days = (person["last_date"] - person["intake_date"]).days
    if days < 2 * wanted:
        wanted = min(wanted, int(last))
    places = sorted(random.sample(range(1, max(days, wanted + 1)), wanted))
    answers = [(person["risk_change"], person["sustainability"])] if last else []
    while len(answers) < wanted:
        answers.insert(0, _earlier(person["risk_change"], random))
    return [
        {"review_date": person["intake_date"] + dt.timedelta(days=place), "risk_change": change, "sustainability": term}
        for place, (change, term) in zip(places, answers, strict=True)
    ]


def _earlier(change: str, random: Random) -> tuple[str, str | None]:
    """An answer before the last one: mostly a step worse."""
    rank = min(CHANGES.index(change) + random.choice((0, 1, 1, 2)), len(CHANGES) - 2)
    term = random.choice((UNSURE, *TERMS[2:])) if CHANGES[rank] in REDUCED else None
    return CHANGES[rank], term
