"""The Insights workbook: an intake form per victim/survivor, reviews and an exit form for some."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import TYPES, Infeasible, answers, check_physical, solve_counts, unconstrained
from drive_eval.reconstruct.insights_before import give_counts
from drive_eval.reconstruct.insights_export import forms
from drive_eval.reconstruct.insights_outcomes import give_outcomes
from drive_eval.reconstruct.insights_profile import give_profile, solve_ages
from drive_eval.reconstruct.insights_support import Support, give_support, solve_support
from drive_eval.reference.register import Register

ARMS = ("drive", "control")
SITES = ("essex", "south_wales", "west_sussex")
FIRST_INTAKE, CUT_OFF = dt.date(2016, 4, 18), dt.date(2018, 3, 31)

Row = dict[str, Any]


def build(register: Register, assumed: Assumed, *, seed: int) -> dict[str, list[Row]]:
    """The rows of the sheets `Intake`, `Reviews` and `Exit`, keyed by canonical column names.

    Forms are in the order of `case_id`, which says nothing about arm or outcome. What the samples hold does not
    depend on the seed, only who gets which value.

    Raises
    ------
    Infeasible
        If published and assumed values exclude each other.
    """
    return compose(register, assumed, solve_ages(register), solve_support(register, assumed), seed=seed)


def compose(
    register: Register, assumed: Assumed, ages: Mapping[str, Sequence[int]], support: Support, *, seed: int
) -> dict[str, list[Row]]:
    """The rows of `build`, from samples that are solved already."""
    random = Random(f"insights {seed}")
    people = [person for arm in ARMS for person in _people(register, assumed, arm, random)]
    give_profile(people, register, ages, random)
    give_counts(people, register, assumed, random)
    give_support(people, support, random)
    _give_dates(people, support.days, random)
    _give_abuse(people, register, assumed, random)
    give_outcomes(people, register, assumed, random)
    numbers = random.sample(range(10_000, 99_999), len(people))
    for person, number in zip(people, numbers, strict=True):
        person["case_id"] = f"VS-{number}"
    return forms(sorted(people, key=lambda person: person["case_id"]), random)


def _people(register: Register, assumed: Assumed, arm: str, random: Random) -> list[Row]:
    """Everyone with an intake form; the exit forms are those of the more engaged."""
    total = int(register[f"insights.appendix2.{arm}.n"].number)
    with_exit = int(register[f"insights.sample.{arm}"].number)
    sites = [site for site in SITES for _ in range(assumed.count(f"insights.site.{arm}.{site}.exit_forms"))]
    if len(sites) != with_exit:
        raise Infeasible(f"{arm}: exit forms by site sum to {len(sites)}, the report has {with_exit}")
    intake_only = [
        site
        for site in SITES
        for _ in range(assumed.count(f"insights.site.{arm}.{site}.intake_forms") - sites.count(site))
    ]
    if len(sites + intake_only) != total:
        raise Infeasible(f"{arm}: intake forms by site sum to {len(sites + intake_only)}, the report has {total}")
    random.shuffle(sites)
    random.shuffle(intake_only)
    sites += intake_only
    people = [_person(arm, random) for _ in range(total)]
    people.sort(key=lambda person: person["engagement"] + random.gauss(0, 0.8), reverse=True)
    for position, (person, site) in enumerate(zip(people, sites, strict=True)):
        person |= {"site": site, "has_exit_form": position < with_exit}
    return people


def _person(arm: str, random: Random) -> Row:
    severity, engagement = random.gauss(0, 1), random.gauss(0, 1)
    score = round(min(24, max(5, 15 + 3 * severity + random.gauss(0, 2.5))))
    dash_score = None if random.random() < 0.05 else score
    return {"arm": arm, "severity": severity, "engagement": engagement, "dash_score": dash_score}


def _give_dates(people: Sequence[Row], days: Mapping[str, Sequence[int]], random: Random) -> None:
    """Intake dates that let every contact end by the cut-off; `last_date` is where it ended, known or not."""
    for person in people:
        known = person.get("support_days")
        drawn = random.choice(days[person["arm"]])
        length = known if known is not None else drawn if person["has_exit_form"] else drawn // 2 + 1
        latest = CUT_OFF - dt.timedelta(days=length)
        person["intake_date"] = FIRST_INTAKE + dt.timedelta(days=random.randrange((latest - FIRST_INTAKE).days + 1))
        person["last_date"] = person["intake_date"] + dt.timedelta(days=length)
        person["exit_date"] = None if known is None else person["last_date"]


def _give_abuse(people: Sequence[Row], register: Register, assumed: Assumed, random: Random) -> None:
    """Abuse at intake and exit; see `dva`."""
    counts = {arm: {abuse: solve_counts(register, assumed, arm=arm, abuse=abuse) for abuse in TYPES} for arm in ARMS}
    check_physical(register, {arm: counts[arm]["physical"] for arm in ARMS})
    for arm in ARMS:
        with_exit = [person for person in people if person["arm"] == arm and person["has_exit_form"]]
        intake_only = [person for person in people if person["arm"] == arm and not person["has_exit_form"]]
        for abuse in TYPES:
            found = answers(counts[arm][abuse], [person["severity"] for person in with_exit], random)
            share = counts[arm][abuse].yes("intake") / counts[arm][abuse].valid["intake"]
            found += [unconstrained(share, person["severity"], random) for person in intake_only]
            for person, answer in zip(with_exit + intake_only, found, strict=True):
                person[abuse] = answer
