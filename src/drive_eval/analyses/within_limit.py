"""How many stay within a limit that the report states, and the limit itself."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from drive_eval.analyses.intervals import wilson
from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcome: str, limit: int, unit: str, ci_level: float) -> pd.DataFrame:
    """Compare a number with a limit.

    Parameters
    ----------
    cases : DataFrame, one row per person or unit
        Uses the outcome (numbers; missing ones are left out and counted).
    outcome : str
    limit : int
        The largest number that is within the limit.
    unit : str
        Unit of the outcome, for example `months`.
    ci_level : float
        Confidence level of the Wilson interval, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Terms `within` and `over` (`proportion`, with `n` and `denominator`), `limit` (`setting`: the limit in use),
        `largest` (`max`), `some_over` (`holds`: 1 if anybody is over the limit, else 0) and `all_within` (`holds`).

    Notes
    -----
    Method page `docs/methods/within_limit.md`.
    """
    numbers = cases[outcome].dropna().astype("float64")
    rows = _rows(numbers, limit, unit, ci_level)
    place = {"analysis": "within_limit", "outcome": outcome, "options": options_text(limit=limit)}
    return result_frame({**place, "n_missing": len(cases) - len(numbers), **row} for row in rows)


def _rows(numbers: pd.Series, limit: int, unit: str, ci_level: float) -> Iterator[dict[str, object]]:
    size, over = len(numbers), int((numbers > limit).sum())
    for term, count in (("within", size - over), ("over", over)):
        low, high = wilson(count, size, ci_level)
        yield {
            "term": term,
            "n": count,
            "denominator": size,
            "estimate": count / size if size else None,
            "measure": "proportion",
            "unit": "share",
            "ci_low": low,
            "ci_high": high,
            "ci_level": ci_level,
            "method": "share of valid numbers, Wilson interval",
            "note": "" if size else "no valid numbers",
        }
    yield {"term": "limit", "estimate": limit, "measure": "setting", "unit": unit, "method": "setting in use"}
    largest = float(numbers.max()) if size else None
    yield {"term": "largest", "estimate": largest, "measure": "max", "unit": unit, "method": "largest number"}
    for term, holds in (("some_over", over > 0), ("all_within", over == 0 and size > 0)):
        yield {"term": term, "estimate": int(holds), "measure": "holds", "method": "statement on the limit"}
