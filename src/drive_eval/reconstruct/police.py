"""Police records of the matched sample: one row per subject and one per incident, three windows around allocation.

The windows are calendar months from the day of allocation: before [-6, 0), during [0, 10), after [10, 16). An incident
belongs to the window of the day it was recorded. No incident of the windows is recorded within a week of a limit, so
other ways of counting months give the same figures, and the trigger week before allocation is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.allocation import add_months, allocate
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.police_counts import ARMS, KINDS, WINDOWS, Pair, Place, solve_pairs
from drive_eval.reconstruct.spine import build_spine
from drive_eval.reference.register import Register

MARGIN = dt.timedelta(days=7)
"""No incident of a window is recorded within a week of its limits."""
SEARCHED_UNTIL = dt.date(2018, 8, 31)
SEARCHED_MONTHS_BEFORE = 12
LATE, HISTORIC = 0.09, 0.025
"""Shares of incidents recorded weeks and years after they happened."""
SEXES = {"male": 94, "female": 6}
AGE_BANDS = {"16_24": 17, "25_34": 36, "35_44": 27, "45_54": 14, "55_plus": 6}
RELATIONSHIPS = {"ex_partner": 48, "partner": 36, "family": 16}
OFFENCES = {
    "dva": {
        "violence_without_injury": 40,
        "violence_with_injury": 30,
        "stalking_harassment": 11,
        "criminal_damage": 6,
        "malicious_communications": 4,
        "breach_of_order": 4,
        "public_order": 3,
        "sexual": 2,
    },
    "non_dva": {
        "theft": 22,
        "public_order": 15,
        "drugs": 14,
        "criminal_damage": 12,
        "violence_without_injury": 11,
        "violence_with_injury": 8,
        "vehicle": 8,
        "breach_of_order": 5,
        "weapons": 5,
    },
}
OUTCOMES = {
    "dva": {"16": 38, "15": 28, "1": 19, "3": 3, "10": 3, "8": 2, "14": 2, "18": 1, "21": 1, "": 3},
    "non_dva": {"18": 24, "1": 24, "15": 22, "16": 11, "8": 6, "3": 5, "10": 3, "21": 2, "": 3},
}
"""Outcome codes of crimes; open crimes have none. 15, 16 and 18 are the most frequent."""

Row = dict[str, Any]


def build(register: Register, assumed: Assumed, *, seed: int) -> dict[str, list[Row]]:
    """The rows of `police_subjects` and `police_extract`, keyed by canonical column names.

    Subjects are the perpetrators of the allocation register whose police data were found, under ids of their own:
    police data come without a link to the other extracts.

    Raises
    ------
    Infeasible
        If the assumed numbers of incidents do not fit together or break a published statement.
    """
    random = Random(f"police {seed}")
    pairs = solve_pairs(register, assumed)
    subjects = _subjects(register, assumed, random, seed)
    incidents = []
    for arm in ARMS:
        in_arm = [subject for subject in subjects if subject["arm"] == arm]
        recorded = random.sample(in_arm, len(pairs[arm, "dva", "before"]))
        incidents += _incidents(register, arm, recorded, pairs, random)
    ids = random.sample(range(100_000, 999_999), len(incidents))
    for incident, number in zip(incidents, ids, strict=True):
        incident["event_id"] = f"EV-{number}"
    incidents.sort(key=lambda row: (row["subject_id"], row["recorded_date"], row["event_id"]))
    site = {subject["subject_id"]: subject["site"] for subject in subjects}
    return {
        "police_extract": [_incident_as_delivered(row, site[row["subject_id"]], random) for row in incidents],
        "police_subjects": [_subject_as_delivered(row) for row in subjects],
    }


def _subjects(register: Register, assumed: Assumed, random: Random, seed: int) -> list[Row]:
    rows = allocate(register, assumed, build_spine(register, seed=seed), seed=seed)
    found = [row for row in rows if row["police_data"] == "found"]
    random.shuffle(found)
    numbers = random.sample(range(1_000, 9_999), len(found))
    subjects = [
        {
            "data_origin": "synthetic",
            "subject_id": f"PS-{number}",
            "arm": row["arm"],
            "site": row["site"],
            "allocation_date": row["allocation_date"],
            "sex": _weighted(SEXES, random),
            "age_band": _weighted(AGE_BANDS, random),
            "searched_from": add_months(row["allocation_date"], -SEARCHED_MONTHS_BEFORE),
            "searched_to": SEARCHED_UNTIL,
        }
        for row, number in zip(found, numbers, strict=True)
    ]
    return sorted(subjects, key=lambda subject: str(subject["subject_id"]))


def _incidents(
    register: Register, arm: str, subjects: Sequence[Row], pairs: Mapping[Place, Sequence[Pair]], random: Random
) -> list[Row]:
    """Incidents of one arm: those counted in the windows, some outside them, and some whose flag is not known."""
    severity = [random.gauss(0, 1) for _ in subjects]
    windows = [_windows(register, subject["allocation_date"]) for subject in subjects]
    relationship = [_weighted(RELATIONSHIPS, random) for _ in subjects]
    incidents = []
    for kind in KINDS:
        dealt = {window: _dealt(pairs[arm, kind, window], severity, random) for window in WINDOWS}
        _give_everyone_some(dealt, random)
        for place, subject in enumerate(subjects):
            for window in WINDOWS:
                every, criminal = dealt[window][place]
                first, last = windows[place][window]
                for number in range(every):
                    day = _between(first, last, random)
                    incidents.append(_incident(subject, kind, number < criminal, day, relationship[place], random))
            for first, last in _outside(subject, windows[place]):
                for _ in range(min(6, int(random.expovariate(1.1)))):
                    day = _between(first, last, random)
                    incidents.append(_incident(subject, kind, random.random() < 0.5, day, relationship[place], random))
    for place in random.sample(range(len(subjects)), 3):
        day = _between(*windows[place]["during"], random)
        unknown = _incident(subjects[place], "non_dva", random.random() < 0.3, day, relationship[place], random)
        incidents.append(unknown | {"dva_flag": "not_known"})
    return incidents


def _windows(register: Register, allocated: dt.date) -> dict[str, tuple[dt.date, dt.date]]:
    """First and last day on which an incident of each window may be recorded."""
    during = int(register["exec.police.window.during_months"].number)
    starts = {
        "before": -int(register["police.window.before_months"].number),
        "during": 0,
        "after": during,
        "end": during + int(register["police.window.after_months"].number),
    }
    days = [add_months(allocated, months) for months in starts.values()]
    return {window: (days[place] + MARGIN, days[place + 1] - MARGIN) for place, window in enumerate(WINDOWS)}


def _outside(subject: Row, windows: Mapping[str, tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    """The days that were searched before and after the windows."""
    spans = [
        (subject["searched_from"], windows["before"][0] - 2 * MARGIN),
        (windows["after"][1] + 2 * MARGIN, subject["searched_to"]),
    ]
    return [span for span in spans if span[0] < span[1]]


def _dealt(pairs: Sequence[Pair], severity: Sequence[float], random: Random) -> list[Pair]:
    """The pairs dealt to subjects; more incidents to the more severe, not strictly."""
    order = sorted(range(len(severity)), key=lambda place: 0.9 * severity[place] + random.gauss(0, 1))
    dealt: list[Pair] = [(0, 0)] * len(pairs)
    for place, pair in zip(order, sorted(pairs), strict=True):
        dealt[place] = pair
    return dealt


def _give_everyone_some(dealt: dict[str, list[Pair]], random: Random) -> None:
    """Exchange pairs of a window until nobody is without an incident of this kind in all of them (Y09)."""

    def filled(place: int) -> int:
        return sum(pairs[place][0] > 0 for pairs in dealt.values())

    people = range(len(dealt["before"]))
    for place in people:
        if filled(place):
            continue
        window = random.choice(WINDOWS)
        donors = [other for other in people if filled(other) > 1 and dealt[window][other][0]]
        donor = min(donors, key=lambda other: (dealt[window][other], other))
        dealt[window][place], dealt[window][donor] = dealt[window][donor], dealt[window][place]


def _incident(subject: Row, kind: str, criminal: bool, day: dt.date, relationship: str, random: Random) -> Row:
    """One incident; a crime that the police cancelled is not criminal."""
    is_dva = kind == "dva"
    cancelled = not criminal and random.random() < 0.08
    first, last = _offence_days(day, random)
    row: Row = {
        "data_origin": "synthetic",
        "event_id": "",
        "subject_id": subject["subject_id"],
        "arm": subject["arm"],
        "recorded_date": day,
        "offence_from": first,
        "offence_to": last,
        "record_type": "crime" if criminal else "cancelled_crime" if cancelled else "incident",
        "criminal": "yes" if criminal else "no",
        "dva_flag": "yes" if is_dva else "no",
        "offence_group": _weighted(OFFENCES[kind], random) if criminal or cancelled else None,
        "outcome_code": None,
        "outcome_date": None,
        "arrested": None,
        "relationship": None,
        "risk_band": None,
        "children_present": None,
    }
    if criminal:
        code = _weighted(OUTCOMES[kind], random)
        row["arrested"] = "yes" if random.random() < (0.9 if code == "1" else 0.22) else "no"
        if code:
            row["outcome_code"] = f"outcome_{code}"
            row["outcome_date"] = min(SEARCHED_UNTIL, day + dt.timedelta(days=1 + int(random.expovariate(1 / 45))))
    if is_dva:
        others = ["not_known", _weighted(RELATIONSHIPS, random)]
        row["relationship"] = random.choices([relationship, *others], [84, 5, 11])[0]
        row["risk_band"] = random.choices(["standard", "medium", "high", "not_known"], [30, 38, 28, 4])[0]
        row["children_present"] = random.choices(["yes", "no", "not_known"], [30, 62, 8])[0]
    return row


def _offence_days(recorded: dt.date, random: Random) -> tuple[dt.date, dt.date]:
    """First and last day of the offence: mostly the day it was recorded or the one before, sometimes long ago."""
    lot = random.random()
    if lot < HISTORIC:
        delay = random.randint(400, 2200)
    elif lot < HISTORIC + LATE:
        delay = random.randint(7, 60)
    else:
        delay = random.choices((0, 1, 2, 4), (66, 22, 8, 4))[0]
    first = recorded - dt.timedelta(days=delay)
    lasted = random.randint(0, delay) if random.random() < 0.25 else 0
    return first, first + dt.timedelta(days=lasted)


def _incident_as_delivered(row: Row, site: str, random: Random) -> Row:
    """The row as its police force exports it: one writes days first, one spells codes in its own way."""
    cells = dict(row)
    if site == "south_wales":
        for name in ("recorded_date", "offence_from", "offence_to", "outcome_date"):
            if cells[name] is not None:
                cells[name] = Raw(cells[name].strftime("%d/%m/%Y"))
    if site == "west_sussex":
        cells["dva_flag"] = Raw({"yes": "Yes", "no": "No", "not_known": "N/K"}[row["dva_flag"]])
        if row["outcome_code"]:
            cells["outcome_code"] = Raw(f"Type {row['outcome_code'].removeprefix('outcome_')}")
    if row["record_type"] == "incident" and random.random() < 0.2:
        cells["record_type"] = Raw("Non-crime  incident ")
    return cells


def _subject_as_delivered(row: Row) -> Row:
    cells = dict(row)
    if row["site"] == "south_wales":
        cells["sex"] = Raw(row["sex"][0].upper())
    return cells


def _between(first: dt.date, last: dt.date, random: Random) -> dt.date:
    return first + dt.timedelta(days=random.randint(0, (last - first).days))


def _weighted(weights: Mapping[str, int], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
