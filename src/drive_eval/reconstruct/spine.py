"""The 212 service users of the case management system: who they are to every block, before any block adds to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from drive_eval.reference.register import Register

SITES = ("essex", "south_wales", "west_sussex")
CASES_BY_SITE = (80, 66, 66)
LAUNCH, CUT_OFF = dt.date(2016, 4, 11), dt.date(2018, 3, 31)
SECOND_YEAR = dt.date(2017, 4, 3)
"""First working day of the second project year."""


@dataclass(frozen=True)
class ServiceUser:
    """One service user (perpetrator in the Drive arm) with the flags that blocks share.

    `months_open` runs from allocation to closure. `contacted`: the case manager had direct contact (133).
    `behaviour_change_work`: among them, behaviour change work was done (34). `has_need_information`: anything is
    recorded on needs and abusive behaviour (207). `has_specific_needs`: which needs is recorded (151 of the 207).
    `step_down`: a step-down period was used (18 of the 207 cases of 11 months or more). `severity` is a latent
    number, higher for more and worse abuse and more needs, for joint structure only.
    """

    su_id: str
    site: str
    allocation_date: dt.date
    closure_date: dt.date
    months_open: int
    step_down: bool
    contacted: bool
    behaviour_change_work: bool
    has_need_information: bool
    has_specific_needs: bool
    severity: float


def build_spine(register: Register, *, seed: int) -> list[ServiceUser]:
    """The service users in the order of `su_id`, with every count of a shared flag as printed."""
    random = Random(f"spine {seed}")

    def count(name: str) -> int:
        return int(register[name].number)

    total = count("cms.sample.closed_cases")
    severity = [random.gauss(0, 1) for _ in range(total)]
    people = range(total)

    def pick(size: int, among: list[int], pull: float) -> set[int]:
        """Choose people at random, those with higher severity the likelier the larger `pull`."""
        ranked = sorted(among, key=lambda person: pull * severity[person] + random.gauss(0, 1), reverse=True)
        return set(ranked[:size])

    contacted = pick(count("cms.direct.contacted_n"), list(people), 0.2)
    behaviour_work = pick(count("cms.behaviour_change_work.n"), sorted(contacted), 0.0)
    informed = pick(count("cms.needs.intake_info_n"), list(people), 0.1)
    likelier = sorted(informed, key=lambda person: (person in contacted) * 1.2 + random.gauss(0, 1), reverse=True)
    specific = set(likelier[: count("cms.needs.specific_info_n")])
    months = _months_open(count, random)
    long_cases = [person for person in people if months[person] >= 11]
    stepped = set(random.sample(long_cases, count("cms.step_down.n")))
    sites = [site for site, cases in zip(SITES, CASES_BY_SITE, strict=True) for _ in range(cases)]
    random.shuffle(sites)
    numbers = sorted(random.sample(range(10_000, 99_999), total))
    dates = [_dates(months[person], random) for person in people]
    _reach_second_year(dates, total - count("cms.indirect.n"))
    users = []
    for person in people:
        allocated, closed = dates[person]
        users.append(
            ServiceUser(
                su_id=f"SU-{numbers[person]}",
                site=sites[person],
                allocation_date=allocated,
                closure_date=closed,
                months_open=months[person],
                step_down=person in stepped,
                contacted=person in contacted,
                behaviour_change_work=person in behaviour_work,
                has_need_information=person in informed,
                has_specific_needs=person in specific,
                severity=severity[person],
            )
        )
    return users


def _months_open(count: Callable[[str], int], random: Random) -> list[int]:
    """Months from allocation to closure: 158 in months 11 and 12, 49 in 13 to 23 (the longest 23), the rest in 10."""
    eleven_twelve, longer = count("cms.length.closed_11_12_months.n"), count("cms.length.closed_13_23_months.n")
    longest = count("cms.length.max_months")
    months = [random.choice((11, 11, 12)) for _ in range(eleven_twelve)]
    months += [longest] + [min(longest, 13 + int(random.expovariate(0.4))) for _ in range(longer - 1)]
    months += [10] * (count("cms.sample.closed_cases") - len(months))
    random.shuffle(months)
    return months


def _dates(months_open: int, random: Random) -> tuple[dt.date, dt.date]:
    """An allocation date that lets the case close by the cut-off, and a closure date in month `months_open`."""
    days = round(months_open * 30.4375)
    latest = CUT_OFF - dt.timedelta(days=days + 1)
    allocated = LAUNCH + dt.timedelta(days=random.randrange(max(1, (latest - LAUNCH).days)))
    return allocated, allocated + dt.timedelta(days=days - random.randrange(1, 29))


def _reach_second_year(dates: list[tuple[dt.date, dt.date]], at_most: int) -> None:
    """Let at most so many cases close before the second year, in which the others have recorded work (Figure 17)."""
    early = sorted((closed, person) for person, (_, closed) in enumerate(dates) if closed < SECOND_YEAR)
    for closed, person in early[at_most:]:
        shift = SECOND_YEAR - closed
        dates[person] = (dates[person][0] + shift, closed + shift)
