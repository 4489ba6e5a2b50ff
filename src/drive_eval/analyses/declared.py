"""Settings in use (thresholds, windows, rules) as result rows, so that a printed one can be compared."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcome: str, values: Mapping[str, float | str], unit: str) -> pd.DataFrame:
    """State settings that other methods or a derivation use.

    Parameters
    ----------
    cases : DataFrame
        Read only where a setting is named by its column.
    outcome : str
        What the settings belong to, for the key.
    values : mapping of name to number or column
        A number: the setting itself; give it by a YAML anchor shared with the method that uses it. A text: a column
        in which the derivation left the setting it used, the same in every row.
    unit : str
        Unit of the settings.

    Returns
    -------
    DataFrame, result columns, one row per setting
        `term` its name, `estimate` its value, measure `setting`.

    Raises
    ------
    ValueError
        If a column does not hold one number throughout.

    Notes
    -----
    Method page `docs/methods/declared.md`.
    """
    return result_frame(
        {
            "analysis": "declared",
            "outcome": outcome,
            "term": name,
            "estimate": _from_column(cases, value) if isinstance(value, str) else float(value),
            "measure": "setting",
            "unit": unit,
            "method": "setting in use",
            "options": options_text(source="derivation" if isinstance(value, str) else "configuration"),
        }
        for name, value in values.items()
    )


def _from_column(cases: pd.DataFrame, column: str) -> float:
    held = cases[column].unique()
    if len(held) != 1 or pd.isna(held[0]):
        raise ValueError(f"column {column!r} holds {len(held)} values; a setting is one number in every row")
    return float(held[0])
