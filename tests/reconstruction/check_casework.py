"""Casework of the case management system: Drive DASH, actions, agencies, direct contacts."""

from collections.abc import Callable
from functools import cache

import pandas as pd

from .raw import Raw
from .register import Claim, Value, agreeing
from .stats import describe, friedman, percent, rank_pairs

TIMES = {"intake_2_weeks": "intake", "months_5_6": "midpoint", "closure": "closure"}
ITEMS = [f"item_{number:02d}" for number in range(1, 21)]
TOO_MANY_GAPS = 11
YEAR_2 = pd.Timestamp("2017-04-01")
PROBATION = ["crc", "nps"]
CRIMINAL_JUSTICE = ["police", "crc", "nps", "prison", "courts"]


@cache
def dash_forms(raw: Raw) -> pd.DataFrame:
    """DASH forms with the number of yes answers (score) and of items without an answer (gaps)."""
    forms = raw["cms_dash"]
    return forms.assign(score=(forms[ITEMS] == "yes").sum(axis=1), gaps=forms[ITEMS].isna().sum(axis=1))


@cache
def complete_scores(raw: Raw) -> pd.DataFrame:
    """Scores of the service users kept at all three times, one column per time."""
    forms = dash_forms(raw)
    kept = forms[forms["gaps"] < TOO_MANY_GAPS]
    return kept.pivot(index="su_id", columns="time", values="score")[list(TIMES)].dropna()


def _removed(time: str, cut: int = TOO_MANY_GAPS) -> Callable[[Raw], float]:
    def check(raw: Raw) -> float:
        forms = dash_forms(raw)
        return forms.loc[(forms["time"] == time) & (forms["gaps"] >= cut), "su_id"].nunique()

    return check


def _gaps(raw: Raw) -> Value:
    return dash_forms(raw).groupby("time")["gaps"].mean().to_dict()


def _intake_mean(raw: Raw) -> Value:
    """On the scores kept at intake and on the complete cases (Y25)."""
    forms = dash_forms(raw)
    kept = forms[(forms["time"] == "intake_2_weeks") & (forms["gaps"] < TOO_MANY_GAPS)]
    return agreeing(kept["score"].mean(), complete_scores(raw)["intake_2_weeks"].mean(), decimals=2)


def _cut_is_unique(raw: Raw) -> Value:
    """No other number of gaps removes as many scores at each of the three times."""
    removals = {cut: [_removed(time, cut)(raw) for time in TIMES] for cut in range(1, len(ITEMS) + 1)}
    alike = [cut for cut, removed in removals.items() if removed == removals[TOO_MANY_GAPS]]
    return Claim(alike == [TOO_MANY_GAPS], f"cut-offs that remove the same numbers: {alike}")


def _friedman(measure: str) -> Callable[[Raw], float]:
    return lambda raw: friedman(complete_scores(raw))[measure]


def _pair(first: str, second: str) -> Callable[[Raw], float]:
    return lambda raw: rank_pairs(complete_scores(raw))[first, second]


def actions_of(raw: Raw, year: str | None = None, **columns: str) -> pd.DataFrame:
    """Actions of one project year (by date) or of both, with given codes."""
    actions = raw["cms_actions"]
    if year is not None:
        actions = actions[(actions["action_date"] >= YEAR_2) == (year == "year2")]
    for column, code in columns.items():
        actions = actions[actions[column] == code]
    return actions


def _people(**filters: str) -> Callable[[Raw], float]:
    return lambda raw: actions_of(raw, **filters)["su_id"].nunique()


def shares(column: str, **filters: str) -> Callable[[Raw], dict[str, float]]:
    """Share of actions by code of a column, in per cent of all actions chosen."""

    def check(raw: Raw) -> dict[str, float]:
        chosen = actions_of(raw, **filters)
        counts = chosen[column].value_counts()
        return {code: percent(count, len(chosen)) for code, count in counts.items()}

    return check


def _share(found: Callable[[Raw], dict[str, float]], *codes: str) -> Callable[[Raw], float]:
    return lambda raw: sum(found(raw)[code] for code in codes)


def _pooled(found: Callable[[Raw], dict[str, float]]) -> Callable[[Raw], Value]:
    """With both providers of probation as one agency."""

    def check(raw: Raw) -> Value:
        kept = found(raw)
        pooled = sum(kept.pop(code) for code in PROBATION)
        return kept | {"probation_crc_nps": pooled}

    return check


def month_of_intervention(raw: Raw) -> pd.Series:
    """Month of each action: 1 plus the whole calendar months since allocation, from the dates."""
    actions = raw["cms_actions"]
    start = actions["su_id"].map(raw["cms_cases"].set_index("su_id")["allocation_date"])
    day = actions["action_date"]
    return 1 + (day.dt.year - start.dt.year) * 12 + day.dt.month - start.dt.month - (day.dt.day < start.dt.day)


def _busiest_months(raw: Raw) -> Value:
    return {str(month): float(count) for month, count in month_of_intervention(raw).value_counts().items()}


def _direct_by_year(raw: Raw) -> Value:
    """Direct work grew by number of actions, by people worked with and by their share of those with any action."""
    found = {}
    for year in ("year1", "year2"):
        direct, every = actions_of(raw, year, work_type="direct"), actions_of(raw, year)
        found[year] = (len(direct), direct["su_id"].nunique(), direct["su_id"].nunique() / every["su_id"].nunique())
    grew = all(after > before for before, after in zip(found["year1"], found["year2"], strict=True))
    return Claim(grew, f"direct actions, people, share: {found}")


def _direct_share_by_year(raw: Raw) -> Value:
    by_year = {year: shares("work_type", year=year)(raw)["direct"] for year in ("year1", "year2")}
    return {f"direct_share_{year}": share for year, share in by_year.items()}


def contacts(raw: Raw) -> pd.Series:
    """Direct contacts per service user who had any."""
    return raw["cms_contacts"].groupby("su_id").size()


def _contacted(raw: Raw) -> float:
    flagged = raw["cms_cases"].loc[lambda cases: cases["direct_contact"] == "yes", "su_id"]
    assert set(flagged) == set(contacts(raw).index), "contacts and case file do not agree on who was contacted"
    return len(contacts(raw))


@cache
def behaviour_change_people(raw: Raw) -> set[str]:
    """Service users with behaviour change work."""
    return set(actions_of(raw, category="behaviour_change_work")["su_id"])


def _agency_people(*agencies: str) -> Callable[[Raw], float]:
    return lambda raw: raw["cms_actions"].loc[lambda actions: actions["agency"].isin(agencies), "su_id"].nunique()


_RESEARCH = shares("agency", year="year2", category="background_research")
_UPDATE = shares("agency", year="year2", category="case_update")
_MULTI = shares("agency", year="year2", category="multi_agency")
_PURPOSE = shares("purpose", year="year2", category="multi_agency")
_DISRUPT = shares("agency", year="year2", category="multi_agency", purpose="disrupt")
_SUPPORT = shares("agency", year="year2", category="multi_agency", purpose="support")
_BOTH = shares("agency", year="year2", category="multi_agency", purpose="support_and_disrupt")
_DIRECT = shares("category", year="year2", work_type="direct")
_INDIRECT = shares("category", year="year2", work_type="indirect")
_SITE = shares("site")

CHECKS: dict[str, Callable[[Raw], Value]] = {
    "cms.dash.intake.mean": _intake_mean,
    "cms.dash.items_n": lambda raw: sum(column.startswith("item_") for column in raw["cms_dash"]),
    "cms.dash.max_na_items": _cut_is_unique,
    "cms.dash.max_na_share": lambda raw: percent(TOO_MANY_GAPS, len(ITEMS)),
    "cms.dash.na_items.trend": _gaps,
    "cms.dash.friedman.alpha": lambda raw: 0.05 / len(rank_pairs(complete_scores(raw))),
    "cms.dash.friedman.significance": _friedman("p"),
    "cms.actions.fig14_n": _people(),
    "cms.actions.peak_months": _busiest_months,
    "cms.actions.site_order": _SITE,
    "cms.ccj.fig20_n": _people(),
    "cms.background_research.n": _people(year="year2", category="background_research"),
    "cms.background_research.top_three": _share(_RESEARCH, "police", "childrens_social_services", "idva"),
    "cms.background_research.order": _RESEARCH,
    "cms.case_update.n": _people(year="year2", category="case_update"),
    "cms.case_update.order": _UPDATE,
    "cms.work.year1.indirect_vs_direct": shares("work_type", year="year1"),
    "cms.work.year2.indirect_vs_direct": shares("work_type", year="year2"),
    "cms.work.direct_share_shift": _direct_share_by_year,
    "cms.work.fig17_n": _people(year="year2"),
    "cms.indirect.n": _people(year="year2", work_type="indirect"),
    "cms.indirect.order": _INDIRECT,
    "cms.direct.contacted_n": _contacted,
    "cms.direct.contacted_pct": lambda raw: percent(_contacted(raw), len(raw["cms_cases"])),
    "cms.direct.share.order": _DIRECT,
    "cms.direct.year_shift": _direct_by_year,
    "cms.behaviour_change_work.n": lambda raw: len(behaviour_change_people(raw)),
    "cms.behaviour_change_work.pct": lambda raw: percent(len(behaviour_change_people(raw)), _contacted(raw)),
    "cms.multi_agency.probation_crc_nps": _share(_MULTI, *PROBATION),
    "cms.multi_agency_type.order": _PURPOSE,
    "cms.multi_agency_disrupt.probation_crc_nps": _share(_DISRUPT, *PROBATION),
    "cms.multi_agency_disrupt.order": _pooled(_DISRUPT),
    "cms.multi_agency_support.order": _SUPPORT,
    "cms.multi_agency_support_disrupt.order": _BOTH,
}
for _prefix, _found, _codes in (
    ("cms.actions.share", _SITE, ("essex", "west_sussex", "south_wales")),
    ("cms.background_research", _RESEARCH, ("police", "childrens_social_services", "idva")),
    ("cms.case_update", _UPDATE, ("idva", "police", "crc", "childrens_social_services")),
    ("cms.direct.share", _DIRECT, ("contact_making", "support")),
    ("cms.indirect.share", _INDIRECT, ("multi_agency", "case_update", "background_research")),
    ("cms.multi_agency", _MULTI, ("idva", "police", "childrens_social_services")),
    ("cms.multi_agency_type", _PURPOSE, ("support_and_disrupt", "disrupt", "support")),
    ("cms.multi_agency_disrupt", _DISRUPT, ("police", "idva")),
    ("cms.multi_agency_support", _SUPPORT, ("mental_health_wellbeing", "crc", "housing", "idva", "prison")),
    ("cms.multi_agency_support_disrupt", _BOTH, ("idva", "police", "crc", "childrens_social_services", "nps")),
):
    CHECKS |= {f"{_prefix}.{_code}": _share(_found, _code) for _code in _codes}
for _name, _agencies in {
    "cyps": ("childrens_social_services",),
    "ccj": CRIMINAL_JUSTICE,
    "statutory_any": ("childrens_social_services", *CRIMINAL_JUSTICE),
    "police": ("police",),
    "probation": PROBATION,
    "prison": ("prison",),
    "courts": ("courts",),
}.items():
    _n = _agency_people(*_agencies)
    CHECKS[f"cms.agency_cases.{_name}.n"] = _n
    CHECKS[f"cms.agency_cases.{_name}.pct"] = lambda raw, n=_n: percent(n(raw), len(raw["cms_cases"]))
for _time in TIMES:
    CHECKS[f"cms.dash.{_time}.na_items.mean"] = lambda raw, time=_time: _gaps(raw)[time]
    CHECKS[f"cms.dash.{_time}.removed_n"] = _removed(_time)
    CHECKS[f"cms.dash.{_time}.removed_pct"] = lambda raw, time=_time: percent(_removed(time)(raw), 212)
for _first, _second in (("intake_2_weeks", "months_5_6"), ("intake_2_weeks", "closure"), ("months_5_6", "closure")):
    CHECKS[f"cms.dash.posthoc.{TIMES[_first]}_vs_{TIMES[_second]}.significance"] = _pair(_first, _second)
for _measure in ("n", "statistic", "df", "p", "kendalls_w"):
    CHECKS[f"cms.dash.friedman.{_measure}"] = _friedman(_measure)
for _measure in ("min", "max", "mean", "sd", "median"):
    CHECKS[f"cms.direct.contacts.{_measure}"] = lambda raw, name=_measure: describe(contacts(raw))[name]
