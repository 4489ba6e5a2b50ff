"""Which groups the people with an outcome come from (composition), and how common it is in each (prevalence)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from drive_eval.results import WHOLE, options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    times: Sequence[str],
    by: str,
    small: float,
    unchanged: float,
) -> pd.DataFrame:
    """Composition of the people with each outcome by group, prevalence within group, and their change.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the columns `<outcome>_<time>` (0, 1 or missing).
    outcomes, times : sequence of str
        Change is from the first to the last time.
    by : str
        Grouping column.
    small : float
        A reduction of a group's part from 0 to this share counts as small.
    unchanged : float
        A part that changes by at most this share, either way, counts as unchanged.

    Returns
    -------
    DataFrame, result columns
        Per outcome, time and group, measure `proportion`: term `composition` (`n` with the outcome in the group,
        `denominator` all with it) and `prevalence` (`denominator` valid answers of the group; extension). From first
        to last time, measure `relative_reduction` of each. Outcome `all_outcomes`: term `uses`, measure `count`
        (outcomes that people have, added up) per time, for groups and `all`; term `composition`, measure
        `mean_reduction` over the outcomes; terms `small_reduction` and `no_change`, measure `holds`, 1 if that is so
        for every outcome.

    Raises
    ------
    ValueError
        If a row has no group or a value other than 0, 1 or missing occurs.

    Notes
    -----
    The report's class statements hold for composition and cannot hold for prevalence (Y26). Method page
    `docs/methods/composition.md`.
    """
    if cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    for outcome in outcomes:
        for time in times:
            answers = cases[f"{outcome}_{time}"].dropna()
            if not answers.isin([0, 1]).all():
                raise ValueError(f"{outcome}, {time}: a value other than 0, 1 or missing")
    rows: list[dict[str, Any]] = []
    groups = [str(group) for group, _ in cases.groupby(by, observed=True)]
    span = f"{times[0]}_to_{times[-1]}"
    reductions: dict[str, list[float | None]] = {group: [] for group in groups}
    for outcome in outcomes:
        tables = {time: _counts(cases, f"{outcome}_{time}", by) for time in times}
        for group in groups:
            place = {"outcome": outcome, "group": group}
            for time, table in tables.items():
                rows += [{**place, "time": time, **row} for row in _parts(table, group)]
            change = _changes(tables, group, times)
            reductions[group].append(change[0]["estimate"])
            rows += [{**place, "time": span, **row} for row in change]
    rows += _uses(cases, outcomes, times, by, groups)
    for group in groups:
        rows += [
            {"outcome": "all_outcomes", "group": group, "time": span, **row}
            for row in _statements(reductions[group], small, unchanged)
        ]
    return result_frame({"analysis": "composition", **row} for row in rows)


def _counts(cases: pd.DataFrame, column: str, by: str) -> dict[str, tuple[int, int]]:
    """People with the outcome and valid answers, per group and (`all`) together."""
    found = {}
    valid = cases[cases[column].notna()]
    for group, members in cases.groupby(by, observed=True):
        inside = valid[column].loc[valid.index.isin(members.index)]
        found[str(group)] = (int((inside == 1).sum()), len(inside))
    found[WHOLE] = (sum(yes for yes, _ in found.values()), sum(base for _, base in found.values()))
    return found


def _parts(table: Mapping[str, tuple[int, int]], group: str) -> Iterator[dict[str, Any]]:
    yes, valid = table[group]
    for term, base, layer, method in (
        ("composition", table[WHOLE][0], "replication", "part of the people with the outcome who are of the group"),
        ("prevalence", valid, "extension", "share with the outcome among valid answers of the group"),
    ):
        yield {
            "term": term,
            "n": yes,
            "denominator": base,
            "estimate": yes / base if base else None,
            "measure": "proportion",
            "unit": "share",
            "layer": layer,
            "method": method,
            "options": options_text(base="people with the outcome" if term == "composition" else "valid answers"),
            "note": "" if base else "nobody in the base",
        }


def _changes(
    tables: Mapping[str, Mapping[str, tuple[int, int]]], group: str, times: Sequence[str]
) -> list[dict[str, Any]]:
    shares = {
        time: {row["term"]: row["estimate"] for row in _parts(tables[time], group)} for time in (times[0], times[-1])
    }
    made = []
    for term, layer in (("composition", "replication"), ("prevalence", "extension")):
        first, last = (shares[time][term] for time in (times[0], times[-1]))
        defined = bool(first) and last is not None
        made.append(
            {
                "term": term,
                "estimate": 1 - last / first if defined else None,
                "measure": "relative_reduction",
                "unit": "share",
                "layer": layer,
                "method": f"relative reduction of the {term}",
                "note": "" if defined else "not defined: nobody had it at the first time",
            }
        )
    return made


def _uses(
    cases: pd.DataFrame, outcomes: Sequence[str], times: Sequence[str], by: str, groups: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for group in (WHOLE, *groups):
        members = cases if group == WHOLE else cases[cases[by].astype("str") == group]
        counts = {time: int(sum((members[f"{outcome}_{time}"] == 1).sum() for outcome in outcomes)) for time in times}
        place = {"outcome": "all_outcomes", "group": group, "term": "uses", "method": "people added over the outcomes"}
        for time, count in counts.items():
            yield {**place, "time": time, "estimate": count, "measure": "count"}
        first, last = counts[times[0]], counts[times[-1]]
        yield {
            **place,
            "time": f"{times[0]}_to_{times[-1]}",
            "estimate": 1 - last / first if first else None,
            "measure": "relative_reduction",
            "unit": "share",
        }


def _statements(reductions: Sequence[float | None], small: float, unchanged: float) -> Iterator[dict[str, Any]]:
    known = [value for value in reductions if value is not None]
    if len(known) < len(reductions):
        return
    mean = sum(known) / len(known)
    method = "mean relative reduction of the composition over the outcomes"
    yield {"term": "composition", "estimate": mean, "measure": "mean_reduction", "unit": "share", "method": method}
    for term, holds, limit in (
        ("small_reduction", all(0 <= value <= small for value in known), small),
        ("no_change", all(abs(value) <= unchanged for value in known), unchanged),
    ):
        yield {
            "term": term,
            "estimate": float(holds),
            "measure": "holds",
            "method": "statement on the composition, true for every outcome",
            "options": options_text(limit=limit),
        }
