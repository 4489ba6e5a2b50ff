"""A yes/no outcome in two groups: Pearson's chi-square, its variants, and the size of the difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcomes: Sequence[str], time: str, by: str, ci_level: float) -> pd.DataFrame:
    """Compare a yes/no outcome between people with and without a characteristic.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the columns `<outcome>_<time>` (0, 1 or missing).
    outcomes : sequence of str
    time : str
    by : str
        The characteristic (0, 1 or missing).
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns, group `<by>`
        `pearson` (no correction; replication); beside it `yates`, `fisher`, `odds_ratio` (Woolf limits),
        `risk_difference` (Newcombe limits) and `cramers_v` (from the uncorrected chi-square; limits from the
        noncentral chi-square); `with` and `without`: share with the outcome in each group, measure `proportion`.
        `n` people with the outcome, `denominator` people with valid answers, `n_missing` the others. The smallest
        expected count is in `note` where it is under 5.

    Raises
    ------
    ValueError
        If a value other than 0, 1 or missing occurs.

    Notes
    -----
    No cell is shifted. With an empty margin nothing is defined and `note` says so. Yates' correction is at most the
    excess, as R has it. Cramer's V interval: Smithson (2003), Confidence Intervals, ch. 4. Newcombe (1998), Stat Med
    17, 873-890. Method page `docs/methods/chi_square.md`.
    """
    rows: list[dict[str, Any]] = []
    for outcome in outcomes:
        answers, characteristic = cases[f"{outcome}_{time}"], cases[by]
        for name, column in ((outcome, answers), (by, characteristic)):
            strange = ~(column.isin([0, 1]) | column.isna())
            if strange.any():
                raise ValueError(f"{name}: {int(strange.sum())} rows hold a value other than 0, 1 or missing")
        valid = answers.notna() & characteristic.notna()
        table = np.array(
            [
                [int(((answers == answer) & (characteristic == group) & valid).sum()) for answer in (1, 0)]
                for group in (1, 0)
            ]
        )
        place = {
            "analysis": "chi_square",
            "outcome": outcome,
            "group": by,
            "time": time,
            "n": int(table[:, 0].sum()),
            "denominator": int(table.sum()),
            "n_missing": int((~valid).sum()),
        }
        rows += [{**place, **row} for row in _rows(table, ci_level)]
    return result_frame(rows)


def _rows(table: np.ndarray, ci_level: float) -> Iterator[dict[str, Any]]:
    from scipy.stats import chi2_contingency, fisher_exact

    for term, (yes, no) in zip(("with", "without"), table.tolist(), strict=True):
        base = yes + no
        share = {"n": yes, "denominator": base, "estimate": yes / base if base else None}
        yield {"term": term, **share, "measure": "proportion", "unit": "share", "method": "share of valid answers"}
    if 0 in table.sum(axis=0) or 0 in table.sum(axis=1):
        yield {"term": "pearson", "method": "Pearson chi-square", "note": "not defined: an empty row or column"}
        return
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    note = f"smallest expected count {expected.min():.1f}" if expected.min() < 5 else ""
    for term, correction, layer in (("pearson", False, "replication"), ("yates", True, "extension")):
        found = chi2_contingency(table, correction=correction)
        yield {
            "term": term,
            "layer": layer,
            "statistic": float(found.statistic),
            "df": 1,
            "p_value": float(found.pvalue),
            "method": f"Pearson chi-square, {'with' if correction else 'no'} continuity correction",
            "options": options_text(correction=correction),
            "note": note,
        }
    beside = {"layer": "extension"}
    p_value = min(1.0, float(fisher_exact(table).pvalue))
    yield {"term": "fisher", **beside, "p_value": p_value, "method": "Fisher's exact test, two-sided"}
    yield {**beside, **_odds_ratio(table, ci_level)}
    yield {**beside, **_difference(table, ci_level)}
    yield {**beside, **_cramers_v(table, ci_level)}


def _odds_ratio(table: np.ndarray, ci_level: float) -> dict[str, Any]:
    from scipy.stats import norm

    (a, b), (c, d) = table.tolist()
    row = {"term": "odds_ratio", "measure": "odds_ratio", "unit": "ratio", "ci_level": ci_level,
           "method": "odds ratio, Woolf interval", "options": options_text(zero_cells="unchanged")}  # fmt: skip
    odds_ratio = a * d / (b * c) if b * c else math.inf
    if table.min() == 0:
        return row | {"estimate": odds_ratio, "note": "an empty cell: no limits"}
    error = math.sqrt(float((1 / table).sum()))
    reach = float(norm.ppf(0.5 + ci_level / 2)) * error
    low, high = odds_ratio * math.exp(-reach), odds_ratio * math.exp(reach)
    return row | {"estimate": odds_ratio, "std_error": error, "ci_low": low, "ci_high": high}


def _difference(table: np.ndarray, ci_level: float) -> dict[str, Any]:
    """Newcombe's interval from the two Wilson intervals (his method 10)."""
    from scipy.stats import binomtest

    (a, b), (c, d) = table.tolist()
    first, second = a / (a + b), c / (c + d)
    limits = [binomtest(x, x + y).proportion_ci(ci_level, method="wilson") for x, y in ((a, b), (c, d))]
    estimate = first - second
    return {
        "term": "risk_difference",
        "measure": "risk_difference",
        "unit": "share",
        "estimate": estimate,
        "ci_low": estimate - math.hypot(first - limits[0].low, limits[1].high - second),
        "ci_high": estimate + math.hypot(limits[0].high - first, second - limits[1].low),
        "ci_level": ci_level,
        "method": "risk difference, Newcombe interval",
    }


def _cramers_v(table: np.ndarray, ci_level: float) -> dict[str, Any]:
    """V from the uncorrected statistic; limits are the noncentralities that put it at the tails (Smithson)."""
    from scipy.optimize import brentq
    from scipy.stats import chi2_contingency, ncx2

    statistic, size = float(chi2_contingency(table, correction=False).statistic), int(table.sum())

    def noncentrality(tail: float) -> float:
        def excess(parameter: float) -> float:
            return float(ncx2.cdf(statistic, 1, parameter)) - tail

        if excess(0.0) <= 0:
            return 0.0
        return float(brentq(excess, 0.0, 20 + 4 * statistic, xtol=1e-13, rtol=1e-14))

    low, high = (noncentrality(tail) for tail in (0.5 + ci_level / 2, 0.5 - ci_level / 2))
    return {
        "term": "cramers_v",
        "measure": "cramers_v",
        "estimate": math.sqrt(statistic / size),
        "ci_low": math.sqrt(low / size),
        "ci_high": min(1.0, math.sqrt(high / size)),
        "ci_level": ci_level,
        "method": "Cramer's V from the uncorrected chi-square, noncentral chi-square interval",
        "options": options_text(correction=False, interval="noncentral chi-square"),
    }
