"""Change in a yes/no answer between two times within each group: McNemar's test and its companions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    before: str,
    after: str,
    by: str,
    exact_up_to: int,
    ci_level: float,
) -> pd.DataFrame:
    """McNemar's test on complete pairs, per group and outcome, as SPSS prints it and in its other forms.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the columns `<outcome>_<before>` and `<outcome>_<after>` (0, 1 or missing).
    outcomes : sequence of str
    before, after : str
        The earlier and the later time.
    by : str
        Grouping column.
    exact_up_to : int
        The replication row is exact when there are at most so many discordant pairs (SPSS: 25), else
        chi-square with continuity correction.
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns, seven rows per outcome and group
        Terms `spss_rule` (layer replication), `exact`, `corrected`, `mid_p`, `stopped` and `started`
        (discordant pairs, with `n` the count), `risk_difference` (share stopped minus share started, 0 to 1) and
        `odds_ratio` (stopped over started, conditional). `n` or `denominator` is the number of complete pairs,
        `n_missing` the people of the group without both answers.

    Raises
    ------
    ValueError
        If a value other than 0, 1 or missing occurs.

    Notes
    -----
    Without discordant pairs p is 1 and `note` says so. When stopped equals started the continuity correction is
    dropped, as R does: statistic 0, p 1. Sources: McNemar (1947), Psychometrika 12, 153-157; mid-p: Fagerland,
    Lydersen and Laake (2013), BMC Med Res Methodol 13:91; difference: Bonett and Price (2012), J Educ Behav
    Stat 37, 479-488; odds ratio: Clopper-Pearson limits of the share stopped among the discordant. Method page
    `docs/methods/mcnemar.md`.
    """
    rows: list[dict[str, object]] = []
    for outcome in outcomes:
        first, last = cases[f"{outcome}_{before}"], cases[f"{outcome}_{after}"]
        strange = ~(first.isin([0, 1]) | first.isna()) | ~(last.isin([0, 1]) | last.isna())
        if strange.any():
            raise ValueError(f"{outcome}: {int(strange.sum())} rows hold a value other than 0, 1 or missing")
        paired = first.notna() & last.notna()
        for group, members in cases.groupby(by, observed=True):
            pairs = paired.loc[members.index]
            before_yes = first.loc[members.index][pairs].astype(int)
            after_yes = last.loc[members.index][pairs].astype(int)
            stopped = int(((before_yes == 1) & (after_yes == 0)).sum())
            started = int(((before_yes == 0) & (after_yes == 1)).sum())
            place = {
                "analysis": "mcnemar",
                "outcome": outcome,
                "group": group,
                "time": f"{before}_to_{after}",
                "n_missing": int((~pairs).sum()),
            }
            found = _rows(stopped, started, int(pairs.sum()), exact_up_to=exact_up_to, ci_level=ci_level)
            rows += [{**place, **row} for row in found]
    return result_frame(rows)


def _rows(stopped: int, started: int, pairs: int, *, exact_up_to: int, ci_level: float) -> Iterator[dict[str, object]]:
    discordant = stopped + started
    exact = {"p_value": _exact_p(stopped, started), "method": "exact binomial", "options": options_text(exact=True)}
    corrected = _corrected(stopped, started)
    note = "" if discordant else "no discordant pairs: p is 1 by definition"
    chosen = exact if discordant <= exact_up_to else corrected
    rule = options_text(exact=chosen is exact, exact_up_to=exact_up_to, correction=chosen is corrected)
    yield {"term": "spss_rule", "n": pairs, **chosen, "options": rule, "note": note}
    beside = {"layer": "extension", "n": pairs, "note": note}
    yield {"term": "exact", **beside, **exact}
    yield {"term": "corrected", **beside, **corrected}
    mid_p = {"p_value": _mid_p(stopped, started), "method": "mid-p", "options": options_text(mid_p=True)}
    yield {"term": "mid_p", **beside, **mid_p}
    for term, count in (("stopped", stopped), ("started", started)):
        yield {"term": term, "layer": "extension", "n": count, "denominator": pairs, "method": "discordant pairs"}
    yield {**beside, **_risk_difference(stopped, started, pairs, ci_level)}
    yield {**beside, **_odds_ratio(stopped, started, ci_level)}


def _exact_p(stopped: int, started: int) -> float:
    from scipy.stats import binomtest

    discordant = stopped + started
    return float(binomtest(stopped, discordant, 0.5).pvalue) if discordant else 1.0


def _mid_p(stopped: int, started: int) -> float:
    """Exact p less the probability of the observed split; half of it when both counts are equal."""
    from scipy.stats import binom

    discordant = stopped + started
    if not discordant:
        return 1.0
    observed = float(binom.pmf(stopped, discordant, 0.5))
    return _exact_p(stopped, started) - (observed / 2 if stopped == started else observed)


def _corrected(stopped: int, started: int) -> dict[str, object]:
    from scipy.stats import chi2

    excess = abs(stopped - started)
    statistic = (excess - 1) ** 2 / (stopped + started) if excess else 0.0
    return {
        "statistic": statistic,
        "df": 1,
        "p_value": float(chi2.sf(statistic, 1)),
        "method": "chi-square with continuity correction",
        "options": options_text(exact=False, correction=bool(excess)),
    }


def _risk_difference(stopped: int, started: int, pairs: int, ci_level: float) -> dict[str, object]:
    """Bonett and Price: one pair added to each discordant cell, Wald limits, cut to -1 and 1."""
    from scipy.stats import norm

    share_stopped, share_started = (stopped + 1) / (pairs + 2), (started + 1) / (pairs + 2)
    centre = share_stopped - share_started
    error = math.sqrt((share_stopped + share_started - centre**2) / (pairs + 2))
    reach = float(norm.ppf(0.5 + ci_level / 2)) * error
    return {
        "term": "risk_difference",
        "measure": "risk_difference",
        "unit": "share",
        "estimate": (stopped - started) / pairs if pairs else None,
        "ci_low": max(-1.0, centre - reach) if pairs else None,
        "ci_high": min(1.0, centre + reach) if pairs else None,
        "ci_level": ci_level,
        "method": "paired difference, Bonett-Price interval",
        "options": options_text(interval="bonett-price"),
    }


def _odds_ratio(stopped: int, started: int, ci_level: float) -> dict[str, object]:
    from scipy.stats import binomtest

    row: dict[str, object] = {
        "term": "odds_ratio",
        "measure": "odds_ratio",
        "unit": "ratio",
        "ci_level": ci_level,
        "method": "conditional odds ratio, Clopper-Pearson limits",
        "options": options_text(conditional=True, interval="clopper-pearson"),
    }
    discordant = stopped + started
    if not discordant:
        return row | {"note": "not defined: no discordant pairs"}
    limits = binomtest(stopped, discordant).proportion_ci(ci_level, method="exact")
    return row | {
        "estimate": _odds(stopped, started),
        "ci_low": _odds(limits.low, 1 - limits.low),
        "ci_high": _odds(limits.high, 1 - limits.high),
    }


def _odds(yes: float, no: float) -> float:
    return yes / no if no else math.inf
