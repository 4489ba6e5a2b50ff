"""How often each answer occurs, in all and per group, with the base stated and missing answers counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from drive_eval.analyses.intervals import wilson
from drive_eval.results import WHOLE, options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    by: str,
    total: bool,
    base: str,
    missing: Sequence[str],
    ci_level: float,
) -> pd.DataFrame:
    """Count each code of each outcome.

    Parameters
    ----------
    cases : DataFrame, one row per unit counted (person, form, action)
        Uses `by` and the outcomes (category, text, boolean or 0/1).
    outcomes : sequence of str
    by : str
        Grouping column; empty for everybody together.
    total : bool
        Whether to add everybody together (group `all`) beside the groups.
    base : str
        `valid`: percentages of valid answers. `everybody`: of all rows, with a row `missing` for the others.
    missing : sequence of str
        Codes that stand for a missing answer, beside blank ones.
    ci_level : float
        Confidence level of the Wilson interval, 0 to 1.

    Returns
    -------
    DataFrame, result columns
        One row per outcome, group and code (`term`; booleans and 0/1 become `yes` and `no`): `n` with the code,
        `denominator` the base, `n_missing`, `estimate` the share. A declared category that nobody has is there
        with `n` 0.

    Raises
    ------
    ValueError
        If `base` is unknown or a row has no group.

    Notes
    -----
    Method page `docs/methods/frequencies.md`.
    """
    if base not in ("valid", "everybody"):
        raise ValueError(f"base is 'valid' or 'everybody', not {base!r}")
    if by and cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    rows: list[dict[str, object]] = []
    for group, members in groups_of(cases, by=by, total=total):
        for outcome in outcomes:
            answers = _words(cases[outcome]).loc[members.index]
            valid = answers[answers.notna() & ~answers.isin(list(missing))]
            codes = [code for code in _codes(cases[outcome]) if code not in missing]
            counts = {code: int((valid == code).sum()) for code in codes}
            if base == "everybody":
                counts["missing"] = len(answers) - len(valid)
            size = len(valid) if base == "valid" else len(answers)
            place = {"outcome": outcome, "group": group, "n_missing": len(answers) - len(valid)}
            rows += [{**place, **row} for row in _rows(counts, size, base, ci_level)]
    return result_frame({"analysis": "frequencies", **row} for row in rows)


def groups_of(cases: pd.DataFrame, *, by: str, total: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    """Everybody (`all`) where asked for or where there is no grouping, then each group that is there."""
    if total or not by:
        yield WHOLE, cases
    if by:
        for group, members in cases.groupby(by, observed=True):
            yield str(group), members


def _rows(counts: Mapping[str, int], size: int, base: str, ci_level: float) -> Iterator[dict[str, object]]:
    for code, count in counts.items():
        low, high = wilson(count, size, ci_level)
        yield {
            "term": code,
            "n": count,
            "denominator": size,
            "estimate": count / size if size else None,
            "measure": "proportion",
            "unit": "share",
            "ci_low": low,
            "ci_high": high,
            "ci_level": ci_level,
            "method": f"share of {'valid answers' if base == 'valid' else 'everybody'}, Wilson interval",
            "options": options_text(base=base, interval="wilson"),
            "note": "" if size else "nobody in the base",
        }


def _words(answers: pd.Series) -> pd.Series:
    """Answers as text; booleans and 0/1 as yes and no."""
    if pd.api.types.is_bool_dtype(answers) or set(answers.dropna().unique()) <= {0, 1}:
        return answers.astype("Int8").astype("object").map({1: "yes", 0: "no"})  # a plain bool would map to nothing
    return answers.astype("object").where(answers.notna())


def _codes(answers: pd.Series) -> list[str]:
    """Declared categories in their order, else the values in theirs."""
    if isinstance(answers.dtype, pd.CategoricalDtype):
        return [str(code) for code in answers.cat.categories]
    words = _words(answers)
    return ["yes", "no"] if set(words.dropna()) <= {"yes", "no"} else sorted(words.dropna().astype("str").unique())
