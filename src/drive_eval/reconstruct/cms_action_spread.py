"""Spread the indirect actions over service users, months and agencies, so that every margin stays as counted.

Months and sites are margins that only have to come near their aims (the peaks keep their order, the shares print);
expected numbers are fitted to them by proportional scaling and made whole. Agencies are dealt to the actions one by
one, since each may occur in the cases counted for it and in no other, and in each of these at least once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_action_cases import Action, CaseSets, Window
from drive_eval.reconstruct.cms_action_counts import PURPOSES, ActionCounts
from drive_eval.reconstruct.cms_contacts import systematic
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import SITES, ServiceUser
from drive_eval.reference.register import Register

FIRST_YEAR, MULTI_AGENCY, CASE_UPDATE, RESEARCH = "indirect_year1", "multi_agency", "case_update", "background_research"
MONTHS = (*map(str, range(1, 13)), "later")
"""Months of the intervention; the few actions of months 13 and after count together."""
DEALT_FIRST = ("courts", "prison", "childrens_social_services", "crc", "nps", "police")
"""Agencies whose cases are counted, the rarest first."""
ROUNDS = 300

Slot = tuple[str, Window]
"""Group and window of one indirect action."""


def spread_windows(
    register: Register,
    assumed: Assumed,
    counts: ActionCounts,
    spine: Sequence[ServiceUser],
    windows: Sequence[Window],
    cases: CaseSets,
    placed: Sequence[Action],
    random: Random,
) -> list[Slot]:
    """Windows of the Year 1 indirect actions, the multi-agency actions and the case updates.

    Parameters
    ----------
    register, assumed
        Shares of the sites (printed) and of the months (assumed).
    counts : ActionCounts
    spine, windows, cases
        The service users, when their cases were open, and which of them count.
    placed : sequence of Action
        Direct work and background research, dated already; part of the shares.
    random : Random
    """
    totals = {
        FIRST_YEAR: sum(counts.year1_indirect.values()),
        MULTI_AGENCY: sum(counts.total(purpose) for purpose in PURPOSES),
        CASE_UPDATE: counts.total(CASE_UPDATE),
    }
    cells = [
        (group, window)
        for group in totals
        for window in sorted(windows, key=lambda window: (spine[window.user].site, window.user))
        if _is_open(group, window, cases)
    ]
    everything = len(placed) + sum(totals.values())
    fitted = _fit(
        cells, _weights(cells, spine, random), totals, _aims(register, assumed, spine, placed, everything), spine
    )
    found: dict[Slot, int] = {}
    for group in totals:
        found |= systematic({cell: number for cell, number in fitted.items() if cell[0] == group})
    for group, members in ((MULTI_AGENCY, cases.year2), (CASE_UPDATE, cases.updated)):
        _reach_everybody(found, group, members, spine)
    return [cell for cell, number in found.items() for _ in range(number)]


def research_days(
    counts: ActionCounts, windows: Sequence[Window], cases: CaseSets, random: Random
) -> list[tuple[Window, int]]:
    """Window and position of the day of each background research action: early in the case, or in Year 2."""
    extra = counts.total(RESEARCH) - len(cases.researched)
    if extra < 0:
        raise Infeasible("cms.background_research.n: fewer actions of background research than cases with it")
    users = sorted(cases.researched)
    found = []
    for user in users + random.choices(users, k=extra):
        days = [
            (window, place)
            for window in windows
            if window.user == user and window.year == "year2"
            for place in range(len(window.days))
        ]
        found.append(days[min(len(days) - 1, int(random.expovariate(0.12)))])
    return found


def deal_agencies(slots: Sequence[Slot], counts: ActionCounts, cases: CaseSets, random: Random) -> list[str | None]:
    """The agency of each indirect action, in the order of `slots`.

    Raises
    ------
    Infeasible
        If the actions of the cases counted for an agency cannot hold its actions.
    """
    demand: dict[str, Counter[str | None]] = {
        FIRST_YEAR: Counter(counts.year1_indirect),
        MULTI_AGENCY: Counter(),
        CASE_UPDATE: Counter(counts.agencies[CASE_UPDATE]),
        RESEARCH: Counter(counts.agencies[RESEARCH]),
    }
    for purpose in PURPOSES:
        demand[MULTI_AGENCY].update(counts.agencies[purpose])
    dealt: dict[int, str | None] = {}
    free = _deal_once_each(slots, demand, cases, dealt, random)
    pull = {
        (agency, user): random.gammavariate(1.5, 1) for agency in DEALT_FIRST for user in sorted(cases.agencies[agency])
    }
    for group, wanted in demand.items():
        for agency in DEALT_FIRST:
            members = cases.agencies[agency]
            able = [place for place in free if slots[place][0] == group and slots[place][1].user in members]
            keys = {place: random.expovariate(pull[agency, slots[place][1].user]) for place in sorted(able)}
            chosen = sorted(able, key=lambda place, keys=keys: keys[place])[: wanted[agency]]  # type: ignore[misc]
            if len(chosen) < wanted[agency]:
                raise Infeasible(f"cms.agency_cases: the cases with {agency} have too few {group} actions")
            dealt.update(dict.fromkeys(chosen, agency))
            free -= set(chosen)
            wanted[agency] = 0
        rest = sorted(place for place in free if slots[place][0] == group)
        others = sorted(wanted.elements(), key=str)
        random.shuffle(others)
        dealt.update(zip(rest, others, strict=True))
        free -= set(rest)
    return [dealt[place] for place in range(len(slots))]


def deal_purposes(
    slots: Sequence[Slot], agencies: Sequence[str | None], counts: ActionCounts, random: Random
) -> list[str | None]:
    """The purpose of each multi-agency action, as counted for each agency; None for all other actions."""
    found: list[str | None] = [None] * len(slots)
    for agency in sorted(counts.agencies[PURPOSES[0]]):
        places = [place for place, slot in enumerate(slots) if slot[0] == MULTI_AGENCY and agencies[place] == agency]
        purposes = [purpose for purpose in PURPOSES for _ in range(counts.agencies[purpose][agency])]
        random.shuffle(purposes)
        for place, purpose in zip(places, purposes, strict=True):
            found[place] = purpose
    return found


def _deal_once_each(
    slots: Sequence[Slot],
    demand: Mapping[str, Counter[str | None]],
    cases: CaseSets,
    dealt: dict[int, str | None],
    random: Random,
) -> set[int]:
    """Give every case one action with each agency it counts for; what is left of the actions is returned."""
    places: dict[int, list[int]] = {}
    for place, (_, window) in enumerate(slots):
        places.setdefault(window.user, []).append(place)
    pairs = [(user, agency) for agency in DEALT_FIRST for user in sorted(cases.agencies[agency])]
    pairs.sort(key=lambda pair: len(places.get(pair[0], [])))
    free = set(range(len(slots)))
    for user, agency in pairs:
        able = [place for place in places.get(user, []) if place in free and demand[slots[place][0]][agency]]
        if not able:
            raise Infeasible(f"cms.agency_cases: a case with {agency} has no action left for it")
        place = random.choice(able)
        dealt[place] = agency
        demand[slots[place][0]][agency] -= 1
        free.remove(place)
    return free


def _is_open(group: str, window: Window, cases: CaseSets) -> bool:
    if group == FIRST_YEAR:
        return window.year == "year1"
    return window.year == "year2" and window.user in (cases.year2 if group == MULTI_AGENCY else cases.updated)


def _weights(cells: Sequence[Slot], spine: Sequence[ServiceUser], random: Random) -> list[float]:
    """How active each window would be, were every month, site and group alike: by days open, need and chance."""
    activity = [
        random.gammavariate(4, 0.25) * float(np.exp(0.25 * user.severity)) * (1.3 if user.contacted else 1.0)
        for user in spine
    ]
    return [len(window.days) * activity[window.user] * random.gammavariate(3, 1 / 3) for _, window in cells]


def _aims(
    register: Register, assumed: Assumed, spine: Sequence[ServiceUser], placed: Sequence[Action], everything: int
) -> dict[str, float]:
    """How many indirect actions each site and month should get beside those placed already."""
    sites = Counter(spine[action.user].site for action in placed)
    months = Counter(_month(action.month) for action in placed)
    printed = {site: register[f"cms.actions.share.{site}"].number for site in SITES}
    shares = {month: assumed[f"cms.actions.month.{month}"] for month in MONTHS}
    aims = {site: everything * share / sum(printed.values()) - sites[site] for site, share in printed.items()}
    aims |= {month: everything * share / sum(shares.values()) - months[month] for month, share in shares.items()}
    if min(aims.values()) <= 0:
        raise Infeasible("cms.actions.share, cms.actions.month: direct work alone exceeds the share of a site or month")
    return aims


def _fit(
    cells: Sequence[Slot],
    weights: Sequence[float],
    totals: Mapping[str, int],
    aims: Mapping[str, float],
    spine: Sequence[ServiceUser],
) -> dict[Slot, float]:
    """Scale the weights in turn to the aims of months, sites and groups, the groups last and exactly."""
    numbers = np.array(weights)
    margins = []
    for names, label in (
        (MONTHS, [_month(window.month) for _, window in cells]),
        (SITES, [spine[window.user].site for _, window in cells]),
        (tuple(totals), [group for group, _ in cells]),
    ):
        goal = {**aims, **totals}
        margins.append((np.array([names.index(name) for name in label]), np.array([goal[name] for name in names])))
    for _ in range(ROUNDS):
        for member, goal_of in margins:
            present = np.bincount(member, weights=numbers, minlength=len(goal_of))
            numbers = numbers * (goal_of / np.maximum(present, 1e-12))[member]
    return dict(zip(cells, numbers.tolist(), strict=True))


def _month(month: int) -> str:
    return str(month) if str(month) in MONTHS else "later"


def _reach_everybody(found: dict[Slot, int], group: str, members: frozenset[int], spine: Sequence[ServiceUser]) -> None:
    """Move single actions, within the site, to members of a group who would have none."""
    own = [cell for cell in found if cell[0] == group]
    reached = {window.user for cell_group, window in own if found[cell_group, window]}
    for user in sorted(members - reached):
        site = spine[user].site
        giver = max((cell for cell in own if spine[cell[1].user].site == site), key=lambda cell: found[cell])
        taker = max((cell for cell in own if cell[1].user == user), key=lambda cell: len(cell[1].days))
        found[giver] -= 1
        found[taker] += 1
