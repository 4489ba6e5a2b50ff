"""Shares of people per group and time on valid answers, and the relative reduction between two times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from drive_eval.analyses.intervals import wilson
from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    times: Sequence[str],
    by: str,
    levels: Mapping[str, Sequence[int | str]],
    ci_level: float,
) -> pd.DataFrame:
    """Share with each level of each outcome, per group and time, on those with a valid answer.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the columns `<outcome>_<time>` (0/1 or category; missing where there is no valid answer).
    outcomes, times : sequence of str
        With two times or more, the relative reduction from the first to the last is added.
    by : str
        Grouping column; rows without a group are an error.
    levels : mapping of name to codes
        What counts as each level, for example ``{"yes": [1]}`` or ``{"below_high": ["standard", "moderate"]}``.
    ci_level : float
        Confidence level of the Wilson interval, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        `proportion` rows: `n` with the level, `denominator` valid answers, `n_missing` others of the group.
        `relative_reduction` rows: ``1 - p_last / p_first``, each share on its own valid answers, missing and
        explained in `note` when nobody had the level at the first time.

    Raises
    ------
    ValueError
        If `by` has missing values, or a column holds a value of no level while levels claim to be exhaustive.

    Notes
    -----
    Wilson score interval: Wilson (1927), JASA 22, 209-212. Method page `docs/methods/proportions.md`.
    """
    if cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    rows = []
    for group, members in cases.groupby(by, observed=True):
        for outcome in outcomes:
            for level, codes in levels.items():
                place = {"outcome": outcome, "group": group, "term": level}
                shares = [_share(members[f"{outcome}_{time}"], codes, ci_level) for time in times]
                rows += [{**place, "time": time, **share} for time, share in zip(times, shares, strict=True)]
                if len(times) > 1:
                    rows.append({**place, "time": f"{times[0]}_to_{times[-1]}", **_reduction(shares[0], shares[-1])})
    return result_frame({"analysis": "proportions", **row} for row in rows)


def _share(answers: pd.Series, codes: Sequence[int | str], ci_level: float) -> dict[str, object]:
    valid = answers.dropna()
    count, base = int(valid.isin(codes).sum()), len(valid)
    low, high = wilson(count, base, ci_level)
    return {
        "n": count,
        "denominator": base,
        "n_missing": len(answers) - base,
        "estimate": count / base if base else None,
        "measure": "proportion",
        "unit": "share",
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "method": "share of valid answers, Wilson interval",
        "options": options_text(base="valid answers", interval="wilson"),
        "note": "" if base else "no valid answers",
    }


def _reduction(first: Mapping[str, object], last: Mapping[str, object]) -> dict[str, object]:
    defined = bool(first["estimate"]) and last["estimate"] is not None
    return {
        "estimate": 1 - last["estimate"] / first["estimate"] if defined else None,  # type: ignore[operator]
        "measure": "relative_reduction",
        "unit": "share",
        "method": "relative reduction of the share",
        "options": options_text(base="valid answers at each time"),
        "note": "" if defined else "not defined: nobody had it at the first time",
    }
