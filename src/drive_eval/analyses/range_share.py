"""Share of people whose number lies in a range, and whether they are the majority."""

from __future__ import annotations

import pandas as pd

from drive_eval.analyses.intervals import wilson
from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame, *, outcome: str, low: float, high: float, majority: float, ci_level: float
) -> pd.DataFrame:
    """How many numbers lie between two limits, ends included.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `outcome` (number; missing ones are left out and counted).
    outcome : str
    low, high : float
        Limits of the range; both belong to it.
    majority : float
        Share above which the people in the range are said to be most of them.
    ci_level : float
        Confidence level of the Wilson interval, 0 to 1.

    Returns
    -------
    DataFrame, result columns, two rows
        Term `<low>_to_<high>`: `proportion`. Term `most_<low>_to_<high>`: `holds`, 1 if the share is larger than
        `majority`, else 0.

    Raises
    ------
    ValueError
        If the limits are the wrong way round or nobody has a number.

    Notes
    -----
    Method page `docs/methods/range_share.md`.
    """
    if low > high:
        raise ValueError(f"the lower limit {low:g} is above the upper one {high:g}")
    numbers = cases[outcome].dropna()
    if numbers.empty:
        raise ValueError(f"nobody has a number in {outcome}")
    inside = int(numbers.between(low, high).sum())
    share = inside / len(numbers)
    limits = wilson(inside, len(numbers), ci_level)
    span = f"{low:g}_to_{high:g}"
    place: dict[str, object] = {
        "analysis": "range_share",
        "outcome": outcome,
        "n": inside,
        "denominator": len(numbers),
        "n_missing": len(cases) - len(numbers),
        "options": options_text(low=low, high=high, ends="included", majority=majority),
    }
    return result_frame(
        [
            place
            | {
                "term": span,
                "estimate": share,
                "measure": "proportion",
                "unit": "share",
                "ci_low": limits[0],
                "ci_high": limits[1],
                "ci_level": ci_level,
                "method": "share of numbers in a range, ends included, Wilson interval",
            },
            place
            | {
                "term": f"most_{span}",
                "estimate": float(share > majority),
                "measure": "holds",
                "method": "whether most numbers lie in a range",
                "note": f"holds if the share is larger than {majority:g}",
            },
        ]
    )
