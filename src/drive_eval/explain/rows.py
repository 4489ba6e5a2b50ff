"""Which rows of an analysis set stand behind a number, and why the others do not: counts only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from drive_eval.results import WHOLE


def columns_needed(population: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """The columns that decide who is left out: the flag of the population, the grouping and the strata."""
    names = (population["flag"], settings.get("by"), settings.get("strata"))
    return [name for name in names if isinstance(name, str) and name]


def population_rows(name: str, population: Mapping[str, Any], cases: pd.DataFrame) -> list[dict[str, Any]]:
    """The steps from an analysis set to a population."""
    return _to_population(name, population, cases)[0]


def rows_used(
    result: Mapping[str, Any], population: Mapping[str, Any], settings: Mapping[str, Any], cases: pd.DataFrame
) -> dict[str, Any]:
    """Follow the rows of an analysis set down to those behind a number.

    Parameters
    ----------
    result : mapping
        A registry row, with `n_missing` (NaN where the method states none).
    population, settings : mapping
        Of the call that made it.
    cases : DataFrame
        The analysis set, at least `columns_needed`.

    Returns
    -------
    dict
        `steps`, each with `rows`, `what` and `left_out` (a reason to leave rows out, or rows that remain); `base`, what
        the method states it counted (`denominator`, else `n`; None where neither); `agrees`, whether the steps lead to
        it (None where none is stated); `remark`, where they do not lead to it as they stand.
    """
    steps, everybody = _to_population(result["population"], population, cases)
    narrowed, kept = list(steps), everybody
    for column, value in ((settings.get("by"), result["group"]), (settings.get("strata"), result["stratum"])):
        kept = _members(narrowed, kept, column, value, settings.get("groups"))
    missing = 0 if math.isnan(result["n_missing"]) else int(result["n_missing"])
    stated = [int(number) for number in (result["denominator"], result["n"]) if not math.isnan(number)]
    base, used = stated[0] if stated else None, len(kept) - missing
    found, page = {"base": base, "agrees": True, "remark": ""}, f"docs/methods/{result['analysis']}.md"
    if base == len(kept) and missing:
        remark = f"{missing:,} of them have no valid answer and belong to the base"
        return found | {"steps": [*narrowed, _step(len(kept), "rows used")], "remark": remark}
    if base == len(everybody) - missing and base != used:
        steps.append(_step(missing, "in no group that is compared, or without a valid answer", left_out=True))
        return found | {"steps": [*steps, _step(base, "rows used")]}
    if used in stated:
        if missing:
            narrowed.append(_step(missing, "without a valid answer to what this number needs", left_out=True))
        return found | {"steps": [*narrowed, _step(used, "rows used")]}
    given = [*steps, _step(len(everybody), "rows given to the method")]
    counted = "states no base" if base is None else f"counts a base of {base:,} from these"
    return found | {
        "steps": given,
        "agrees": None if base is None else False,
        "remark": f"the method {counted}: {page}",
    }


def _to_population(
    name: str, population: Mapping[str, Any], cases: pd.DataFrame
) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    steps, flag, kept = [_step(len(cases), f"rows of {population['table']}")], population["flag"], cases
    if flag:
        kept = _leave_out(steps, cases, cases[flag].astype(bool), f"{flag} is not true")
        steps.append(_step(len(kept), f"rows of population {name}"))
    return steps, kept


def _members(steps: list[dict[str, Any]], cases: pd.DataFrame, column: Any, value: str, groups: Any) -> pd.DataFrame:
    """The rows of one group, or of the two that are compared; all where the number is of everybody."""
    if value == WHOLE or not isinstance(column, str) or column not in cases:
        return cases
    codes = groups if isinstance(groups, Mapping) else {}
    wanted = [codes.get(name, name) for name in value.split("_v_")]
    belongs = cases[column].astype("object").isin(wanted)
    if not belongs.any():
        return cases
    return _leave_out(steps, cases, belongs, f"{column} is not {' or '.join(str(code) for code in wanted)}")


def _leave_out(steps: list[dict[str, Any]], cases: pd.DataFrame, keep: pd.Series, reason: str) -> pd.DataFrame:
    steps.append(_step(int((~keep).sum()), reason, left_out=True))
    return cases[keep]


def _step(rows: int, what: str, *, left_out: bool = False) -> dict[str, Any]:
    return {"rows": rows, "what": what, "left_out": left_out}
