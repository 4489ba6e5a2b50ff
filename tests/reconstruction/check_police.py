"""Police extract: criminal share of incidents before, during and after; the samples behind it."""

from collections.abc import Callable, Mapping
from functools import cache

import pandas as pd

from .raw import Raw
from .register import Claim, Value, agreeing
from .stats import percent

ARMS = ("drive", "control")
MONTHS = {"before": (-6, 0), "during": (0, 10), "after": (10, 16)}  # from allocation, the end left out
LATEST_END = pd.Timestamp("2017-12-31")
UNCHANGED = 5.0  # a change of at most this many per cent reads as no change


@cache
def windowed(raw: Raw, dva: str) -> pd.DataFrame:
    """Incidents of one kind (DVA yes or no) with arm, subject and window; those outside the windows are dropped."""
    subjects = raw["police_subjects"][["subject_id", "arm", "allocation_date"]]
    incidents = raw["police_incidents"].drop(columns="arm").merge(subjects, on="subject_id", validate="many_to_one")
    assert len(incidents) == len(raw["police_incidents"])
    of_kind = incidents[incidents["dva_flag"] == dva]
    parts = []
    for window, (start, end) in MONTHS.items():
        since = of_kind["allocation_date"] + pd.DateOffset(months=start)
        until = of_kind["allocation_date"] + pd.DateOffset(months=end)
        inside = (of_kind["recorded_date"] >= since) & (of_kind["recorded_date"] < until)
        parts.append(of_kind[inside].assign(window=window))
    return pd.concat(parts)


def mean_shares(raw: Raw, dva: str, arm: str) -> dict[str, float]:
    """Mean over subjects of the criminal share of their incidents, in per cent, by window."""
    incidents = windowed(raw, dva)
    chosen = incidents[incidents["arm"] == arm].assign(is_criminal=lambda frame: frame["criminal"] == "yes")
    shares = chosen.groupby(["window", "subject_id"])["is_criminal"].mean()
    return {window: 100 * float(shares[window].mean()) for window in MONTHS}


def criminal_numbers(raw: Raw, dva: str, arm: str) -> dict[str, float]:
    """Number of criminal incidents by window."""
    incidents = windowed(raw, dva)
    chosen = incidents[(incidents["arm"] == arm) & (incidents["criminal"] == "yes")]
    return {window: float((chosen["window"] == window).sum()) for window in MONTHS}


def _change(measure: Mapping[str, float]) -> float:
    return percent(measure["after"] - measure["before"], measure["before"])


def _control_change(raw: Raw) -> Value:
    found = [_change(mean_shares(raw, "yes", "control")), _change(criminal_numbers(raw, "yes", "control"))]
    shown = f"{found[0]:.1f} % of the mean share, {found[1]:.1f} % of the number"
    return Claim(all(abs(change) <= UNCHANGED for change in found), shown)


def _drive_reduction(raw: Raw) -> Value:
    """On the mean share, as the report defines the outcome; the number of incidents, as the summary words it (Y10)."""
    measures = (mean_shares(raw, "yes", "drive"), criminal_numbers(raw, "yes", "drive"))
    return agreeing(*(-_change(measure) for measure in measures), decimals=0)


def _subjects(arm: str) -> Callable[[Raw], float]:
    return lambda raw: raw["police_subjects"].groupby("arm")["subject_id"].nunique()[arm]


def _cutoff(raw: Raw) -> Value:
    latest = (raw["police_subjects"]["allocation_date"] + pd.DateOffset(months=10)).max()
    return Claim(latest <= LATEST_END, f"{latest:%Y-%m-%d}")


def _searched(window: str, length: int) -> Callable[[Raw], Value]:
    """The window has the printed length in months, and the records of every subject were searched for all of it."""

    def check(raw: Raw) -> Value:
        subjects = raw["police_subjects"]
        start, end = MONTHS[window]
        since = subjects["allocation_date"] + pd.DateOffset(months=start)
        until = subjects["allocation_date"] + pd.DateOffset(months=end) - pd.Timedelta(days=1)
        outside = ((subjects["searched_from"] > since) | (subjects["searched_to"] < until)).sum()
        return Claim(end - start == length and outside == 0, f"{end - start} months, {outside} subjects not searched")

    return check


def _time_points(raw: Raw) -> Value:
    return float(windowed(raw, "yes")["window"].nunique())


def _with_any(dva: str) -> Callable[[Raw], float]:
    return lambda raw: windowed(raw, dva)["subject_id"].nunique()


def _matched_on(raw: Raw) -> Value:
    """What the two rows of every pair agree on: exactly for risk, sex and needs, within one band for age."""
    register = raw["allocation_register"]
    paired = register[register["match_pair"].notna()]
    bands = sorted(paired["match_age_band"].dropna().unique())
    codes = paired.assign(age=paired["match_age_band"].map(bands.index)).groupby("match_pair")
    assert (codes.size() == 2).all(), "a pair is not two rows"
    assert (codes["arm"].nunique() == 2).all(), "a pair is not one Drive and one control row"
    exact = ("match_risk_level", "match_sex", "match_needs")
    same = {
        name: not paired.duplicated("match_pair").ne(paired.duplicated(["match_pair", name])).any() for name in exact
    }
    near = bool((codes["age"].max() - codes["age"].min() <= 1).all())
    found = []
    if same["match_risk_level"]:
        found.append("risk level")
    if same["match_sex"] and near:
        found.append("demographics")
    if same["match_needs"]:
        found.append("needs")
    return found


def _shares(dva: str, arm: str) -> Callable[[Raw], Value]:
    return lambda raw: mean_shares(raw, dva, arm)


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "police.inclusion.cutoff_date": _cutoff,
    "police.window.before_months": _searched("before", 6),
    "police.window.after_months": _searched("after", 6),
    "exec.police.window.during_months": _searched("during", 10),
    "police.time_points": _time_points,
    "police.matching.variables": _matched_on,
    "police.fig23_n": _with_any("yes"),
    "police.fig24_n": _with_any("no"),
    "exec.police.dva.drive.reduction": _drive_reduction,
    "exec.police.dva.control.change": _control_change,
    "exec.police.dva.control.trend": _shares("yes", "control"),
}
for _arm in ARMS:
    CHECKS[f"police.sample.{_arm}"] = _subjects(_arm)
    CHECKS[f"police.dva.{_arm}.trend"] = _shares("yes", _arm)
    CHECKS[f"police.non_dva.{_arm}.trend"] = _shares("no", _arm)
