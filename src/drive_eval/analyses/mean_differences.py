"""Means of two groups compared: t-test in the form that Levene's test chooses, and companions that need less."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drive_eval.results import WHOLE, options_text, result_frame

Row = dict[str, object]


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    by: str,
    index_group: str,
    reference_group: str,
    strata: str,
    levene_alpha: float,
    unit: str,
    ci_level: float,
) -> pd.DataFrame:
    """Compare the mean of each outcome between two groups, in all and within strata.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by`, `strata` and the outcomes (numbers; missing ones are left out and counted).
    outcomes : sequence of str
    by : str
        Grouping column; differences are `index_group` less `reference_group`.
    index_group, reference_group : str
    strata : str
        Column of the comparisons within strata; empty for none.
    levene_alpha : float
        Level of Levene's test (centre mean) below which the replication row is Welch's form, else the pooled one.
    unit : str
        Unit of the outcomes.
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns, six rows per outcome and stratum (stratum `all` is everybody)
        Terms `levene_rule` (layer replication), `welch` and `pooled` (`mean_difference` with t limits), `levene` (F),
        `hedges_g` and `brunner_munzel` (`probability_higher`: of a member of the index group against one of the
        reference group, ties half). `n` valid numbers of both groups, `n_missing` others of both groups.

    Raises
    ------
    ValueError
        If a compared group has nobody at all.

    Notes
    -----
    SPSS prints Levene's test and both forms; the report gives whole degrees of freedom where the variances are alike
    and fractional ones where not (rule R3). A group with fewer than two numbers gives no test, and `note` says so.
    Sources: Welch (1947), Biometrika 34, 28-35; Levene (1960); Hedges and Olkin (1985), ch. 5; Brunner and Munzel
    (2000), Biometrical Journal 42, 17-25. Method page `docs/methods/mean_differences.md`.
    """
    for group in (index_group, reference_group):
        if not (cases[by] == group).any():
            raise ValueError(f"nobody in group {group!r} of {by}")
    compared = cases[cases[by].isin([index_group, reference_group])]
    parts = [(WHOLE, compared)]
    if strata:
        parts += [(str(name), part) for name, part in compared.groupby(strata, observed=True)]
    rows: list[Row] = []
    for outcome in outcomes:
        for stratum, people in parts:
            index, reference = (
                people.loc[people[by] == group, outcome].dropna().to_numpy(dtype="float64")
                for group in (index_group, reference_group)
            )
            valid = len(index) + len(reference)
            place: Row = {
                "analysis": "mean_differences",
                "outcome": outcome,
                "group": f"{index_group}_v_{reference_group}",
                "stratum": stratum,
                "n": valid,
                "n_missing": len(people) - valid,
            }
            rows += [{**place, **row} for row in _rows(index, reference, levene_alpha, unit, ci_level)]
    return result_frame(rows)


def _rows(index: np.ndarray, reference: np.ndarray, levene_alpha: float, unit: str, ci_level: float) -> Iterator[Row]:
    if min(len(index), len(reference)) < 2:
        yield {"term": "levene_rule", "method": "t-test", "note": "not defined: a group has fewer than two numbers"}
        return
    beside: Row = {"layer": "extension"}
    levene = _levene(index, reference)
    forms = {form: _t_test(index, reference, form, unit, ci_level) for form in ("welch", "pooled")}
    p_value = levene.get("p_value")
    chosen = "welch" if isinstance(p_value, float) and p_value < levene_alpha else "pooled"
    rule = options_text(form=chosen, levene_alpha=levene_alpha, levene_centre="mean", levene_p=p_value)
    yield {"term": "levene_rule", **forms[chosen], "options": rule}
    for form, row in forms.items():
        yield {"term": form, **beside, **row}
    yield {"term": "levene", **beside, **levene}
    yield {"term": "hedges_g", **beside, **_hedges_g(index, reference, ci_level)}
    yield {"term": "brunner_munzel", **beside, **_brunner_munzel(index, reference, ci_level)}


def _levene(index: np.ndarray, reference: np.ndarray) -> Row:
    from scipy.stats import levene

    within = len(index) + len(reference) - 2
    row: Row = {
        "df": 1,
        "method": "Levene's test of equal variances",
        "options": options_text(centre="mean", df_within=within),
    }
    if all(np.ptp(np.abs(group - group.mean())) == 0 for group in (index, reference)):
        return row | {"note": "not defined: no spread of the deviations"}
    found = levene(index, reference, center="mean")
    return row | {"statistic": float(found.statistic), "p_value": float(found.pvalue)}


def _t_test(index: np.ndarray, reference: np.ndarray, form: str, unit: str, ci_level: float) -> Row:
    """Student's pooled or Welch's form of the t-test, with limits of the difference."""
    from scipy.stats import t

    sizes = np.array([len(index), len(reference)])
    variances = np.array([index.var(ddof=1), reference.var(ddof=1)])
    if form == "pooled":
        df = float(sizes.sum() - 2)
        parts = ((sizes - 1) * variances).sum() / df / sizes
    else:
        parts = variances / sizes
        spread = float((parts**2 / (sizes - 1)).sum())
        df = float(parts.sum() ** 2 / spread) if spread else math.nan
    difference, error = float(index.mean() - reference.mean()), math.sqrt(float(parts.sum()))
    row: Row = {
        "estimate": difference,
        "measure": "mean_difference",
        "unit": unit,
        "std_error": error,
        "ci_level": ci_level,
        "method": f"t-test, {'pooled variance' if form == 'pooled' else 'Welch'}",
        "options": options_text(form=form),
    }
    if error == 0:
        return row | {"note": "not defined: no spread in either group"}
    reach = float(t.ppf(0.5 + ci_level / 2, df)) * error
    statistic = difference / error
    return row | {
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * t.sf(abs(statistic), df)),
        "ci_low": difference - reach,
        "ci_high": difference + reach,
    }


def _hedges_g(index: np.ndarray, reference: np.ndarray, ci_level: float) -> Row:
    """Difference over the pooled SD, with the exact small-sample factor and large-sample limits."""
    from scipy.stats import norm

    sizes = len(index), len(reference)
    df = sum(sizes) - 2
    pooled = math.sqrt(((sizes[0] - 1) * index.var(ddof=1) + (sizes[1] - 1) * reference.var(ddof=1)) / df)
    row: Row = {
        "measure": "hedges_g",
        "unit": "sd",
        "ci_level": ci_level,
        "method": "Hedges g, large-sample interval",
        "options": options_text(correction="exact gamma", sd="pooled", interval="normal"),
    }
    if pooled == 0:
        return row | {"note": "not defined: no spread in either group"}
    factor = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2) if df > 1 else math.nan
    d = float(index.mean() - reference.mean()) / pooled
    error = factor * math.sqrt(sum(sizes) / (sizes[0] * sizes[1]) + d**2 / (2 * sum(sizes)))
    reach = float(norm.ppf(0.5 + ci_level / 2)) * error
    g = factor * d
    return row | {"estimate": g, "std_error": error, "ci_low": g - reach, "ci_high": g + reach}


def _brunner_munzel(index: np.ndarray, reference: np.ndarray, ci_level: float) -> Row:
    """Rank test that lets the spreads differ: chance that a member of the index group has the higher value."""
    from scipy.stats import rankdata, t

    sizes = np.array([len(index), len(reference)])
    joint = rankdata(np.concatenate([index, reference]))
    ranks = joint[: sizes[0]], joint[sizes[0] :]
    higher = float((ranks[0].mean() - (sizes[0] + 1) / 2) / sizes[1])
    variances = np.array(
        [
            ((joined - rankdata(own) - joined.mean() + (len(own) + 1) / 2) ** 2).sum() / (len(own) - 1)
            for joined, own in zip(ranks, (index, reference), strict=True)
        ]
    )
    row: Row = {
        "estimate": higher,
        "measure": "probability_higher",
        "unit": "share",
        "ci_level": ci_level,
        "method": "Brunner-Munzel test",
        "options": options_text(distribution="t", ties="half"),
    }
    scaled = variances / sizes[::-1] ** 2 / sizes
    error = math.sqrt(float(scaled.sum()))
    if error == 0:
        return row | {"note": "not defined: the groups do not overlap or do not vary"}
    df = float((sizes * variances).sum() ** 2 / ((sizes * variances) ** 2 / (sizes - 1)).sum())
    statistic = (higher - 0.5) / error
    reach = float(t.ppf(0.5 + ci_level / 2, df)) * error
    return row | {
        "std_error": error,
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * t.sf(abs(statistic), df)),
        "ci_low": max(0.0, higher - reach),
        "ci_high": min(1.0, higher + reach),
    }
