"""Case file of the case management system: people, victims/survivors, length of cases, perceived risk."""

from collections.abc import Callable

import pandas as pd

from .raw import Raw
from .register import Claim, Value
from .stats import describe, percent, quartiles

PLANNED_MONTHS = pd.DateOffset(months=10)
CUTOFF = pd.Timestamp("2018-03-31")
DAYS_A_MONTH = 365.25 / 12
ENGAGED = ["fully_engaged", "partially_engaged"]
ANSWERS = ["yes", "no"]


def yes_percent(column: pd.Series, base: int) -> float:
    """Share of yes on a given base, in per cent."""
    return percent((column == "yes").sum(), base)


def months_open(cases: pd.DataFrame) -> pd.Series:
    """Month of the case in which it closed, counted from the dates rather than taken from the export."""
    days = (cases["closure_date"] - cases["allocation_date"]).dt.days
    return -(-days // DAYS_A_MONTH)


def index_victims(raw: Raw) -> pd.DataFrame:
    """The one victim/survivor whose referral led to the case (Y21)."""
    victims = raw["cms_victims"]
    index = victims[victims["is_index"] == "yes"]
    assert index["su_id"].is_unique
    return index


def _cases(of: Callable[[pd.DataFrame], Value]) -> Callable[[Raw], Value]:
    return lambda raw: of(raw["cms_cases"])


def _index(of: Callable[[pd.DataFrame], Value]) -> Callable[[Raw], Value]:
    return lambda raw: of(index_victims(raw))


def _share(column: str, *words: str) -> Callable[[pd.DataFrame], float]:
    """Share of the words in everyone, missing answers included in the base."""
    return lambda frame: percent(frame[column].isin(words).sum(), len(frame))


def _launch_month(raw: Raw) -> str:
    first = min(raw["cms_cases"]["allocation_date"].min(), raw["allocation_register"]["allocation_date"].min())
    return f"{first:%Y-%m}"


def _planned_months(cases: pd.DataFrame) -> Value:
    planned = (cases["allocation_date"] + PLANNED_MONTHS == cases["planned_end_date"]).all()
    return Claim(bool(planned), "planned end is not 10 months after allocation" if not planned else "10 months")


def _allocated_for(cases: pd.DataFrame) -> float:
    """Whole calendar months from the latest allocation to the cut-off."""
    latest = cases["allocation_date"].max()
    return max(months for months in range(25) if latest + pd.DateOffset(months=months) <= CUTOFF)


def _inside_cutoff(cases: pd.DataFrame) -> Value:
    latest = max((cases["allocation_date"] + PLANNED_MONTHS).max(), cases["closure_date"].max())
    return Claim(latest <= CUTOFF, f"{latest:%Y-%m-%d}")


def _window(cases: pd.DataFrame) -> Value:
    first, last = cases["allocation_date"].min(), cases["closure_date"].max()
    return Claim((f"{first:%Y-%m}", f"{last:%Y-%m}") == ("2016-04", "2018-03"), f"{first:%Y-%m} to {last:%Y-%m}")


def _most_between(cases: pd.DataFrame) -> Value:
    share = percent(cases["age"].between(20, 40).sum(), len(cases))
    return Claim(share > 50, f"{share:.1f} % from 20 to 40")


def _quartiles(cases: pd.DataFrame) -> Value:
    found = quartiles(cases["age"])
    return Claim(found == (28, 33, 43), f"{found}")


def _multiple_victims(raw: Raw) -> float:
    linked = raw["cms_victims"].groupby("su_id")["vs_id"].nunique()
    return percent((linked > 1).sum(), len(raw["cms_cases"]))


def _white(cases: pd.DataFrame) -> float:
    return percent(cases["ethnicity"].isin(["white_british", "white_other"]).sum(), cases["ethnicity"].notna().sum())


def _yes_of_recorded(column: str) -> Callable[[pd.DataFrame], float]:
    return lambda cases: yes_percent(cases[column], cases[column].isin(ANSWERS).sum())


def engaged_share(cases: pd.DataFrame, among: pd.Series) -> float:
    """Share engaged among some of the cases, in per cent."""
    return percent(cases.loc[among, "engagement"].isin(ENGAGED).sum(), among.sum())


def _children_direction(cases: pd.DataFrame) -> Value:
    return {
        "with_children": engaged_share(cases, cases["children_involved"] == "yes"),
        "without_children": engaged_share(cases, cases["children_involved"] == "no"),
    }


def _child_protection_direction(cases: pd.DataFrame) -> Value:
    engaged = cases["engagement"].isin(ENGAGED)
    concern = cases["child_protection"] == "yes"
    return {
        "engaged": percent((concern & engaged).sum(), engaged.sum()),
        "not_engaged": percent((concern & ~engaged).sum(), (~engaged).sum()),
    }


def _risk(*words: str) -> Callable[[Raw], float]:
    def check(raw: Raw) -> float:
        answers = raw["cms_risk"]["risk_change"].dropna()
        return percent(answers.isin(words).sum(), len(answers))

    return check


def _long_cases(cases: pd.DataFrame) -> pd.DataFrame:
    return cases[months_open(cases) >= 11]


def _most_open(cases: pd.DataFrame) -> float:
    """Most cases that one case manager had open on one day, first and last day included."""
    most = 0
    for _, held in cases.groupby("case_manager_id"):
        for day in held["allocation_date"]:
            most = max(most, int(((held["allocation_date"] <= day) & (held["closure_date"] >= day)).sum()))
    return most


NEEDS = ["mental_health", "alcohol", "substance_misuse", "employment", "financial", "disability"]


def _three_needs(victims: pd.DataFrame) -> float:
    needs = (victims[[f"need_{need}" for need in NEEDS]] == "yes").sum(axis=1)
    return percent((needs >= 3).sum(), len(victims))


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "design.pilot_sites.n": _cases(lambda cases: cases["site"].nunique()),
    "design.intervention_length_months": _cases(_planned_months),
    "design.launch_month": _launch_month,
    "exec.design.window": _cases(_window),
    "cms.sample.closed_cases": _cases(lambda cases: cases["su_id"].nunique()),
    "cms.inclusion.months_allocated": _cases(_allocated_for),
    "cms.inclusion.cutoff_date": _cases(_inside_cutoff),
    "cms.su.age.most_between": _cases(_most_between),
    "cms.su.gender.men": _cases(_share("gender", "man")),
    "cms.su.ethnicity.white_british_or_other": _cases(_white),
    "cms.su.multiple_victims": _multiple_victims,
    "cms.su.children_involved": _cases(_share("children_involved", "yes")),
    "cms.age_quartiles.bounds": _cases(_quartiles),
    "cms.statutory.cyps.recorded_n": _cases(lambda cases: cases["cyps_involved"].isin(ANSWERS).sum()),
    "cms.statutory.cyps.involved_n": _cases(lambda cases: (cases["cyps_involved"] == "yes").sum()),
    "cms.statutory.cyps.involved_pct": _cases(_yes_of_recorded("cyps_involved")),
    "cms.statutory.ccj.recorded_n": _cases(lambda cases: cases["ccj_history"].isin(ANSWERS).sum()),
    "cms.statutory.ccj.history_pct": _cases(_yes_of_recorded("ccj_history")),
    "cms.engagement.with_children": _cases(lambda cases: engaged_share(cases, cases["children_involved"] == "yes")),
    "cms.engagement.children_direction": _cases(_children_direction),
    "cms.engagement.with_child_protection": _cases(
        lambda cases: engaged_share(cases, cases["child_protection"] == "yes")
    ),
    "cms.engagement.child_protection_direction": _cases(_child_protection_direction),
    "cms.perceived_risk.n": lambda raw: raw["cms_risk"]["risk_change"].notna().sum(),
    "cms.perceived_risk.reduced_greatly.year2": _risk("reduced_greatly"),
    "cms.perceived_risk.reduced_slightly.year2": _risk("reduced_slightly"),
    "cms.perceived_risk.no_change.year2": _risk("no_change"),
    "exec.cms.perceived_risk.reduced_greatly_or_slightly": _risk("reduced_greatly", "reduced_slightly"),
    "cms.length.closed_11_12_months.n": _cases(lambda cases: months_open(cases).between(11, 12).sum()),
    "cms.length.closed_11_12_months.pct": _cases(lambda cases: percent(months_open(cases).between(11, 12).sum(), 212)),
    "cms.length.closed_13_23_months.n": _cases(lambda cases: months_open(cases).between(13, 23).sum()),
    "cms.length.closed_13_23_months.pct": _cases(lambda cases: percent(months_open(cases).between(13, 23).sum(), 212)),
    "cms.length.over_10_months": _cases(lambda cases: Claim(bool((months_open(cases) > 10).any()), "some")),
    "cms.length.max_months": _cases(lambda cases: months_open(cases).max()),
    "exec.length.eleven_plus_months": _cases(lambda cases: percent(len(_long_cases(cases)), len(cases))),
    "cms.step_down.max_extra_months": _cases(lambda cases: cases["step_down_months"].max()),
    "cms.step_down.cases_11_plus_months": _cases(lambda cases: len(_long_cases(cases))),
    "cms.step_down.n": _cases(lambda cases: (_long_cases(cases)["step_down"] == "yes").sum()),
    "cms.step_down.pct": _cases(lambda cases: yes_percent(_long_cases(cases)["step_down"], len(_long_cases(cases)))),
    "cms.caseload.recommended_max": _cases(_most_open),
    "cms.vs.n": _index(len),
    "cms.vs.sexual_orientation.heterosexual": _index(_share("sexual_orientation", "heterosexual")),
    "cms.vs.ethnicity.white_british": _index(_share("ethnicity", "white_british")),
    "cms.vs.gender.women": _index(_share("gender", "woman")),
    "cms.vs.relationship.partner_or_ex": _index(_share("relationship", "intimate_partner", "ex_intimate_partner")),
    "cms.vs.relationship.ex_intimate_partner": _index(_share("relationship", "ex_intimate_partner")),
    "cms.vs.relationship.intimate_partner": _index(_share("relationship", "intimate_partner")),
    "cms.vs.living.not_with_perpetrator": _index(_share("living_with_perpetrator", "no")),
    "cms.vs.children_present": _index(_share("children_present", "yes")),
    "cms.vs.needs.three_or_more": _index(_three_needs),
}
for _measure in ("min", "max", "mean", "sd", "median"):
    CHECKS[f"cms.su.age.{_measure}"] = _cases(lambda cases, name=_measure: describe(cases["age"])[name])
    CHECKS[f"cms.vs.age.{_measure}"] = _index(lambda victims, name=_measure: describe(victims["age"])[name])
