"""Analysis set of the abuse a victim/survivor experienced, at intake and at exit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

ANSWER = {"yes": 1, "no": 0}


def derive(tables: Mapping[str, pd.DataFrame], *, abuse_types: Sequence[str], levels: Sequence[str]) -> pd.DataFrame:
    """Link the intake and exit forms of each victim/survivor.

    Parameters
    ----------
    tables : mapping
        `insights_intake` and `insights_exit`, typed, one row per form, `case_id` unique in each.
    abuse_types : sequence of str
        Columns with the answer; `<type>_level` holds the severity.
    levels : sequence of str
        Severity codes, lowest first; any other code is missing.

    Returns
    -------
    DataFrame, one row per intake form, in the order of `case_id`
        `case_id`, `arm`, `site`, `data_origin`, `has_exit_form` (boolean), `intake_date`, `exit_date`, and per type
        and time `<type>_<time>` (`Int8`: 1 experienced, 0 not, missing otherwise) and
        `<type>_level_<time>` (category; missing if not known or at odds with the answer).
    """
    intake = tables["insights_intake"].set_index("case_id").sort_index()
    exits = tables["insights_exit"].set_index("case_id")
    last = exits.reindex(intake.index)
    cases = pd.DataFrame(index=intake.index)
    cases["arm"] = intake["arm"]
    cases["site"] = intake["site"]
    cases["data_origin"] = intake["data_origin"].astype("str") if "data_origin" in intake else "delivered"
    cases["has_exit_form"] = intake.index.isin(exits.index)
    cases["intake_date"], cases["exit_date"] = intake["intake_date"], last["exit_date"]
    for time, forms in (("intake", intake), ("exit", last)):
        for abuse in abuse_types:
            answer = forms[abuse].astype("object").map(ANSWER).astype("Int8")
            cases[f"{abuse}_{time}"] = answer
            cases[f"{abuse}_level_{time}"] = _agreed_level(forms[f"{abuse}_level"], answer, levels)
    return cases.reset_index()


def _agreed_level(level: pd.Series, answer: pd.Series, levels: Sequence[str]) -> pd.Series:
    """Severity where it agrees with the answer: the lowest level for `no`, any higher one for `yes`."""
    plain = level.astype("object")
    none = levels[0]
    agrees = ((answer == 1) & plain.isin(levels[1:])) | ((answer == 0) & (plain.eq(none) | plain.isna()))
    filled = plain.where(answer.ne(0).fillna(True).astype(bool), none)
    return filled.where(agrees.fillna(False).astype(bool)).astype(pd.CategoricalDtype(list(levels), ordered=True))
