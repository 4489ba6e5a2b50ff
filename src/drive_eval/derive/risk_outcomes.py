"""Analysis set of the change in risk, and how lasting it is, as the adviser saw it on the last form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def derive(
    tables: Mapping[str, pd.DataFrame], *, missing: Sequence[str], reduced: Sequence[str], eliminated: str
) -> pd.DataFrame:
    """Take the last answer on the change in risk of each victim/survivor.

    Parameters
    ----------
    tables : mapping
        `insights_intake`, `insights_exit` and `insights_reviews`, typed; `case_id` unique in the first two.
    missing : sequence of str
        Codes that stand for a missing answer, beside blank ones.
    reduced : sequence of str
        Changes that count as a reduction; how long it lasts is asked of these only.
    eliminated : str
        The answer on duration that says the risk is gone for good.

    Returns
    -------
    DataFrame, one row per intake form, in the order of `case_id`
        `case_id`, `arm`, `site`, `data_origin`; `risk_change_last` and `sustainability_last` (category without
        the missing codes) of the same form: the exit form if it has a change in risk, else the latest review
        that has one; `answered_on` (`exit`, `review`, missing); `answered` and `reduced` (boolean);
        `risk_reduced_last` (`Int8` 1, 0, missing without an answer) and `risk_eliminated_last` (`Int8` 1, 0,
        missing unless reduced and answered).

    Notes
    -----
    A duration on a form whose change is no reduction is not used (validation warns of it).
    """
    intake = tables["insights_intake"].set_index("case_id").sort_index()
    exits, reviews = tables["insights_exit"], tables["insights_reviews"]
    wanted = ["case_id", "risk_change", "sustainability"]
    forms = pd.concat(
        [
            reviews.sort_values("review_date", kind="stable")[wanted].assign(answered_on="review"),
            exits[wanted].assign(answered_on="exit"),
        ]
    )
    forms[wanted[1:]] = forms[wanted[1:]].astype("object")
    answered = forms[forms["risk_change"].notna() & ~forms["risk_change"].isin(list(missing))]
    last = answered.drop_duplicates("case_id", keep="last").set_index("case_id").reindex(intake.index)
    cases = pd.DataFrame(index=intake.index)
    cases["arm"], cases["site"] = intake["arm"], intake["site"]
    cases["data_origin"] = intake["data_origin"].astype("str") if "data_origin" in intake else "delivered"
    cases["answered_on"] = last["answered_on"]
    change, duration = last["risk_change"], last["sustainability"].where(last["risk_change"].isin(list(reduced)))
    cases["risk_change_last"] = _valid(change, exits["risk_change"], missing)
    cases["sustainability_last"] = _valid(duration, exits["sustainability"], missing)
    cases["answered"] = change.notna()
    cases["reduced"] = change.isin(list(reduced))
    cases["risk_reduced_last"] = cases["reduced"].astype("Int8").where(cases["answered"])
    known = cases["sustainability_last"].notna()
    cases["risk_eliminated_last"] = (duration == eliminated).astype("Int8").where(known)
    return cases.reset_index()


def _valid(answers: pd.Series, declared: pd.Series, missing: Sequence[str]) -> pd.Series:
    """The answers as a category of the declared codes that are no missing code."""
    if isinstance(declared.dtype, pd.CategoricalDtype):
        codes = [code for code in declared.cat.categories if code not in missing]
    else:
        codes = sorted(set(declared.dropna()) - set(missing))
    return answers.where(answers.isin(codes)).astype(pd.CategoricalDtype(codes))
