"""Case file of the case management system: service users, their victims/survivors, and the risk judged at closure."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_engagement import (
    Row,
    blank,
    children_and_protection,
    closure_reviews,
    engagement_levels,
    ranked,
    risk_changes,
)
from drive_eval.reconstruct.cms_victims import build_victims
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reconstruct.samples import count_for, roughen, solve_sample
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

AGE_BANDS = ("under_28", "28_33", "34_42", "43_plus")
ORGANISATIONS = {"essex": ("d1",), "south_wales": ("d2", "d3"), "west_sussex": ("d4",)}
USUAL_LOAD = 0.8
"""Open cases of a case manager at the busiest time, as a share of the recommended most."""
ETHNICITIES = ("white_british", "white_other", "mixed", "asian", "black", "other", "not_known", "not_asked", "declined")
WHITE = ETHNICITIES[:2]
UNKNOWN = ETHNICITIES[-3:]
EMPLOYMENT = {"employed": 28, "unemployed": 45, "unable_to_work": 14, "retired": 2, "student": 3, "not_known": 8}


def build(
    register: Register, assumed: Assumed, spine: list[ServiceUser], age_band: dict[str, str], *, seed: int
) -> dict[str, list[Row]]:
    """The rows of the sheets `Cases`, `Victims` and `Risk`, keyed by canonical column names.

    Parameters
    ----------
    register : Register
    assumed : Assumed
    spine : list of ServiceUser
    age_band : dict of su_id to band
        One of `AGE_BANDS` for every service user.
    seed : int
        Decides who carries which value, never how many.

    Raises
    ------
    Infeasible
        If no records carry the published and assumed figures together.
    """
    random = Random(f"cms_people {seed}")
    ages = _ages(register, spine, age_band, random)
    engagement = engagement_levels(register, assumed, spine, random)
    children = children_and_protection(register, assumed, spine, engagement, random)
    statutory = _statutory(register, spine, children, random)
    profiles = _profiles(register, assumed, spine, random)
    managers = _case_managers(int(register["cms.caseload.recommended_max"].number), spine, random)
    risk = risk_changes(register, assumed, spine, engagement, random)
    columns = (ages, engagement, children, statutory, profiles, managers)
    cases = []
    for person in sorted(spine, key=lambda person: person.su_id):
        row = _case(person, register, random)
        for column in columns:
            row |= column[person.su_id]
        cases.append(row | {"close_reason": _close_reason(row, random)})
    victims = build_victims(register, assumed, cases, random)
    reviews = closure_reviews(cases, risk, random)
    return {"Cases": [_as_delivered(row, random) for row in cases], "Victims": victims, "Risk": reviews}


def _ages(
    register: Register, spine: Sequence[ServiceUser], age_band: Mapping[str, str], random: Random
) -> dict[str, Row]:
    """Ages with the printed figures in which every band has its people and the quartiles lie on the band limits."""
    figure = {part: register[f"cms.su.age.{part}"] for part in ("min", "max", "mean", "sd", "median")}
    low, high = int(figure["min"].number), int(figure["max"].number)
    first, middle, last = (int(bound) for bound in _listed(register, "cms.age_quartiles.bounds"))
    limits = ((low, first - 1), (first, middle), (middle + 1, last - 1), (last, high))
    members = {band: [person for person in spine if age_band[person.su_id] == band] for band in AGE_BANDS}
    sample = solve_sample(
        n=len(spine),
        minimum=low,
        maximum=high,
        mean=figure["mean"].number,
        sd=figure["sd"].number,
        median=figure["median"].number,
        decimals={"mean": figure["mean"].decimals or 0, "sd": figure["sd"].decimals or 0},
        shape=roughen(_age_weight, range(low, high + 1), amount=0.2, random_seed=0),
        bands=[(*limit, len(members[band])) for limit, band in zip(limits, AGE_BANDS, strict=True)],
        percentiles={0.25: first, 0.75: last},
        name="cms.su.age with cms.age_quartiles.bounds",
    )
    youngest, oldest = _listed(register, "cms.su.age.most_between")
    if 2 * sum(youngest <= age <= oldest for age in sample) <= len(sample):
        raise Infeasible("cms.su.age.most_between: under half of the ages that print as published lie between")
    ages: dict[str, Row] = {}
    for (low, high), band in zip(limits, AGE_BANDS, strict=True):
        within = [age for age in sample if low <= age <= high]
        for person, age in zip(ranked(members[band], random), within, strict=True):
            ages[person.su_id] = {"age": age}
    return ages


def _statutory(
    register: Register, spine: Sequence[ServiceUser], children: Mapping[str, Row], random: Random
) -> dict[str, Row]:
    """Children's services and criminal and civil justice at intake: recorded for the printed numbers, blank else."""
    recorded = int(register["cms.statutory.cyps.recorded_n"].number)
    involved = int(register["cms.statutory.cyps.involved_n"].number)
    concern = {"yes": 4.0, "no": 0.0, "not_known": -2.0}
    bonus = {
        person.su_id: concern[children[person.su_id]["child_protection"]]
        + 2.5 * (children[person.su_id]["children_involved"] == "yes")
        for person in spine
    }
    order = ranked(spine, random, bonus=bonus)
    answers = {person.su_id: "yes" for person in order[:involved]}
    rest = ranked(order[involved:], random, bonus={person.su_id: person.contacted * 0.8 for person in order})
    answers |= {person.su_id: "no" for person in rest[: recorded - involved]}
    found = {person.su_id: {"cyps_involved": answers.get(person.su_id, blank(random))} for person in spine}
    recorded = int(register["cms.statutory.ccj.recorded_n"].number)
    history = count_for(register["cms.statutory.ccj.history_pct"], recorded)
    known = ranked(spine, random, bonus={person.su_id: person.contacted * 0.8 for person in spine})[:recorded]
    offenders = {person.su_id for person in ranked(known, random, pull=0.8)[:history]}
    answers = {person.su_id: "yes" if person.su_id in offenders else "no" for person in known}
    for person in spine:
        found[person.su_id]["ccj_history"] = answers.get(person.su_id, blank(random))
    return found


def _profiles(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], random: Random) -> dict[str, Row]:
    """Gender, ethnicity and employment."""
    men = count_for(register["cms.su.gender.men"], len(spine))
    counts = {name: int(assumed[f"cms.su.ethnicity.{name}"]) for name in ETHNICITIES}
    white = register["cms.su.ethnicity.white_british_or_other"]
    known = sum(count for name, count in counts.items() if name not in UNKNOWN)
    share = 100 * sum(counts[name] for name in WHITE) / known
    if sum(counts.values()) != len(spine) or not prints_as(share, white):
        raise Infeasible(f"{white.published_id}: {share:.1f} % of {known} known, {sum(counts.values())} people in all")
    genders = ["man"] * men + ["woman"] * (len(spine) - men)
    ethnicities = [name for name in ETHNICITIES for _ in range(counts[name])]
    random.shuffle(genders)
    likelier_unknown = ranked(spine, random, bonus={person.su_id: person.contacted * 0.8 for person in spine})
    known_ethnicities = ethnicities[:known]
    random.shuffle(known_ethnicities)
    in_order = known_ethnicities + ethnicities[known:]
    of_person = {person.su_id: name for person, name in zip(likelier_unknown, in_order, strict=True)}
    return {
        person.su_id: {
            "gender": gender,
            "ethnicity": of_person[person.su_id],
            "employment": random.choices(list(EMPLOYMENT), list(EMPLOYMENT.values()))[0],
        }
        for person, gender in zip(spine, genders, strict=True)
    }


def _case_managers(most: int, spine: Sequence[ServiceUser], random: Random) -> dict[str, Row]:
    """Delivery organisation and case manager; nobody has more open cases at a time than is recommended.

    A new case goes to the case manager with the fewest open, so that loads stay even.
    """
    found: dict[str, Row] = {}
    number = 0
    for site, organisations in ORGANISATIONS.items():
        of_site = sorted((person for person in spine if person.site == site), key=lambda person: person.su_id)
        random.shuffle(of_site)
        for position, organisation in enumerate(organisations):
            cases = sorted(of_site[position :: len(organisations)], key=lambda person: person.allocation_date)
            busiest = max(_open_at(cases, person.allocation_date) for person in cases)
            loads: list[list[ServiceUser]] = [[] for _ in range(math.ceil(busiest / (USUAL_LOAD * most)))]
            names = [f"CM{number + place:02d}" for place in range(1, len(loads) + 1)]
            number += len(loads)
            for person in cases:
                load = [_open_at(mine, person.allocation_date) for mine in loads]
                place = load.index(min(load))
                loads[place].append(person)
                found[person.su_id] = {"delivery_organisation": organisation, "case_manager_id": names[place]}
    return found


def _open_at(cases: Iterable[ServiceUser], day: dt.date) -> int:
    return sum(person.allocation_date <= day <= person.closure_date for person in cases)


def _case(person: ServiceUser, register: Register, random: Random) -> Row:
    """What the system holds of the course of a case."""
    planned = int(register["design.intervention_length_months"].number)
    longest = int(register["cms.step_down.max_extra_months"].number)
    extra = min(longest, max(1, person.months_open - planned))
    start = person.allocation_date + dt.timedelta(days=min(60, 3 + int(random.expovariate(1 / 14))))
    return {
        "data_origin": "synthetic",
        "su_id": person.su_id,
        "site": person.site,
        "allocation_date": person.allocation_date,
        "start_date": start,
        "planned_end_date": _months_later(person.allocation_date, planned),
        "closure_date": person.closure_date,
        "months_open": person.months_open,
        "step_down": "yes" if person.step_down else "no",
        "step_down_months": extra if person.step_down else None,
        "direct_contact": "yes" if person.contacted else "no",
    }


def _months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _close_reason(row: Mapping[str, Any], random: Random) -> str:
    weights = {"completed": 86, "moved_away": 3, "in_custody": 6, "transferred": 3, "other": 2}
    if row["engagement"] == "not_engaged":
        weights = {"monitored": 66, "completed": 12, "moved_away": 6, "in_custody": 10, "transferred": 4, "other": 2}
    return random.choices(list(weights), list(weights.values()))[0]


def _as_delivered(row: Row, random: Random) -> Row:
    """Habits of those who type: a site with short codes for gender, dates as text, N/K for not known."""
    if row["site"] == "south_wales":
        row["gender"] = Raw({"man": "M", "woman": "F"}[row["gender"]])
    if random.random() < 0.12:
        row["start_date"] = Raw(row["start_date"].strftime("%d/%m/%Y"))
    if random.random() < 0.08:
        row["site"] = Raw({"essex": "Essex ", "south_wales": "S Wales", "west_sussex": "West  Sussex"}[row["site"]])
    if row["ethnicity"] == "not_known" and random.random() < 0.5:
        row["ethnicity"] = Raw(random.choice(("N/K", "?")))
    return row


def _age_weight(age: int) -> float:
    """Few under 20, most around 30, a long tail."""
    return min(1.0, (age - 15) / 6) * math.exp(-((math.log(age / 31) / 0.33) ** 2) / 2) / age


def _listed(register: Register, name: str) -> tuple[float, ...]:
    value = register[name].value
    if not isinstance(value, tuple):
        raise TypeError(f"{name} is not a list")
    return tuple(float(part) for part in value)
