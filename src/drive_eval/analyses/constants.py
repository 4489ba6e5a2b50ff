"""Settings and dates that an analysis set was made with, as rows of their own."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcome: str, columns: Mapping[str, str], unit: str) -> pd.DataFrame:
    """State what the analysis set carries in every row: thresholds, windows, cut-off dates.

    Parameters
    ----------
    cases : DataFrame
        Uses the columns named, each with one value in all rows that have any.
    outcome : str
        What the settings belong to, for the key.
    columns : mapping of term to column
    unit : str
        Unit of the values, for example `months`; dates are whole numbers yyyymmdd (`day`) or yyyymm (`month`).

    Returns
    -------
    DataFrame, result columns, one row per column
        `setting`: the value.

    Raises
    ------
    ValueError
        If a column has no value or more than one.

    Notes
    -----
    The derivation writes the settings that it used into the set, so that the row shows the one in use rather than
    a copy of it. Method page `docs/methods/constants.md`.
    """
    rows = []
    for term, column in columns.items():
        values = cases[column].dropna().unique()
        if len(values) != 1:
            raise ValueError(f"{column}: one value expected in all rows, {len(values)} found")
        rows.append(
            {
                "analysis": "constants",
                "outcome": outcome,
                "term": term,
                "estimate": float(values[0]),
                "measure": "setting",
                "unit": unit,
                "method": "setting in use",
                "options": options_text(column=column),
            }
        )
    return result_frame(rows)
