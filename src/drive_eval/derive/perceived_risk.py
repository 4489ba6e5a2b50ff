"""Analysis set of the change in risk as the case manager saw it at closure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def derive(tables: Mapping[str, pd.DataFrame], *, arm: str, missing: Sequence[str]) -> pd.DataFrame:
    """Link the review of risk at closure to its case.

    Parameters
    ----------
    tables : mapping
        `cms_cases` and `cms_risk`, typed, `su_id` unique in each.
    arm : str
        The arm that has case managers.
    missing : sequence of str
        Codes that stand for a missing answer, beside blank ones; `unable_to_judge` is an answer.

    Returns
    -------
    DataFrame, one row per case, in the order of `case_id`
        `case_id` (the `su_id`), `arm`, `site`, `data_origin` and `risk_change_closure` (category without the missing
        codes; missing too for a case without a review).
    """
    people = tables["cms_cases"].set_index("su_id").sort_index()
    reviews = tables["cms_risk"].set_index("su_id")["risk_change"]
    declared = (
        reviews.cat.categories if isinstance(reviews.dtype, pd.CategoricalDtype) else sorted(set(reviews.dropna()))
    )
    codes = [code for code in declared if code not in missing]
    change = reviews.astype("object").reindex(people.index)
    cases = pd.DataFrame(index=people.index.rename("case_id"))
    cases["arm"], cases["site"] = arm, people["site"]
    cases["data_origin"] = people["data_origin"].astype("str") if "data_origin" in people else "delivered"
    cases["risk_change_closure"] = change.where(change.isin(codes)).astype(pd.CategoricalDtype(codes))
    return cases.reset_index()
