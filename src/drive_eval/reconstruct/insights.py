"""The Insights workbook: one intake form per victim/survivor, an exit form for some; issue by issue more columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import TYPES, answers, check_physical, solve_counts, unconstrained
from drive_eval.reference.register import Register

ARMS = ("drive", "control")
SITES = ("essex", "south_wales", "west_sussex")
FIRST_INTAKE, LAST_INTAKE = dt.date(2016, 4, 18), dt.date(2017, 6, 30)
SUPPORT_DAYS = {"drive": (285, 90), "control": (143, 60)}
"""Mean and spread of the days between intake and exit, for dates that a reader would believe."""

Row = dict[str, Any]


def build(register: Register, assumed: Assumed, *, seed: int) -> dict[str, list[Row]]:
    """The rows of the sheets `Intake` and `Exit`, keyed by canonical column names.

    Forms are in the order of `case_id`, which says nothing about arm or outcome.
    """
    random = Random(f"insights {seed}")
    people = [person for arm in ARMS for person in _people(register, assumed, arm, random)]
    counts = {arm: {abuse: solve_counts(register, assumed, arm=arm, abuse=abuse) for abuse in TYPES} for arm in ARMS}
    check_physical(register, {arm: counts[arm]["physical"] for arm in ARMS})
    for arm in ARMS:
        with_exit = [person for person in people if person["arm"] == arm and person["exit_date"]]
        intake_only = [person for person in people if person["arm"] == arm and not person["exit_date"]]
        for abuse in TYPES:
            found = answers(counts[arm][abuse], [person["severity"] for person in with_exit], random)
            share = counts[arm][abuse].yes("intake") / counts[arm][abuse].valid["intake"]
            found += [unconstrained(share, person["severity"], random) for person in intake_only]
            for person, answer in zip(with_exit + intake_only, found, strict=True):
                person[abuse] = answer
    numbers = random.sample(range(10_000, 99_999), len(people))
    for person, number in zip(people, numbers, strict=True):
        person["case_id"] = f"VS-{number}"
    people.sort(key=lambda person: person["case_id"])
    return {
        "Intake": [_form(person, "intake") for person in people],
        "Exit": [_form(person, "exit") for person in people if person["exit_date"]],
    }


def _people(register: Register, assumed: Assumed, arm: str, random: Random) -> list[Row]:
    total = int(register[f"insights.appendix2.{arm}.n"].number)
    with_exit = int(register[f"insights.sample.{arm}"].number)
    sites = [site for site in SITES for _ in range(assumed.count(f"insights.site.{arm}.{site}.exit_forms"))]
    if len(sites) != with_exit:
        raise ValueError(f"{arm}: exit forms by site sum to {len(sites)}, the report has {with_exit}")
    random.shuffle(sites)
    weights = [sites.count(site) for site in SITES]
    sites += random.choices(SITES, weights, k=total - with_exit)
    return [_person(arm, site, position < with_exit, random) for position, site in enumerate(sites)]


def _person(arm: str, site: str, has_exit: bool, random: Random) -> Row:
    severity = random.gauss(0, 1)
    intake = FIRST_INTAKE + dt.timedelta(days=random.randrange((LAST_INTAKE - FIRST_INTAKE).days))
    mean, spread = SUPPORT_DAYS[arm]
    days = min(519, max(1, round(random.gauss(mean, spread))))
    score = round(min(24, max(5, 15 + 3 * severity + random.gauss(0, 2.5))))
    return {
        "arm": arm,
        "site": site,
        "severity": severity,
        "intake_date": intake,
        "exit_date": intake + dt.timedelta(days=days) if has_exit else None,
        "dash_score": None if random.random() < 0.05 else score,
    }


def _form(person: Mapping[str, Any], stage: str) -> Row:
    form: Row = {key: person[key] for key in ("case_id", "site", "arm", f"{stage}_date")}
    form["data_origin"] = "synthetic"
    if stage == "intake":
        form["dash_score"] = person["dash_score"]
    for abuse in TYPES:
        form[abuse] = person[abuse][stage]
        form[f"{abuse}_level"] = person[abuse][f"{stage}_level"]
    return form
