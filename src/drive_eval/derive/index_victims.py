"""Analysis set of the index victims/survivors of the case management system, in the codes of the outcome system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from drive_eval.derive.service_users import needs_band


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    needs: Sequence[str],
    columns: Mapping[str, str],
    codes: Mapping[str, Mapping[str, str]],
    partner: Sequence[str],
) -> pd.DataFrame:
    """Take the one victim/survivor of each case that the report describes.

    Parameters
    ----------
    tables : mapping
        `cms_victims`, one row per victim/survivor, `vs_id` unique, one `is_index` per `su_id`.
    needs : sequence of str
        Columns that hold the complex needs.
    columns : mapping of name to column
        Attributes that are taken over, under the names they have in the outcome system.
    codes : mapping of name to mapping
        Per attribute, codes of the case management system (in the order of display) to codes of the outcome system;
        a code that is not named is missing.
    partner : sequence of str
        Codes of `relationship` that are a partner or former partner.

    Returns
    -------
    DataFrame, one row per index victim/survivor, in the order of `vs_id`
        `case_id` (the `vs_id`), `su_id`, `arm`, `data_origin`, `age`, the attributes (category; missing where not
        known), `partner_or_ex` (1, 0, missing), `number_of_needs` and `complex_needs` (none, one, two,
        three_or_more): a need counts where the answer is yes; both are missing where no need has an answer.

    Raises
    ------
    ValueError
        If a case has no index victim/survivor or several.
    """
    victims = tables["cms_victims"]
    index = victims[victims["is_index"] == "yes"].sort_values("vs_id", ignore_index=True)
    cases = victims["su_id"].nunique()
    if index["su_id"].duplicated().any() or len(index) != cases:
        raise ValueError(f"{cases} cases have {len(index)} index victims/survivors; each case needs exactly one")
    people = index[["su_id", "age"]].assign(case_id=index["vs_id"], arm="drive")
    people["data_origin"] = index["data_origin"].astype("str") if "data_origin" in index else "delivered"
    for name, column in columns.items():
        people[name] = _recoded(index[column], codes[name])
    partners = people["relationship"].astype("object")
    people["partner_or_ex"] = partners.isin(list(partner)).astype("Int8").where(partners.notna())
    number, answered = count_needs(index, needs)
    people["number_of_needs"] = number.where(answered)
    people["complex_needs"] = needs_band(people["number_of_needs"])
    return people


def count_needs(forms: pd.DataFrame, needs: Sequence[str]) -> tuple[pd.Series, pd.Series]:
    """How many needs are answered yes, and whether any need is answered yes or no."""
    answers = forms[list(needs)].astype("object")
    return (answers == "yes").sum(axis=1).astype("Int8"), answers.isin(["yes", "no"]).any(axis=1)


def _recoded(answers: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    names = list(dict.fromkeys(codes.values()))
    return answers.astype("object").map(dict(codes)).astype(pd.CategoricalDtype(names))
