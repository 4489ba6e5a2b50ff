"""How many cases are still open in each month of the case."""

from __future__ import annotations

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcome: str) -> pd.DataFrame:
    """Count the cases that reach each month.

    Parameters
    ----------
    cases : DataFrame, one row per case
        Uses the outcome: the month of the case, from 1, in which it closed; nobody may lack it.
    outcome : str

    Returns
    -------
    DataFrame, result columns, one row per month to the last
        Term the month; `proportion` of all cases that were open in it for any time, with `n` and `denominator`.

    Raises
    ------
    ValueError
        If a case has no month of closure.

    Notes
    -----
    Every case of the extract is closed, so nothing is censored and no survival method is needed. Method page
    `docs/methods/still_open.md`.
    """
    if cases[outcome].isna().any():
        raise ValueError(f"{int(cases[outcome].isna().sum())} cases have no {outcome}")
    closed = cases[outcome].astype("int64")
    rows = []
    for month in range(1, int(closed.max()) + 1 if len(closed) else 1):
        count = int((closed >= month).sum())
        rows.append(
            {
                "analysis": "still_open",
                "outcome": outcome,
                "term": str(month),
                "n": count,
                "denominator": len(closed),
                "estimate": count / len(closed),
                "measure": "proportion",
                "unit": "share",
                "method": "cases open in the month",
                "options": options_text(open="closed in this month or later"),
            }
        )
    return result_frame(rows)
