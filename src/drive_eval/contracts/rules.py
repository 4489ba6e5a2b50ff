"""Rules between columns, sheets and tables; each returns the positions of the rows that break it.

A place is written ``sheet.column`` in a contract and ``table.column`` in the rules across extracts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.parts import Place, located

Frames = Mapping[str, pd.DataFrame]
PLACES = ("left", "right", "key", "match", "until", "whose")
"""Keys of a rule that name a place."""


def broken_rules(rules: Iterable[Mapping[str, Any]], frames: Frames, places: Mapping[str, list[Place]]) -> list[Fault]:
    """Apply rules to typed frames; a rule whose columns are absent or without rows is passed over.

    These are faults of their own (missing sheet or column, empty sheet), so nothing goes unreported.

    Parameters
    ----------
    rules : iterable of mapping
        As in a contract or in ``links.yaml``.
    frames : mapping of name to DataFrame
        The index counts the rows from 0.
    places : mapping of name to list of Place
        Where the rows of each frame are found.
    """
    faults = []
    for rule in rules:
        if not all(_present(frames, rule[place]) for place in PLACES if place in rule):
            continue
        positions = RULES[rule["kind"]](frames, rule)
        if positions:
            name, _, column = rule["left"].partition(".")
            fault = Fault("", "", tuple(positions), "", rule["rule"], rule["advice"], rule.get("severity", "error"))
            faults += located(fault, column, places[name])
    return faults


def _present(frames: Frames, place: str) -> bool:
    sheet, _, column = place.partition(".")
    return sheet in frames and column in frames[sheet].columns and len(frames[sheet]) > 0


def _cells(frames: Frames, place: str) -> pd.Series:
    sheet, _, column = place.partition(".")
    return frames[sheet][column]


def _positions(broken: pd.Series) -> list[int]:
    return sorted(int(row) for row in broken.index[broken.astype(bool)])


def _looked_up(frames: Frames, rule: Mapping[str, Any], wanted: str) -> pd.Series:
    """Column `wanted` of the row that has the id `match`, for each row's `key`; the first row of an id counts."""
    ids, found = _cells(frames, rule["match"]), _cells(frames, wanted)
    known = pd.DataFrame({"id": ids, "found": found}).dropna(subset="id").drop_duplicates("id")
    return _cells(frames, rule["key"]).map(known.set_index("id")["found"])


def _not_before(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Date `left` must not lie before the first date `right` of the same key."""
    key = rule["key"].partition(".")[2]
    left_sheet, right_sheet = rule["left"].partition(".")[0], rule["right"].partition(".")[0]
    if not all(key in frames[sheet] for sheet in (left_sheet, right_sheet)):
        return []  # a missing column is a fault of its own
    if left_sheet == right_sheet:
        codes, _ = pd.factorize(frames[left_sheet][key])  # -1 where the key is blank
        limit = _cells(frames, rule["right"]).groupby(codes, sort=False).transform("min").where(codes >= 0)
        return _positions(_cells(frames, rule["left"]) < limit)
    keys, ids = (frames[sheet][key].astype("object") for sheet in (left_sheet, right_sheet))
    first = _cells(frames, rule["right"]).groupby(ids, sort=False).min()
    limit = pd.Series(first.reindex(pd.Index(keys)).to_numpy(), index=keys.index)
    return _positions(_cells(frames, rule["left"]) < limit)


def _has_match(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Each `left` id must occur in `right`."""
    left, right = (_cells(frames, rule[side]).astype("object") for side in ("left", "right"))
    return _positions(left.notna() & ~left.isin(right.unique()))


def _one_value(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """All rows of a key, in every sheet that has both columns, must agree on one value of `left`."""
    column, key = rule["left"].partition(".")[2], rule["key"].partition(".")[2]
    both = [frame[[key, column]].astype("object") for frame in frames.values() if {key, column} <= set(frame)]
    values = pd.concat(both).dropna().drop_duplicates()
    several = values.loc[values[key].duplicated(), key]
    home = frames[rule["left"].partition(".")[0]]
    return _positions(home[key].astype("object").isin(several.unique()))


def _once(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Each `left` may have each value of `right` once."""
    sheet, both = rule["left"].partition(".")[0], [rule[side].partition(".")[2] for side in ("left", "right")]
    cells = frames[sheet][both]
    return _positions(cells.notna().all(axis=1) & cells.duplicated(keep=False))


def _only_if(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Where `left` holds one of `values`, `right` in the same row must hold one of `then`."""
    left, right = _cells(frames, rule["left"]), _cells(frames, rule["right"])
    return _positions(left.isin(rule["values"]) & ~right.isin(rule["then"]))


def _agrees(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """`left` must equal `right` of the row whose `match` is the id in `key`; a blank agrees with everything."""
    left, right = _cells(frames, rule["left"]), _looked_up(frames, rule, rule["right"])
    both = left.notna() & right.notna()
    return _positions(both & (left.astype("object") != right.astype("object")))


def _only_of(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """The row whose `match` is the id in `left` must hold one of `then` in `whose`."""
    found = _looked_up(frames, {**rule, "key": rule["left"]}, rule["whose"])
    return _positions(found.notna() & ~found.isin(rule["then"]))


def _between(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Date `left` must lie between `right` and `until` of the row whose `match` is the same id as `key`."""
    left = _cells(frames, rule["left"])
    first, last = (pd.to_datetime(_looked_up(frames, rule, rule[bound])) for bound in ("right", "until"))
    return _positions((left < first) | (left > last))


def _within(frames: Frames, rule: Mapping[str, Any]) -> list[int]:
    """Date `left` must lie from `first` to `last`, both days included."""
    left = _cells(frames, rule["left"])
    return _positions((left < pd.Timestamp(rule["first"])) | (left > pd.Timestamp(rule["last"])))


RULES: dict[str, Callable[[Frames, Mapping[str, Any]], list[int]]] = {
    "not_before": _not_before,
    "has_match": _has_match,
    "one_value": _one_value,
    "once": _once,
    "only_if": _only_if,
    "agrees": _agrees,
    "only_of": _only_of,
    "between": _between,
    "within": _within,
}
