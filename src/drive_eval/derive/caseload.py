"""Analysis set of case managers: how many cases each had open at once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def derive(tables: Mapping[str, pd.DataFrame], *, manager: str, opened: str, closed: str) -> pd.DataFrame:
    """Find the day on which each case manager had most cases open.

    Parameters
    ----------
    tables : mapping
        `cms_cases`, typed, one row per case.
    manager, opened, closed : str
        Columns with the case manager, the first and the last day of a case; a case is open on both days.

    Returns
    -------
    DataFrame, one row per case manager
        `case_id` (the case manager), `data_origin`, `cases` in all and `peak_caseload` (`Int64`). Only cases of the
        extract count: cases still open at the cut-off date are not delivered, so a peak is a lower bound.
    """
    cases = tables["cms_cases"]
    origin = cases["data_origin"].astype("str") if "data_origin" in cases else pd.Series("delivered", cases.index)
    rows = []
    for name, held in cases.groupby(manager, observed=True):
        changes = pd.concat(
            [
                pd.Series(1, index=held[opened].to_numpy()),
                pd.Series(-1, index=(held[closed] + pd.Timedelta(days=1)).to_numpy()),
            ]
        )
        peak = changes.groupby(level=0).sum().sort_index().cumsum().max()
        synthetic = (origin[held.index] == "synthetic").any()
        rows.append((str(name), "synthetic" if synthetic else "delivered", len(held), int(peak)))
    found = pd.DataFrame(rows, columns=["case_id", "data_origin", "cases", "peak_caseload"])
    return found.astype({"cases": "Int64", "peak_caseload": "Int64"})
