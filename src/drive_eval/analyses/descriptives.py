"""Mean, spread, median, quartiles and range of a number, in all and per group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drive_eval.analyses.frequencies import groups_of
from drive_eval.results import WHOLE, options_text, result_frame

PERCENTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}


def analyse(
    cases: pd.DataFrame, *, outcomes: Sequence[str], by: str, total: bool, unit: str, ci_level: float, strata: str = ""
) -> pd.DataFrame:
    """Describe each outcome.

    Parameters
    ----------
    cases : DataFrame, one row per unit described
        Uses `by` and the outcomes (numbers; missing ones are left out and counted).
    outcomes : sequence of str
    by : str
        Grouping column; empty for everybody together.
    total : bool
        Whether to add everybody together (group `all`) beside the groups.
    unit : str
        Unit of the numbers, for example `years`.
    ci_level : float
        Confidence level of the t interval of the mean, 0 to 1.
    strata : str
        Column whose values are described apart too (stratum), beside everybody (stratum `all`); empty for none.

    Returns
    -------
    DataFrame, result columns, seven rows per outcome, group and stratum
        Terms `mean` (with standard error and t interval), `sd` (divisor n - 1), `median`, `q1`, `q3`, `min`, `max`,
        each with `n` people and `n_missing`.

    Raises
    ------
    ValueError
        If a row has no group.

    Notes
    -----
    Percentiles as SPSS gives them (HAVERAGE): position p(n + 1), which numpy calls `weibull`; for the median every
    rule is the same. Method page `docs/methods/descriptives.md`.
    """
    if by and cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    rows: list[dict[str, object]] = []
    parts = [(WHOLE, cases)]
    if strata:
        parts += [(str(name), part) for name, part in cases.groupby(strata, observed=True)]
    for stratum, people in parts:
        for group, members in groups_of(people, by=by, total=total):
            for outcome in outcomes:
                numbers = members[outcome].dropna().to_numpy(dtype="float64")
                place = {"outcome": outcome, "group": group, "stratum": stratum}
                sizes = {"n": len(numbers), "n_missing": len(members) - len(numbers)}
                rows += [{**place, **sizes, **row} for row in _rows(numbers, unit, ci_level)]
    return result_frame({"analysis": "descriptives", **row} for row in rows)


def _rows(numbers: np.ndarray, unit: str, ci_level: float) -> Iterator[dict[str, object]]:
    from scipy.stats import t

    size = len(numbers)
    spread = float(numbers.std(ddof=1)) if size > 1 else None
    values: dict[str, float | None] = {"mean": float(numbers.mean()) if size else None, "sd": spread}
    for name, share in PERCENTILES.items():
        values[name] = float(np.quantile(numbers, share, method="weibull")) if size else None
    values |= {"min": float(numbers.min()) if size else None, "max": float(numbers.max()) if size else None}
    for name, value in values.items():
        row: dict[str, object] = {
            "term": name,
            "estimate": value,
            "measure": name,
            "unit": unit,
            "method": "descriptive statistics",
            "options": options_text(percentiles="weibull", sd="n - 1"),
            "note": "" if size else "no valid numbers",
        }
        if name == "mean" and value is not None and spread is not None:
            error = spread / size**0.5
            reach = float(t.ppf(0.5 + ci_level / 2, size - 1)) * error
            row |= {"std_error": error, "ci_low": value - reach, "ci_high": value + reach, "ci_level": ci_level}
        yield row
