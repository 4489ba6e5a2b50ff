"""The truth of a simulated trial: average effects in the superpopulation and in the people drawn, without sampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.simulate_effects import Effects
from drive_eval.reconstruct.simulate_model import (
    CRIMINAL,
    POLICE,
    VERSION,
    WINDOWS,
    Floats,
    Superpopulation,
    coefficients,
)
from drive_eval.reconstruct.simulate_people import People
from drive_eval.reconstruct.spine import SITES

ARMS = ("control", "drive")
DIGITS = 12
DASH_TIMES = ("intake_2_weeks", "months_5_6", "closure")


def build_truth(
    world: Superpopulation, people: People, effects: Effects, *, seed: int, files: Mapping[str, int]
) -> dict[str, Any]:
    """The truth file as a document.

    Parameters
    ----------
    world : Superpopulation
    people : People
    effects : Effects
    seed : int
    files : mapping of file name to number of rows

    Returns
    -------
    dict
        `estimands`: per outcome and time, in the `population` (superpopulation), in the `sample` (people drawn, given
        what they are before allocation) and, where an exit form is needed, among those with one in the population
        (`complete_case`): the average under `control` and `drive`, their `difference` and `ratio`, and the
        `odds_ratio` of risks.
    """
    sites = world.site[people.cell]
    retained = _retained(world)
    given = _given_intake(world, people)
    return {
        "model": "drive-eval superpopulation",
        "version": VERSION,
        "data_origin": "synthetic",
        "seed": seed,
        "n": {"drive": int((people.arm == 1).sum()), "control": int((people.arm == 0).sum())},
        "n_by_site": {
            site: {name: int(((sites == place) & (people.arm == arm)).sum()) for arm, name in enumerate(ARMS)}
            for place, site in enumerate(SITES)
        },
        "rows": dict(files),
        "effects": asdict(effects),
        "coefficients": coefficients(),
        "missing_exit_forms": {
            "mechanism": effects.missing_mechanism,
            "population": _both(*(1 - np.average(retained["form"][arm], weights=world.weight) for arm in (0, 1))),
            "sample": _both(*(_form_missing(world, people, given, arm).mean() for arm in (0, 1))),
        },
        "estimands": [
            *_abuse(world, people, given, retained),
            *_support(world, people, retained),
            *_police(world, people, effects),
        ],
        "drive_only": _dash(world, people),
    }


def _retained(world: Superpopulation) -> dict[str, Floats]:
    """By arm and cell: risk of any abuse at exit, probability of a form, and of a form where there is abuse."""
    any_abuse = 1 - np.prod(1 - world.exit_by_covariates, axis=0)
    with_abuse, without = 1 - world.missing[:, 1], 1 - world.missing[:, 0]
    return {"any": any_abuse, "form_with_abuse": with_abuse, "form": any_abuse * with_abuse + (1 - any_abuse) * without}


def _given_intake(world: Superpopulation, people: People) -> Floats:
    """Risk of each type at exit for each person, by arm and type, given what happened at intake."""
    before = people.intake.astype(int)
    return np.stack(
        [[world.exit[k, arm, before[k], people.cell] for k in range(len(TYPES))] for arm in (0, 1)],
    )


def _form_missing(world: Superpopulation, people: People, given: Floats, arm: int) -> Floats:
    """Probability that each person has no exit form in an arm."""
    no_abuse = np.prod(1 - given[arm], axis=0)
    without, with_abuse = world.missing[arm][:, people.cell]
    missing: Floats = no_abuse * without + (1 - no_abuse) * with_abuse
    return missing


def _abuse(
    world: Superpopulation, people: People, given: Floats, retained: Mapping[str, Floats]
) -> list[dict[str, Any]]:
    """Risk of each type, and of any type, at intake and at exit; the sample is taken as it was at intake."""
    at_exit = world.exit_by_covariates
    found = []
    for k, abuse in enumerate(TYPES):
        found.append(_estimand(world, abuse, "intake", [world.intake[k]] * 2, [people.intake[k]] * 2, risk=True))
        found.append(
            _estimand(world, abuse, "exit", at_exit[k], given[:, k], risk=True)
            | _complete(world, at_exit[k] * retained["form_with_abuse"], retained["form"], risk=True)
        )
    any_given = 1 - np.prod(1 - given, axis=1)
    found.append(
        _estimand(world, "any_abuse", "exit", retained["any"], any_given, risk=True)
        | _complete(world, retained["any"] * retained["form_with_abuse"], retained["form"], risk=True)
    )
    return found


def _support(world: Superpopulation, people: People, retained: Mapping[str, Floats]) -> list[dict[str, Any]]:
    entry = _estimand(world, "support_days", "exit", world.support, world.support[:, people.cell], risk=False)
    return [entry | _complete(world, world.support * retained["form"], retained["form"], risk=False)]


def _police(world: Superpopulation, people: People, effects: Effects) -> list[dict[str, Any]]:
    """Incidents and criminal incidents per person, and the risk of any; the sample is taken with its frailty."""
    found = []
    for window in list(WINDOWS)[1:]:
        for kind in POLICE:
            mean = world.incidents[kind, window]
            of_people = mean[:, people.cell] * people.frailty
            found.append(_estimand(world, f"police_{kind}", window, mean, of_people, risk=False))
            crime = [CRIMINAL[kind] * expected for expected in (mean, of_people)]
            found.append(_estimand(world, f"police_{kind}_criminal", window, *crime, risk=False))
            risk = _any_incident(mean, effects.police_dispersion)
            found.append(_estimand(world, f"police_{kind}_any", window, risk, 1 - np.exp(-of_people), risk=True))
    return found


def _any_incident(mean: Floats, dispersion: float) -> Floats:
    """Probability of one incident or more, over a gamma frailty."""
    none: Floats = np.exp(-mean) if dispersion == 0 else (1 + dispersion * mean) ** (-1 / dispersion)
    return 1 - none


def _dash(world: Superpopulation, people: People) -> list[dict[str, Any]]:
    scores = world.dash_items.sum(axis=1)
    cells = people.cell[people.arm == 1]
    return [
        {
            "outcome": "cms_dash_score",
            "time": time,
            "measure": "mean",
            "population": _rounded(np.average(score, weights=world.weight)),
            "sample": _rounded(score[cells].mean()),
        }
        for time, score in zip(DASH_TIMES, scores, strict=True)
    ]


def _estimand(
    world: Superpopulation, outcome: str, time: str, cells: Any, people: Any, *, risk: bool
) -> dict[str, Any]:
    """One outcome at one time; `cells` and `people` hold control and Drive."""
    return {
        "outcome": outcome,
        "time": time,
        "measure": "risk" if risk else "mean",
        "population": _effects([np.average(cells[arm], weights=world.weight) for arm in (0, 1)], risk=risk),
        "sample": _effects([np.mean(people[arm]) for arm in (0, 1)], risk=risk),
    }


def _complete(world: Superpopulation, joint: Floats, form: Floats, *, risk: bool) -> dict[str, Any]:
    """Averages among those with an exit form: what an analysis of complete cases tends to."""
    averages = [joint[arm] @ world.weight / (form[arm] @ world.weight) for arm in (0, 1)]
    return {"complete_case": _effects(averages, risk=risk)}


def _effects(averages: list[Any], *, risk: bool) -> dict[str, float | None]:
    control, drive = (float(average) for average in averages)
    found: dict[str, float | None] = {"control": control, "drive": drive, "difference": drive - control}
    found["ratio"] = drive / control if control else None
    if risk:
        decided = 0 < control < 1 and drive < 1
        found["odds_ratio"] = (drive / (1 - drive)) / (control / (1 - control)) if decided else None
    return {name: None if value is None else _rounded(value) for name, value in found.items()}


def _both(control: float, drive: float) -> dict[str, float]:
    return {"control": _rounded(control), "drive": _rounded(drive)}


def _rounded(value: float) -> float:
    """Twelve decimals, which processors agree on."""
    return round(float(value), DIGITS)
