"""How often a whole number falls in each of equal bins."""

from __future__ import annotations

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcome: str, start: int, width: int) -> pd.DataFrame:
    """Count people per bin, from `start` to the bin of the largest number.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses the outcome (whole numbers; missing ones are left out and counted).
    outcome : str
    start : int
        Smallest number of the first bin.
    width : int
        Numbers per bin.

    Returns
    -------
    DataFrame, result columns, one row per bin
        Term `<first>_to_<last>`, both ends in the bin; `n` in it, `denominator` valid numbers, `estimate` the share.
        Empty bins are there with 0.

    Raises
    ------
    ValueError
        If a number is not whole or below `start`, or the width is not at least 1.

    Notes
    -----
    Method page `docs/methods/histogram.md`.
    """
    if width < 1:
        raise ValueError(f"a bin holds at least one number, not {width}")
    numbers = cases[outcome].dropna().astype("float64")
    wrong = int(((numbers % 1 != 0) | (numbers < start)).sum())
    if wrong:
        raise ValueError(f"{wrong} values of {outcome} are not whole numbers from {start}")
    places = ((numbers - start) // width).astype("int64")
    counts = places.value_counts().reindex(range(int(places.max()) + 1 if len(places) else 0), fill_value=0)
    return result_frame(
        {
            "analysis": "histogram",
            "outcome": outcome,
            "term": f"{start + place * width}_to_{start + (place + 1) * width - 1}",
            "n": count,
            "denominator": len(numbers),
            "n_missing": len(cases) - len(numbers),
            "estimate": count / len(numbers),
            "measure": "proportion",
            "unit": "share",
            "method": "count per bin",
            "options": options_text(start=start, width=width),
        }
        for place, count in enumerate(counts.tolist())
    )
