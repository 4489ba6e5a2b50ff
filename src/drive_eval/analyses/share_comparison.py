"""Share with an attribute in one group against another: shares, odds ratio, risk ratio and risk difference."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame, *, outcomes: Sequence[str], by: str, groups: Mapping[str, int | str], ci_level: float
) -> pd.DataFrame:
    """Compare the share with each outcome between two groups.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the outcomes (0, 1 or missing).
    outcomes : sequence of str
    by : str
        Column that holds the groups.
    groups : mapping of name to code
        Two groups; the first is compared with the second (ratios above 1: more in the first). People with another
        code, or none, are left out.
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Per outcome and group `proportion` (term `yes`) with Wilson limits on valid answers. Group
        `<first>_v_<second>`: `odds_ratio` with log-odds (Woolf) limits, `risk_ratio` with log (Katz) limits,
        `risk_difference` with Newcombe's limits and Fisher's exact p; layer extension but for the odds ratio. Their
        `n` is people with the outcome, `denominator` people with an answer, `n_missing` everybody else in `cases`.

    Raises
    ------
    ValueError
        If there are not two groups, a group has nobody with an answer, or an outcome holds another value.

    Notes
    -----
    No cell is shifted: with an empty cell a ratio is 0, infinite or missing, without limits, and `note` says so.
    Sources: Woolf (1955), Ann Hum Genet 19, 251-253; Katz et al. (1978), Biometrics 34, 469-474; Newcombe (1998),
    Stat Med 17, 873-890. Method page `docs/methods/share_comparison.md`.
    """
    if len(groups) != 2:
        raise ValueError(f"two groups are compared, not {len(groups)}")
    rows: list[dict[str, object]] = []
    for outcome in outcomes:
        answers = cases[outcome]
        strange = ~(answers.isin([0, 1]) | answers.isna())
        if strange.any():
            raise ValueError(f"{outcome}: {int(strange.sum())} rows hold a value other than 0, 1 or missing")
        counts = []
        for name, code in groups.items():
            members = answers[cases[by].eq(code).fillna(False).astype(bool)]
            counts.append((int((members == 1).sum()), int(members.notna().sum())))
            if not counts[-1][1]:
                raise ValueError(f"{outcome}: nobody in group {name!r} of {by} has an answer")
            missing = len(members) - counts[-1][1]
            rows.append({"outcome": outcome, "group": name, "n_missing": missing, **_share(*counts[-1], ci_level)})
        place = {
            "outcome": outcome,
            "group": "_v_".join(groups),
            "n": counts[0][0] + counts[1][0],
            "denominator": counts[0][1] + counts[1][1],
            "n_missing": len(cases) - counts[0][1] - counts[1][1],
        }
        rows += [{**place, **row} for row in _comparisons(*counts[0], *counts[1], ci_level)]
    return result_frame({"analysis": "share_comparison", **row} for row in rows)


def _share(count: int, base: int, ci_level: float) -> dict[str, object]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, base, alpha=1 - ci_level, method="wilson")
    return {
        "term": "yes",
        "n": count,
        "denominator": base,
        "estimate": count / base,
        "measure": "proportion",
        "unit": "share",
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "method": "share of valid answers, Wilson interval",
        "options": options_text(base="valid answers", interval="wilson"),
    }


def _comparisons(yes: int, base: int, other_yes: int, other_base: int, ci_level: float) -> Iterator[dict[str, object]]:
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep

    no, other_no = base - yes, other_base - other_yes
    odds_error = (
        _root_sum(1 / cell for cell in (yes, no, other_yes, other_no)) if yes * no * other_yes * other_no else None
    )
    yield {
        "term": "odds_ratio",
        "method": "odds ratio, log-odds (Woolf) interval",
        **_ratio(yes * other_no, no * other_yes, odds_error, ci_level, "odds_ratio"),
    }
    risk_error = _root_sum((1 / yes, -1 / base, 1 / other_yes, -1 / other_base)) if yes * other_yes else None
    yield {
        "term": "risk_ratio",
        "layer": "extension",
        "method": "risk ratio, log (Katz) interval",
        **_ratio(yes * other_base, other_yes * base, risk_error, ci_level, "risk_ratio"),
    }
    low, high = confint_proportions_2indep(
        yes, base, other_yes, other_base, compare="diff", method="newcomb", alpha=1 - ci_level
    )
    yield {
        "term": "risk_difference",
        "layer": "extension",
        "measure": "risk_difference",
        "unit": "share",
        "estimate": yes / base - other_yes / other_base,
        "ci_low": float(low),
        "ci_high": float(high),
        "ci_level": ci_level,
        "p_value": min(1.0, float(fisher_exact(np.array([[yes, no], [other_yes, other_no]])).pvalue)),
        "method": "risk difference, Newcombe interval; Fisher's exact test, two-sided",
        "options": options_text(interval="newcombe", test="fisher"),
    }


def _ratio(above: int, below: int, error: float | None, ci_level: float, measure: str) -> dict[str, object]:
    from scipy.stats import norm

    estimate = above / below if below else math.inf if above else None
    row: dict[str, object] = {
        "measure": measure,
        "unit": "ratio",
        "estimate": estimate,
        "options": options_text(zero_cells="unchanged", std_error_scale="log"),
        "note": "" if error is not None else "an empty cell: no limits",
    }
    if error is None or not estimate:
        return row
    reach = math.exp(float(norm.ppf(0.5 + ci_level / 2)) * error)
    limits = {"ci_low": estimate / reach, "ci_high": estimate * reach}
    return row | limits | {"std_error": error, "ci_level": ci_level}


def _root_sum(parts: Iterable[float]) -> float:
    """Root of a sum of variances; when both groups have the outcome throughout, rounding must not make it negative."""
    return math.sqrt(max(0.0, math.fsum(parts)))
