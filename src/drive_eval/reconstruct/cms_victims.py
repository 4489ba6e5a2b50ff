"""Victims/survivors linked to the cases: one index victim/survivor each, on whom the profile stands, and others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reconstruct.samples import count_for, roughen, solve_sample
from drive_eval.reference.register import Register

Row = dict[str, Any]

NEEDS = {
    "mental_health": 50,
    "alcohol": 18,
    "substance_misuse": 12,
    "employment": 30,
    "financial": 34,
    "disability": 10,
}
"""The needs of a victim/survivor, and how often each comes first."""
_FRIENDS = {
    "alcohol": ("substance_misuse", "mental_health"),
    "substance_misuse": ("alcohol", "mental_health"),
    "employment": ("financial",),
    "financial": ("employment",),
}
NEED_COLUMNS = tuple(f"need_{need}" for need in NEEDS)
OTHER_ETHNICITIES = {"white_other": 6, "asian": 5, "black": 2, "mixed": 2, "other": 1}


def build_victims(register: Register, assumed: Assumed, cases: Sequence[Row], random: Random) -> list[Row]:
    """The rows of the sheet `Victims`, by service user, the index victim/survivor first.

    Of each printed share the count is one that prints the same with the one blank entry counted or left out.

    Parameters
    ----------
    register : Register
    assumed : Assumed
    cases : sequence of Row
        Rows of the sheet `Cases` with canonical codes; some of their columns shape the pairs.
    random : Random

    Raises
    ------
    Infeasible
        If no index victims/survivors carry the printed profile.
    """
    total = int(register["cms.vs.n"].number)
    if total != len(cases):
        raise Infeasible(f"cms.vs.n: {total} index victims/survivors for {len(cases)} cases")
    index = [{"data_origin": "synthetic", "su_id": case["su_id"], "is_index": "yes"} for case in cases]
    _add_ages(register, cases, index, random)
    _add_relationship(register, cases, index, random)
    _add_identity(register, cases, index, random)
    _add_household(register, cases, index, random)
    _add_needs(_need_numbers(register, assumed, total), cases, index, random)
    rows = index + _others(register, assumed, index, random)
    numbers = random.sample(range(10_000, 99_999), len(rows))
    for row, number in zip(rows, numbers, strict=True):
        row["vs_id"] = f"CV-{number}"
    rows.sort(key=lambda row: (row["su_id"], row["is_index"] != "yes", row["vs_id"]))
    return [_as_delivered(row, random) for row in rows]


def _order(scores: Sequence[float], random: Random) -> list[int]:
    """Positions from the highest score to the lowest, scores blurred."""
    blurred = [score + random.gauss(0, 1) for score in scores]
    return sorted(range(len(blurred)), key=lambda position: blurred[position], reverse=True)


def _add_ages(register: Register, cases: Sequence[Row], index: Sequence[Row], random: Random) -> None:
    """Ages that print as the report has them, younger victims/survivors mostly with younger service users."""
    figure = {part: register[f"cms.vs.age.{part}"] for part in ("min", "max", "mean", "sd", "median")}
    low, high = int(figure["min"].number), int(figure["max"].number)
    sample = solve_sample(
        n=len(index),
        minimum=low,
        maximum=high,
        mean=figure["mean"].number,
        sd=figure["sd"].number,
        median=figure["median"].number,
        decimals={"mean": figure["mean"].decimals or 0, "sd": figure["sd"].decimals or 0},
        shape=roughen(_age_weight, range(low, high + 1), amount=0.2, random_seed=1),
        name="cms.vs.age",
    )
    order = _order([case["age"] / 7 for case in cases], random)
    for position, age in zip(order, reversed(sample), strict=True):
        index[position]["age"] = age


def _age_weight(age: int) -> float:
    return math.exp(-((math.log(age / 30) / 0.36) ** 2) / 2) / age


def _add_relationship(register: Register, cases: Sequence[Row], index: Sequence[Row], random: Random) -> None:
    """Gender and relationship; where both are of one gender they are more often family."""
    total = len(index)
    women = count_for(register["cms.vs.gender.women"], total)
    order = _order([4.0 * (case["gender"] == "man") for case in cases], random)
    for place, position in enumerate(order):
        index[position]["gender"] = "woman" if place < women else "man"
    same = [float(row["gender"] == case["gender"]) for row, case in zip(index, cases, strict=True)]
    former, current, either = (
        register[f"cms.vs.relationship.{name}"] for name in ("ex_intimate_partner", "intimate_partner", "partner_or_ex")
    )
    counts = [count_for(former, total), count_for(current, total)]
    if not prints_as(100 * sum(counts) / total, either):
        raise Infeasible(
            f"{either.published_id}: {counts[0]} and {counts[1]} of {total} do not print as {either.printed}"
        )
    others = total - sum(counts)
    relationships = ["family"] * (others - others // 4) + ["other"] * (others // 4)
    relationships += random.sample(["ex_intimate_partner"] * counts[0] + ["intimate_partner"] * counts[1], sum(counts))
    for relationship, position in zip(relationships, _order([1.5 * one for one in same], random), strict=True):
        index[position]["relationship"] = relationship


def _add_identity(register: Register, cases: Sequence[Row], index: Sequence[Row], random: Random) -> None:
    """Sexual orientation, as couples of one gender suggest, and ethnicity, often like the service user's."""
    total = len(index)
    couple = [
        4.0 * (row["gender"] == case["gender"] and "partner" in row["relationship"])
        for row, case in zip(index, cases, strict=True)
    ]
    straight = count_for(register["cms.vs.sexual_orientation.heterosexual"], total, total - 1)
    rest = total - straight - 1
    orientations = ["gay_or_lesbian"] * (rest - rest // 2) + ["bisexual"] * (rest // 2) + ["not_known"]
    orientations += ["heterosexual"] * straight
    for orientation, position in zip(orientations, _order(couple, random), strict=True):
        index[position]["sexual_orientation"] = orientation
    british = count_for(register["cms.vs.ethnicity.white_british"], total, total - 1)
    names, weights = list(OTHER_ETHNICITIES), list(OTHER_ETHNICITIES.values())
    ethnicities = ["white_british"] * british + ["not_known"]
    ethnicities += random.choices(names, weights, k=total - len(ethnicities))
    alike = [2.0 * (case["ethnicity"] in ("white_british", "not_known", "not_asked")) for case in cases]
    for ethnicity, position in zip(ethnicities, _order(alike, random), strict=True):
        index[position]["ethnicity"] = ethnicity


def _add_household(register: Register, cases: Sequence[Row], index: Sequence[Row], random: Random) -> None:
    """Who lives with the perpetrator, mostly current partners, and where children are at home."""
    total = len(index)
    apart = count_for(register["cms.vs.living.not_with_perpetrator"], total, total - 1)
    former = [1.8 * (row["relationship"] == "ex_intimate_partner") for row in index]
    children = count_for(register["cms.vs.children_present"], total, total - 1)
    involved = [2.5 * (case["children_involved"] == "yes") for case in cases]
    for name, scores, answers in (
        ("living_with_perpetrator", former, ["no"] * apart + ["not_known"] + ["yes"] * (total - apart - 1)),
        ("children_present", involved, ["yes"] * children + ["not_known"] + ["no"] * (total - children - 1)),
    ):
        for answer, position in zip(answers, _order(scores, random), strict=True):
            index[position][name] = answer


def _need_numbers(register: Register, assumed: Assumed, total: int) -> list[int | None]:
    """How many needs each index victim/survivor has, most first; None where nothing is recorded."""
    several = register["cms.vs.needs.three_or_more"]
    counts = {number: int(assumed[f"cms.vs.needs.with_{number}"]) for number in range(len(NEEDS) + 1)}
    unrecorded = int(assumed["cms.vs.needs.not_recorded"])
    three = sum(count for number, count in counts.items() if number >= 3)
    if sum(counts.values()) + unrecorded != total or not all(
        prints_as(100 * three / base, several) for base in (total, total - unrecorded)
    ):
        raise Infeasible(f"{several.published_id}: {three} of {sum(counts.values())} do not print as {several.printed}")
    numbers = [number for number in sorted(counts, reverse=True) for _ in range(counts[number])]
    return [*numbers, *[None] * unrecorded]


def _add_needs(numbers: Sequence[int | None], cases: Sequence[Row], index: Sequence[Row], random: Random) -> None:
    """Needs of the index victims/survivors, more where children's services are involved."""
    order = _order([0.8 * (case["cyps_involved"] == "yes") for case in cases], random)
    for number, position in zip(numbers, order, strict=True):
        index[position].update(_needs(number, random))


def _needs(number: int | None, random: Random) -> Row:
    """Which needs; substance misuse, alcohol and mental health go together, employment with financial."""
    if number is None:
        return dict.fromkeys(NEED_COLUMNS, None)
    weights, chosen = dict(NEEDS), set[str]()
    while len(chosen) < number:
        need = random.choices(list(weights), list(weights.values()))[0]
        chosen.add(need)
        del weights[need]
        for friend in _FRIENDS.get(need, ()):
            if friend in weights:
                weights[friend] *= 2
    return {f"need_{need}": "yes" if need in chosen else "no" for need in NEEDS}


def _others(register: Register, assumed: Assumed, index: Sequence[Row], random: Random) -> list[Row]:
    """Further victims/survivors of the printed share of service users, on whom nothing else is published."""
    several = count_for(register["cms.su.multiple_victims"], len(index))
    further = int(assumed["cms.vs.further_n"])
    if further < several:
        raise Infeasible(f"cms.vs.further_n: {further} further victims/survivors for {several} service users")
    chosen = random.sample(range(len(index)), several)
    chosen += [random.choice(chosen) for _ in range(further - several)]
    rows = []
    for position in chosen:
        like = random.choice(index)
        rows.append(
            {key: value for key, value in like.items() if key != "vs_id"}
            | {"su_id": index[position]["su_id"], "is_index": "no", "age": _age_near(like["age"], random)}
            | _needs(random.choice((None, 0, 1, 1, 2, 3)), random)
        )
    return rows


def _age_near(age: int, random: Random) -> int:
    return max(16, age + random.randrange(-5, 6))


def _as_delivered(row: Mapping[str, Any], random: Random) -> Row:
    """Habits of those who type: N/K for not known, an age as text."""
    found = dict(row)
    for name in ("sexual_orientation", "ethnicity", "children_present", "living_with_perpetrator"):
        if found[name] == "not_known" and random.random() < 0.5:
            found[name] = Raw("N/K")
    if random.random() < 0.05:
        found["age"] = Raw(f"{found['age']} ")
    return found
