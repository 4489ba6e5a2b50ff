"""Odds of an outcome in one group against another, in one table and stratified (Mantel-Haenszel)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    time: str,
    by: str,
    index_group: str,
    reference_group: str,
    strata: str,
    ci_level: float,
) -> pd.DataFrame:
    """Compare the odds, risk and risk difference of each outcome at one time between two groups.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by`, `strata` and `<outcome>_<time>` (0, 1 or missing).
    outcomes : sequence of str
    time : str
    by : str
        Grouping column; `index_group` is compared with `reference_group` (odds ratio above 1: more in the index
        group).
    strata : str
        Column of the stratified analysis; strata without people in both groups, or in which nobody or everybody
        has the outcome, are left out of the homogeneity tests and counted in `note`.
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Stratum `all`: `odds_ratio` with log-odds (Woolf) limits and `mantel_haenszel` (no correction), layer
        replication; `corrected`, `wald`, `fisher`, `risk_ratio` (Katz), `risk_difference` (Newcombe). Stratum
        `by_<strata>`: `odds_ratio` (Robins-Breslow-Greenland), `mantel_haenszel`, `corrected`, `breslow_day`,
        `tarone`, `risk_ratio` (Greenland-Robins), `risk_difference` (Sato). All stratified rows are extension.
        `n` people with the outcome, `denominator` people with a valid answer, `n_missing` the others.

    Raises
    ------
    ValueError
        If a value other than 0, 1 or missing occurs, or a compared group has nobody.

    Notes
    -----
    No cell is ever shifted: with an empty cell the odds ratio is 0 or infinite, without limits, and `note` says so.
    The continuity correction is dropped when the excess is under one half, as R does. Sources: Mantel and Haenszel
    (1959), JNCI 22, 719-748; Robins, Breslow and Greenland (1986), Biometrics 42, 311-323; Greenland and Robins
    (1985), Biometrics 41, 55-68; Sato (1989), Biometrics 45, 1323-1324; Newcombe (1998), Stat Med 17, 873-890.
    Method page `docs/methods/mantel_haenszel.md`.
    """
    compared = cases[cases[by].isin([index_group, reference_group])]
    for group in (index_group, reference_group):
        if not (compared[by] == group).any():
            raise ValueError(f"nobody in group {group!r} of {by}")
    rows: list[dict[str, object]] = []
    for outcome in outcomes:
        answers = compared[f"{outcome}_{time}"]
        strange = ~(answers.isin([0, 1]) | answers.isna())
        if strange.any():
            raise ValueError(f"{outcome}: {int(strange.sum())} rows hold a value other than 0, 1 or missing")
        tables = _tables(compared, answers, by, (index_group, reference_group), strata)
        place = {
            "analysis": "mantel_haenszel",
            "outcome": outcome,
            "group": f"{index_group}_v_{reference_group}",
            "time": time,
            "n": int(tables[0].sum()),
            "denominator": int(tables.sum()),
            "n_missing": int(answers.isna().sum()),
        }
        rows += [{**place, **row} for row in _one_table(tables.sum(axis=2), ci_level)]
        stratified = {"stratum": f"by_{strata}", "layer": "extension"}
        rows += [{**place, **stratified, **row} for row in _stratified(tables, ci_level)]
    return result_frame(rows)


def _tables(cases: pd.DataFrame, answers: pd.Series, by: str, groups: tuple[str, str], strata: str) -> np.ndarray:
    """Counts as outcome (yes, no) x group (index, reference) x stratum; every declared stratum is there."""
    valid = answers.notna()
    names = sorted(cases.loc[valid, strata].astype("str").unique())
    counts = np.zeros((2, 2, len(names)))
    for j, group in enumerate(groups):
        for k, name in enumerate(names):
            found = answers[valid & (cases[by] == group) & (cases[strata].astype("str") == name)]
            counts[:, j, k] = (found == 1).sum(), (found == 0).sum()
    return counts


def _one_table(table: np.ndarray, ci_level: float) -> Iterator[dict[str, object]]:
    from scipy.stats import fisher_exact, norm

    (a, b), (c, d) = table
    z = float(norm.ppf(0.5 + ci_level / 2))
    empty = "an empty cell: no limits" if table.min() == 0 else ""
    odds_ratio = _ratio(a * d, b * c)
    error = math.sqrt((1 / table).sum()) if not empty else None
    low, high = _log_limits(odds_ratio, error, z)
    yield {
        "term": "odds_ratio",
        "measure": "odds_ratio",
        "unit": "ratio",
        "estimate": odds_ratio,
        "std_error": error,
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "method": "odds ratio, log-odds (Woolf) interval",
        "options": options_text(stratified=False, zero_cells="unchanged", std_error_scale="log"),
        "note": empty,
    }
    single = table[:, :, None]
    yield {"term": "mantel_haenszel", **_chi_square(single, correction=False)}
    beside: dict[str, object] = {"layer": "extension"}
    yield {"term": "corrected", **beside, **_chi_square(single, correction=True)}
    if odds_ratio and error:
        wald = math.log(odds_ratio) / error
        p_value = float(2 * norm.sf(abs(wald)))
        yield {
            "term": "wald",
            **beside,
            "statistic": wald,
            "p_value": p_value,
            "method": "Wald z of the log odds ratio",
        }
    fisher = float(fisher_exact(table.astype(int)).pvalue)
    yield {"term": "fisher", **beside, "p_value": fisher, "method": "Fisher's exact test, two-sided"}
    yield {**beside, **_risk_ratio(single, z, ci_level, "risk ratio, log (Katz) interval")}
    yield {**beside, **_newcombe(table, ci_level)}


def _stratified(tables: np.ndarray, ci_level: float) -> Iterator[dict[str, object]]:
    from scipy.stats import norm
    from statsmodels.stats.contingency_tables import StratifiedTable

    z = float(norm.ppf(0.5 + ci_level / 2))
    in_both = tables[:, :, (tables.sum(axis=0) > 0).all(axis=0)]
    left_out = tables.shape[2] - in_both.shape[2]
    note = f"{left_out} strata without people in both groups left out" if left_out else ""
    if not in_both.shape[2]:
        yield {"term": "odds_ratio", "method": "Mantel-Haenszel odds ratio", "note": "no stratum with both groups"}
        return
    pooled = StratifiedTable(in_both, shift_zeros=False)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_ratio = float(pooled.oddsratio_pooled)
        error = float(pooled.logodds_pooled_se) if 0 < odds_ratio < math.inf else None
    low, high = _log_limits(odds_ratio, error, z)
    yield {
        "term": "odds_ratio",
        "measure": "odds_ratio",
        "unit": "ratio",
        "estimate": None if math.isnan(odds_ratio) else odds_ratio,
        "std_error": error,
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "method": "Mantel-Haenszel odds ratio, Robins-Breslow-Greenland interval",
        "options": options_text(stratified=True, zero_cells="unchanged", std_error_scale="log"),
        "note": note,
    }
    yield {"term": "mantel_haenszel", **_chi_square(in_both, correction=False), "note": note}
    yield {"term": "corrected", **_chi_square(in_both, correction=True), "note": note}
    yield from _homogeneity(in_both, pooled, odds_ratio)
    yield {**_risk_ratio(in_both, z, ci_level, "Mantel-Haenszel risk ratio, Greenland-Robins interval"), "note": note}
    yield {**_sato(in_both, z, ci_level), "note": note}


def _homogeneity(tables: np.ndarray, pooled: object, odds_ratio: float) -> Iterator[dict[str, object]]:
    from statsmodels.stats.contingency_tables import StratifiedTable

    informative = (tables.sum(axis=1) > 0).all(axis=0)
    kept = tables[:, :, informative]
    left_out = tables.shape[2] - kept.shape[2]
    note = f"{left_out} strata in which nobody or everybody has the outcome left out" if left_out else ""
    tests = ((False, "breslow_day", "Breslow-Day test"), (True, "tarone", "Breslow-Day test, Tarone's adjustment"))
    for adjust, term, method in tests:
        row: dict[str, object] = {
            "term": term,
            "method": f"{method} of equal odds ratios",
            "options": options_text(tarone=adjust),
        }
        if kept.shape[2] < 2 or not 0 < odds_ratio < math.inf:
            yield row | {"note": "not defined: fewer than two informative strata or an empty column"}
            continue
        test = StratifiedTable(kept, shift_zeros=False).test_equal_odds(adjust=adjust)
        yield row | {
            "statistic": float(test.statistic),
            "df": kept.shape[2] - 1,
            "p_value": float(test.pvalue),
            "note": note,
        }


def _chi_square(tables: np.ndarray, *, correction: bool) -> dict[str, object]:
    """Mantel-Haenszel chi-square of one or more tables; the correction is dropped when the excess is under 1/2."""
    from scipy.stats import chi2

    total = tables.sum(axis=(0, 1))
    yes, no = tables.sum(axis=1)
    index, reference = tables.sum(axis=0)
    excess = abs(float((tables[0, 0] - yes * index / total).sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(total > 1, yes * no * index * reference / (total**2 * (total - 1)), 0)
    variance = float(spread.sum())
    row: dict[str, object] = {
        "method": f"Mantel-Haenszel chi-square, {'with' if correction else 'no'} continuity correction",
        "options": options_text(correction=correction),
    }
    if variance == 0:
        return row | {"note": "not defined: nobody or everybody has the outcome"}
    less = 0.5 if correction and excess >= 0.5 else 0.0
    statistic = (excess - less) ** 2 / variance
    return row | {"statistic": statistic, "df": 1, "p_value": float(chi2.sf(statistic, 1))}


def _risk_ratio(tables: np.ndarray, z: float, ci_level: float, method: str) -> dict[str, object]:
    """Mantel-Haenszel risk ratio with Greenland-Robins variance; with one table this is the log (Katz) interval."""
    (a, b), _ = tables
    index, reference = tables.sum(axis=0)
    total = index + reference
    above, below = float((a * reference / total).sum()), float((b * index / total).sum())
    ratio = _ratio(above, below)
    error = None
    if above and below:
        spread = ((index * reference * (a + b) - a * b * total) / total**2).sum()
        error = math.sqrt(float(spread) / (above * below))
    low, high = _log_limits(ratio, error, z)
    return {
        "term": "risk_ratio",
        "measure": "risk_ratio",
        "unit": "ratio",
        "estimate": ratio,
        "std_error": error,
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "method": method,
        "options": options_text(zero_cells="unchanged", std_error_scale="log"),
        "note": "" if error is not None else "an empty cell: no limits",
    }


def _newcombe(table: np.ndarray, ci_level: float) -> dict[str, object]:
    """Risk difference with Newcombe's interval from the two Wilson intervals (his method 10)."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    (a, b), _ = table
    index, reference = table.sum(axis=0)
    low, high = confint_proportions_2indep(
        int(a), int(index), int(b), int(reference), compare="diff", method="newcomb", alpha=1 - ci_level
    )
    return _difference(a / index - b / reference, low, high, ci_level, "risk difference, Newcombe interval")


def _sato(tables: np.ndarray, z: float, ci_level: float) -> dict[str, object]:
    """Mantel-Haenszel risk difference with Sato's variance."""
    (a, b), _ = tables
    index, reference = tables.sum(axis=0)
    total = index + reference
    weight = float((index * reference / total).sum())
    difference = float(((a * reference - b * index) / total).sum()) / weight
    p = (index**2 * b - reference**2 * a + index * reference * (reference - index) / 2) / total**2
    q = (a * (reference - b) + b * (index - a)) / (2 * total)
    error = math.sqrt(difference * float(p.sum()) + float(q.sum())) / weight
    method = "Mantel-Haenszel risk difference, Sato interval"
    return _difference(difference, difference - z * error, difference + z * error, ci_level, method, error)


def _difference(
    estimate: float, low: float, high: float, ci_level: float, method: str, error: float | None = None
) -> dict[str, object]:
    return {
        "term": "risk_difference",
        "measure": "risk_difference",
        "unit": "share",
        "estimate": float(estimate),
        "std_error": error,
        "ci_low": float(low),
        "ci_high": float(high),
        "ci_level": ci_level,
        "method": method,
        "options": options_text(scale="difference"),
    }


def _ratio(above: float, below: float) -> float | None:
    if below:
        return float(above / below)
    return math.inf if above else None


def _log_limits(ratio: float | None, error: float | None, z: float) -> tuple[float | None, float | None]:
    if not ratio or error is None:
        return None, None
    return math.exp(math.log(ratio) - z * error), math.exp(math.log(ratio) + z * error)
