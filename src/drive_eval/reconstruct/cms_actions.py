"""The sheets of case managers' actions and of direct contacts in the case management system."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_action_cases import Action, CaseSets, Window, choose_cases, open_windows
from drive_eval.reconstruct.cms_action_counts import ActionCounts, prints_within, solve_actions
from drive_eval.reconstruct.cms_action_spread import (
    RESEARCH,
    deal_agencies,
    deal_purposes,
    research_days,
    spread_windows,
)
from drive_eval.reconstruct.cms_contacts import Contact, contact_counts, direct_actions, draw_contacts
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import SITES, ServiceUser
from drive_eval.reference.register import Register

Row = dict[str, Any]

DIRECT = frozenset({"contact_making", "support", "behaviour_change_work"})
VARIANTS = {
    "police": "Police DA unit",
    "idva": "IDVA service",
    "crc": "CRC (probation)",
    "nps": "NPS (probation)",
    "childrens_social_services": "Children's Services",
    "mental_health_wellbeing": "Mental Health",
    "housing": "Housing Assoc.",
}
"""Another word for an agency that some case managers use."""
CONTACT_TYPES = {
    "face_to_face": 42,
    "telephone": 34,
    "home_visit": 10,
    "text_or_email": 7,
    "custody_visit": 5,
    "court": 2,
}


def build(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], *, seed: int) -> dict[str, list[Row]]:
    """The rows of the sheets `Actions` and `Contacts`, in the order of their dates.

    One row of `Actions` is one recorded action; one of `Contacts` is one direct contact with a service user, which
    has its action of making contact and perhaps others on the same day.

    Raises
    ------
    Infeasible
        If no actions show the printed figures together; the message names them.
    """
    random = Random(f"actions {seed}")
    windows = open_windows(spine)
    cases = choose_cases(register, spine, windows, random)
    made = contact_counts(register)
    counts = solve_actions(register, assumed, contacts=sum(made))
    in_year2 = counts.direct["year2"]["contact_making"]
    contacts = draw_contacts(made, in_year2, spine, windows, cases, random)
    actions = direct_actions(counts.direct, contacts, spine, random)
    actions += _indirect(register, assumed, counts, spine, windows, cases, actions, random)
    random.shuffle(actions)
    actions.sort(key=lambda action: action.day)
    _check(register, actions, spine)
    return {
        "Actions": [_action(number, action, spine, random) for number, action in enumerate(actions, start=1)],
        "Contacts": [_contact(number, contact, spine, random) for number, contact in enumerate(contacts, start=1)],
    }


def _indirect(
    register: Register,
    assumed: Assumed,
    counts: ActionCounts,
    spine: Sequence[ServiceUser],
    windows: Sequence[Window],
    cases: CaseSets,
    direct: Sequence[Action],
    random: Random,
) -> list[Action]:
    """Indirect actions: background research first, since it comes early, then all others around the rest."""
    research = [
        Action(window.user, window.days[place], window.month, window.year, RESEARCH)
        for window, place in research_days(counts, windows, cases, random)
    ]
    placed = [*direct, *research]
    slots = spread_windows(register, assumed, counts, spine, windows, cases, placed, random)
    dated = [(window, random.choice(window.days)) for _, window in slots]
    by_place = {(window.user, window.year, window.month): window for window in windows}
    slots += [(RESEARCH, by_place[action.user, action.year, action.month]) for action in research]
    dated += [(window, action.day) for (_, window), action in zip(slots[len(dated) :], research, strict=True)]
    agencies = deal_agencies(slots, counts, cases, random)
    purposes = deal_purposes(slots, agencies, counts, random)
    return [
        Action(window.user, day, window.month, window.year, group, agency, purpose)
        for (group, _), (window, day), agency, purpose in zip(slots, dated, agencies, purposes, strict=True)
    ]


def _check(register: Register, actions: Sequence[Action], spine: Sequence[ServiceUser]) -> None:
    """What was only aimed at: the busiest months in their order, the shares of the sites, an action in every case."""
    months = Counter(action.month for action in actions)
    peaks = register["cms.actions.peak_months"].value
    busiest = sorted(months, key=lambda month: -months[month])
    if not isinstance(peaks, tuple) or busiest[: len(peaks)] != [int(month) for month in peaks]:
        raise Infeasible("cms.actions.peak_months: the busiest months come out in another order")
    sites = Counter(spine[action.user].site for action in actions)
    for site in SITES:
        low, high, scale = prints_within(register[f"cms.actions.share.{site}"])
        if not low * len(actions) <= scale * sites[site] < high * len(actions):
            raise Infeasible(f"cms.actions.share.{site}: {sites[site]} of {len(actions)} actions print otherwise")
    if len({action.user for action in actions}) != int(register["cms.actions.fig14_n"].number):
        raise Infeasible("cms.actions.fig14_n: a case would be without any action")


def _action(number: int, action: Action, spine: Sequence[ServiceUser], random: Random) -> Row:
    user = spine[action.user]
    return {
        "data_origin": "synthetic",
        "action_id": f"A{number:06d}",
        "su_id": user.su_id,
        "site": user.site,
        "action_date": _as_typed(action.day, random),
        "month": action.month,
        "project_year": action.year,
        "work_type": "direct" if action.category in DIRECT else "indirect",
        "category": action.category,
        "agency": _agency(action, random),
        "purpose": action.purpose,
    }


def _agency(action: Action, random: Random) -> str | None:
    """The agency as a case manager enters it; where a Year 1 action has none, blank or one of the ways to say so."""
    if action.agency is None:
        unsaid = (None, None, None, "not_known", Raw("N/K"), Raw("?"))
        return None if action.category in DIRECT else random.choice(unsaid)
    if action.agency in VARIANTS and random.random() < 0.05:
        return Raw(VARIANTS[action.agency])
    return action.agency


def _contact(number: int, contact: Contact, spine: Sequence[ServiceUser], random: Random) -> Row:
    kind = random.choices(list(CONTACT_TYPES), list(CONTACT_TYPES.values()))[0]
    typical = {"telephone": 15, "text_or_email": 5}.get(kind, 60)
    minutes = max(5, 5 * round(typical * random.gammavariate(6, 1 / 6) / 5))
    return {
        "data_origin": "synthetic",
        "contact_id": f"C{number:05d}",
        "su_id": spine[contact.user].su_id,
        "contact_date": _as_typed(contact.day, random),
        "contact_type": kind,
        "duration_minutes": None if random.random() < 0.1 else minutes,
    }


def _as_typed(day: dt.date, random: Random) -> dt.date | str:
    """A date, now and then as text."""
    return Raw(day.strftime("%d/%m/%Y")) if random.random() < 0.03 else day
