"""Direct contacts of case managers with service users, and the direct work recorded at each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from drive_eval.reconstruct.cms_action_cases import Action, CaseSets, Window, month_of, year_of
from drive_eval.reconstruct.cms_action_counts import YEARS
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.samples import roughen, solve_sample
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

Key = TypeVar("Key")

SETTLING_IN = 5
"""Weekdays between allocation and the first possible contact."""


@dataclass(frozen=True)
class Contact:
    """One direct contact with a service user."""

    user: int
    day: dt.date


def contact_counts(register: Register) -> list[int]:
    """Contacts per service user contacted, in ascending order: n, range, mean, SD and median as printed."""
    prefix = "cms.direct.contacts"
    lowest, highest = (int(register[f"{prefix}.{end}"].number) for end in ("min", "max"))
    values = range(lowest, highest + 1)
    return solve_sample(
        n=int(register["cms.direct.contacted_n"].number),
        minimum=lowest,
        maximum=highest,
        mean=register[f"{prefix}.mean"].number,
        sd=register[f"{prefix}.sd"].number,
        median=register[f"{prefix}.median"].number,
        decimals={part: register[f"{prefix}.{part}"].decimals or 0 for part in ("mean", "sd")},
        shape=roughen(lambda contacts: (contacts + 0.6) ** -1.5, values, amount=0.3, random_seed=5),
        name=prefix,
    )


def draw_contacts(
    counts: Sequence[int],
    year2: int,
    spine: Sequence[ServiceUser],
    windows: Sequence[Window],
    cases: CaseSets,
    random: Random,
) -> list[Contact]:
    """Give the numbers of contacts to the service users contacted, and each contact a day.

    Parameters
    ----------
    counts : sequence of int
        Contacts per service user, ascending; users with behaviour change work tend to get the higher ones.
    year2 : int
        Contacts in Year 2.
    spine, windows, cases
        The service users, when their cases were open, and who has anything on record in Year 2.
    random : Random
    """
    engagement = {
        position: 1.5 * user.behaviour_change_work - 1.5 * (position not in cases.year2) + random.gauss(0, 0.8)
        for position, user in enumerate(spine)
        if user.contacted
    }
    wanted = dict(zip(sorted(engagement, key=lambda user: engagement[user]), counts, strict=True))
    days: dict[tuple[int, str], list[dt.date]] = {(user, year): [] for user in range(len(spine)) for year in YEARS}
    for window in windows:
        if window.year == "year1" or window.user in cases.year2:
            days[window.user, window.year] += window.days
    for user in range(len(spine)):
        first = "year1" if days[user, "year1"] else "year2"
        days[user, first] = days[user, first][SETTLING_IN:] or days[user, first]
    later = _in_year2(wanted, {user: (len(days[user, "year1"]), len(days[user, "year2"])) for user in wanted}, year2)
    found = []
    for user, contacts in wanted.items():
        for year, made in (("year1", contacts - later[user]), ("year2", later[user])):
            open_days = days[user, year]
            drawn = random.sample(open_days, made) if made <= len(open_days) else random.choices(open_days, k=made)
            found += [Contact(user, day) for day in drawn]
    return sorted(found, key=lambda contact: (contact.day, contact.user))


def direct_actions(
    counts: Mapping[str, Mapping[str, int]], contacts: Sequence[Contact], spine: Sequence[ServiceUser], random: Random
) -> list[Action]:
    """Direct work: making contact at every contact, and at some of them support or behaviour change work.

    Raises
    ------
    Infeasible
        If a year has too few contacts of the users with behaviour change work.
    """
    worked = [contact for contact in contacts if spine[contact.user].behaviour_change_work]
    latest = {contact.user: contact for contact in worked}
    found = []
    for year in YEARS:
        made = [contact for contact in contacts if year_of(contact.day) == year]
        certain = [contact for contact in latest.values() if year_of(contact.day) == year]
        possible = [contact for contact in worked if year_of(contact.day) == year and latest[contact.user] != contact]
        further = counts[year]["behaviour_change_work"] - len(certain)
        if not 0 <= further <= len(possible):
            raise Infeasible(f"cms.behaviour_change_work.n: {year} has no room for the direct work of that kind")
        chosen = {
            "contact_making": made,
            "support": random.sample(made, counts[year]["support"]),
            "behaviour_change_work": certain + random.sample(possible, further),
        }
        for category, where in chosen.items():
            found += [
                Action(contact.user, contact.day, month_of(spine[contact.user], contact.day), year, category)
                for contact in where
            ]
    if engaged(found, "year2") <= engaged(found, "year1"):
        raise Infeasible("cms.direct.year_shift: fewer service users would be engaged in Year 2 than in Year 1")
    return found


def engaged(actions: Sequence[Action], year: str) -> int:
    """Service users with direct work in a year."""
    return len({action.user for action in actions if action.year == year})


def _in_year2(counts: Mapping[int, int], days: Mapping[int, tuple[int, int]], total: int) -> dict[int, int]:
    """How many contacts of each user fall in Year 2, in proportion to open days, which then count for more."""
    pulls = (0.0, 1e6)
    for _ in range(200):
        pull = sum(pulls) / 2
        expected = {
            user: counts[user] * pull * second / (first + pull * second) for user, (first, second) in days.items()
        }
        pulls = (pull, pulls[1]) if sum(expected.values()) < total else (pulls[0], pull)
    if abs(sum(expected.values()) - total) > 0.01:
        raise Infeasible(f"cms.direct.contacts.year2: {total} contacts do not fit into the open days of Year 2")
    return systematic(expected)


def systematic(expected: Mapping[Key, float]) -> dict[Key, int]:
    """Whole numbers next to the expected ones, with the same sum, and nearly so over any stretch of the keys.

    The expected numbers must sum to a whole number, but for the last decimals.
    """
    found, passed, given = {}, 0.0, 0
    for key, number in expected.items():
        passed += number
        found[key] = int(passed + 0.5 + 1e-6) - given
        given += found[key]
    return found
