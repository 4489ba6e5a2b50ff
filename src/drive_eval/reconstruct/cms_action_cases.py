"""When each service user's case was open, and for whom case managers recorded which work with which agency."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import CUT_OFF, ServiceUser
from drive_eval.reference.register import Register

YEAR2_FROM = dt.date(2017, 4, 1)
SATURDAY = 5


@dataclass(frozen=True)
class Window:
    """The weekdays of one month of the intervention of one service user, within one project year."""

    user: int
    year: str
    month: int
    days: tuple[dt.date, ...]


@dataclass(frozen=True)
class Action:
    """One recorded action; `agency` is None where none was named, `purpose` where the form asked for none."""

    user: int
    day: dt.date
    month: int
    year: str
    category: str
    agency: str | None = None
    purpose: str | None = None


@dataclass(frozen=True)
class CaseSets:
    """Service users, by position in the spine, who count.

    For whom anything, background research and case updates are on record in Year 2, and in whose case each agency
    was worked with in either year.
    """

    year2: frozenset[int]
    researched: frozenset[int]
    updated: frozenset[int]
    agencies: Mapping[str, frozenset[int]]


def month_of(user: ServiceUser, day: dt.date) -> int:
    """Month of the intervention: 1 plus the whole months since allocation."""
    start = user.allocation_date
    return 1 + 12 * (day.year - start.year) + day.month - start.month - (day.day < start.day)


def year_of(day: dt.date) -> str:
    """Project year of a day: Year 2 runs from April 2017 to March 2018."""
    return "year2" if day >= YEAR2_FROM else "year1"


def open_windows(spine: Sequence[ServiceUser]) -> list[Window]:
    """All windows from allocation to closure, user by user, month by month."""
    windows = []
    for position, user in enumerate(spine):
        length = (min(user.closure_date, CUT_OFF) - user.allocation_date).days + 1
        days = [user.allocation_date + dt.timedelta(days=passed) for passed in range(length)]
        weekdays = [day for day in days if day.weekday() < SATURDAY and month_of(user, day) <= user.months_open]
        places = [(year_of(day), month_of(user, day)) for day in weekdays]
        for (year, month), found in itertools.groupby(zip(places, weekdays, strict=True), key=lambda pair: pair[0]):
            windows.append(Window(position, year, month, tuple(day for _, day in found)))
    return windows


def choose_cases(
    register: Register, spine: Sequence[ServiceUser], windows: Sequence[Window], random: Random
) -> CaseSets:
    """Draw the sets of service users that the figures count.

    The users without anything on record in Year 2 are those whose cases closed before it or soonest in it.

    Raises
    ------
    Infeasible
        If more cases closed before Year 2 than may lack actions in it, or the numbers contradict each other.
    """
    in_year2 = [0] * len(spine)
    for window in windows:
        in_year2[window.user] += len(window.days) if window.year == "year2" else 0
    active = int(register["cms.work.fig17_n"].number)
    if active != int(register["cms.indirect.n"].number):
        raise Infeasible("cms.work.fig17_n and cms.indirect.n: indirect work is taken to reach every case of Year 2")
    longest = sorted(range(len(spine)), key=lambda user: (-in_year2[user], spine[user].su_id))
    year2 = sorted(longest[:active])
    if in_year2[longest[active - 1]] == 0:
        raise Infeasible(
            f"cms.work.fig17_n: {sum(days > 0 for days in in_year2)} cases were open on a weekday of Year 2, "
            f"{active} have actions in it; move allocations"
        )
    researched = random.sample(year2, int(register["cms.background_research.n"].number))
    by_length = sorted(year2, key=lambda user: in_year2[user] / 100 + random.gauss(0, 1), reverse=True)
    return CaseSets(
        year2=frozenset(year2),
        researched=frozenset(researched),
        updated=frozenset(by_length[: int(register["cms.case_update.n"].number)]),
        agencies=_agency_cases(register, spine, random),
    )


def _agency_cases(register: Register, spine: Sequence[ServiceUser], random: Random) -> dict[str, frozenset[int]]:
    """The cases in which each statutory agency was worked with; the more severe, the likelier."""

    def count(name: str) -> int:
        return int(register[f"cms.agency_cases.{name}.n"].number)

    def take(size: int, among: Sequence[int], pull: float) -> list[int]:
        ranked = sorted(among, key=lambda user: pull * spine[user].severity + random.gauss(0, 1), reverse=True)
        return ranked[:size]

    everybody = range(len(spine))
    criminal = take(count("ccj"), everybody, 0.5)
    rest = [user for user in everybody if user not in set(criminal)]
    only_children = random.sample(rest, count("statutory_any") - count("ccj"))
    police = take(count("police"), criminal, 0.5)
    without_police = [user for user in criminal if user not in set(police)]
    probation = without_police + take(count("probation") - len(without_police), police, 0.5)
    if count("probation") < len(without_police):
        raise Infeasible("cms.agency_cases: too few cases with probation for those with justice agencies but no police")
    national = set(take(round(0.45 * len(probation)), probation, 1.0))
    both = set(random.sample(sorted(national), len(national) // 4))
    return {
        "police": frozenset(police),
        "nps": frozenset(national),
        "crc": frozenset(probation) - (national - both),
        "prison": frozenset(take(count("prison"), criminal, 0.8)),
        "courts": frozenset(take(count("courts"), criminal, 0.3)),
        "childrens_social_services": frozenset(
            only_children + random.sample(criminal, count("cyps") - len(only_children))
        ),
    }
