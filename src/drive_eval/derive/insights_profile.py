"""Analysis set of the biography of victims/survivors at intake (Appendix 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from drive_eval.derive.index_victims import count_needs
from drive_eval.derive.service_users import needs_band


def derive(
    tables: Mapping[str, pd.DataFrame], *, attributes: Sequence[str], needs: Sequence[str], unknown: Sequence[str]
) -> pd.DataFrame:
    """One row per intake form.

    Parameters
    ----------
    tables : mapping
        `insights_intake`, one row per form, `case_id` unique.
    attributes : sequence of str
        Columns of codes that are taken over.
    needs : sequence of str
        Columns that hold the complex needs.
    unknown : sequence of str
        Codes of a missing answer; blank ones are missing too.

    Returns
    -------
    DataFrame, in the order of `case_id`
        `case_id`, `arm`, `site`, `data_origin`, `age` (missing where 0, a slip of the form), the attributes
        (category of the codes with an answer), `number_of_needs` and `complex_needs` (none, one, two,
        three_or_more): only yes counts as a need, so nobody is missing.
    """
    forms = tables["insights_intake"].sort_values("case_id", ignore_index=True)
    people = forms[["case_id", "arm", "site"]].copy()
    people["data_origin"] = forms["data_origin"].astype("str") if "data_origin" in forms else "delivered"
    people["age"] = forms["age"].where(forms["age"] > 0)
    for attribute in attributes:
        answers = forms[attribute].astype("category")
        people[attribute] = answers.cat.set_categories([code for code in answers.cat.categories if code not in unknown])
    people["number_of_needs"], _ = count_needs(forms, needs)
    people["complex_needs"] = needs_band(people["number_of_needs"])
    return people
