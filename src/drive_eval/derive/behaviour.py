"""Analysis set of abusive behaviour at three times, with needs, class, age band and work done, per service user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

ANSWER = {"yes": 1, "no": 0}


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    abuse_types: Sequence[str],
    times: Sequence[str],
    levels: Sequence[str],
    age_bands: Mapping[str, Sequence[int]],
    work: str,
    reference_class: str,
) -> pd.DataFrame:
    """Link the behaviour assessments of each service user and what they are compared by.

    Parameters
    ----------
    tables : mapping
        `cms_behaviour` (one row per service user and `time_point`), `cms_cases`, `cms_actions`, typed, and the
        analysis set `cms_need_classes`.
    abuse_types, times : sequence of str
        Types of abuse, and time points in order.
    levels : sequence of str
        Severity codes, lowest (none) first; any other code is missing.
    age_bands : mapping of name to [lowest age, highest age]
    work : str
        Category of action that counts as work on behaviour change.
    reference_class : str
        The latent class without needs; members of all others are `any_needs`.

    Returns
    -------
    DataFrame, one row per service user, in the order of `su_id`
        Everything of `cms_need_classes`; `arm`, `age`, `age_band`, `contacted`, `behaviour_change_work` (0/1),
        `class_needs`; per type and time `<type>_<time>` (`Int8`, 1 used), `<type>_level_<time>` (category; none where
        not used), `<type>_severity_<time>` (0 none upwards) and `<type>_high_<time>`; `behaviour_change` (1: a type
        used at the first time is not used at the last; missing if that cannot be known); flags `behaviour_known`
        (an answer at the first time), `contacted_and_known`, `used_at_intake`, `used_and_needs_known`.

    Raises
    ------
    ValueError
        If a service user has two assessments at one time, or an age is in no band or in several.
    """
    cases = tables["cms_need_classes"].set_index("su_id").sort_index()
    assessments = tables["cms_behaviour"]
    if assessments.duplicated(["su_id", "time_point"]).any():
        raise ValueError("service users with more than one assessment at a time point")
    columns = _people(tables, cases.index, age_bands, work)
    columns["class_needs"] = (
        cases["need_class"].astype("object").map(lambda name: name if name == reference_class else "any_needs")
    )
    for time in times:
        at_time = assessments[assessments["time_point"] == time].set_index("su_id").reindex(cases.index)
        for abuse in abuse_types:
            columns |= _answers(at_time, abuse, time, levels)
    columns |= _change(columns, abuse_types, times)
    known = pd.DataFrame({abuse: columns[f"{abuse}_{times[0]}"].notna() for abuse in abuse_types}).any(axis=1)
    columns["behaviour_known"] = known
    columns["contacted_and_known"] = columns["contacted"] & known
    columns["used_and_needs_known"] = columns["used_at_intake"] & cases["needs_known"]
    return pd.concat([cases, pd.DataFrame(columns, index=cases.index)], axis=1).reset_index()


def _people(
    tables: Mapping[str, pd.DataFrame], index: pd.Index, age_bands: Mapping[str, Sequence[int]], work: str
) -> dict[str, pd.Series]:
    register = tables["cms_cases"].set_index("su_id").reindex(index)
    actions = tables["cms_actions"]
    worked = set(actions.loc[actions["category"] == work, "su_id"])
    return {
        "arm": pd.Series("drive", index=index),
        "age": register["age"],
        "age_band": _band(register["age"], age_bands),
        "contacted": register["direct_contact"].eq("yes").fillna(False).astype(bool),
        "behaviour_change_work": pd.Series(index.isin(worked).astype("int8"), index=index),
    }


def _band(ages: pd.Series, bands: Mapping[str, Sequence[int]]) -> pd.Series:
    inside = pd.DataFrame({name: ages.between(low, high) for name, (low, high) in bands.items()}).fillna(False)
    strange = ages.notna() & (inside.sum(axis=1) != 1)
    if strange.any():
        raise ValueError(f"{int(strange.sum())} ages are in no age band or in several")
    band = inside.astype(bool).idxmax(axis=1).where(ages.notna())
    return band.astype(pd.CategoricalDtype(list(bands), ordered=True))


def _answers(at_time: pd.DataFrame, abuse: str, time: str, levels: Sequence[str]) -> dict[str, pd.Series]:
    """Use, severity where used (the lowest level where not), and whether it was the highest."""
    used = at_time[abuse].astype("object").map(ANSWER).astype("Int8")
    given = at_time[f"{abuse}_level"].astype("object")
    level = given.where(used.eq(1).fillna(False).astype(bool) & given.isin(list(levels[1:])))
    level = level.where(used.ne(0).fillna(True).astype(bool), levels[0])
    severity = level.map({name: rank for rank, name in enumerate(levels)}).astype("Int8")
    return {
        f"{abuse}_{time}": used,
        f"{abuse}_level_{time}": level.astype(pd.CategoricalDtype(list(levels), ordered=True)),
        f"{abuse}_severity_{time}": severity,
        f"{abuse}_high_{time}": severity.eq(len(levels) - 1).astype("Int8").where(severity.notna()),
    }


def _change(columns: Mapping[str, pd.Series], abuse_types: Sequence[str], times: Sequence[str]) -> dict[str, pd.Series]:
    first = pd.DataFrame({abuse: columns[f"{abuse}_{times[0]}"] for abuse in abuse_types})
    last = pd.DataFrame({abuse: columns[f"{abuse}_{times[-1]}"] for abuse in abuse_types})
    stopped = (first.eq(1) & last.eq(0)).fillna(False).astype(bool).any(axis=1)
    decided = (first.eq(0) | (first.notna() & last.notna())).fillna(False).astype(bool).all(axis=1)
    return {
        "behaviour_change": stopped.astype("Int8").where(stopped | decided),
        "used_at_intake": first.eq(1).fillna(False).astype(bool).any(axis=1),
    }
