"""Needs of service users, and how they go with engagement."""

from collections.abc import Callable
from functools import cache

import pandas as pd

from .check_people import ENGAGED
from .raw import Raw
from .register import Claim, Value
from .stats import percent

TIMES = ("intake", "during", "closure")
LITTLE_CHANGE = 5  # reading of "little change": at most this many points between intake and closure


def needs_at_any_time(raw: Raw) -> pd.DataFrame:
    """Ten needs by service user: 1 where need at any of the three times, 0 where known and not, else missing (Y13)."""
    forms = raw["cms_needs"].set_index("su_id")
    items = [column.removesuffix("_intake") for column in forms if column.endswith("_intake")]
    found = {}
    for item in items:
        levels = forms[[f"{item}_{time}" for time in TIMES]]
        present = levels.isin(["need", "high_need"]).any(axis=1).astype(float)
        found[item] = present.where(levels.notna().any(axis=1))
    return pd.DataFrame(found)


def informed(raw: Raw, *kinds: str) -> pd.Index:
    """Service users with some (specific or general) or with specific information on needs."""
    forms = raw["cms_needs"].set_index("su_id")
    return forms.index[forms["needs_information"].isin(kinds or ("specific", "general"))]


@cache
def specific_needs(raw: Raw) -> pd.DataFrame:
    """Needs at any time of those with specific information."""
    return needs_at_any_time(raw).loc[informed(raw, "specific")]


def _need_share(raw: Raw) -> dict[str, float]:
    """On everyone with intake information, missing as a category of its own."""
    needs = needs_at_any_time(raw).loc[informed(raw)]
    return {item: percent((needs[item] == 1).sum(), len(needs)) for item in needs}


def _with_number(least: int, most: int = 10) -> Callable[[Raw], float]:
    return lambda raw: percent(specific_needs(raw).sum(axis=1).between(least, most).sum(), len(specific_needs(raw)))


def _little_change(raw: Raw) -> Value:
    forms = raw["cms_needs"].set_index("su_id").loc[informed(raw, "specific")]
    gaps = {}
    for item in specific_needs(raw):
        shares = []
        for time in ("intake", "closure"):
            known = forms[f"{item}_{time}"].dropna()
            shares.append(percent(known.isin(["need", "high_need"]).sum(), len(known)))
        gaps[item] = abs(shares[0] - shares[1])
    largest = max(gaps, key=gaps.get)
    return Claim(gaps[largest] <= LITTLE_CHANGE, f"largest change {gaps[largest]:.1f} points ({largest})")


def _high_need(raw: Raw, item: str) -> pd.Series:
    """Whether a need was rated high at any time; no where nothing is recorded."""
    forms = raw["cms_needs"].set_index("su_id")
    return (forms[[f"{item}_{time}" for time in TIMES]] == "high_need").any(axis=1)


def engaged(raw: Raw) -> dict[str, pd.Series]:
    """Two readings of a word that the report leaves open: had direct contact; took part, in the view at closure."""
    cases = raw["cms_cases"].set_index("su_id")
    return {"contact": cases["direct_contact"] == "yes", "engagement": cases["engagement"].isin(ENGAGED)}


def _needs_by_engagement(raw: Raw) -> Value:
    """Mean number of needs, engaging against non-engaging; the order must hold in both readings of engaging."""
    number = specific_needs(raw).sum(axis=1)
    found = {}
    for reading, everyone in engaged(raw).items():
        chosen = everyone.loc[number.index]
        found[reading] = {"engaging": number[chosen].mean(), "non_engaging": number[~chosen].mean()}
        assert found[reading]["engaging"] > found[reading]["non_engaging"], reading
    return found["contact"]


def _mental_health_direction(raw: Raw) -> Value:
    """Share engaged with against without a mental health need, in both readings of engaged."""
    need = specific_needs(raw)["mental_health"] == 1
    found = {}
    for reading, everyone in engaged(raw).items():
        chosen = everyone.loc[need.index]
        found[reading] = {"with_mental_health_need": chosen[need].mean(), "without": chosen[~need].mean()}
        assert found[reading]["with_mental_health_need"] > found[reading]["without"], reading
    return found["contact"]


def _high_mental_health(raw: Raw) -> float:
    """Odds of contact with a mental health need rated high, over the odds of everyone else."""
    high = _high_need(raw, "mental_health")
    contacted = engaged(raw)["contact"].loc[high.index]
    odds = {is_high: contacted[high == is_high].mean() for is_high in (True, False)}
    return odds[True] / (1 - odds[True]) / (odds[False] / (1 - odds[False]))


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "cms.needs.intake_info_n": lambda raw: len(informed(raw)),
    "cms.needs.specific_info_n": lambda raw: specific_needs(raw).notna().all(axis=1).sum(),
    "cms.needs.change_over_time": _little_change,
    "cms.needs.fig2_order": _need_share,
    "cms.needs.none_recorded": _with_number(0, 0),
    "cms.needs.two_or_more": _with_number(2),
    "exec.su.needs.three_or_more": _with_number(3),
    "exec.su.needs.one_or_more": _with_number(1),
    "cms.needs.engaging_vs_not": _needs_by_engagement,
    "exec.engagement.mental_health_direction": _mental_health_direction,
    "cms.engagement.high_mental_health_ratio": _high_mental_health,
    "cms.appendix3.n": lambda raw: raw["cms_needs"]["su_id"].nunique(),
}
for _item in ("employment_training_education", "mental_health", "alcohol_misuse", "housing"):
    CHECKS[f"cms.needs.{_item}"] = lambda raw, item=_item: _need_share(raw)[item]
