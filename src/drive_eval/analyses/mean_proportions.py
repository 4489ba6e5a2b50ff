"""Mean over persons of each person's own proportion, per group and window, and its change between two windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drive_eval.analyses.frequencies import groups_of
from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    windows: Sequence[str],
    part: str,
    whole: str,
    by: str,
    before: str,
    after: str,
    compare: Sequence[str],
    no_change: float,
    ci_level: float,
) -> pd.DataFrame:
    """Average the proportion part / whole over persons and compare two windows.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the counts `<outcome>_<part>_<window>` and `<outcome>_<whole>_<window>`.
    outcomes, windows : sequence of str
    part, whole : str
        Words in the column names, for example `criminal` and `all`.
    by : str
        Grouping column.
    before, after : str
        The two windows that are compared.
    compare : sequence of two str
        Groups whose changes are compared, the first minus the second.
    no_change : float
        A relative change of at most this size counts as none.
    ci_level : float
        Confidence level of the t intervals, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Per outcome, group and window: `mean_proportion` (n persons with an event; `n_missing` those without, whose
        proportion is not defined), `<part>` and `<whole>` (number of events) and `pooled_proportion` (extension).
        Per outcome, group (and `all`): `with_event`, persons with an event in any window. Time `<before>_to_<after>`:
        `relative_reduction` of `mean_proportion` and of `<part>`; `no_change` (measure `holds`: neither changes by
        more than the limit) and the limit itself; extensions on persons defined in both windows: `mean_change`
        (after minus before, paired t) and `wilcoxon`. `mean_change` of group `<first>_minus_<second>`
        compares the changes of the two groups (Welch, extension).

    Raises
    ------
    ValueError
        If a person has no group or a part exceeds its whole.

    Notes
    -----
    The two relative reductions answer different questions: the number of criminal events may fall while their share
    does not (Y10). Wilcoxon: zero changes left out, normal approximation with tie and continuity correction;
    `statistic` is the sum of ranks of the rises (V in R). Method page `docs/methods/mean_proportions.md`.
    """
    if cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    rows: list[dict[str, object]] = []
    for outcome in outcomes:
        parts, wholes = (
            pd.DataFrame({window: cases[f"{outcome}_{word}_{window}"].astype("float64") for window in windows})
            for word in (part, whole)
        )
        if (parts > wholes).any(axis=None):
            raise ValueError(
                f"{outcome}: {int((parts > wholes).any(axis=1).sum())} persons have more {part} than {whole}"
            )
        shares = parts / wholes.where(wholes > 0)
        changes = {}
        for group, members in groups_of(cases, by=by, total=True):
            place = {"outcome": outcome, "group": group}
            here = members.index
            some = (wholes.loc[here] > 0).any(axis=1)
            rows.append({**place, **_with_event(some)})
            if group == "all":
                continue
            for window in windows:
                numbers = (parts.loc[here, window], wholes.loc[here, window], shares.loc[here, window])
                rows += [{**place, "time": window, **row} for row in _window(*numbers, part, whole, ci_level)]
            place["time"] = f"{before}_to_{after}"
            means = (shares.loc[here, before].mean(), shares.loc[here, after].mean())
            totals = (parts.loc[here, before].sum(), parts.loc[here, after].sum())
            rows += [{**place, **row} for row in _reductions(means, totals, part, no_change)]
            change = (shares.loc[here, after] - shares.loc[here, before]).dropna()
            changes[group] = change.to_numpy()
            rows += [{**place, **row} for row in _paired(change, len(here), ci_level)]
        time = f"{before}_to_{after}"
        rows.append({"outcome": outcome, "time": time, **_between(changes, compare[0], compare[1], ci_level)})
    return result_frame({"analysis": "mean_proportions", **row} for row in rows)


def _with_event(some: pd.Series) -> dict[str, object]:
    return {
        "term": "with_event",
        "n": int(some.sum()),
        "denominator": len(some),
        "estimate": int(some.sum()),
        "measure": "count",
        "unit": "persons",
        "method": "persons with an event in any window",
    }


def _window(
    parts: pd.Series, wholes: pd.Series, shares: pd.Series, part: str, whole: str, ci_level: float
) -> Iterator[dict[str, object]]:
    from scipy.stats import t

    defined = shares.dropna().to_numpy()
    size = len(defined)
    row: dict[str, object] = {
        "term": "mean_proportion",
        "n": size,
        "denominator": size,
        "n_missing": len(shares) - size,
        "estimate": float(defined.mean()) if size else None,
        "measure": "mean_proportion",
        "unit": "share",
        "method": "mean of person-level proportions",
        "options": options_text(undefined="left out", interval="t"),
        "note": "" if size else "no person has an event in this window",
    }
    if size > 1:
        error = float(defined.std(ddof=1)) / size**0.5
        reach = float(t.ppf(0.5 + ci_level / 2, size - 1)) * error
        mean = float(defined.mean())
        row |= {"std_error": error, "ci_low": mean - reach, "ci_high": mean + reach, "ci_level": ci_level}
    yield row
    for name, numbers in ((part, parts), (whole, wholes)):
        yield {"term": name, "estimate": float(numbers.sum()), "measure": "count", "unit": "events",
               "n": int(numbers.notna().sum()), "n_missing": int(numbers.isna().sum()),
               "method": "number of events"}  # fmt: skip
    total = float(wholes.sum())
    yield {
        "term": "pooled_proportion",
        "layer": "extension",
        "n": size,
        "estimate": float(parts.sum()) / total if total else None,
        "measure": "proportion",
        "unit": "share",
        "method": "share of all events, persons not told apart",
        "note": "" if total else "no events",
    }


def _reductions(
    means: tuple[float, float], totals: tuple[float, float], part: str, no_change: float
) -> Iterator[dict[str, object]]:
    reductions = []
    for term, (first, last) in (("mean_proportion", means), (part, totals)):
        defined = bool(first) and not np.isnan(first) and not np.isnan(last)
        reductions.append(float(1 - last / first) if defined else None)
        yield {
            "term": term,
            "estimate": reductions[-1],
            "measure": "relative_reduction",
            "unit": "share",
            "method": "relative reduction of the mean proportion"
            if term == "mean_proportion"
            else f"relative reduction of the number of {part} events",
            "note": "" if defined else "not defined: nothing in the earlier window",
        }
    steady = all(reduction is not None and abs(reduction) <= no_change for reduction in reductions)
    rule = {"options": options_text(no_change=no_change), "term": "no_change"}
    yield {**rule, "estimate": float(steady), "measure": "holds", "unit": "truth",
           "method": "neither the mean proportion nor the number changes by more than the limit"}  # fmt: skip
    yield {**rule, "term": "no_change_limit", "estimate": no_change, "measure": "setting", "unit": "share",
           "method": "setting in use"}  # fmt: skip


def _paired(change: pd.Series, people: int, ci_level: float) -> Iterator[dict[str, object]]:
    from scipy.stats import rankdata, t, wilcoxon

    numbers = change.to_numpy()
    size = len(numbers)
    place: dict[str, object] = {"layer": "extension", "n": size, "n_missing": people - size}
    spread = float(numbers.std(ddof=1)) if size > 1 else 0.0
    row = {**place, "term": "mean_change", "measure": "mean_difference", "unit": "share", "method": "paired t"}
    row["estimate"] = float(numbers.mean()) if size else None
    if spread:
        error = spread / size**0.5
        reach = float(t.ppf(0.5 + ci_level / 2, size - 1)) * error
        mean = float(numbers.mean())
        row |= {"std_error": error, "ci_low": mean - reach, "ci_high": mean + reach, "ci_level": ci_level,
                "statistic": mean / error, "df": size - 1,
                "p_value": float(2 * t.sf(abs(mean / error), size - 1))}  # fmt: skip
    yield row | {"note": "" if spread else "changes do not vary: no test"}
    moved = numbers[numbers != 0]
    row = {**place, "term": "wilcoxon", "method": "Wilcoxon signed rank, normal approximation",
           "options": options_text(zeros="left out", correction=True, exact=False)}  # fmt: skip
    if len(moved):
        ranks = rankdata(np.abs(moved))
        found = wilcoxon(moved, zero_method="wilcox", correction=True, method="approx")
        row |= {"statistic": float(ranks[moved > 0].sum()), "p_value": float(found.pvalue)}
    yield row | {"note": f"{size - len(moved)} without a change left out"}


def _between(changes: dict[str, np.ndarray], first: str, second: str, ci_level: float) -> dict[str, object]:
    """Welch's t on the changes: whether one group changed more than the other."""
    from scipy.stats import ttest_ind

    one, other = changes.get(first, np.array([])), changes.get(second, np.array([]))
    row: dict[str, object] = {
        "group": f"{first}_minus_{second}",
        "term": "mean_change",
        "layer": "extension",
        "n": len(one) + len(other),
        "measure": "mean_difference",
        "unit": "share",
        "method": "difference of mean changes, Welch",
        "options": options_text(equal_variances=False),
    }
    if min(len(one), len(other)) < 2:
        return row | {"note": "fewer than two persons in a group"}
    found = ttest_ind(one, other, equal_var=False)
    limits = found.confidence_interval(ci_level)
    return row | {
        "estimate": float(one.mean() - other.mean()),
        "ci_low": float(limits.low),
        "ci_high": float(limits.high),
        "ci_level": ci_level,
        "statistic": float(found.statistic),
        "df": float(found.df),
        "p_value": float(found.pvalue),
    }
