"""Analysis set of the support by the adviser: its length, contacts, interventions, and what people did before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def derive(
    tables: Mapping[str, pd.DataFrame], *, before: Sequence[str], during: Sequence[str], days_per_month: float
) -> pd.DataFrame:
    """Link what the intake form counts before support with what the exit form counts during it.

    Parameters
    ----------
    tables : mapping
        `insights_intake` and `insights_exit`, typed, `case_id` unique in each.
    before : sequence of str
        Counts of the intake form (what the victim/survivor did in the months before).
    during : sequence of str
        Counts of the exit form (contacts, interventions).
    days_per_month : float
        Mean length of a month, 365.25 / 12.

    Returns
    -------
    DataFrame, one row per intake form, in the order of `case_id`
        `case_id`, `arm`, `site`, `data_origin`, `has_exit_form` (boolean), the counts as named (`Int64`, missing where
        blank or without the form), `support_days` (exit date less intake date; 0 is valid; missing where the exit
        date is not known) and `support_months`.
    """
    intake = tables["insights_intake"].set_index("case_id").sort_index()
    exits = tables["insights_exit"].set_index("case_id")
    last = exits.reindex(intake.index)
    cases = pd.DataFrame(index=intake.index)
    cases["arm"], cases["site"] = intake["arm"], intake["site"]
    cases["data_origin"] = intake["data_origin"].astype("str") if "data_origin" in intake else "delivered"
    cases["has_exit_form"] = intake.index.isin(exits.index)
    for name in before:
        cases[name] = intake[name].astype("Int64")
    for name in during:
        cases[name] = last[name].astype("Int64")
    days = (last["exit_date"] - intake["intake_date"]).dt.days
    cases["support_days"] = days.astype("Int64")
    cases["support_months"] = days.astype("float64") / days_per_month
    return cases.reset_index()
