"""Analysis set of the Drive DASH: score and unanswered items of each service user at each assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    item_prefix: str,
    times: Sequence[str],
    yes: str,
    gaps: Sequence[str],
    removed_from: int,
) -> pd.DataFrame:
    """Score each assessment and drop those with too many items that do not apply or are not known.

    Parameters
    ----------
    tables : mapping
        `cms_dash`, typed, one row per service user and time.
    item_prefix : str
        The items are the columns that begin so.
    times : sequence of str
        Assessments in their order.
    yes : str
        The answer that counts.
    gaps : sequence of str
        Answers that say nothing (not applicable, not known); a blank item counts as one too.
    removed_from : int
        An assessment with so many gaps or more is removed (rule R6).

    Returns
    -------
    DataFrame, one row per service user, in the order of `case_id`
        `case_id` (the `su_id`), `data_origin`; per time `gaps_<time>` (before removal), `removed_<time>` (`Int8`: 1
        removed, 0 kept, missing without an assessment) and `dash_<time>` (number of `yes`, missing if removed);
        `complete` (boolean: kept at all times). The rule itself travels with the set, the same in every row: `items`,
        `removed_from`, and `removed_from_share`, the second over the first.

    Raises
    ------
    ValueError
        If there is no item, or a service user has two assessments at one time.
    """
    forms = tables["cms_dash"]
    items = [column for column in forms.columns if column.startswith(item_prefix)]
    if not items:
        raise ValueError(f"no column begins with {item_prefix!r}")
    repeated = int(forms.duplicated(["su_id", "time"]).sum())
    if repeated:
        raise ValueError(f"{repeated} assessments repeat a service user and time")
    answers = forms[items].astype("object")
    scored = pd.DataFrame({"su_id": forms["su_id"], "time": forms["time"].astype("object")})
    scored["score"] = (answers == yes).sum(axis=1).astype("Int64")
    scored["gaps"] = (answers.isin(list(gaps)) | answers.isna()).sum(axis=1).astype("Int64")
    people = sorted(forms["su_id"].unique())
    cases = pd.DataFrame(index=pd.Index(people, name="case_id"))
    origin = forms.drop_duplicates("su_id").set_index("su_id")
    cases["data_origin"] = origin["data_origin"].astype("str") if "data_origin" in forms else "delivered"
    for time in times:
        here = scored[scored["time"] == time].set_index("su_id").reindex(people)
        removed = here["gaps"] >= removed_from
        cases[f"gaps_{time}"] = here["gaps"]
        cases[f"removed_{time}"] = removed.astype("Int8")
        cases[f"dash_{time}"] = here["score"].where(~removed.fillna(True).astype(bool))
    cases["complete"] = cases[[f"dash_{time}" for time in times]].notna().all(axis=1)
    cases["items"], cases["removed_from"] = len(items), removed_from
    cases["removed_from_share"] = removed_from / len(items)
    return cases.reset_index()
