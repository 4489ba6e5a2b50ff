"""Who uses which abusive behaviour when: people whose records carry Figures 5 to 7 and the statements on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

from drive_eval.reconstruct.cms_needs_statements import chi_square_p, require_significance, sign_test_p
from drive_eval.reconstruct.cms_needs_tables import BANDS, GROUPS, TIMES, Tables, Use
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import LEVELS, TYPES, Infeasible
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

CLEAR = 0.07
"""How far above alpha a p-value stays that is published as not significant."""
EFFORT = 3.0
"""Limit of the solver in its own deterministic time, reached when the best choice is not proven."""
ATTEMPTS = 200
LEVEL_ORDER = ("none", *LEVELS)
SOURCES = ("police", "idva", "case_manager", "childrens_services", "self_report")
ODD_SOURCES = {"police": ("Police ", "police"), "idva": ("IDVA ",), "case_manager": ("CM", "case manager")}
"""Spellings of a source that a real export has beside the usual one."""

Row = dict[str, Any]
Course = dict[str, dict[str, bool]]
"""Use of each type at each time."""


@dataclass
class Person:
    """A service user with information: group of needs and, once assigned, use and levels by type."""

    user: ServiceUser
    group: str
    use: Course = field(default_factory=dict)
    level: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def used_any(self) -> bool:
        """Whether any type was used at intake."""
        return any(use["intake"] for use in self.use.values())

    @property
    def changed(self) -> bool:
        """Whether at least one type used at intake was no longer used at closure."""
        return any(use["intake"] and not use["closure"] for use in self.use.values())


def assign_behaviour(register: Register, tables: Tables, people: Sequence[Person], random: Random) -> None:
    """Give every person use and level of each type at each time, so that all counts of `tables` hold.

    Raises
    ------
    Infeasible
        If no assignment has all counts, or a test published as significant (or not) comes out otherwise.
    """
    _deal(people, _solve(tables, people), random)
    entry = register["cms.dva.severity_reduction.significance"]
    for abuse, use in tables.use.items():
        _add_midpoint(abuse, use, people, random)
        for _ in range(ATTEMPTS):
            for time in TIMES:
                _add_levels(abuse, use, time, people, random)
            p_values = _severity_p_values(abuse, people)
            if max(p_values) < (entry.alpha or 0.05) / 2:
                break
        require_significance(entry, max(p_values), clear=CLEAR)
    _check_behaviour_work(register, people)


def _solve(tables: Tables, people: Sequence[Person]) -> list[Course]:
    """Use of each type at intake and closure, one course per person, so that every count holds."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    both, stopped, started = (
        {abuse: [model.new_bool_var("") for _ in people] for abuse in TYPES} for _ in ("both", "stopped", "started")
    )
    for abuse, use in tables.use.items():
        for position in range(len(people)):
            model.add_at_most_one(part[abuse][position] for part in (both, stopped, started))
        at = {
            "intake": [sum(pair) for pair in zip(both[abuse], stopped[abuse], strict=True)],
            "closure": [sum(pair) for pair in zip(both[abuse], started[abuse], strict=True)],
        }
        model.add(sum(started[abuse]) == use.started)
        for time, members, count in _margins(use, people):
            model.add(sum(at[time][position] for position in members) == count)
    for parts, counts in (((both, stopped), tables.any_intake), ((stopped,), tables.any_stopped)):
        for group in GROUPS:
            flags = []
            for position, person in enumerate(people):
                if person.group == group:
                    flags.append(model.new_bool_var(""))
                    model.add_max_equality(flags[-1], [part[abuse][position] for part in parts for abuse in TYPES])
            model.add(sum(flags) == counts[group])
    solver = _solved(model, "cms.dva: no service users can have the counts by class and contact together")
    courses = []
    for position in range(len(people)):
        course = {}
        for abuse in TYPES:
            goes_on = bool(solver.value(both[abuse][position]))
            intake = goes_on or bool(solver.value(stopped[abuse][position]))
            course[abuse] = {"intake": intake, "closure": goes_on or bool(solver.value(started[abuse][position]))}
        courses.append(course)
    return courses


def _deal(people: Sequence[Person], courses: Sequence[Course], random: Random) -> None:
    """Deal the courses anew among people of one group and one kind of contact: the more severe use more."""

    def burden(course: Course) -> float:
        return sum(2 * use["intake"] + use["closure"] for use in course.values()) + random.gauss(0, 1)

    cells: dict[tuple[str, bool, bool], list[int]] = {}
    for position, person in enumerate(people):
        cell = (person.group, person.user.contacted, person.user.behaviour_change_work)
        cells.setdefault(cell, []).append(position)
    for cell in sorted(cells):
        ranked = sorted(cells[cell], key=lambda position: people[position].user.severity + random.gauss(0, 0.7))
        for position, course in zip(ranked, sorted((courses[each] for each in cells[cell]), key=burden), strict=True):
            people[position].use = course


def _solved(model: Any, conflict: str) -> Any:
    """Solve a model the same way every time, to within a tenth of the best."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = 0.1
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Infeasible(conflict)
    return solver


def _margins(use: Use, people: Sequence[Person]) -> list[tuple[str, list[int], int]]:
    """Time, positions of the people and number of users among them, for every count of one type."""
    margins = []
    for time in ("intake", "closure"):
        for group in GROUPS:
            members = [position for position, person in enumerate(people) if person.group == group]
            margins.append((time, members, use.by_group[time][group]))
    contacted = [position for position, person in enumerate(people) if person.user.contacted]
    worked = [position for position, person in enumerate(people) if person.user.behaviour_change_work]
    return [*margins, ("closure", contacted, use.contacted), ("closure", worked, use.behaviour_work)]


def age_bands(
    tables: Tables, spine: Sequence[ServiceUser], people: Mapping[str, Person], random: Random
) -> dict[str, str]:
    """Age bands of all service users: sizes and users of each type as in `tables`, otherwise as even as can be.

    Raises
    ------
    Infeasible
        If the behaviour already given leaves no such bands.
    """
    from ortools.sat.python import cp_model

    alike = _alike(spine, people)
    model = cp_model.CpModel()
    number = {
        (course, band): model.new_int_var(0, len(alike[course]), "") for course in sorted(alike) for band in BANDS
    }
    uneven = []
    for course in sorted(alike):
        model.add(sum(number[course, band] for band in BANDS) == len(alike[course]))
    for band in BANDS:
        model.add(sum(number[course, band] for course in sorted(alike)) == tables.band_sizes[band])
        for course in sorted(alike):
            uneven.append(model.new_int_var(0, len(spine) ** 2, ""))
            even = len(alike[course]) * tables.band_sizes[band]
            model.add_abs_equality(uneven[-1], len(spine) * number[course, band] - even)
        for position, (abuse, time) in enumerate(product(TYPES, ("intake", "closure"))):
            users = sum(number[course, band] for course in sorted(alike) if course[position])
            model.add(users == tables.use[abuse].by_band[time][band])
    model.minimize(sum(uneven))
    solver = _solved(model, "cms.age_quartiles: no age bands can have the counts of users together")
    found: dict[str, str] = {}
    for course, members in sorted(alike.items()):
        random.shuffle(members)
        labels = [band for band in BANDS for _ in range(solver.value(number[course, band]))]
        found.update(zip(members, labels, strict=True))
    return {user.su_id: found[user.su_id] for user in spine}


def _alike(spine: Sequence[ServiceUser], people: Mapping[str, Person]) -> dict[tuple[bool, ...], list[str]]:
    """Service users by use of each type at intake and closure."""
    alike: dict[tuple[bool, ...], list[str]] = {}
    for user in spine:
        use = people[user.su_id].use if user.su_id in people else {}
        course = tuple(use.get(abuse, {}).get(time, False) for abuse in TYPES for time in ("intake", "closure"))
        alike.setdefault(course, []).append(user.su_id)
    return alike


def _add_midpoint(abuse: str, use: Use, people: Sequence[Person], random: Random) -> None:
    """Those who use at both times mostly use between; of those who stop, the more severe stop later."""

    def likely(person: Person) -> float:
        times = person.use[abuse]
        if not (times["intake"] or times["closure"]):
            return -100
        return 3.0 * (times["intake"] and times["closure"]) + person.user.severity + random.gauss(0, 1)

    ranked = sorted(people, key=likely, reverse=True)
    for rank, person in enumerate(ranked):
        person.use[abuse] = {**person.use[abuse], "midpoint": rank < use.total("midpoint")}


def _add_levels(abuse: str, use: Use, time: str, people: Sequence[Person], random: Random) -> None:
    """Levels by severity, higher where abuse goes on; later, those who were at a higher level stay higher as a rule."""
    users = [person for person in people if person.use[abuse][time]]

    def rank(person: Person) -> float:
        if time == "intake":
            lasting = 1.2 * person.use[abuse]["closure"]
        else:
            lasting = 1.5 * LEVEL_ORDER.index(person.level[abuse]["intake"])
        return lasting + person.user.severity + random.gauss(0, 0.7)

    users.sort(key=rank)
    steps = [level for level in LEVELS for _ in range(use.by_level[time][level])]
    if len(steps) != len(users):
        raise Infeasible(f"cms.dva.{abuse}: {len(steps)} levels at {time} for {len(users)} users")
    for person in people:
        person.level.setdefault(abuse, {})[time] = "none"
    for person, level in zip(users, steps, strict=True):
        person.level[abuse][time] = level


def _severity_p_values(abuse: str, people: Sequence[Person]) -> tuple[float, float]:
    """p-values of the fall of one type between intake and closure: high or not, and level (sign tests)."""
    pairs = [tuple(LEVEL_ORDER.index(person.level[abuse][time]) for time in ("intake", "closure")) for person in people]
    high = LEVEL_ORDER.index("high")
    no_longer = sum(before == high and after < high for before, after in pairs)
    newly = sum(before < high and after == high for before, after in pairs)
    fell, rose = (sum(sign * (before - after) > 0 for before, after in pairs) for sign in (1, -1))
    return sign_test_p(no_longer, newly), sign_test_p(fell, rose)


def _check_behaviour_work(register: Register, people: Sequence[Person]) -> None:
    """Chi-square of behaviour change work by use at closure, among those with contact and among all."""
    for abuse in TYPES:
        name = "physical_end" if abuse == "physical" else "other_dva"
        entry = register[f"cms.behaviour_change_work.{name}.significance"]
        for base in ([person for person in people if person.user.contacted], people):
            table = [[0, 0], [0, 0]]
            for person in base:
                table[person.user.behaviour_change_work][person.use[abuse]["closure"]] += 1
            require_significance(entry, chi_square_p(table), clear=CLEAR)


def behaviour_rows(spine: Sequence[ServiceUser], people: Mapping[str, Person], random: Random) -> list[Row]:
    """One row per service user and time point, as assessments are kept; nothing is known of some people."""
    return [_assessment(user, people.get(user.su_id), time, random) for user in spine for time in TIMES]


def _assessment(user: ServiceUser, person: Person | None, time: str, random: Random) -> Row:
    row: Row = {"data_origin": "synthetic", "su_id": user.su_id, "time_point": time}
    if person is None:
        row["assessment_date"] = row["information_source"] = None
        for abuse in TYPES:
            row[abuse] = random.choice(["not_known", Raw("N/K"), None])
            row[f"{abuse}_level"] = random.choice(["not_known", None])
        return row
    day = _assessment_day(user, time, random)
    row["assessment_date"] = Raw(day.strftime("%d/%m/%Y")) if random.random() < 0.04 else day
    row["information_source"] = _source(user, random)
    for abuse in TYPES:
        uses, level = person.use[abuse][time], person.level[abuse][time]
        row[abuse] = "yes" if uses else "no"
        row[f"{abuse}_level"] = level
        if not uses and random.random() < 0.3:
            row[f"{abuse}_level"] = None
        if uses and time == "midpoint" and random.random() < 0.05:
            row[f"{abuse}_level"] = random.choice(["not_known", Raw("N/K")])
    return row


def _assessment_day(user: ServiceUser, time: str, random: Random) -> dt.date:
    length = (user.closure_date - user.allocation_date).days
    if time == "intake":
        return user.allocation_date + dt.timedelta(days=random.randrange(2, 36))
    if time == "midpoint":
        return user.allocation_date + dt.timedelta(days=length // 2 + random.randrange(-20, 21))
    return user.closure_date - dt.timedelta(days=random.randrange(0, 15))


def _source(user: ServiceUser, random: Random) -> str:
    weights = (40, 30, 15 if user.contacted else 0, 10, 5 if user.contacted else 0)
    source = random.choices(SOURCES, weights)[0]
    if source in ODD_SOURCES and random.random() < 0.06:
        return Raw(random.choice(ODD_SOURCES[source]))
    return source
