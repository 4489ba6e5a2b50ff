"""Whether the two members of each matched pair agree on what they were matched on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcome: str,
    pair: str,
    by: str,
    exact: Mapping[str, Sequence[str]],
    nearby: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Count the pairs that agree.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `pair` (number of the pair), `by` (the two groups) and the columns named.
    outcome : str
        Name of the matching, for the key.
    pair, by : str
    exact : mapping of variable to columns
        Columns on which both members must have the same code.
    nearby : mapping of column to codes in order
        Columns that may be one step apart.

    Returns
    -------
    DataFrame, result columns
        One row per column (`term`): `n` pairs that agree of `denominator` pairs. `variables`, measure `holds`: 1 if
        all pairs, at least one, agree on every column. A blank is no agreement; `n_missing` counts them.

    Raises
    ------
    ValueError
        If a pair does not have one member in each of two groups.

    Notes
    -----
    Method page `docs/methods/matched_pairs.md`.
    """
    sizes = cases.groupby(pair)[by].agg(["size", "nunique"])
    odd = int(((sizes["size"] != 2) | (sizes["nunique"] != 2)).sum())
    if odd:
        raise ValueError(f"{odd} pairs do not have one member in each of two groups")
    rows = []
    for variable, columns in exact.items():
        for column in columns:
            first, second = _members(cases, pair, by, column)
            rows.append(_agreement(outcome, column, (first == second) & first.notna(), first, second, variable))
    for column, order in nearby.items():
        first, second = _members(cases, pair, by, column)
        step = {code: place for place, code in enumerate(order)}
        close = (first.map(step).astype("float64") - second.map(step).astype("float64")).abs() <= 1
        rows.append(_agreement(outcome, column, close, first, second, "one step apart at most"))
    holds = len(sizes) > 0 and all(row["n"] == row["denominator"] for row in rows)
    stated = {"outcome": outcome, "term": "variables", "estimate": float(holds), "measure": "holds", "unit": "truth",
              "n": len(sizes), "method": "all pairs agree on every variable",
              "options": options_text(exact=list(exact), nearby=list(nearby))}  # fmt: skip
    return result_frame({"analysis": "matched_pairs", **row} for row in [*rows, stated])


def _members(cases: pd.DataFrame, pair: str, by: str, column: str) -> tuple[pd.Series, pd.Series]:
    if cases.empty:
        return pd.Series(dtype="object"), pd.Series(dtype="object")
    wide = cases.assign(code=cases[column].astype("object")).pivot(index=pair, columns=by, values="code")  # noqa: PD010
    return wide.iloc[:, 0], wide.iloc[:, 1]


def _agreement(
    outcome: str, column: str, agree: pd.Series, first: pd.Series, second: pd.Series, rule: str
) -> dict[str, object]:
    return {
        "outcome": outcome,
        "term": column,
        "n": int(agree.sum()),
        "denominator": len(agree),
        "n_missing": int((first.isna() | second.isna()).sum()),
        "estimate": float(agree.mean()) if len(agree) else None,
        "measure": "proportion",
        "unit": "share",
        "method": "pairs that agree",
        "options": options_text(rule=rule),
    }
