"""Analysis set of the flow through the trial: the allocation register and what the other extracts hold beside it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

SOURCES = ("register", "cms", "insights", "police")
CODES = (
    "case_outcome",
    "early_closure_reason",
    "match_pair",
    "match_risk_level",
    "match_sex",
    "match_age_band",
    "match_needs",
)
FLAGS = (
    "completed",
    "allocated_long_enough",
    "intake_form",
    "both_forms",
    "in_police_time",
    "matched",
    "police_found",
    "in_cms",
)


def derive(
    tables: Mapping[str, pd.DataFrame], *, months_allocated: int, cutoff_date: str, police_cutoff_date: str
) -> pd.DataFrame:
    """Put the stages of every allocated person beside the records found in the other extracts.

    Parameters
    ----------
    tables : mapping
        `allocation_register`, `cms_cases`, `insights_intake`, `insights_exit`, `police_subjects`, typed.
    months_allocated : int
    cutoff_date, police_cutoff_date : str
        Days (ISO) by which so many calendar months from allocation must have passed, for the case file and
        Insights samples and for the police sample.

    Returns
    -------
    DataFrame, one row per record
        `source` (`register`: a victim/survivor with the linked perpetrator; `cms`, `insights`, `police`: a record of
        that extract), `case_id`, `perpetrator_id`, `victim_id`, `arm`, `site`, `data_origin`, `case_outcome`,
        `early_closure_reason`, `match_*`, the flags of `FLAGS` (boolean) and `from_<source>`.
        `setting_*` and `first_month` are the same in every row; `planned_months` is there for case file rows.

    Notes
    -----
    Only `perpetrator_id` leads from the register to another extract (the case file, flag `in_cms`); Insights and
    police records carry ids of their own, so they stand as rows and are compared by their number.
    """
    months, limit = pd.DateOffset(months=months_allocated), pd.Timestamp(cutoff_date)
    police_limit = pd.Timestamp(police_cutoff_date)
    parts = [
        _register(tables["allocation_register"], tables["cms_cases"], months, limit, police_limit),
        _cms(tables["cms_cases"], months, limit),
        _insights(tables["insights_intake"], tables["insights_exit"]),
        _police(tables["police_subjects"], months, police_limit),
    ]
    flow = pd.concat(parts, ignore_index=True)
    for flag in FLAGS:
        flow[flag] = flow[flag].fillna(False).astype(bool)
    for source in SOURCES:
        flow[f"from_{source}"] = flow["source"] == source
    flow["setting_months_allocated"] = months_allocated
    flow["setting_cutoff_date"] = int(limit.strftime("%Y%m%d"))
    flow["setting_cutoff_month"] = int(limit.strftime("%Y%m"))
    flow["first_month"] = int(tables["allocation_register"]["allocation_date"].min().strftime("%Y%m"))
    return flow


def _common(table: pd.DataFrame, source: str, case_id: str) -> pd.DataFrame:
    records = pd.DataFrame({"source": source, "case_id": table[case_id].astype("str")}, index=table.index)
    records["arm"] = table["arm"].astype("str") if "arm" in table else "drive"
    records["site"] = table["site"].astype("str")
    records["data_origin"] = table["data_origin"].astype("str") if "data_origin" in table else "delivered"
    return records


def _register(
    register: pd.DataFrame, cases: pd.DataFrame, months: pd.DateOffset, limit: pd.Timestamp, police_limit: pd.Timestamp
) -> pd.DataFrame:
    people = _common(register, "register", "allocation_id")
    drive = people["arm"] == "drive"
    due = register["allocation_date"] + months
    people["perpetrator_id"], people["victim_id"] = register["perpetrator_id"], register["victim_id"]
    for column in CODES:
        people[column] = register[column].astype("object")
    people["allocated_long_enough"] = due <= limit
    people["completed"] = (register["case_outcome"] == "completed") & people["allocated_long_enough"]
    # the forms of Drive victims/survivors count for the completed cases only; others were not looked up
    counted = ~drive | people["completed"]
    people["intake_form"] = counted & (register["insights_intake"] == "yes")
    people["both_forms"] = people["intake_form"] & (register["insights_exit"] == "yes")
    people["in_police_time"] = people["both_forms"] & (due <= police_limit)
    people["matched"] = register["match_pair"].notna()
    people["police_found"] = people["matched"] & (register["police_data"] == "found")
    people["in_cms"] = register["perpetrator_id"].isin(cases["su_id"])
    return people


def _cms(cases: pd.DataFrame, months: pd.DateOffset, limit: pd.Timestamp) -> pd.DataFrame:
    records = _common(cases, "cms", "su_id")
    records["perpetrator_id"] = cases["su_id"]
    start, planned = cases["allocation_date"], cases["planned_end_date"]
    records["completed"] = (start + months <= limit) & (cases["closure_date"] <= limit)
    calendar = (planned.dt.year - start.dt.year) * 12 + planned.dt.month - start.dt.month
    records["planned_months"] = calendar.astype("float64")
    return records


def _insights(intake: pd.DataFrame, exits: pd.DataFrame) -> pd.DataFrame:
    records = _common(intake, "insights", "case_id")
    records["intake_form"] = True
    records["both_forms"] = intake["case_id"].isin(exits["case_id"])
    return records


def _police(subjects: pd.DataFrame, months: pd.DateOffset, limit: pd.Timestamp) -> pd.DataFrame:
    records = _common(subjects, "police", "subject_id")
    records["police_found"] = True
    records["in_police_time"] = subjects["allocation_date"] + months <= limit
    return records
