"""Shares of people at several times, and their relative and percentage-point change from the first to the last."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from drive_eval.analyses.frequencies import groups_of
from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    times: Sequence[str],
    by: str,
    levels: Mapping[str, Sequence[int | str]],
    substantial: float,
    about_equal: float,
    ci_level: float,
) -> pd.DataFrame:
    """Share with each level of each outcome at each time, and its change.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the columns `<outcome>_<time>` (0/1 or category; missing where there is no valid answer).
    outcomes, times : sequence of str
        Times in order; change is from the first to the last.
    by : str
        Grouping column; empty for everybody together (group `all`).
    levels : mapping of name to codes
        What counts as each level.
    substantial : float
        Relative reduction that counts as substantial.
    about_equal : float
        Reductions of groups are alike when lowest and highest differ by at most this share of the highest.
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Per time, term `<level>`: measure `proportion`, `n` people with the level, `denominator` valid answers, Wilson
        limits. Time `<first>_to_<last>`: term `<level>` measure `relative_reduction` (1 - people last / people
        first, among those with both answers; limits for paired shares on the log scale); term `<level>_points`
        measure `point_change` (share last less share first; Bonett-Price limits, extension). Outcome `all_outcomes`,
        term `<level>_substantial` measure `holds`: 1 if every outcome fell by `substantial`. With `by`, group `all`,
        term `<level>_alike` measure `holds`: 1 if the reductions of all groups are about equal.

    Raises
    ------
    ValueError
        If a row has no group, or fewer than two times are given.

    Notes
    -----
    Variance of the log ratio of paired proportions: Nam and Blackwelder (2002), Stat Med 21, 689-699; Wilson (1927),
    JASA 22, 209-212; Bonett and Price (2012), J Educ Behav Stat 37, 479-488. Method page
    `docs/methods/relative_change.md`.
    """
    if len(times) < 2:
        raise ValueError("change needs two times or more")
    if by and cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    rows: list[dict[str, Any]] = []
    for level, codes in levels.items():
        falls: dict[str, dict[str, float | None]] = {outcome: {} for outcome in outcomes}
        for group, members in groups_of(cases, by=by, total=not by):
            for outcome in outcomes:
                place = {"outcome": outcome, "group": group}
                for time in times:
                    share = _share(members[f"{outcome}_{time}"], codes, ci_level)
                    rows.append({**place, "time": time, "term": level, **share})
                first, last = (members[f"{outcome}_{time}"] for time in (times[0], times[-1]))
                change = list(_change(first, last, codes, level, ci_level))
                falls[outcome][group] = change[0]["estimate"]
                rows += [{**place, "time": f"{times[0]}_to_{times[-1]}", **row} for row in change]
        span = {"time": f"{times[0]}_to_{times[-1]}", "measure": "holds"}
        rows += [{**span, **row} for row in _statements(falls, level, substantial, about_equal)]
    return result_frame({"analysis": "relative_change", **row} for row in rows)


def _share(answers: pd.Series, codes: Sequence[int | str], ci_level: float) -> dict[str, Any]:
    from scipy.stats import binomtest

    valid = answers.dropna()
    count, base = int(valid.isin(list(codes)).sum()), len(valid)
    limits = binomtest(count, base).proportion_ci(ci_level, method="wilson") if base else None
    return {
        "n": count,
        "denominator": base,
        "n_missing": len(answers) - base,
        "estimate": count / base if base else None,
        "measure": "proportion",
        "unit": "share",
        "ci_low": limits.low if limits else None,
        "ci_high": limits.high if limits else None,
        "ci_level": ci_level,
        "method": "share of valid answers, Wilson interval",
        "options": options_text(base="valid answers", interval="wilson"),
        "note": "" if base else "no valid answers",
    }


def _change(
    first: pd.Series, last: pd.Series, codes: Sequence[int | str], level: str, ci_level: float
) -> Iterator[dict[str, Any]]:
    from scipy.stats import norm

    paired = first.notna() & last.notna()
    before, after = first[paired].isin(list(codes)), last[paired].isin(list(codes))
    pairs, users, remaining = len(before), int(before.sum()), int(after.sum())
    stopped, started = int((before & ~after).sum()), int((~before & after).sum())
    z = float(norm.ppf(0.5 + ci_level / 2))
    base = {"denominator": pairs, "n_missing": int((~paired).sum()), "unit": "share", "ci_level": ci_level}
    low = high = None
    if users and remaining:
        reach = z * math.sqrt((stopped + started) / (users * remaining))
        low, high = (1 - remaining / users * math.exp(sign * reach) for sign in (1, -1))
    yield {
        "term": level,
        **base,
        "n": users - remaining,
        "estimate": 1 - remaining / users if users else None,
        "measure": "relative_reduction",
        "ci_low": low,
        "ci_high": high,
        "method": "relative reduction of people, paired log-ratio interval",
        "options": options_text(base="people with both answers", interval="paired log ratio"),
        "note": "" if users else "not defined: nobody had it at the first time",
    }
    share_stopped, share_started = (stopped + 1) / (pairs + 2), (started + 1) / (pairs + 2)
    centre = share_started - share_stopped
    reach = z * math.sqrt((share_stopped + share_started - centre**2) / (pairs + 2))
    yield {
        "term": f"{level}_points",
        **base,
        "n": users - remaining,
        "layer": "extension",
        "estimate": (remaining - users) / pairs if pairs else None,
        "measure": "point_change",
        "ci_low": max(-1.0, centre - reach) if pairs else None,
        "ci_high": min(1.0, centre + reach) if pairs else None,
        "method": "paired difference of shares, Bonett-Price interval",
        "options": options_text(base="people with both answers", interval="bonett-price"),
    }


def _statements(
    falls: Mapping[str, Mapping[str, float | None]], level: str, substantial: float, about_equal: float
) -> Iterator[dict[str, Any]]:
    """The worded findings: every outcome fell substantially; the groups of an outcome fell alike."""
    groups = list(dict.fromkeys(group for found in falls.values() for group in found))
    for group in groups:
        values = [found[group] for found in falls.values() if group in found]
        known = [value for value in values if value is not None]
        yield {
            "outcome": "all_outcomes",
            "group": group,
            "term": f"{level}_substantial",
            "estimate": float(min(known) >= substantial) if known and len(known) == len(values) else None,
            "method": "statement: every outcome fell by at least the stated share",
            "options": options_text(substantial=substantial),
        }
    if len(groups) < 2:
        return
    for outcome, found in falls.items():
        known = [value for value in found.values() if value is not None]
        alike = max(known) - min(known) <= about_equal * max(abs(value) for value in known) if known else False
        yield {
            "outcome": outcome,
            "group": "all",
            "term": f"{level}_alike",
            "estimate": float(alike) if len(known) == len(found) else None,
            "method": "statement: highest and lowest reduction are about equal",
            "options": options_text(about_equal=about_equal),
        }
