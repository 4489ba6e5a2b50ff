"""Statistics as SPSS prints them, from scipy or by hand."""

from collections.abc import Sequence
from itertools import combinations
from math import comb, exp, log, sqrt

import numpy as np
import pandas as pd
from scipy import stats

EXACT_UP_TO = 25  # SPSS uses the binomial form of McNemar's test up to this many discordant pairs
LEVENE_ALPHA = 0.05


def percent(count: float, base: float) -> float:
    """Count as a percentage of its base."""
    return 100 * float(count) / float(base)


def describe(sample: pd.Series) -> dict[str, float]:
    """Number, mean, SD (n - 1), median, minimum and maximum of the answers given."""
    given = sample.dropna().astype(float)
    return {
        "n": len(given),
        "mean": given.mean(),
        "sd": given.std(ddof=1),
        "median": given.median(),
        "min": given.min(),
        "max": given.max(),
    }


def t_test(first: pd.Series, second: pd.Series) -> dict[str, float]:
    """Independent t-test of the first against the second sample; Welch's form where Levene's test asks for it (R3)."""
    one, two = first.dropna().to_numpy(float), second.dropna().to_numpy(float)
    welch = stats.levene(one, two, center="mean").pvalue < LEVENE_ALPHA
    result = stats.ttest_ind(one, two, equal_var=not welch)
    return {"t": result.statistic, "df": result.df, "p": result.pvalue, "welch": float(welch)}


def mcnemar(before: pd.Series, after: pd.Series) -> float:
    """Significance of McNemar's test of two yes/no columns on complete pairs, by the rule of SPSS."""
    pairs = pd.DataFrame({"before": before, "after": after}).dropna()
    stopped = int(((pairs["before"] == "yes") & (pairs["after"] == "no")).sum())
    started = int(((pairs["before"] == "no") & (pairs["after"] == "yes")).sum())
    discordant = stopped + started
    if discordant == 0:
        return 1.0
    if discordant <= EXACT_UP_TO:
        tail = sum(comb(discordant, k) for k in range(min(stopped, started) + 1)) / 2**discordant
        return min(1.0, 2 * tail)
    statistic = max(abs(stopped - started) - 1, 0) ** 2 / discordant
    return float(stats.chi2.sf(statistic, 1))


def woolf(exposed_yes: int, exposed_no: int, other_yes: int, other_no: int) -> dict[str, float]:
    """Odds ratio of one 2 x 2 table with its log-odds interval (95 %) and the Mantel-Haenszel p, uncorrected."""
    ratio = exposed_yes * other_no / (exposed_no * other_yes)
    half = stats.norm.ppf(0.975) * sqrt(1 / exposed_yes + 1 / exposed_no + 1 / other_yes + 1 / other_no)
    rows = (exposed_yes + exposed_no, other_yes + other_no)
    columns = (exposed_yes + other_yes, exposed_no + other_no)
    n = sum(rows)
    expected = rows[0] * columns[0] / n
    variance = rows[0] * rows[1] * columns[0] * columns[1] / (n**2 * (n - 1))
    return {
        "odds_ratio": ratio,
        "ci_low": exp(log(ratio) - half),
        "ci_high": exp(log(ratio) + half),
        "p": float(stats.chi2.sf((exposed_yes - expected) ** 2 / variance, 1)),
    }


def chi_square(first: pd.Series, second: pd.Series) -> float:
    """Significance of Pearson's chi-square of two columns, without correction, on complete pairs."""
    pairs = pd.DataFrame({"first": first, "second": second}).dropna()
    return float(stats.chi2_contingency(pd.crosstab(pairs["first"], pairs["second"]), correction=False).pvalue)


def friedman(scores: pd.DataFrame) -> dict[str, float]:
    """Friedman's test with correction for ties, one column per time, and Kendall's W."""
    n, k = scores.shape
    result = stats.friedmanchisquare(*(scores[column] for column in scores))
    return {
        "n": n,
        "statistic": result.statistic,
        "df": k - 1,
        "p": result.pvalue,
        "kendalls_w": result.statistic / (n * (k - 1)),
    }


def rank_pairs(scores: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Unadjusted p of SPSS's pairwise comparisons after Friedman: z of the mean ranks, no correction for ties."""
    n, k = scores.shape
    means = scores.rank(axis=1).mean()
    error = sqrt(k * (k + 1) / (6 * n))
    return {
        (first, second): float(2 * stats.norm.sf(abs(means[first] - means[second]) / error))
        for first, second in combinations(scores.columns, 2)
    }


def wilcoxon(before: pd.Series, after: pd.Series) -> float:
    """Significance of the signed-rank test on complete pairs, zeros left out, normal approximation."""
    pairs = pd.DataFrame({"before": before, "after": after}).dropna().astype(float)
    result = stats.wilcoxon(
        pairs["before"], pairs["after"], zero_method="wilcox", correction=False, method="asymptotic"
    )
    return float(result.pvalue)


def quartiles(sample: Sequence[float] | pd.Series) -> tuple[float, float, float]:
    """Quartiles by the rule of SPSS, the (n + 1) p-th value."""
    found = np.quantile(np.asarray(sample, dtype=float), [0.25, 0.5, 0.75], method="weibull")
    return float(found[0]), float(found[1]), float(found[2])
