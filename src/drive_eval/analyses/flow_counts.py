"""People at each stage of the trial, counted from the allocation register and reconciled with the other extracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from drive_eval.errors import UserError
from drive_eval.results import WHOLE, options_text, result_frame


class FlowMismatch(UserError):
    """A box of a flow diagram does not agree with its parts or with another extract; the message gives both counts."""


def analyse(
    cases: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    by: str,
    boxes: Mapping[str, Mapping[str, Any]],
    parts: Sequence[Mapping[str, Any]],
    agree: Sequence[Mapping[str, Any]],
) -> pd.DataFrame:
    """Count each box and fail where the counts do not fit together.

    Parameters
    ----------
    cases : DataFrame
        From `derive.flow`: rows of the register and of the other extracts, told apart by `source`.
    outcome : str
        Name of the diagram, for the key.
    unit : str
        Column whose different values are counted in the register (`perpetrator_id`, `victim_id`).
    by : str
        Grouping column.
    boxes : mapping of name to `groups` and `where`
        Groups (`all` for everybody) and what must hold, column to value.
    parts : sequence of `group`, `box`, `into`
        The box must equal the sum of the boxes in `into`.
    agree : sequence of `group`, `box`, `source`, `where`
        The box must equal the number of records of another source with these values; with source `register`, the
        number of its own people with these values too.

    Returns
    -------
    DataFrame, result columns
        `count` per group and box (`term`). Stratum `all`: from the register. Stratum `<source>`: the number of
        records of the other extract that it was reconciled with.

    Raises
    ------
    FlowMismatch
        If a box is not the sum of its parts or does not agree with another source.

    Notes
    -----
    Method page `docs/methods/flow_counts.md`.
    """
    register = cases[cases["source"] == "register"]
    counts: dict[tuple[str, str], int] = {}
    for name, box in boxes.items():
        for group in box["groups"]:
            chosen = _where(_of_group(register, by, group), box["where"])
            counts[(group, name)] = int(chosen[unit].nunique())
    faults = list(_part_faults(counts, parts))
    rows = [_row(outcome, group, WHOLE, name, count, unit) for (group, name), count in counts.items()]
    for check in agree:
        key = (check["group"], check["box"])
        if check["source"] == "register":
            chosen = _where(_of_group(register, by, key[0]), {**boxes[key[1]]["where"], **check["where"]})
            found = int(chosen[unit].nunique())
        else:
            others = _of_group(cases[cases["source"] == check["source"]], by, key[0])
            found = int(_where(others, check["where"])["case_id"].nunique())
            rows.append(_row(outcome, key[0], check["source"], key[1], found, "case_id"))
        if found != counts[key]:
            faults.append(
                f"{key[0]}, {key[1]}: {counts[key]:,} by the allocation register, {found:,} by {check['source']}"
            )
    if faults:
        raise FlowMismatch(
            f"flow of {outcome}: " + "; ".join(faults) + "; correct the extract or the rules of the flow in "
            "study.yaml and exhibits.yaml"
        )
    return result_frame(rows)


def _of_group(people: pd.DataFrame, by: str, group: str) -> pd.DataFrame:
    return people if group == WHOLE else people[people[by] == group]


def _where(people: pd.DataFrame, values: Mapping[str, Any]) -> pd.DataFrame:
    for column, value in values.items():
        people = people[(people[column] == value).fillna(False).astype(bool)]
    return people


def _part_faults(counts: Mapping[tuple[str, str], int], parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for rule in parts:
        whole = counts[(rule["group"], rule["box"])]
        pieces = [counts[(rule["group"], name)] for name in rule["into"]]
        if whole != sum(pieces):
            names = ", ".join(rule["into"])
            yield f"{rule['group']}, {rule['box']}: {whole:,} but its parts {names} sum to {sum(pieces):,}"


def _row(outcome: str, group: str, stratum: str, name: str, count: int, unit: str) -> dict[str, object]:
    return {
        "analysis": "flow_counts",
        "outcome": outcome,
        "group": group,
        "stratum": stratum,
        "term": name,
        "n": count,
        "estimate": count,
        "measure": "count",
        "unit": outcome,
        "method": "different people in the allocation register" if stratum == WHOLE else "records of the extract",
        "options": options_text(unit=unit),
    }
