"""Analysis set of actions: one row per action that a case manager recorded, with the groups it is counted in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    pooled: Mapping[str, Sequence[str]],
    main_agencies: Sequence[str],
    rest: str,
    flags: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """Take over the actions and mark the groups they belong to.

    Parameters
    ----------
    tables : mapping
        `cms_actions` and `cms_cases`, typed; `month` is the month of the case, counted from 1.
    pooled : mapping of name to sequence of str
        Agencies that `agency_pooled` puts together, for example the two probation services.
    main_agencies : sequence of str
        Codes of `agency_pooled` that `agency_main` keeps; all others become `rest`.
    rest : str
        Name of all other agencies in `agency_main`.
    flags : mapping of name to column and code
        Boolean columns to add: each marks the actions that have the given code in every column named.

    Returns
    -------
    DataFrame, one row per action, in the order of `action_id`
        `action_id`, `case_id`, `data_origin`, `site`, `project_year`, `work_type`, `category`, `purpose`, `agency`,
        `agency_pooled`, `agency_main` (text, missing where no agency is named), `month` (category of all months to
        the last one in which any case was open, so that months without actions are counted too) and the flags.
    """
    actions = tables["cms_actions"].sort_values("action_id", ignore_index=True)
    last = int(max(actions["month"].max(), tables["cms_cases"]["months_open"].max()))
    log = actions[["action_id"]].copy()
    log["case_id"] = actions["su_id"]
    log["data_origin"] = actions["data_origin"].astype("str") if "data_origin" in actions else "delivered"
    for column in ("site", "project_year", "work_type", "category", "purpose", "agency"):
        log[column] = actions[column].astype("object").where(actions[column].notna(), None)
    group = {agency: name for name, agencies in pooled.items() for agency in agencies}
    known = log["agency"].where(~log["agency"].isin(["not_known"]), None)
    log["agency"] = known
    log["agency_pooled"] = known.map(lambda agency: group.get(agency, agency), na_action="ignore")
    log["agency_main"] = log["agency_pooled"].map(
        lambda agency: agency if agency in main_agencies else rest, na_action="ignore"
    )
    months = [str(month) for month in range(1, last + 1)]
    log["month"] = pd.Categorical(actions["month"].astype("str"), categories=months, ordered=True)
    for flag, codes in flags.items():
        marked = pd.Series(data=True, index=log.index)
        for column, code in codes.items():
            marked &= log[column].eq(code).fillna(False).astype(bool)
        log[flag] = marked
    return log
