"""Change in an ordered level between two times within each group: Wilcoxon's signed-rank test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(cases: pd.DataFrame, *, outcomes: Sequence[str], before: str, after: str, by: str) -> pd.DataFrame:
    """Wilcoxon's signed-rank test on complete pairs, per group and outcome, as SPSS prints it.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the columns `<outcome>_<before>` and `<outcome>_<after>` (ranks of an ordered level).
    outcomes : sequence of str
    before, after : str
        The earlier and the later time.
    by : str
        Grouping column.

    Returns
    -------
    DataFrame, result columns
        `signed_rank`: `statistic` is the sum of the ranks of falls, p two-sided; `n` complete pairs. Beside it `fell`,
        `rose` and `same` (people, measure `share`) and `rank_biserial` (ranks of falls less ranks of rises over their
        sum, -1 to 1).

    Notes
    -----
    Pairs without change are left out; ties share ranks and correct the variance; normal approximation without
    continuity correction. Without any change p is 1 and `note` says so. Sources: Wilcoxon (1945), Biometrics 1, 80-83;
    Kerby (2014), Comprehensive Psychology 3:1. Method page `docs/methods/wilcoxon_signed_rank.md`.
    """
    rows: list[dict[str, Any]] = []
    for outcome in outcomes:
        for group, members in cases.groupby(by, observed=True):
            first, last = members[f"{outcome}_{before}"], members[f"{outcome}_{after}"]
            paired = first.notna() & last.notna()
            falls = (first[paired].astype("float64") - last[paired].astype("float64")).to_numpy()
            place = {
                "analysis": "wilcoxon_signed_rank",
                "outcome": outcome,
                "group": str(group),
                "time": f"{before}_to_{after}",
                "n_missing": int((~paired).sum()),
            }
            rows += [{**place, **row} for row in _rows(falls)]
    return result_frame(rows)


def _rows(falls: np.ndarray) -> list[dict[str, Any]]:
    from scipy.stats import norm, rankdata

    pairs, moved = len(falls), falls[falls != 0]
    test: dict[str, Any] = {
        "term": "signed_rank",
        "n": pairs,
        "p_value": 1.0,
        "method": "Wilcoxon signed-rank test, normal approximation",
        "options": options_text(zeros="left out", ties="corrected", correction=False),
        "note": "" if len(moved) else "nobody changed: p is 1 by definition",
    }
    beside: list[dict[str, Any]] = [
        {
            "term": term,
            "n": int(chosen.sum()),
            "denominator": pairs,
            "estimate": float(chosen.mean()) if pairs else None,
            "measure": "share",
            "unit": "share",
            "layer": "extension",
            "method": "share of complete pairs",
        }
        for term, chosen in (("fell", falls > 0), ("rose", falls < 0), ("same", falls == 0))
    ]
    if not len(moved):
        return [test, *beside]
    ranks = rankdata(np.abs(moved))
    down, up = float(ranks[moved > 0].sum()), float(ranks[moved < 0].sum())
    size = len(moved)
    _, ties = np.unique(ranks, return_counts=True)
    variance = size * (size + 1) * (2 * size + 1) / 24 - float((ties**3 - ties).sum()) / 48
    z = (down - size * (size + 1) / 4) / math.sqrt(variance)
    test |= {"statistic": down, "p_value": float(2 * norm.sf(abs(z)))}
    effect = {"estimate": (down - up) / (down + up), "measure": "rank_biserial", "layer": "extension", "n": pairs}
    return [test, *beside, {"term": "rank_biserial", **effect, "method": "matched-pairs rank-biserial correlation"}]
