"""Interviews with practitioners, service users and victims/survivors: one row each, with the facts coded from it.

Facts of service users were coded in Year 2 only, those of victims/survivors in both years, as the report counts them.
People have ids of their own: interviews cannot be linked to the other extracts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reconstruct.spine import SITES
from drive_eval.reference.register import Published, Register

YEARS = ("year1", "year2")
FIELDWORK = {
    "year1": (dt.date(2016, 11, 1), dt.date(2017, 6, 30)),
    "year2": (dt.date(2017, 11, 1), dt.date(2018, 8, 31)),
}
ROLES = (
    "idva", "case_manager", "case_manager", "idva", "service_manager", "police",
    "case_manager", "probation", "childrens_services", "idva", "housing",
)  # fmt: skip
"""Roles of the practitioners of a site, in the order in which they are interviewed."""
CHANGES = ("impulse_control", "reasoning", "hearing_criticism", "outlook")
NEEDS = ("housing", "substance", "mental_health")
DISRUPTION = (
    "information_sharing",
    "police_profile",
    "social_services_referral",
    "mappa_referral",
    "address_provision",
    "breach_reported_by_others",
)
ORIENTATIONS = ("disruption_and_risk_management", "support_only")
RELATIVES = ("grandfather", "parents", "aunt")
ETHNICITIES = ("white_english", "white_english", "white_welsh", "white_british")

Row = dict[str, Any]


def build(register: Register, assumed: Assumed, *, seed: int) -> list[Row]:
    """The rows of `interviews`, in the order of `interview_id`.

    Raises
    ------
    Infeasible
        If an assumed count leaves a published statement untrue.
    """
    random = Random(f"interviews {seed}")
    rows = _practitioners(register, assumed, random)
    rows += _service_users(register, assumed, random) + _victims(register, assumed, random)
    ids = random.sample(range(1_000, 9_999), len(rows))
    for row, number in zip(rows, ids, strict=True):
        row["interview_id"] = f"IN-{number}"
    people = sorted({row["person_id"] for row in rows})
    for person, number in zip(people, random.sample(range(1_000, 9_999), len(people)), strict=True):
        for row in rows:
            if row["person_id"] == person:
                row["person_id"] = f"IP-{number}"
    return [_as_delivered(row, random) for row in sorted(rows, key=lambda row: str(row["interview_id"]))]


def _practitioners(register: Register, assumed: Assumed, random: Random) -> list[Row]:
    """Interviews of both years; the printed total is that of people, so some were seen twice (Y01)."""
    total = register["interviews.practitioners.total"]
    numbers = {year: _count(register, f"interviews.practitioners.{year}") for year in YEARS}
    if sum(numbers.values()) != total.expected:
        raise Infeasible(f"{total.published_id}: the interviews of both years sum to {sum(numbers.values())}")
    twice = sum(numbers.values()) - int(total.number)
    rows = []
    for year in YEARS:
        for place in range(numbers[year]):
            is_again = year == "year2" and place < twice
            person = f"practitioner {'year1' if is_again else year} {place}"
            row = _interview(person, "practitioner", year, SITES[place % len(SITES)], random)
            row["role"] = ROLES[place // len(SITES) % len(ROLES)]
            rows.append(row)
        in_year = [row for row in rows if row["study_year"] == year]
        for kind in DISRUPTION:
            _mark(in_year, f"disrupt_{kind}", assumed.count(f"interviews.disruption.{kind}.{year}"), random)
    _check_more_kinds(register, rows)
    second = [row for row in rows if row["study_year"] == "year2"]
    asking = register["interviews.practitioners_wanting_referral_criteria"]
    _mark(second, "wants_referral_criteria", int(asking.number), random)
    _add_orientation(register, assumed, second, random)
    _add_site_facts(register, second, random)
    return rows


def _check_more_kinds(register: Register, rows: Sequence[Row]) -> None:
    seen = {
        year: {
            kind for kind in DISRUPTION for row in rows if (row["study_year"], row[f"disrupt_{kind}"]) == (year, "yes")
        }
        for year in YEARS
    }
    _check_order(register["exec.disruption_diversity"], {year: len(kinds) for year, kinds in seen.items()})


def _check_order(entry: Published, counts: Mapping[str, int]) -> None:
    for relation in _statements(entry):
        more, _, less = relation.split()
        if not counts[more] > counts[less]:
            raise Infeasible(f"{entry.published_id}: the assumed counts do not show {entry.printed}")


def _add_orientation(register: Register, assumed: Assumed, rows: Sequence[Row], random: Random) -> None:
    counts = {code: assumed.count(f"interviews.indirect.{code}") for code in ORIENTATIONS}
    _check_order(register["interviews.indirect_orientation"], counts)
    codes = [code for code in ORIENTATIONS for _ in range(counts[code])]
    for row, code in zip(random.sample(list(rows), len(codes)), codes, strict=True):
        row["indirect_work_orientation"] = code


def _add_site_facts(register: Register, rows: Sequence[Row], random: Random) -> None:
    """Facts that hold of a site when any practitioner of the role reports them."""
    for name, figure, roles in (
        ("reports_victims_not_all_informed", "interviews.sites_victims_not_all_informed", ("idva",)),
        ("reports_dvpp_one_to_one", "interviews.one_site_dvpp_one_to_one", ("case_manager", "service_manager")),
        ("reports_idva_provision_changes", "interviews.sites_idva_provision_changes", ("idva", "service_manager")),
    ):
        sites = random.sample(SITES, _count(register, figure))
        asked = [row for row in rows if row["role"] in roles]
        reporting = [row for row in asked if row["site"] in sites]
        sure = {site: next(row for row in reporting if row["site"] == site) for site in sites}
        for row in asked:
            row[name] = "yes" if row in sure.values() or (row in reporting and random.random() < 0.5) else "no"


def _service_users(register: Register, assumed: Assumed, random: Random) -> list[Row]:
    rows = [
        _interview(f"service user {year} {place}", "service_user", year, random.choice(SITES), random)
        for year in YEARS
        for place in range(_count(register, f"interviews.service_users.{year}"))
    ]
    coded = [row for row in rows if row["study_year"] == "year2"]
    random.shuffle(coded)  # so that the first of the list are nobody in particular

    def mark(name: str, figure: str, among: Sequence[Row] | None = None) -> list[Row]:
        return _mark(coded, name, _count(register, f"interviews.su.{figure}"), random, among=among)

    changed = _mark(coded, "thought_process_change", _count(register, "exec.interviews.su.thought_process"), random)
    for change in CHANGES:
        size = assumed.count(f"interviews.su.change.{change}")
        _mark(coded, f"change_{change}", size, random, among=changed)
    most_common = max(CHANGES, key=lambda change: assumed[f"interviews.su.change.{change}"])
    if _statements(register["interviews.su.most_common_change"]) != [most_common]:
        raise Infeasible("interviews.su.most_common_change: the assumed changes show another")
    _add_needs(register, assumed, coded, random)
    needing = [row for row in coded if row["need_mental_health"] == "yes"]
    helped = mark("mental_health_helped", "mental_health_helped", needing)
    mark("suicidal_at_start", "suicidal_at_start", helped)
    _mark(coded, "suicidal_at_interview", _count(register, "exec.interviews.su.suicidal_at_interview"), random)
    known = mark("police_involvement", "police_involvement")
    convicted = mark("convicted_partner_or_family", "convicted_partner_or_family", known)
    mark("has_children", "have_children")
    mark("child_protection_proceedings", "child_protection_proceedings")
    mark("youth_offending_history", "youth_offending_history", known)
    mark("compared_with_probation", "compared_with.probation", convicted)
    mark("compared_with_mental_health_services", "compared_with.mental_health_services", helped)
    mark("compared_with_private_counselling", "compared_with.private_counselling")
    _mark(coded, "high_engager", _count(register, "exec.interviews.su.high_engagers"), random)
    first, last = (int(float(month)) for month in _statements(register["exec.interviews.su.months_into_intervention"]))
    months = [first, last] + [random.randint(first, last) for _ in range(len(coded) - 2)]
    for row, month in zip(coded, months, strict=True):
        row["months_into_intervention"] = month
    return rows


def _add_needs(register: Register, assumed: Assumed, rows: Sequence[Row], random: Random) -> None:
    """Needs among as many people as have at least one; whoever would have none takes one from the richest."""
    figure = "interviews.su.need_housing_substance_or_mental_health"
    needing = random.sample(list(rows), _count(register, figure))
    sizes = {need: assumed.count(f"interviews.su.need.{need}") for need in NEEDS}
    if sum(sizes.values()) < len(needing):
        raise Infeasible(f"{figure}: the assumed needs are fewer than the people who have one")
    for need in NEEDS:
        _mark(rows, f"need_{need}", sizes[need], random, among=needing)

    def needs(row: Row) -> list[str]:
        return [need for need in NEEDS if row[f"need_{need}"] == "yes"]

    for row in needing:
        if not needs(row):
            donor = max(needing, key=lambda other: len(needs(other)))
            need = random.choice(needs(donor))
            donor[f"need_{need}"], row[f"need_{need}"] = "no", "yes"


def _victims(register: Register, assumed: Assumed, random: Random) -> list[Row]:
    rows = [
        _interview(f"victim {year} {place}", "victim_survivor", year, random.choice(SITES), random)
        for year in YEARS
        for place in range(_count(register, f"interviews.victims.{year}"))
    ]
    random.shuffle(rows)
    relations = [code for code in RELATIVES for _ in range(_count(register, f"interviews.victims.relationship.{code}"))]
    if len(relations) != _count(register, "interviews.victims.relationship.other_family"):
        raise Infeasible("interviews.victims.relationship.other_family: differs from its parts")
    partners = _count(register, "interviews.victims.relationship.partner_or_ex")
    relations += ["partner" if random.random() < 0.35 else "ex_partner" for _ in range(partners)]
    ages = sorted(_ages(register, len(rows), random))
    older = [ages.pop() for _ in RELATIVES] + [ages.pop(random.randrange(len(ages) // 2, len(ages)))]
    random.shuffle(ages)
    men = _count(register, "interviews.victims.male")
    for row, relation, age in zip(rows, relations, older + ages, strict=True):
        row["relationship"] = "parent" if relation == "parents" else relation
        row["age"] = age
        row["ethnicity"] = "white_welsh" if row["site"] == "south_wales" else random.choice(ETHNICITIES)
        row["sex"] = "male" if relation == "grandfather" else "female"
    may_be_men = [row for row in rows if row["relationship"] not in ("grandfather", "aunt")]
    for row in random.sample(may_be_men, men - sum(row["sex"] == "male" for row in rows)):
        row["sex"] = "male"
    safer = _mark(rows, "felt_safer", assumed.count("interviews.victims.felt_safer"), random)
    others = [row for row in rows if row["felt_safer"] == "no"]
    for row in random.sample(others, assumed.count("interviews.victims.felt_safer_unsure")):
        row["felt_safer"] = "unsure"
    if 2 * len(safer) <= len(rows):
        raise Infeasible("interviews.victims.felt_safer: the assumed count is no majority")
    pleased = _mark(rows, "idva_support_positive", assumed.count("interviews.victims.idva_support_positive"), random)
    if 4 * len(pleased) <= 3 * len(rows):
        raise Infeasible("interviews.victims.idva_support_positive: the assumed count is no large majority")
    both = [row for row in safer if row in pleased]
    positive = _mark(rows, "most_positive", _count(register, "interviews.victims.most_positive"), random, among=both)
    left = [row for row in rows if row not in positive]
    _mark(rows, "relapse_experienced", _count(register, "interviews.victims.relapse_experienced"), random, among=left)
    return rows


def _ages(register: Register, size: int, random: Random) -> list[int]:
    """Ages with the printed limits, moved by single years until the mean prints as it does."""
    low, high, mean = (register[f"interviews.victims.age.{part}"] for part in ("min", "max", "mean"))
    first, last = int(low.number), int(high.number)
    ages = [first, last] + [random.randint(first + 1, last - 1) for _ in range(size - 2)]
    while not prints_as(sum(ages) / size, mean):
        step = 1 if sum(ages) / size < mean.number else -1
        place = random.randrange(2, size)
        if first < ages[place] + step < last:
            ages[place] += step
    return ages


def _interview(person: str, participant: str, year: str, site: str, random: Random) -> Row:
    first, last = FIELDWORK[year]
    return {
        "data_origin": "synthetic",
        "person_id": person,
        "participant_type": participant,
        "study_year": year,
        "interview_date": first + dt.timedelta(days=random.randint(0, (last - first).days)),
        "site": site,
    }


def _mark(
    rows: Sequence[Row], name: str, size: int, random: Random, *, among: Sequence[Row] | None = None
) -> list[Row]:
    """Code a fact as yes for some people, by lot among those who may have it, and as no for the others."""
    may = list(rows if among is None else among)
    if size > len(may):
        raise Infeasible(f"interviews: {name} is wanted of {size} people, {len(may)} may have it")
    chosen = random.sample(may, size)
    for row in rows:
        row[name] = "yes" if any(row is one for one in chosen) else "no"
    return chosen


def _as_delivered(row: Row, random: Random) -> Row:
    """The row with the small irregularities of a sheet kept by several researchers."""
    cells = dict(row)
    if row["study_year"] == "year1":
        cells["interview_date"] = Raw(row["interview_date"].strftime("%d/%m/%Y"))
    for name, cell in row.items():
        if cell in ("yes", "no") and random.random() < 0.02:
            cells[name] = Raw({"yes": "Y", "no": "N "}[cell])
    if row["participant_type"] == "practitioner" and row["role"] == "idva" and random.random() < 0.2:
        cells["role"] = Raw("Idva")
    return cells


def _count(register: Register, figure: str) -> int:
    return int(register[figure].number)


def _statements(entry: Published) -> list[str]:
    """The parts of an entry that is a list."""
    return [str(part) for part in entry.value] if isinstance(entry.value, tuple) else [str(entry.value)]
