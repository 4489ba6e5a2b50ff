"""Rules between columns and sheets that a contract may name; each returns the Excel rows that break it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.model import Contract

Frames = Mapping[str, pd.DataFrame]


def broken_rules(contract: Contract, frames: Frames, *, file: str) -> list[Fault]:
    """Apply the rules of a contract to its typed frames; a rule whose columns are absent is passed over.

    Absent columns are faults of their own (missing sheet or column), so nothing goes unreported.
    """
    faults = []
    for rule in contract.rules:
        sheet, _, column = rule["left"].partition(".")
        if not all(_present(frames, rule[place]) for place in ("left", "right", "key") if place in rule):
            continue
        rows = RULES[rule["kind"]](frames, rule)
        if rows:
            header = contract.sheets[sheet].columns[column].header
            faults.append(
                Fault(file, sheet, tuple(rows), header, rule["rule"], rule["advice"], rule.get("severity", "error"))
            )
    return faults


def _present(frames: Frames, place: str) -> bool:
    sheet, _, column = place.partition(".")
    return sheet in frames and column in frames[sheet].columns


def _cells(frames: Frames, place: str) -> pd.Series:
    sheet, _, column = place.partition(".")
    return frames[sheet][column]


def _excel_rows(broken: pd.Series) -> list[int]:
    return sorted(int(row) for row in broken.index[broken.astype(bool)])


def _not_before(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Date `left` must not lie before date `right` of the same key (first row of that key)."""
    key = rule["key"].partition(".")[2]
    left_sheet, right_sheet = rule["left"].partition(".")[0], rule["right"].partition(".")[0]
    earliest = _cells(frames, rule["right"]).groupby(frames[right_sheet][key]).min()
    limit = frames[left_sheet][key].map(earliest)
    return _excel_rows(_cells(frames, rule["left"]) < limit)


def _has_match(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Each `left` id must occur in `right`."""
    left = _cells(frames, rule["left"])
    return _excel_rows(left.notna() & ~left.isin(_cells(frames, rule["right"])))


def _one_value(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """All rows of a key, in every sheet that has both columns, must agree on one value of `left`."""
    column, key = rule["left"].partition(".")[2], rule["key"].partition(".")[2]
    both = [frame[[key, column]].astype("object") for frame in frames.values() if {key, column} <= set(frame)]
    values = pd.concat(both).dropna()
    several = values.groupby(key)[column].nunique()
    home = frames[rule["left"].partition(".")[0]]
    return _excel_rows(home[key].isin(several.index[several > 1]))


def _only_if(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Where `left` holds one of `values`, `right` in the same row must hold one of `then`."""
    left, right = _cells(frames, rule["left"]), _cells(frames, rule["right"])
    return _excel_rows(left.isin(rule["values"]) & ~right.isin(rule["then"]))


RULES: dict[str, Callable[[Frames, Mapping[str, Any]], list[int]]] = {
    "not_before": _not_before,
    "has_match": _has_match,
    "one_value": _one_value,
    "only_if": _only_if,
}
