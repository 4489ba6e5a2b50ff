"""What changed between two runs: numbers added, gone or different, and numbers computed another way."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

DESCRIBED = ("n", "denominator", "unit", "layer", "method", "options", "note", "data_origin")
"""What the registry says of a number besides its value."""


def compare_runs(before: pd.DataFrame, after: pd.DataFrame, *, tolerance: float) -> dict[str, Any]:
    """Compare two registries.

    Parameters
    ----------
    before, after : DataFrame, registry columns
    tolerance : float
        Values are the same up to this relative difference; 0 asks for the same number.

    Returns
    -------
    dict
        `added` and `gone` (result ids), `changed` (`result_id`, `before`, `after`, `relative`, None where the value was
        zero or not finite), `described` (`result_id`, `what`, `before`, `after`), `same` (how many are the same
        in value), and `differ`.
    """
    old, new = before.set_index("result_id"), after.set_index("result_id")
    shared = old.index.intersection(new.index).sort_values()
    old, new, whole = old.loc[shared], new.loc[shared], (set(before["result_id"]), set(after["result_id"]))
    changed = [
        {"result_id": name, "before": _plain(first), "after": _plain(second), "relative": _relative(first, second)}
        for name, first, second in zip(shared, old["value"], new["value"], strict=True)
        if not _same(first, second, tolerance)
    ]
    described = [
        {"result_id": name, "what": column, "before": _plain(first), "after": _plain(second)}
        for column in DESCRIBED
        for name, first, second in zip(shared, old[column], new[column], strict=True)
        if not _same(first, second, tolerance)
    ]
    found = {
        "added": sorted(whole[1] - whole[0]),
        "gone": sorted(whole[0] - whole[1]),
        "changed": changed,
        "described": sorted(described, key=lambda row: (row["result_id"], row["what"])),
    }
    return found | {"same": len(shared) - len(changed), "differ": any(found.values())}


def _same(first: Any, second: Any, tolerance: float) -> bool:
    if isinstance(first, str) or isinstance(second, str):
        return bool(first == second)
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) and math.isnan(second)
    if math.isinf(first) or math.isinf(second):
        return bool(first == second)
    return bool(abs(second - first) <= tolerance * abs(first))


def _relative(first: float, second: float) -> float | None:
    if not first or not math.isfinite(first) or not math.isfinite(second):
        return None
    return (second - first) / abs(first)


def _plain(value: Any) -> Any:
    """A value that JSON can write: NaN becomes None, infinity a word."""
    if isinstance(value, str) or math.isfinite(value):
        return value
    return None if math.isnan(value) else "infinite" if value > 0 else "-infinite"
