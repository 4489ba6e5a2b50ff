"""Analysis set of police incidents: counts per subject, kind of incident and window around allocation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from drive_eval.errors import UserError


class PoliceTablesDisagree(UserError):
    """Incidents and subjects of the police extract do not fit together; the message counts the rows."""


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    windows: Mapping[str, Sequence[int]],
    date: str,
    kinds: Mapping[str, str],
    months_allocated: int,
    cutoff_date: str,
) -> pd.DataFrame:
    """Count incidents per subject, kind and window.

    Parameters
    ----------
    tables : mapping
        `police_subjects` (one row per subject) and `police_incidents` (one row per incident), typed.
    windows : mapping of name to two whole numbers
        First month and the month after the last, counted from allocation in calendar months: ``[-6, 0]`` is the six
        months before. The day of allocation belongs to the window that starts at 0.
    date : str
        Column of the day that counts.
    kinds : mapping of name to code
        Kind of incident by `dva_flag`; incidents with another or no code belong to no kind and are counted.
    months_allocated : int
    cutoff_date : str
        A subject is eligible if so many months from allocation had passed by this day (ISO).

    Returns
    -------
    DataFrame, one row per subject, sorted by `case_id`
        `case_id`, `arm`, `site`, `data_origin`, `eligible`; per kind and window `<kind>_criminal_<window>` and
        `<kind>_all_<window>` (`Int64`; missing where the search does not cover the window); `no_kind` incidents in
        a window without a kind; `setting_*`, the settings used, the same in every row.

    Raises
    ------
    PoliceTablesDisagree
        If an incident has no subject, or its arm is not that of its subject.
    """
    subjects = tables["police_subjects"].set_index("subject_id").sort_index()
    incidents = _linked(tables["police_incidents"], subjects)
    start = subjects["allocation_date"]
    cases = pd.DataFrame(index=subjects.index.rename("case_id"))
    cases["arm"] = subjects["arm"].astype("str")
    cases["site"] = subjects["site"].astype("str")
    cases["data_origin"] = subjects["data_origin"].astype("str") if "data_origin" in subjects else "delivered"
    cases["eligible"] = start + pd.DateOffset(months=months_allocated) <= pd.Timestamp(cutoff_date)
    cases["no_kind"] = 0
    flags = incidents["dva_flag"].astype("object")
    for window, (first, after) in windows.items():
        opens, closes = (incidents["allocation_date"] + pd.DateOffset(months=month) for month in (first, after))
        inside = (incidents[date] >= opens) & (incidents[date] < closes)
        searched = (subjects["searched_from"] <= start + pd.DateOffset(months=first)) & (
            subjects["searched_to"] >= start + pd.DateOffset(months=after) - pd.Timedelta(days=1)
        )
        for kind, code in kinds.items():
            of_kind = inside & (flags == code)
            for name, chosen in (("criminal", of_kind & (incidents["criminal"] == "yes")), ("all", of_kind)):
                counts = _per_subject(incidents[chosen], cases.index)
                cases[f"{kind}_{name}_{window}"] = counts.astype("Int64").where(searched)
        cases["no_kind"] += _per_subject(incidents[inside & ~flags.isin(list(kinds.values()))], cases.index)
        cases[f"setting_{window}_months"] = after - first
    cases["setting_windows"] = len(windows)
    cases["setting_months_allocated"] = months_allocated
    cases["setting_cutoff_date"] = int(pd.Timestamp(cutoff_date).strftime("%Y%m%d"))
    return cases.reset_index()


def _linked(incidents: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """Incidents with the allocation date of their subject."""
    orphans = ~incidents["subject_id"].isin(subjects.index)
    if orphans.any():
        raise PoliceTablesDisagree(
            f"police_incidents: {int(orphans.sum())} incidents of a person who is not in police_subjects; "
            "deliver both files from one download"
        )
    arms = incidents["subject_id"].map(subjects["arm"].astype("str"))
    crossed = arms != incidents["arm"].astype("str")
    if crossed.any():
        raise PoliceTablesDisagree(
            f"police_incidents: {int(crossed.sum())} incidents name another arm than police_subjects; "
            "correct the arm by the allocation register"
        )
    return incidents.assign(allocation_date=incidents["subject_id"].map(subjects["allocation_date"]))


def _per_subject(incidents: pd.DataFrame, subjects: pd.Index) -> pd.Series:
    return incidents.groupby("subject_id").size().reindex(subjects, fill_value=0)
