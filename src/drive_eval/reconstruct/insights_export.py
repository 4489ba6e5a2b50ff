"""The forms as rows of the workbook, with the small faults of a real export that validation must accept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.insights_before import COUNTS
from drive_eval.reconstruct.insights_profile import CATEGORIES, NEEDS

Row = dict[str, Any]
PROFILE = ("age", *(name for name in CATEGORIES if name != "complex_needs"), *(f"need_{name}" for name in NEEDS))
SHORT_GENDER = {"women": "F", "men": "M"}
SHORT_GENDER_SITE = "west_sussex"
TEXT_DATES, TRAILING_BLANKS, ASKED_NOT_KNOWN = 0.04, 0.02, 0.5
SITE_NAMES = {"essex": "Essex ", "south_wales": "South  Wales", "west_sussex": "West Sussex "}
NOT_KNOWN = {
    "sexual_orientation": ("N/K", "Prefer not to say"),
    "living_situation": ("N/K",),
    "children": ("N/K",),
}


def forms(people: Sequence[Mapping[str, Any]], random: Random) -> dict[str, list[Row]]:
    """Rows of the sheets `Intake`, `Reviews` and `Exit`, in the order of the people."""
    sheets = {
        "Intake": [_intake(person) for person in people],
        "Reviews": [{**_key(person), **review} for person in people for review in person["reviews"]],
        "Exit": [_exit(person) for person in people if person["has_exit_form"]],
    }
    for rows in sheets.values():
        for row in rows:
            _spoil(row, random)
    return sheets


def _key(person: Mapping[str, Any]) -> Row:
    return {"data_origin": "synthetic", **{name: person[name] for name in ("case_id", "site", "arm")}}


def _intake(person: Mapping[str, Any]) -> Row:
    names = ("intake_date", *PROFILE, *COUNTS, "dash_score")
    return {**_key(person), **{name: person[name] for name in names}, **_abuse(person, "intake")}


def _exit(person: Mapping[str, Any]) -> Row:
    row = {**_key(person), "exit_date": person["exit_date"], **_abuse(person, "exit")}
    row |= {name: person[name] for name in ("idva_contacts", "support_interventions")}
    judged = person["judged_at"] == "exit"
    return row | {name: person[name] if judged else None for name in ("risk_change", "sustainability")}


def _abuse(person: Mapping[str, Any], stage: str) -> Row:
    row: Row = {}
    for abuse in TYPES:
        row[abuse] = person[abuse][stage]
        row[f"{abuse}_level"] = person[abuse][f"{stage}_level"]
    return row


def _spoil(row: Row, random: Random) -> None:
    """Dates typed as text, stray blanks, one site's short codes, and words for an answer that is not known."""
    for name, cell in row.items():
        if isinstance(cell, dt.date) and random.random() < TEXT_DATES:
            row[name] = Raw(f"{cell:%d/%m/%Y}")
        elif name in NOT_KNOWN and cell is None and random.random() < ASKED_NOT_KNOWN:
            row[name] = Raw(random.choice(NOT_KNOWN[name]))
        elif name.startswith("need_") and cell == "not_known":
            row[name] = random.choice((Raw("N/K"), "not_known", None))
    if "gender" in row and row["site"] == SHORT_GENDER_SITE:
        row["gender"] = Raw(SHORT_GENDER[row["gender"]])
    if random.random() < TRAILING_BLANKS:
        row["site"] = Raw(SITE_NAMES[row["site"]])
