"""The allocation register: everyone randomised until the cut-off, to which arm, and what became of them.

One row per allocated victim/survivor (V/S) and linked perpetrator. In the Drive arm the register names the V/S of the
MARAC case that led to the allocation, so rows, perpetrators and V/S are equally many (Y21); a control perpetrator
may have several V/S, each in a row of its own.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import LAUNCH, SITES, ServiceUser
from drive_eval.reference.register import Register

ARMS = ("drive", "control")
LONGEST_EARLY_CLOSURE = 270
"""Days open of a case closed early: it ends within the ninth month, before the tenth begins."""
SHORTEST_SUPPORT = 45
"""Days between allocation and the cut-off that an exit form needs."""
EARLY_REASONS = {"custody": 34, "moved_away": 22, "transferred": 16, "unsuitable": 24, "died": 4}
AGE_BANDS = ("16_24", "25_34", "35_44", "45_54", "55_plus")
PROFILE = {
    "match_risk_level": {"high": 82, "medium": 16, "standard": 2},
    "match_sex": {"female": 96, "male": 4},
    "match_age_band": dict(zip(AGE_BANDS, (20, 34, 25, 14, 7), strict=True)),
    "match_needs": {"none": 26, "one_or_two": 44, "three_or_more": 30},
}
"""Weights of the victim/survivor's profile that the police sample is matched on."""

Row = dict[str, Any]


def build(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], *, seed: int) -> list[Row]:
    """Rows of the sheet `allocation_register` as delivered, in the order of allocation.

    Raises
    ------
    Infeasible
        If the assumed numbers leave a published count of the flow diagrams without enough people.
    """
    rows = allocate(register, assumed, spine, seed=seed)
    random = Random(f"allocation as delivered {seed}")
    return [_as_delivered(row, random) for row in rows]


def allocate(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], *, seed: int) -> list[Row]:
    """The same rows with canonical codes and dates in every cell; the police sample is taken from them.

    Raises
    ------
    Infeasible
        If the assumed numbers leave a published count of the flow diagrams without enough people.
    """
    random = Random(f"allocation {seed}")
    if len(spine) != register["insights.sample.drive_possible"].number:
        raise Infeasible("insights.sample.drive_possible: differs from the closed cases, which have one V/S each")
    rows = _drive(register, assumed, spine, random) + _control(register, assumed, spine, random)
    victims = random.sample(range(10_000, 99_999), len(rows))
    for row, number in zip(rows, victims, strict=True):
        row["victim_id"] = f"AV-{number}"
    for arm in ARMS:
        _add_forms(register, assumed, arm, [row for row in rows if row["arm"] == arm], random)
    _add_police_sample(register, assumed, rows, random)
    rows.sort(key=lambda row: (row["allocation_date"], row["perpetrator_id"], row["victim_id"]))
    for place, row in enumerate(rows, start=1):
        row["allocation_id"] = f"AL-{place:05d}"
    return rows


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _drive(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], random: Random) -> list[Row]:
    """Closed cases from the spine, then cases closed early, open past the inclusion period, and open within it."""
    cut_off = _date(register, "cms.inclusion.cutoff_date")
    included_until = add_months(cut_off, -int(register["cms.inclusion.months_allocated"].number))
    rows = [
        _row("drive", user.site, user.su_id, user.allocation_date, random, case_outcome="completed")
        | {"closure_date": user.closure_date}
        for user in spine
    ]
    sites = []
    for site in SITES:
        left = assumed.count(f"allocation.drive.perpetrators.{site}") - sum(user.site == site for user in spine)
        if left < 0:
            raise Infeasible(f"allocation.drive.perpetrators.{site}: fewer than the closed cases of the site")
        sites += [site] * left
    random.shuffle(sites)
    early = assumed.count("allocation.drive.closed_early")
    overdue = assumed.count("allocation.drive.open_after_10_months")
    if early + overdue > len(sites):
        raise Infeasible("allocation.drive: more cases closed early or overdue than are not among the closed cases")
    numbers = _fresh_numbers(spine, len(sites), random)
    for place, (site, number) in enumerate(zip(sites, numbers, strict=True)):
        closes_early, is_overdue = place < early, early <= place < early + overdue
        first = LAUNCH if closes_early or is_overdue else included_until + dt.timedelta(days=1)
        last = included_until if is_overdue else cut_off - dt.timedelta(days=30) if closes_early else cut_off
        day = _between(first, last, random)
        row = _row("drive", site, f"SU-{number}", day, random, case_outcome="closed_early" if closes_early else "open")
        if closes_early:
            row["early_closure_reason"] = _weighted(EARLY_REASONS, random)
            days = min(LONGEST_EARLY_CLOSURE, (cut_off - day).days)
            row["closure_date"] = day + dt.timedelta(days=random.randint(14, days))
        rows.append(row)
    return rows


def _control(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], random: Random) -> list[Row]:
    """Control perpetrators; the first of them by lot have a second victim/survivor, so that V/S number as printed."""
    cut_off = _date(register, "cms.inclusion.cutoff_date")
    victims = int(register["insights.sample.control_allocated"].number)
    sites = [site for site in SITES for _ in range(assumed.count(f"allocation.control.perpetrators.{site}"))]
    further = victims - len(sites)
    if not 0 <= further <= len(sites):
        raise Infeasible(f"allocation.control: {len(sites)} perpetrators cannot have {victims} victims/survivors")
    random.shuffle(sites)
    numbers = _fresh_numbers(spine, len(sites), random)
    rows = []
    for place, (site, number) in enumerate(zip(sites, numbers, strict=True)):
        row = _row("control", site, f"CP-{number}", _between(LAUNCH, cut_off, random), random)
        rows += [row, dict(row)] if place < further else [row]
    return rows


def _row(
    arm: str, site: str, perpetrator: str, day: dt.date, random: Random, *, case_outcome: str | None = None
) -> Row:
    return {
        "data_origin": "synthetic",
        "allocation_id": "",
        "perpetrator_id": perpetrator,
        "victim_id": "",
        "site": site,
        "arm": arm,
        "marac_date": day - dt.timedelta(days=random.randint(3, 28)),
        "allocation_date": day,
        "case_outcome": case_outcome,
        "early_closure_reason": None,
        "closure_date": None,
        "insights_intake": None,
        "insights_exit": None,
        "match_pair": None,
        **dict.fromkeys(PROFILE),
        "police_data": None,
    }


def _add_forms(register: Register, assumed: Assumed, arm: str, rows: Sequence[Row], random: Random) -> None:
    """Insights forms: in Drive looked up for the closed cases only, in control for every V/S.

    Forms by site are those of the Insights workbook; in Drive, enough of them belong to cases that the police
    sample may take.
    """
    cut_off, latest = _date(register, "cms.inclusion.cutoff_date"), _police_latest(register)
    looked_up = [row for row in rows if arm == "control" or row["case_outcome"] == "completed"]
    for row in looked_up:
        row["insights_intake"] = row["insights_exit"] = "no"
    timely = [row for row in looked_up if row["allocation_date"] <= cut_off - dt.timedelta(days=SHORTEST_SUPPORT)]
    for site in SITES:
        figure = f"insights.site.{arm}.{site}.exit_forms"
        here = [row for row in timely if row["site"] == site]
        early = [row for row in here if row["allocation_date"] <= latest]
        pairs = assumed.count(f"allocation.police.pairs.{site}") if arm == "drive" else 0
        chosen = _take(early, pairs, f"allocation.police.pairs.{site}", random)
        left = [row for row in here if row not in chosen]
        chosen += _take(left, assumed.count(figure) - pairs, figure, random)
        for row in chosen:
            row["insights_intake"] = row["insights_exit"] = "yes"
        figure = f"insights.site.{arm}.{site}.intake_forms"
        others = [row for row in looked_up if row["site"] == site and row["insights_exit"] == "no"]
        for row in _take(others, assumed.count(figure) - len(chosen), figure, random):
            row["insights_intake"] = "yes"
    with_exit = int(register[f"insights.sample.{arm}"].number)
    if sum(row["insights_exit"] == "yes" for row in looked_up) != with_exit:
        raise Infeasible(f"insights.sample.{arm}: exit forms by site do not sum to {with_exit}")
    total = int(register[f"insights.appendix2.{arm}.n"].number)
    if sum(row["insights_intake"] == "yes" for row in looked_up) != total:
        raise Infeasible(f"insights.appendix2.{arm}.n: intake forms by site do not sum to {total}")


def _add_police_sample(register: Register, assumed: Assumed, rows: Sequence[Row], random: Random) -> None:
    """Matched pairs of perpetrators whose V/S have both forms and whose 10 months ended by the police cut-off.

    Every pair agrees on the matching variables, but that one control V/S in five is an age band off. Records are
    then found for as many of each arm as printed.
    """
    latest = _police_latest(register)
    sites = {site: assumed.count(f"allocation.police.pairs.{site}") for site in SITES}
    size = sum(sites.values())
    profiles = [{name: _weighted(weights, random) for name, weights in PROFILE.items()} for _ in range(size)]
    for arm in ARMS:
        eligible = [row for row in rows if row["arm"] == arm and row["allocation_date"] <= latest]
        eligible = [row for row in eligible if row["insights_exit"] == "yes"]
        eligible = list({row["perpetrator_id"]: row for row in eligible}.values())
        chosen = _take(eligible, size, f"police.sample.{arm}", random)
        found = _take(chosen, int(register[f"police.sample.{arm}"].number), f"police.sample.{arm}", random)
        for pair, (row, profile) in enumerate(zip(chosen, profiles, strict=True), start=1):
            row.update(profile, match_pair=pair, police_data="found" if row in found else "not_found")
            if arm == "control" and random.random() < 0.2:
                place = AGE_BANDS.index(profile["match_age_band"])
                row["match_age_band"] = AGE_BANDS[place - 1 if place else 1]


def _police_latest(register: Register) -> dt.date:
    """The last day of allocation whose 10 months end by the cut-off of the police sample."""
    months = int(register["cms.inclusion.months_allocated"].number)
    return add_months(_date(register, "police.inclusion.cutoff_date"), -months)


def _date(register: Register, name: str) -> dt.date:
    return dt.date.fromisoformat(str(register[name].value))


def _take(rows: Sequence[Row], size: int, figure: str, random: Random) -> list[Row]:
    if not 0 <= size <= len(rows):
        raise Infeasible(f"{figure}: {size} are wanted of {len(rows)} that may be taken")
    return random.sample(rows, size)


def _fresh_numbers(spine: Sequence[ServiceUser], size: int, random: Random) -> list[int]:
    """Numbers for ids that no service user of the spine has."""
    used = {int(user.su_id.removeprefix("SU-")) for user in spine}
    return random.sample([number for number in range(10_000, 99_999) if number not in used], size)


def _between(first: dt.date, last: dt.date, random: Random) -> dt.date:
    return first + dt.timedelta(days=random.randint(0, (last - first).days))


def _weighted(weights: Mapping[str, int], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _as_delivered(row: Row, random: Random) -> Row:
    """The row with the small irregularities of a register that is kept by hand."""
    cells = dict(row)
    for name in ("marac_date", "allocation_date", "closure_date"):
        if cells[name] is not None and random.random() < 0.08:
            cells[name] = Raw(cells[name].isoformat())
    if random.random() < 0.03:
        cells["marac_date"] = None
    if random.random() < 0.04:
        cells["arm"] = Raw({"drive": "DRIVE ", "control": "Ctrl"}[row["arm"]])
    if row["site"] != "essex" and random.random() < 0.05:
        cells["site"] = Raw({"south_wales": "S Wales", "west_sussex": "W  Sussex"}[row["site"]])
    if row["insights_intake"] is None and random.random() < 0.3:
        cells["insights_intake"] = cells["insights_exit"] = Raw("N/K")
    return cells
