"""The analysis that was planned for a score over time, and the checks of its assumptions that ruled it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame

Row = dict[str, object]


def analyse(
    cases: pd.DataFrame, *, outcome: str, times: Sequence[str], fence: float, normality_alpha: float
) -> pd.DataFrame:
    """Repeated-measures analysis of variance with normality, outliers and sphericity, by pingouin.

    Parameters
    ----------
    cases : DataFrame, one row per person, unique `case_id`
        Uses `<outcome>_<time>` (numbers or missing); people with all times are analysed.
    outcome : str
    times : sequence of str
        Two or more, in their order.
    fence : float
        A score so many interquartile ranges outside the quartiles is an outlier (boxplot rule: 1.5).
    normality_alpha : float
        Level of the normality tests.

    Returns
    -------
    DataFrame, result columns, all layer extension
        `repeated_anova` (F; df between times; estimate `generalised_eta_squared`), `greenhouse_geisser` (the same F
        with corrected p; estimate `epsilon`), `sphericity` (Mauchly: chi-square, estimate `mauchly_w`), per
        time `normality` (Shapiro-Wilk: estimate `shapiro_w`) and `outliers` (`n` of them), and `assumptions_hold`
        (`holds` 1 or 0: no outlier, no departure from normality at `normality_alpha`).

    Raises
    ------
    ValueError
        If a person occurs twice or fewer than three people have all times.

    Notes
    -----
    The second df stands in `options`. pingouin takes the long table made here, one row per person and time.
    Quartiles as SPSS gives them (numpy `weibull`). Method page `docs/methods/repeated_anova.md`.
    """
    if cases["case_id"].duplicated().any():
        raise ValueError(f"{int(cases['case_id'].duplicated().sum())} people occur more than once")
    complete = cases[[f"{outcome}_{time}" for time in times]].dropna().astype("float64").set_axis(list(times), axis=1)
    if len(complete) < 3:
        raise ValueError(f"{outcome}: fewer than three people have all {len(times)} times")
    place: Row = {
        "analysis": "repeated_anova",
        "outcome": outcome,
        "layer": "extension",
        "denominator": len(complete),
        "n_missing": len(cases) - len(complete),
    }
    checks = list(_checks(complete, fence))
    held = all(row["n"] == 0 for row in checks if row["term"] == "outliers") and all(
        float(str(row["p_value"])) >= normality_alpha for row in checks if row["term"] == "normality"
    )
    verdict: Row = {
        "term": "assumptions_hold",
        "estimate": float(held),
        "measure": "holds",
        "method": "no outlier and no departure from normality",
        "options": options_text(fence=fence, normality_alpha=normality_alpha),
    }
    rows = [*_variance(complete), *checks, verdict]
    return result_frame({**place, "n": len(complete), **row} for row in rows)


def _variance(complete: pd.DataFrame) -> Iterator[Row]:
    import pingouin

    long = complete.rename_axis("person").reset_index().melt("person", var_name="time", value_name="score")
    found = pingouin.rm_anova(
        long, dv="score", within="time", subject="person", correction=True, effsize="ng2", detailed=False
    ).iloc[0]
    within = {"df_within": float(found["ddof2"])}
    shared: Row = {"statistic": float(found["F"]), "df": float(found["ddof1"])}
    yield {
        "term": "repeated_anova",
        **shared,
        "p_value": float(found["p_unc"]),
        "estimate": float(found["ng2"]),
        "measure": "generalised_eta_squared",
        "unit": "share",
        "method": "repeated-measures analysis of variance",
        "options": options_text(**within, correction="none"),
    }
    if complete.shape[1] < 3:
        return
    yield {
        "term": "greenhouse_geisser",
        **shared,
        "p_value": float(found["p_GG_corr"]),
        "estimate": float(found["eps"]),
        "measure": "epsilon",
        "method": "repeated-measures analysis of variance, Greenhouse-Geisser",
        "options": options_text(**within, correction="greenhouse-geisser"),
    }
    mauchly = pingouin.sphericity(complete)
    yield {
        "term": "sphericity",
        "statistic": float(mauchly.chi2),
        "df": float(mauchly.dof),
        "p_value": float(mauchly.pval),
        "estimate": float(mauchly.W),
        "measure": "mauchly_w",
        "method": "Mauchly's test of sphericity",
        "options": options_text(method="mauchly"),
    }


def _checks(complete: pd.DataFrame, fence: float) -> Iterator[Row]:
    import pingouin

    for time in complete.columns:
        found = pingouin.normality(complete[time], method="shapiro").iloc[0]
        yield {
            "term": "normality",
            "time": time,
            "estimate": float(found["W"]),
            "measure": "shapiro_w",
            "p_value": float(found["pval"]),
            "method": "Shapiro-Wilk test",
            "options": options_text(of="scores at the time"),
        }
        scores = complete[time].to_numpy()
        low, high = np.quantile(scores, [0.25, 0.75], method="weibull")
        outside = (scores < low - fence * (high - low)) | (scores > high + fence * (high - low))
        yield {
            "term": "outliers",
            "time": time,
            "n": int(outside.sum()),
            "method": "scores beyond the boxplot fences",
            "options": options_text(fence=fence, quartiles="weibull"),
        }
