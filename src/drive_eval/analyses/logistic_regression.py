"""A yes/no outcome on several yes/no predictors: logistic regression by maximum likelihood, with its safeguards."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame

LARGEST_COEFFICIENT, LARGEST_ERROR = 15.0, 100.0
"""Beyond these an estimate stands for infinity: the outcome is separated."""


def analyse(cases: pd.DataFrame, *, outcome: str, predictors: Sequence[str], ci_level: float) -> pd.DataFrame:
    """Fit one model with all predictors on the people with no missing value.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `outcome` and `predictors` (0, 1 or missing).
    outcome : str
    predictors : sequence of str
    ci_level : float
        Confidence level of Wald limits, 0 to 1.

    Returns
    -------
    DataFrame, result columns, group the predictor (or `constant`)
        `coefficient` (log odds; `statistic` Wald z, `p_value`), `odds_ratio`, and beside them
        `average_marginal_effect` (mean change of the probability from 0 to 1, delta-method error) and
        `variance_inflation`. Group `all`: `likelihood_ratio` (model against constant), `events_per_variable`,
        `pseudo_r_squared` (McFadden), `complete_cases`. `n` people with the outcome, `denominator` complete cases,
        `n_missing` the others.

    Raises
    ------
    ValueError
        If a value other than 0, 1 or missing occurs.

    Notes
    -----
    If the outcome does not vary, or a predictor has an empty cell against it, or an estimate runs off (coefficient
    beyond 15 or error beyond 100), nothing is estimated and `note` names the predictor. Sources: Hosmer, Lemeshow and
    Sturdivant (2013), Applied Logistic Regression; Albert and Anderson (1984), Biometrika 71, 1-10. Method page
    `docs/methods/logistic_regression.md`.
    """
    used = cases[[outcome, *predictors]]
    strange = ~(used.isin([0, 1]) | used.isna())
    if strange.any(axis=None):
        raise ValueError(f"{int(strange.any(axis=1).sum())} rows hold a value other than 0, 1 or missing")
    complete = used.dropna().astype("float64")
    answers, columns = complete[outcome].to_numpy(), complete[list(predictors)].to_numpy()
    events, size = int(answers.sum()), len(answers)
    place = {
        "analysis": "logistic_regression",
        "outcome": outcome,
        "n": events,
        "denominator": size,
        "n_missing": len(used) - size,
        "method": "logistic regression, maximum likelihood",
        "options": options_text(complete_cases=True, predictors=len(predictors), interval="wald"),
    }
    rows: list[dict[str, Any]] = [
        {"term": "complete_cases", "estimate": size, "measure": "count", "unit": "persons"},
        {
            "term": "events_per_variable",
            "estimate": min(events, size - events) / len(predictors),
            "measure": "events_per_variable",
            "layer": "extension",
        },
    ]
    separated = _empty_cell(answers, columns, predictors)
    rows += [{"term": "coefficient", "note": separated}] if separated else _fit(answers, columns, predictors, ci_level)
    return result_frame({**place, **row} for row in rows)


def _empty_cell(answers: np.ndarray, columns: np.ndarray, predictors: Sequence[str]) -> str:
    """What separates the outcome, found before the fit; empty where nothing does."""
    if answers.min(initial=1) == answers.max(initial=0):
        return "not estimated: the outcome does not vary"
    for name, column in zip(predictors, columns.T, strict=True):
        for answer in (0, 1):
            for level in (0, 1):
                if not ((answers == answer) & (column == level)).any():
                    return f"not estimated: {name} separates the outcome (nobody with {level} and outcome {answer})"
    return ""


def _fit(answers: np.ndarray, columns: np.ndarray, predictors: Sequence[str], ci_level: float) -> list[dict[str, Any]]:
    from scipy.stats import chi2
    from statsmodels.discrete.discrete_model import Logit

    design = np.column_stack([np.ones(len(answers)), columns])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return [{"term": "coefficient", "note": "not estimated: predictors are linearly dependent"}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is looked at below
        fitted = Logit(answers, design).fit(method="newton", maxiter=100, tol=1e-13, disp=0)
    if (
        not fitted.mle_retvals["converged"]
        or np.abs(fitted.params).max() > LARGEST_COEFFICIENT
        or fitted.bse.max() > LARGEST_ERROR
    ):
        return [{"term": "coefficient", "note": "not estimated: an estimate runs off, the outcome is separated"}]
    rows = [
        {
            "term": "likelihood_ratio",
            "statistic": float(fitted.llr),
            "df": len(predictors),
            "p_value": float(chi2.sf(fitted.llr, len(predictors))),
            "layer": "extension",
        },
        {
            "term": "pseudo_r_squared",
            "estimate": float(fitted.prsquared),
            "measure": "pseudo_r_squared",
            "layer": "extension",
        },
    ]
    limits = fitted.conf_int(alpha=1 - ci_level)
    for k, name in enumerate(["constant", *predictors]):
        low, high = (float(limit) for limit in limits[k])
        estimate, error = float(fitted.params[k]), float(fitted.bse[k])
        shared = {"group": name, "ci_level": ci_level}
        test = {"statistic": float(fitted.tvalues[k]), "p_value": float(fitted.pvalues[k])}
        rows.append({**shared, "term": "coefficient", "estimate": estimate, "measure": "coefficient",
                     "unit": "log odds", "std_error": error, "ci_low": low, "ci_high": high, **test})  # fmt: skip
        rows.append({**shared, "term": "odds_ratio", "estimate": np.exp(estimate), "measure": "odds_ratio",
                     "unit": "ratio", "ci_low": np.exp(low), "ci_high": np.exp(high)})  # fmt: skip
    rows += _beside(design, fitted.params, fitted.cov_params(), predictors, ci_level)
    return rows


def _beside(
    design: np.ndarray, params: np.ndarray, covariance: np.ndarray, predictors: Sequence[str], ci_level: float
) -> Iterator[dict[str, Any]]:
    """Average marginal effects (discrete change, delta method) and variance inflation factors."""
    from scipy.special import expit
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + ci_level / 2))
    inflation = np.diag(np.linalg.inv(np.corrcoef(design[:, 1:], rowvar=False))) if len(predictors) > 1 else [1.0]
    for k, name in enumerate(predictors, start=1):
        shares, slopes = [], []
        for level in (1.0, 0.0):
            changed = design.copy()
            changed[:, k] = level
            share = expit(changed @ params)
            shares.append(float(share.mean()))
            slopes.append((changed * (share * (1 - share))[:, None]).mean(axis=0))
        effect, slope = shares[0] - shares[1], slopes[0] - slopes[1]
        error = float(np.sqrt(slope @ covariance @ slope))
        yield {
            "group": name,
            "term": "average_marginal_effect",
            "estimate": effect,
            "std_error": error,
            "ci_low": effect - z * error,
            "ci_high": effect + z * error,
            "ci_level": ci_level,
            "measure": "average_marginal_effect",
            "unit": "share",
            "layer": "extension",
            "method": "average marginal effect, discrete change, delta method",
        }
        yield {
            "group": name,
            "term": "variance_inflation",
            "estimate": float(inflation[k - 1]),
            "measure": "variance_inflation",
            "layer": "extension",
            "method": "variance inflation factor",
        }
