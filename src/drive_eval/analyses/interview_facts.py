"""Facts of the interviews that are no frequencies: people, sites, kinds, and statements about a majority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from drive_eval.analyses.frequencies import groups_of
from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame,
    *,
    outcome: str,
    by: str,
    site: str,
    sites_reporting: Sequence[str],
    kinds: Mapping[str, Sequence[str]],
    more_than: Mapping[str, float],
) -> pd.DataFrame:
    """Count interviews and people, sites that report something, and kinds of things reported.

    Parameters
    ----------
    cases : DataFrame, one row per interview
        Uses `person_id`, `by`, `site` and the columns named (`yes`, other codes, or missing).
    outcome : str
        Who was interviewed, for the key.
    by, site : str
        Grouping column and the column of the site.
    sites_reporting : sequence of str
        Columns: in how many sites at least one interview says `yes`.
    kinds : mapping of name to columns
        How many of the columns have any `yes`, per group, and how many an interview names on average.
    more_than : mapping of column to share
        Whether `yes` is more than this share of valid answers.

    Returns
    -------
    DataFrame, result columns
        `interviews` (replication) and `people` (extension; a person counts once) per group and in all; per column
        `sites_with_any`; per name of `kinds` and group `kinds` and `kinds_per_interview` (extension); per column
        of `more_than` `threshold` (measure `setting`) and `more_than` (measure `holds`, 1 or 0).

    Notes
    -----
    `not_known` and blanks are no valid answers; `unsure` is a valid answer and no `yes`. Method page
    `docs/methods/interview_facts.md`.
    """
    rows: list[dict[str, object]] = []
    for group, members in groups_of(cases, by=by, total=True):
        place = {"outcome": outcome, "group": group, "measure": "count", "denominator": len(cases)}
        rows.append({**place, "term": "interviews", "n": len(members), "estimate": len(members),
                     "unit": "interviews", "method": "count of interviews"})  # fmt: skip
        people = int(members["person_id"].nunique())
        rows.append({**place, "term": "people", "n": people, "estimate": people, "unit": "persons",
                     "layer": "extension", "method": "count of different people"})  # fmt: skip
        for name, columns in kinds.items():
            rows += _kinds(members, name, columns, group)
    rows += [_sites(cases, column, site) for column in sites_reporting]
    for column, share in more_than.items():
        rows += _more_than(cases[column], column, share)
    return result_frame({"analysis": "interview_facts", **row} for row in rows)


def _kinds(members: pd.DataFrame, name: str, columns: Sequence[str], group: str) -> Iterator[dict[str, object]]:
    named = members[list(columns)].astype("object") == "yes"
    asked = members[list(columns)].notna().any(axis=1)
    place = {"outcome": name, "group": group, "options": options_text(columns=list(columns))}
    seen = int(named.any().sum())
    yield {**place, "term": "kinds", "n": seen, "denominator": len(columns), "estimate": seen, "measure": "count",
           "unit": "kinds", "method": "kinds that any interview names"}  # fmt: skip
    yield {**place, "term": "kinds_per_interview", "n": int(asked.sum()), "n_missing": int((~asked).sum()),
           "estimate": float(named[asked].sum(axis=1).mean()) if asked.any() else None, "measure": "mean",
           "unit": "kinds", "layer": "extension", "method": "mean number of kinds per interview",
           "note": "" if asked.any() else "nobody was asked"}  # fmt: skip


def _sites(cases: pd.DataFrame, column: str, site: str) -> dict[str, object]:
    count = int(cases.loc[cases[column].astype("object") == "yes", site].nunique())
    return {
        "outcome": column,
        "term": "sites_with_any",
        "n": count,
        "denominator": int(cases[site].nunique()),
        "n_missing": int(cases[column].isna().sum()),
        "estimate": count,
        "measure": "count",
        "unit": "sites",
        "method": "sites in which at least one interview says so",
    }


def _more_than(answers: pd.Series, column: str, share: float) -> Iterator[dict[str, object]]:
    valid = answers.astype("object").where(answers.notna())
    valid = valid[valid.notna() & (valid != "not_known")]
    count = int((valid == "yes").sum())
    place = {"outcome": column, "n": count, "denominator": len(valid), "n_missing": len(answers) - len(valid),
             "options": options_text(more_than=share)}  # fmt: skip
    yield {**place, "term": "threshold", "estimate": share, "measure": "setting", "unit": "share",
           "method": "setting in use"}  # fmt: skip
    yield {**place, "term": "more_than", "estimate": float(bool(len(valid)) and count / len(valid) > share),
           "measure": "holds", "unit": "truth", "method": f"more than {share:g} of valid answers"}  # fmt: skip
