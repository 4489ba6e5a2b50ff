"""Tables of a simulated trial in both arms: Insights forms, police records, allocation register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drive_eval.contracts.model import Contract, Sheet
from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.simulate_delivery import Codes, coded, drawn, ids
from drive_eval.reconstruct.simulate_effects import Effects
from drive_eval.reconstruct.simulate_model import CRIMINAL, WINDOWS, Superpopulation
from drive_eval.reconstruct.simulate_people import LEVELS, People, stream
from drive_eval.reconstruct.simulate_truth import ARMS
from drive_eval.reconstruct.spine import SITES

ANSWERS = ("no", "yes", "not_known")
MARGIN = 7
"""Days between an incident and the limits of its window, so that other ways of counting months count the same."""
OFFENCES = {
    "dva": {"violence_without_injury": 50, "violence_with_injury": 30, "stalking_harassment": 12, "criminal_damage": 8},
    "non_dva": {"theft": 40, "public_order": 25, "drugs": 20, "violence_without_injury": 15},
}
RELATIONSHIPS = {"ex_partner": 50, "partner": 35, "family": 15}
OUTCOMES = {"outcome_16": 35, "outcome_15": 30, "outcome_1": 20, "outcome_18": 15}


def insights(
    contract: Contract, world: Superpopulation, people: People, effects: Effects, *, seed: int
) -> dict[str, pd.DataFrame]:
    """Sheets `Intake`, `Reviews` (one of everybody, half way) and `Exit` (where there is a form)."""
    key = _person(contract.sheets["Intake"], "case_id", "VS-", world, people)
    intake = people.allocation_date + stream(seed, "intake dates").integers(0, 15, len(key))
    support = people.observed(people.support)
    at_intake = key.assign(
        intake_date=intake,
        age=world.age[people.cell],
        dash_score=world.score[people.cell],
        **_needs([name for name in contract.sheets["Intake"].columns if name.startswith("need_")], world, people, seed),
        **_abuse(people.intake, people.level["intake"], effects, stream(seed, "answers intake")),
    )
    at_exit = key.assign(
        exit_date=intake + support,
        **_abuse(people.observed(people.exit), people.level["exit"], effects, stream(seed, "answers exit")),
    )
    return {
        "Intake": at_intake,
        "Reviews": key.assign(review_date=intake + support // 2),
        "Exit": at_exit[people.observed(people.has_exit)],
    }


def police_subjects(contract: Contract, world: Superpopulation, people: People) -> pd.DataFrame:
    """Everybody: the police find all people of a simulated trial."""
    (sheet,) = contract.sheets.values()
    return _person(sheet, "subject_id", "PS-", world, people).assign(
        allocation_date=people.allocation_date,
        searched_from=add_months(people.allocation_date, -12),
        searched_to=add_months(people.allocation_date, 18),
    )


def police(contract: Contract, people: People, *, seed: int) -> pd.DataFrame:
    """Incidents of all windows, by person and day."""
    (sheet,) = contract.sheets.values()
    blocks = [
        _incidents(people, kind, window, people.observed(counts), seed)
        for (kind, window), counts in sorted(people.incidents.items())
    ]
    person, day, delay, is_dva = (np.concatenate(column) for column in zip(*blocks, strict=True))
    order = np.lexsort((is_dva, day, person))
    person, day, delay, is_dva = person[order], day[order], delay[order], is_dva[order]
    n = len(person)
    return pd.DataFrame(
        {
            "data_origin": coded(["synthetic"], np.zeros(n, dtype=int)),
            "event_id": ids(sheet.columns["event_id"], "EV-", n),
            "subject_id": ids(sheet.columns["subject_id"], "PS-", len(people.arm))[person],
            "arm": coded(ARMS, people.arm[person]),
            "recorded_date": day,
            "offence_from": day - delay,
            "offence_to": day - delay,
            **_details(day, is_dva, seed),
        }
    )


def allocation(contract: Contract, world: Superpopulation, people: People, *, seed: int) -> pd.DataFrame:
    """The register in the order of allocation: one perpetrator with one victim/survivor in each row."""
    (sheet,) = contract.sheets.values()
    n, is_drive = len(people.arm), people.arm == 1
    drive, control = (ids(sheet.columns["perpetrator_id"], prefix, n) for prefix in ("SU-", "CP-"))
    table = _person(sheet, "victim_id", "AV-", world, people).assign(
        perpetrator_id=np.where(is_drive, drive, control),
        marac_date=people.allocation_date - stream(seed, "marac dates").integers(3, 29, n),
        allocation_date=people.allocation_date,
        case_outcome=coded(("completed",), np.zeros(n, dtype=int), where=is_drive),
        closure_date=pd.Series(closure_dates(people, seed)).where(is_drive),
        insights_intake=coded(("yes",), np.zeros(n, dtype=int)),
        insights_exit=coded(("no", "yes"), people.observed(people.has_exit).astype(int)),
        police_data=coded(("found",), np.zeros(n, dtype=int)),
        **{name: pd.Series(None, index=range(n), dtype=object) for name in sheet.columns if name.startswith("match_")},
    )
    table = table.sort_values("allocation_date", kind="stable", ignore_index=True)
    return table.assign(allocation_id=ids(sheet.columns["allocation_id"], "AL-", n))


def closure_dates(people: People, seed: int) -> NDArray[np.datetime64]:
    """Days on which Drive cases close: ten months after allocation, or up to three months later."""
    return add_months(people.allocation_date, 10) + stream(seed, "closure dates").integers(0, 90, len(people.arm))


def add_months(days: NDArray[np.datetime64], months: int) -> NDArray[np.datetime64]:
    """The same day of another month, or that month's last day."""
    month = days.astype("datetime64[M]")
    there = month + months
    last = (there + 1).astype("datetime64[D]") - 1
    same = there.astype("datetime64[D]") + (days - month.astype("datetime64[D]"))
    found: NDArray[np.datetime64] = np.minimum(same, last)
    return found


def _person(sheet: Sheet, name: str, prefix: str, world: Superpopulation, people: People) -> pd.DataFrame:
    """Id, site and arm of everybody; the number of an id is the person's in every file."""
    n = len(people.arm)
    return pd.DataFrame(
        {
            "data_origin": coded(["synthetic"], np.zeros(n, dtype=int)),
            name: ids(sheet.columns[name], prefix, n),
            "site": coded(SITES, world.site[people.cell]),
            "arm": coded(ARMS, people.arm),
        }
    )


def _needs(names: list[str], world: Superpopulation, people: People, seed: int) -> Mapping[str, Codes]:
    """As many needs as the person has, by lot; all of them equally common."""
    rank = stream(seed, "needs").random((len(names), len(people.cell))).argsort(axis=0).argsort(axis=0)
    has = rank < world.needs[people.cell]
    return {name: coded(("no", "yes"), has[place].astype(int)) for place, name in enumerate(names)}


def _abuse(
    has: NDArray[np.bool_], level: NDArray[np.int8], effects: Effects, random: np.random.Generator
) -> Mapping[str, Codes]:
    """Answer and severity of each type; both are not known where the answer is missing."""
    unknown = random.random(has.shape) < effects.missing_item
    columns = {}
    for place, abuse in enumerate(TYPES):
        columns[abuse] = coded(ANSWERS, np.where(unknown[place], 2, has[place].astype(int)))
        steps = np.where(unknown[place], len(LEVELS), np.where(has[place], level[place], 0))
        columns[f"{abuse}_level"] = coded((*LEVELS, "not_known"), steps)
    return columns


def _details(day: NDArray[Any], is_dva: NDArray[np.bool_], seed: int) -> Mapping[str, Any]:
    """What the police record of an incident that is criminal, or flagged as DVA."""
    n = len(day)

    def random(name: str) -> np.random.Generator:
        return stream(seed, f"incidents {name}")

    criminal = random("criminal").random(n) < np.where(is_dva, CRIMINAL["dva"], CRIMINAL["non_dva"])
    groups = list(dict.fromkeys(group for weights in OFFENCES.values() for group in weights))
    offence = {
        kind: np.array([groups.index(group) for group in weights])[drawn(weights, n, random(f"offence {kind}")).codes]
        for kind, weights in OFFENCES.items()
    }
    return {
        "record_type": coded(("incident", "crime"), criminal.astype(int)),
        "criminal": coded(("no", "yes"), criminal.astype(int)),
        "dva_flag": coded(("no", "yes"), is_dva.astype(int)),
        "offence_group": coded(groups, np.where(is_dva, offence["dva"], offence["non_dva"]), where=criminal),
        "outcome_code": drawn(OUTCOMES, n, random("outcome"), where=criminal),
        "outcome_date": pd.Series(day + random("outcome date").integers(1, 120, n)).where(criminal),
        "arrested": drawn({"no": 65, "yes": 35}, n, random("arrested"), where=criminal),
        "relationship": drawn(RELATIONSHIPS, n, random("relationship"), where=is_dva),
        "risk_band": drawn({"medium": 40, "standard": 32, "high": 28}, n, random("risk"), where=is_dva),
        "children_present": drawn({"no": 65, "yes": 35}, n, random("children"), where=is_dva),
    }


def _incidents(
    people: People, kind: str, window: str, counts: NDArray[np.int64], seed: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Person, recorded day, days since it happened, and DVA flag of each incident of a kind in a window."""
    person = np.repeat(np.arange(len(counts)), counts)
    start, end, _ = WINDOWS[window]
    first = add_months(people.allocation_date, int(start)) + MARGIN
    length = (add_months(people.allocation_date, int(end)) - MARGIN - first).astype(int) + 1
    random = stream(seed, f"days {kind} {window}")
    day = first[person] + (random.random(len(person)) * length[person]).astype(int)
    delay = random.choice([0, 1, 2, 30], size=len(person), p=[0.66, 0.22, 0.09, 0.03])
    return person, day, delay, np.full(len(person), kind == "dva")
