"""Analysis set of the work done in each closed case: length, contacts and the agencies worked with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    length_bands: Mapping[str, int],
    planned_months: int,
    worked_with: Mapping[str, Sequence[str]],
    categories: Sequence[str],
) -> pd.DataFrame:
    """Sum up the actions and contacts of each case.

    Parameters
    ----------
    tables : mapping
        `cms_cases` (one row per `su_id`), `cms_actions`, `cms_contacts`, typed.
    length_bands : mapping of name to number
        First month of each band of `months_open`, shortest first; the first band starts at 0.
    planned_months : int
        Planned length; `ran_over` marks cases closed in a later month.
    worked_with : mapping of name to sequence of str
        Agencies that count for `worked_with_<name>`; pooled names list several.
    categories : sequence of str
        Kinds of work for which `any_<category>` says whether the case has an action of it.

    Returns
    -------
    DataFrame, one row per case, in the order of `case_id` (the service user)
        `site`, `data_origin`, `months_open`, `length_band` (category), `ran_over`, `has_step_down` (booleans),
        `step_down` (`Int8`), `step_down_months`, `contacts`, `contacted` (`Int8`), `is_contacted` (boolean) and the
        `any_` and `worked_with_` columns (`Int8`). Actions of either project year count.

    Raises
    ------
    ValueError
        If the bands do not start at 0 or do not rise.
    """
    starts = list(length_bands.values())
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise ValueError(f"length bands start at 0 and rise, not {starts}")
    found = tables["cms_cases"].set_index("su_id").sort_index().rename_axis("case_id")
    actions, contacts = tables["cms_actions"], tables["cms_contacts"]
    cases = pd.DataFrame(index=found.index)
    cases["site"] = found["site"]
    cases["data_origin"] = found["data_origin"].astype("str") if "data_origin" in found else "delivered"
    cases["months_open"] = found["months_open"]
    cases["length_band"] = pd.cut(
        found["months_open"].astype("float64"), [*starts, float("inf")], right=False, labels=list(length_bands)
    )
    cases["ran_over"] = (found["months_open"] > planned_months).fillna(False).astype(bool)
    cases["step_down"] = found["step_down"].astype("object").map({"yes": 1, "no": 0}).astype("Int8")
    cases["has_step_down"] = cases["step_down"].eq(1).fillna(False).astype(bool)
    cases["step_down_months"] = found["step_down_months"]
    cases["contacts"] = contacts.groupby("su_id").size().reindex(found.index).fillna(0).astype("Int64")
    cases["is_contacted"] = (cases["contacts"] > 0).astype(bool)
    cases["contacted"] = cases["is_contacted"].astype("Int8")
    for category in categories:
        cases[f"any_{category}"] = _has(actions["category"].isin([category]), actions, found.index)
    for name, agencies in worked_with.items():
        cases[f"worked_with_{name}"] = _has(actions["agency"].isin(list(agencies)), actions, found.index)
    return cases.reset_index()


def _has(chosen: pd.Series, actions: pd.DataFrame, case_ids: pd.Index) -> pd.Series:
    """Whether each case has at least one of the chosen actions, as 1 or 0."""
    return pd.Series(case_ids.isin(actions.loc[chosen, "su_id"]).astype("int8"), index=case_ids).astype("Int8")
