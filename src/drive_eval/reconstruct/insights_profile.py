"""Who the victims/survivors are at intake: the counts of Appendix 2 with the joint structure of a real caseload."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.insights_moments import Figure, plan_moments, printed
from drive_eval.reconstruct.insights_samples import Sample, solve_samples
from drive_eval.reference.register import Register

Row = dict[str, Any]
ARMS = ("drive", "control")
PREFIX = "insights.appendix2"
CATEGORIES: dict[str, tuple[str, ...]] = {
    "gender": ("women", "men"),
    "ethnicity": ("white_british", "white_other", "black_black_british", "asian_asian_british", "other"),
    "sexual_orientation": ("heterosexual", "lgb"),
    "living_situation": ("not_living_together", "living_together"),
    "children": ("present", "not_present"),
    "relationship": ("intimate_partner", "ex_intimate_partner", "family", "other"),
    "complex_needs": ("none", "one", "two", "three_or_more"),
}
"""Columns of the intake form and the categories printed; `complex_needs` is the number of needs answered yes."""
NEEDS = {"mental_health": 1.0, "alcohol": 0.34, "substance_misuse": 0.25, "employment": 0.42, "financial": 0.62}
NEEDS["disability"] = 0.28
"""How common each need is beside the others (the report prints only their number)."""
OFTEN_TOGETHER = {"alcohol": "substance_misuse", "substance_misuse": "alcohol", "financial": "employment"}
THREE_OR_MORE = ((3, 0.62), (4, 0.86), (5, 0.96), (6, 1.0))
SIMILAR = 0.1
DRAWS = 400


def solve_ages(register: Register) -> dict[str, list[int]]:
    """Ages of each arm, without the age recorded as 0, that print as each arm and as both together do.

    Raises
    ------
    Infeasible
        If the figures exclude each other.
    """
    sizes = {arm: int(register[f"{PREFIX}.{arm}.age.mean"].n or 0) for arm in ARMS}
    figures = [
        Figure(cells, part, printed(register[f"{PREFIX}.{group}.age.{part}"]))
        for group, cells in (("drive", ("drive",)), ("control", ("control",)), ("all", ARMS))
        for part in ("mean", "sd")
    ]
    moments = plan_moments(sizes, figures, [], name="ages")

    def value(group: str, part: str) -> float:
        return register[f"{PREFIX}.{group}.age.{part}"].number

    samples = {
        arm: Sample(
            f"ages of {arm}", moments[arm], int(value(arm, "min")), int(value(arm, "max")), value(arm, "median")
        )
        for arm in ARMS
    }
    return solve_samples(samples, {value("all", "median"): ARMS})


def give_profile(people: Sequence[Row], register: Register, ages: Mapping[str, Sequence[int]], random: Random) -> None:
    """Give each person the columns of Appendix 2, drawn again until the three sites are alike.

    Adds the columns of `CATEGORIES` (with `need_<name>` for the last, `needs` holding their number), and `age`, which
    is 0 for as many people as the ages leave out.

    Raises
    ------
    Infeasible
        If no draw makes the sites alike.
    """
    for _ in range(DRAWS):
        for arm in ARMS:
            _draw(register, arm, [person for person in people if person["arm"] == arm], ages[arm], random)
        if sites_alike(people):
            return
    raise Infeasible("insights.vs.sites_similar: no draw of the profile was alike in the three sites")


def count(register: Register, arm: str, variable: str, category: str) -> int:
    """People of an arm in a category; a cell left blank stands for nobody."""
    entry = register[f"{PREFIX}.{arm}.{variable}.{category}.n"]
    return 0 if isinstance(entry.value, (str, tuple)) else int(entry.value)


def _draw(register: Register, arm: str, people: list[Row], ages: Sequence[int], random: Random) -> None:
    def assign(variable: str, pulls: Mapping[str, Callable[[Row], float]]) -> None:
        _assign(
            people,
            variable,
            {name: count(register, arm, variable, name) for name in CATEGORIES[variable]},
            pulls,
            random,
        )

    assign("gender", {"men": lambda person: 0.0})
    assign(
        "relationship",
        {
            "family": lambda person: 1.2 * (person["gender"] == "men"),
            "other": lambda person: 0.0,
            "intimate_partner": lambda person: 0.0,
        },
    )
    together = {"intimate_partner": 2.0, "family": 1.4, "ex_intimate_partner": -1.0, "other": 0.0}
    assign("living_situation", {"living_together": lambda person: together[person["relationship"]]})
    _give_ages(people, ages, random)
    assign("children", {"present": _children_pull})
    assign("sexual_orientation", {"lgb": lambda person: 1.0 * (person["gender"] == "men")})
    assign("ethnicity", dict.fromkeys(CATEGORIES["ethnicity"][1:], lambda person: 0.0))
    numbers = {"three_or_more": 3.0, "two": 2.0, "one": 1.0}
    assign("complex_needs", {name: lambda person: 0.6 * person["severity"] for name in numbers})
    for person in people:
        _give_needs(person, random)


def _assign(
    people: Sequence[Row],
    variable: str,
    counts: Mapping[str, int],
    pulls: Mapping[str, Callable[[Row], float]],
    random: Random,
) -> None:
    """Fill each category of `pulls` in turn with those most drawn to it; the rest take the category without a pull.

    Who has no answer (people beyond the counts) is chance.
    """
    rest = list(people)
    for person in random.sample(rest, len(rest) - sum(counts.values())):
        person[variable] = None
        rest.remove(person)
    for category, pull in pulls.items():
        ranked = sorted(rest, key=lambda person: pull(person) + random.gauss(0, 1), reverse=True)
        for person in ranked[: counts[category]]:
            person[variable] = category
        rest = ranked[counts[category] :]
    (last,) = set(counts) - set(pulls)
    if len(rest) != counts[last]:
        raise Infeasible(f"{PREFIX}: the counts of {variable} exceed the people")
    for person in rest:
        person[variable] = last


def _give_ages(people: Sequence[Row], ages: Sequence[int], random: Random) -> None:
    """Family members are older, current partners a little; the age left out of the figures is a 0."""
    older = {"family": 1.0, "intimate_partner": 0.1}
    ranked = sorted(people, key=lambda person: older.get(person["relationship"], 0.0) + random.gauss(0, 1))
    zeros = len(people) - len(ages)
    for person in random.sample(ranked, zeros):
        person["age"] = 0
        ranked.remove(person)
    for person, age in zip(ranked, sorted(ages), strict=True):
        person["age"] = age


def _children_pull(person: Row) -> float:
    middle = 1.6 * math.exp(-(((person["age"] - 33) / 11) ** 2))
    return float(middle + 0.4 * (person["gender"] == "women") + 0.2 * (person["living_situation"] == "living_together"))


def _give_needs(person: Row, random: Random) -> None:
    """Which needs are behind the number: mental health and money most often, drugs with alcohol."""
    number = {"none": 0, "one": 1, "two": 2}.get(person["complex_needs"])
    if number is None:
        drawn = random.random()
        number = next(size for size, share in THREE_OR_MORE if drawn < share)
    weights = dict(NEEDS)
    weights["disability"] *= 1.8 if person["age"] > 50 else 1.0
    chosen: set[str] = set()
    for _ in range(number):
        names = [name for name in weights if name not in chosen]
        (need,) = random.choices(names, [weights[name] for name in names])
        chosen.add(need)
        if need in OFTEN_TOGETHER:
            weights[OFTEN_TOGETHER[need]] *= 2
    for name in NEEDS:
        without = "not_known" if random.random() < 0.02 else "no"
        person[f"need_{name}"] = "yes" if name in chosen else without
    person["needs"] = number


def sites_alike(people: Sequence[Row]) -> bool:
    """Whether no characteristic differs between the sites: chi-square, Kruskal-Wallis for age."""
    from scipy.stats import chi2_contingency, kruskal

    sites = sorted({person["site"] for person in people})
    for variable, names in CATEGORIES.items():
        table = [
            [sum(person["site"] == site and person[variable] == name for person in people) for name in names]
            for site in sites
        ]
        if chi2_contingency(table, correction=False).pvalue < SIMILAR:
            return False
    ages = [[person["age"] for person in people if person["site"] == site and person["age"]] for site in sites]
    return bool(kruskal(*ages).pvalue >= SIMILAR)
