"""How many people there are, in all and per group."""

from __future__ import annotations

import pandas as pd

from drive_eval.results import WHOLE, options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcome: str, by: str) -> pd.DataFrame:
    """Count people in all (group `all`) and per group.

    Parameters
    ----------
    cases : DataFrame, one row per person, unique `case_id`
        Uses `by`.
    outcome : str
        Name of what is counted, for the key.
    by : str
        Grouping column.

    Returns
    -------
    DataFrame, result columns
        `count` and `n`, with `denominator` the people in all.

    Raises
    ------
    ValueError
        If a `case_id` occurs twice or a person has no group.
    """
    if cases["case_id"].duplicated().any():
        raise ValueError(f"{int(cases['case_id'].duplicated().sum())} people occur more than once")
    if cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} people have no {by}")
    sizes = {WHOLE: len(cases)} | {str(group): len(part) for group, part in cases.groupby(by, observed=False)}
    return result_frame(
        {
            "analysis": "counts",
            "outcome": outcome,
            "group": group,
            "n": size,
            "denominator": len(cases),
            "estimate": size,
            "measure": "count",
            "unit": "persons",
            "method": "count of people",
            "options": options_text(by=by),
        }
        for group, size in sizes.items()
    )
