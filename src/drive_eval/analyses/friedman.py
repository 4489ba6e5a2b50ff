"""Change of a score over three times or more in the same people: Friedman's test, its pairs, and companions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame

Row = dict[str, object]


def analyse(cases: pd.DataFrame, *, outcome: str, times: Sequence[str], alpha: float, ci_level: float) -> pd.DataFrame:
    """Friedman's test on the people with a score at every time, and all pairs of times.

    Parameters
    ----------
    cases : DataFrame, one row per person, unique `case_id`
        Uses `<outcome>_<time>` (numbers or missing).
    outcome : str
    times : sequence of str
        Three or more, in their order.
    alpha : float
        Level shared by the pairs (Bonferroni).
    ci_level : float
        Confidence level of the shifts, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Layer replication: `friedman` (tie-corrected chi-square; estimate `kendalls_w`), `mean_rank` per time,
        `pairwise_alpha` (`setting`: alpha over the number of pairs), and per pair (time `<a>_v_<b>`)
        `rank_comparison` (difference of mean ranks a less b, z). Extension, per pair: `conover` (t), `wilcoxon` and
        `wilcoxon_corrected` (z), `hodges_lehmann` (`shift` b less a with limits). `p_adjusted` is p times the number
        of pairs, at most 1. `n` people with all times, `n_missing` the others.

    Raises
    ------
    ValueError
        If a person occurs twice, there are fewer than three times, or nobody has all of them.

    Notes
    -----
    The matrix is made here from the named columns only, so that no other number becomes a condition. Kendall's
    W is chi-square / (n (k - 1)) (rule R5). The pairs are those of SPSS (Dunn 1964): z is the difference of mean ranks
    over sqrt(k (k + 1) / (6 n)), without a correction for ties. Sources: Conover (1999), Practical
    Nonparametric Statistics, 5.8; Hollander, Wolfe and Chicken (2014), 3.1 to 3.3. Method page
    `docs/methods/friedman.md`.
    """
    if cases["case_id"].duplicated().any():
        raise ValueError(f"{int(cases['case_id'].duplicated().sum())} people occur more than once")
    if len(times) < 3:
        raise ValueError("Friedman's test needs three times or more")
    complete = cases[[f"{outcome}_{time}" for time in times]].dropna()
    if complete.empty:
        raise ValueError(f"{outcome}: nobody has all {len(times)} times")
    scores = complete.to_numpy(dtype="float64")
    place: Row = {
        "analysis": "friedman",
        "outcome": outcome,
        "n": len(scores),
        "denominator": len(cases),
        "n_missing": len(cases) - len(scores),
    }
    rows = [*_overall(scores, times), *_pairs(scores, times, alpha, ci_level)]
    return result_frame({**place, **row} for row in rows)


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Ranks within each person, ties sharing their mean."""
    from scipy.stats import rankdata

    ranks: np.ndarray = rankdata(scores, axis=1)
    return ranks


def _overall(scores: np.ndarray, times: Sequence[str]) -> Iterator[Row]:
    from scipy.stats import chi2

    people, k = scores.shape
    ranks = _ranks(scores)
    row: Row = {
        "term": "friedman",
        "df": k - 1,
        "method": "Friedman's chi-square, tie-corrected",
        "options": options_text(ties="corrected", missing="complete cases"),
    }
    spread = float((ranks**2).sum()) - people * k * (k + 1) ** 2 / 4
    if spread > 0:
        sums = ranks.sum(axis=0)
        statistic = (k - 1) * float(((sums - people * (k + 1) / 2) ** 2).sum()) / spread
        row |= {"statistic": statistic, "p_value": float(chi2.sf(statistic, k - 1))}
        row |= {"estimate": statistic / (people * (k - 1)), "measure": "kendalls_w", "unit": ""}
    else:
        row |= {"note": "not defined: everybody has the same score at all times"}
    yield row
    for time, mean in zip(times, ranks.mean(axis=0), strict=True):
        yield {
            "term": "mean_rank",
            "time": time,
            "estimate": float(mean),
            "measure": "mean_rank",
            "unit": "ranks",
            "method": "mean rank within people",
            "options": options_text(ties="mean rank"),
        }


def _pairs(scores: np.ndarray, times: Sequence[str], alpha: float, ci_level: float) -> Iterator[Row]:
    pairs = list(combinations(range(len(times)), 2))
    yield {
        "term": "pairwise_alpha",
        "estimate": alpha / len(pairs),
        "measure": "setting",
        "unit": "probability",
        "method": "Bonferroni level of each pair",
        "options": options_text(alpha=alpha, pairs=len(pairs)),
    }
    ranks = _ranks(scores)
    for first, second in pairs:
        place: Row = {"time": f"{times[first]}_v_{times[second]}"}
        beside = place | {"layer": "extension"}
        tests = [
            place | _rank_comparison(ranks, first, second),
            beside | _conover(ranks, first, second),
            beside | {"term": "wilcoxon", **_wilcoxon(scores[:, first] - scores[:, second], correction=False)},
            beside | {"term": "wilcoxon_corrected", **_wilcoxon(scores[:, first] - scores[:, second], correction=True)},
        ]
        for test in tests:
            p_value = test.get("p_value")
            if isinstance(p_value, float):
                test["p_adjusted"] = min(1.0, p_value * len(pairs))
            yield test
        yield beside | _hodges_lehmann(scores[:, second] - scores[:, first], ci_level)


def _rank_comparison(ranks: np.ndarray, first: int, second: int) -> Row:
    from scipy.stats import norm

    people, k = ranks.shape
    difference = float(ranks[:, first].mean() - ranks[:, second].mean())
    error = math.sqrt(k * (k + 1) / (6 * people))
    statistic = difference / error
    return {
        "term": "rank_comparison",
        "estimate": difference,
        "measure": "rank_difference",
        "unit": "ranks",
        "std_error": error,
        "statistic": statistic,
        "p_value": float(2 * norm.sf(abs(statistic))),
        "method": "comparison of mean ranks (SPSS, Dunn)",
        "options": options_text(ties="not corrected", adjustment="bonferroni"),
    }


def _conover(ranks: np.ndarray, first: int, second: int) -> Row:
    from scipy.stats import t

    people, k = ranks.shape
    sums = ranks.sum(axis=0)
    df = (people - 1) * (k - 1)
    row: Row = {
        "term": "conover",
        "df": df,
        "method": "Conover's comparison of rank sums",
        "options": options_text(ties="corrected", adjustment="bonferroni"),
    }
    variance = 2 * (people * float((ranks**2).sum()) - float((sums**2).sum())) / df if df else 0.0
    if variance <= 0:
        return row | {"note": "not defined: everybody has the same order"}
    statistic = float(sums[first] - sums[second]) / math.sqrt(variance)
    return row | {"statistic": statistic, "p_value": float(2 * t.sf(abs(statistic), df))}


def _wilcoxon(differences: np.ndarray, *, correction: bool) -> Row:
    """Signed ranks without zeros, normal approximation with the correction for ties."""
    from scipy.stats import norm, rankdata

    moved = differences[differences != 0]
    size = len(moved)
    row: Row = {
        "method": f"Wilcoxon signed-rank test, {'with' if correction else 'no'} continuity correction",
        "options": options_text(zeros="left out", exact=False, correction=correction, adjustment="bonferroni"),
    }
    if not size:
        return row | {"note": "not defined: nobody's score differs"}
    ranks = rankdata(np.abs(moved))
    ties = np.unique(ranks, return_counts=True)[1].astype("float64")
    variance = size * (size + 1) * (2 * size + 1) / 24 - float((ties**3 - ties).sum()) / 48
    excess = float(ranks[moved > 0].sum()) - size * (size + 1) / 4
    less = 0.5 * np.sign(excess) if correction else 0.0
    statistic = float((excess - less) / math.sqrt(variance))
    return row | {"statistic": statistic, "p_value": float(2 * norm.sf(abs(statistic)))}


def _hodges_lehmann(differences: np.ndarray, ci_level: float) -> Row:
    """Median of the means of all pairs of differences, each with itself too; limits by counting in from both ends."""
    from scipy.stats import norm

    size = len(differences)
    upper = np.triu_indices(size)
    means = np.sort((differences[upper[0]] + differences[upper[1]]) / 2)
    row: Row = {
        "term": "hodges_lehmann",
        "estimate": float(np.median(means)),
        "measure": "shift",
        "unit": "points",
        "method": "Hodges-Lehmann shift",
        "options": options_text(zeros="kept", interval="normal approximation"),
    }
    reach = float(norm.ppf(0.5 + ci_level / 2)) * math.sqrt(size * (size + 1) * (2 * size + 1) / 24)
    steps = math.floor(size * (size + 1) / 4 - reach)
    if steps < 1:
        return row | {"note": "too few people for limits"}
    return row | {"ci_low": float(means[steps - 1]), "ci_high": float(means[-steps]), "ci_level": ci_level}
