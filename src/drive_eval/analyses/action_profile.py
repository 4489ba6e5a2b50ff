"""How actions divide over months, sites, kinds of work or agencies, with intervals that know of cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from drive_eval.results import WHOLE, options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    time: str,
    total: bool,
    empty: bool,
    top: int,
    cluster: str,
    ci_level: float,
) -> pd.DataFrame:
    """Share of actions with each code, the number of cases they come from, and the actions and cases in all.

    Parameters
    ----------
    cases : DataFrame, one row per action
        Uses `cluster`, `time` and the outcomes (text or category).
    outcomes : sequence of str
    time : str
        Column that splits the actions in time, for example the project year; empty for all together.
    total : bool
        Whether to add all times together (time `all`) beside each.
    empty : bool
        Whether to keep declared categories without actions; otherwise the codes are those that occur.
    top : int
        Adds the `top` most frequent codes together (term `top_<top>`), summed before rounding; 0 for none.
    cluster : str
        Column with the case, or whatever unit the actions come from.
    ci_level : float
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        Per outcome, time and code `proportion` (`n` with the code, `denominator` actions with a valid code,
        `n_missing` others) and `cases` (clusters with at least one such action). Once per time, with outcome and
        term `all`, `actions` and `cases` of everything.

    Raises
    ------
    ValueError
        If an action has no cluster or, where asked for, no time.

    Notes
    -----
    Actions of one case are alike, so the share is a ratio of two sums over cases: linearised variance between
    cases, t limits with cases - 1 degrees of freedom on the logit scale (Cochran 1977, Sampling Techniques, 6.4;
    Korn and Graubard 1998, Survey Methodology 24, 193-201). Method page `docs/methods/action_profile.md`.
    """
    for column in filter(None, (cluster, time)):
        if cases[column].isna().any():
            raise ValueError(f"{int(cases[column].isna().sum())} actions have no {column}")
    rows: list[dict[str, object]] = []
    for moment, actions in _times(cases, time=time, total=total):
        rows += [{"time": moment, **row} for row in _totals(actions, cluster)]
        for outcome in outcomes:
            codes = _codes(cases[outcome], empty=empty)
            rows += [
                {"outcome": outcome, "time": moment, **row}
                for row in _rows(actions, outcome, codes, top, cluster, ci_level)
            ]
    return result_frame({"analysis": "action_profile", **row} for row in rows)


def _times(cases: pd.DataFrame, *, time: str, total: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    if total or not time:
        yield WHOLE, cases
    if time:
        for moment, actions in cases.groupby(time, observed=True):
            yield str(moment), actions


def _codes(answers: pd.Series, *, empty: bool) -> list[str]:
    """Codes that occur, in declared order where there is one; with `empty` all declared ones."""
    present = set(answers.dropna().astype("str"))
    if isinstance(answers.dtype, pd.CategoricalDtype):
        return [str(code) for code in answers.cat.categories if empty or str(code) in present]
    return sorted(present)


def _totals(actions: pd.DataFrame, cluster: str) -> Iterator[dict[str, object]]:
    for measure, size in (("actions", len(actions)), ("cases", actions[cluster].nunique())):
        yield {"estimate": size, "measure": measure, "unit": measure, "method": f"count of {measure}"}


def _rows(
    actions: pd.DataFrame, outcome: str, codes: Sequence[str], top: int, cluster: str, ci_level: float
) -> Iterator[dict[str, object]]:
    answers = actions[outcome].astype("object")
    valid = actions[answers.notna()]
    words = answers.dropna().astype("str")
    base = valid.groupby(cluster).size()
    named = {code: [code] for code in codes}
    if top:
        leaders = sorted(words.value_counts().index, key=lambda code: (-int((words == code).sum()), code))[:top]
        named[f"top_{top}"] = leaders
    for term, wanted in named.items():
        chosen = words.isin(wanted)
        counts = chosen.groupby(valid[cluster]).sum().reindex(base.index)
        place: dict[str, object] = {"term": term, "note": ", ".join(wanted) if wanted != [term] else ""}
        yield place | {"n_missing": len(actions) - len(valid), **_share(counts, base, ci_level)}
        yield place | {
            "estimate": int((counts > 0).sum()),
            "measure": "cases",
            "unit": "cases",
            "method": "count of cases with at least one such action",
            "options": options_text(cluster=cluster),
        }


def _share(counts: pd.Series, base: pd.Series, ci_level: float) -> dict[str, object]:
    """The share of actions, its standard error between cases and logit limits."""
    number, size, clusters = int(counts.sum()), int(base.sum()), len(base)
    share = number / size if size else None
    row: dict[str, object] = {
        "n": number,
        "denominator": size,
        "estimate": share,
        "measure": "proportion",
        "unit": "share",
        "method": "share of actions, interval between cases",
        "options": options_text(base="actions with a valid code", interval="logit, linearised, clusters are cases"),
    }
    if share is None or clusters < 2 or share in (0.0, 1.0):
        reason = "no actions in the base" if share is None else "no interval: one case, or none or all of the actions"
        return row | {"note": reason}
    return row | _limits(counts.to_numpy(float), base.to_numpy(float), share, ci_level)


def _limits(counts: object, base: object, share: float, ci_level: float) -> dict[str, object]:
    import numpy as np
    from scipy.stats import t

    numbers, sizes = np.asarray(counts), np.asarray(base)
    clusters = len(sizes)
    residuals = numbers - share * sizes
    error = float(np.sqrt(clusters / (clusters - 1) * (residuals**2).sum()) / sizes.sum())
    reach = float(t.ppf(0.5 + ci_level / 2, clusters - 1)) * error / (share * (1 - share))
    logit = np.log(share / (1 - share))
    low, high = (float(1 / (1 + np.exp(-(logit + side * reach)))) for side in (-1, 1))
    return {"std_error": error, "ci_low": low, "ci_high": high, "ci_level": ci_level}
