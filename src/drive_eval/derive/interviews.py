"""Analysis set of interviews: who was interviewed when, and the facts that combine several codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    members: Mapping[str, Mapping[str, str]],
    recoded: Mapping[str, Mapping[str, Any]],
    any_of: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Mark the populations and combine codes.

    Parameters
    ----------
    tables : mapping
        `interviews`, typed, one row per interview.
    members : mapping of name to column values
        Boolean columns that mark a population: ``{"practitioners": {"participant_type": "practitioner"}}``.
    recoded : mapping of name to `column` and `groups`
        New columns that put codes of a column into groups; other codes are missing.
    any_of : mapping of name to columns
        `yes` if any of the columns is, `no` if all are `no`, else missing.

    Returns
    -------
    DataFrame, the rows and columns of `interviews` with `case_id` (the interview) and the new columns
    """
    interviews = tables["interviews"]
    cases = interviews.rename(columns={"interview_id": "case_id"}).copy()
    if "data_origin" not in interviews:
        cases["data_origin"] = "delivered"
    cases["study_year"] = interviews["study_year"].astype("str")
    cases["site"] = interviews["site"].astype("str")
    for name, values in members.items():
        marked = pd.Series(True, index=interviews.index)
        for column, value in values.items():
            marked &= (interviews[column].astype("object") == value).astype(bool)
        cases[name] = marked
    for name, rule in recoded.items():
        group_of = {code: group for group, codes in rule["groups"].items() for code in codes}
        words = interviews[rule["column"]].astype("object").map(group_of)
        cases[name] = words.astype(pd.CategoricalDtype(list(rule["groups"])))
    for name, columns in any_of.items():
        answers = interviews[list(columns)].astype("object")
        some, none = (answers == "yes").any(axis=1), (answers == "no").all(axis=1)
        words = pd.Series(pd.NA, index=interviews.index, dtype="object").mask(some, "yes").mask(none, "no")
        cases[name] = words.astype(pd.CategoricalDtype(["yes", "no"]))
    return cases
