"""Analysis set of the service users of the case management system: person, needs, statutory involvement, engagement."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

ANSWER = {"yes": 1, "no": 0}
BANDS = ("none", "one", "two", "three_or_more")


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    needs: Sequence[str],
    times: Sequence[str],
    need_levels: Mapping[str, Sequence[str]],
    engaged: Sequence[str],
    white: Sequence[str],
    unknown: Sequence[str],
    age_bounds: Sequence[int],
) -> pd.DataFrame:
    """Join case file, needs and linked victims/survivors of each service user.

    Parameters
    ----------
    tables : mapping
        `cms_cases`, `cms_needs` (both one row per `su_id`) and `cms_victims` (one row per victim/survivor).
    needs, times : sequence of str
        Columns `<need>_<time>` of `cms_needs`.
    need_levels : mapping
        Codes that are a need under `any`, rated high under `high`, and no need under `none`; others are missing.
    engaged : sequence of str
        Codes of `engagement` that count as engaged.
    white : sequence of str
        Codes of `ethnicity` that count as White British or other White.
    unknown : sequence of str
        Codes of a missing answer.
    age_bounds : sequence of int
        Lowest age of each age band but the first, rising.

    Returns
    -------
    DataFrame, one row per service user, in the order of `su_id`
        `case_id` (the `su_id`), `site`, `arm`, `data_origin`; `age`, `age_band`, `gender`, `ethnicity`, `white`;
        `children_involved`, `child_protection`, `cyps_involved`, `ccj_history`; `engagement`, `engaged`, `contacted`,
        `contact`; `victims` (number linked), `multiple_victims`; `informed`, `specific` (boolean: any information on
        needs, needs one by one). Per need `<need>_<time>` and `<need>` (at any time): 1, 0, or missing where nothing
        is known; `<need>_high`: rated high at any time, 0 also where nothing is recorded. `number_of_needs`,
        `needs_band`, `one_or_more_needs`, `two_or_more_needs`, `three_or_more_needs`: missing unless `specific`.

    Raises
    ------
    ValueError
        If cases and needs are not of the same people.
    """
    files = tables["cms_cases"].set_index("su_id").sort_index()
    recorded = tables["cms_needs"].set_index("su_id").sort_index()
    if not files.index.equals(recorded.index):
        odd = len(files.index.symmetric_difference(recorded.index))
        raise ValueError(f"cms_cases and cms_needs differ in {odd} people; each service user needs one row in both")
    people = pd.DataFrame({"case_id": files.index}, index=files.index)
    people["site"], people["arm"] = files["site"], "drive"
    people["data_origin"] = files["data_origin"].astype("str") if "data_origin" in files else "delivered"
    people = people.join(_person(files, white, unknown, age_bounds))
    for answer in ("children_involved", "child_protection", "cyps_involved", "ccj_history"):
        people[answer] = yes_no(files[answer])
    people["engagement"] = files["engagement"]
    people["engaged"] = files["engagement"].isin(list(engaged)).astype("Int8")
    people["contacted"] = yes_no(files["direct_contact"])
    people["contact"] = _category(
        people["contacted"].map({1: "contacted", 0: "not_contacted"}), "contacted not_contacted"
    )
    people["victims"] = tables["cms_victims"].groupby("su_id").size().reindex(people.index, fill_value=0)
    people["multiple_victims"] = (people["victims"] > 1).astype("Int8")
    people["informed"] = recorded["needs_information"].isin(["specific", "general"])
    people["specific"] = recorded["needs_information"] == "specific"
    return people.join(_needs(recorded, needs, times, need_levels)).reset_index(drop=True)


def yes_no(answers: pd.Series) -> pd.Series:
    """1 for yes, 0 for no, missing otherwise."""
    return answers.astype("object").map(ANSWER).astype("Int8")


def needs_band(count: pd.Series) -> pd.Series:
    """Number of needs as none, one, two, three or more; missing stays missing."""
    words = count.map(lambda number: BANDS[min(int(number), len(BANDS) - 1)], na_action="ignore")
    return words.astype("object").astype(pd.CategoricalDtype(list(BANDS), ordered=True))


def _person(
    files: pd.DataFrame, white: Sequence[str], unknown: Sequence[str], age_bounds: Sequence[int]
) -> pd.DataFrame:
    ethnicity = files["ethnicity"].astype("object")
    known = ethnicity.notna() & ~ethnicity.isin(list(unknown))
    return pd.DataFrame(
        {
            "age": files["age"],
            "age_band": _age_band(files["age"], age_bounds),
            "gender": files["gender"],
            "ethnicity": files["ethnicity"],
            "white": ethnicity.isin(list(white)).astype("Int8").where(known),
        }
    )


def _age_band(age: pd.Series, bounds: Sequence[int]) -> pd.Series:
    between = [f"{low}_to_{high - 1}" for low, high in itertools.pairwise(bounds)]
    names = [f"under_{bounds[0]}", *between, f"{bounds[-1]}_and_over"]
    edges = [-np.inf, *bounds, np.inf]
    return pd.cut(age.astype("Float64").astype("float64"), edges, right=False, labels=names)


def _needs(
    recorded: pd.DataFrame, needs: Sequence[str], times: Sequence[str], need_levels: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    found: dict[str, pd.Series] = {}
    code = dict.fromkeys(need_levels["none"], 0) | dict.fromkeys(need_levels["any"], 1)
    for need in needs:
        levels = [recorded[f"{need}_{time}"].astype("object") for time in times]
        flags = pd.concat([level.map(code) for level in levels], axis=1).astype("Float64")
        for position, time in enumerate(times):
            found[f"{need}_{time}"] = flags.iloc[:, position].astype("Int8")
        found[need] = flags.max(axis=1).astype("Int8")
        high = pd.concat([level.isin(list(need_levels["high"])) for level in levels], axis=1).any(axis=1)
        found[f"{need}_high"] = high.astype("Int8")
    answers = pd.DataFrame(found)
    specific = recorded["needs_information"] == "specific"
    number = answers[list(needs)].sum(axis=1).astype("Int8").where(specific)
    answers["number_of_needs"], answers["needs_band"] = number, needs_band(number)
    for words, least in (("one", 1), ("two", 2), ("three", 3)):
        answers[f"{words}_or_more_needs"] = (number >= least).astype("Int8")
    return answers


def _category(words: pd.Series, names: str) -> pd.Series:
    return words.astype("object").astype(pd.CategoricalDtype(names.split()))
