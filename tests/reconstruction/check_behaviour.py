"""Abusive behaviour of service users from intake to closure: use, severity, age, needs, behaviour change work."""

from collections.abc import Callable
from functools import cache

import pandas as pd
import statsmodels.api as sm

from .check_casework import behaviour_change_people
from .check_needs import engaged, informed, specific_needs
from .raw import Raw
from .register import Claim, Value
from .stats import chi_square, mcnemar, percent, wilcoxon

TYPES = ("physical", "sexual", "harassment_stalking", "jealousy_control")
NOT_SEXUAL = ("physical", "harassment_stalking", "jealousy_control")
LEVELS = {"none": 0, "standard": 1, "moderate": 2, "high": 3}
BANDS = {"under_28": (0, 27), "28_33": (28, 33), "34_42": (34, 42), "43_plus": (43, 120)}
SUBSTANTIAL = 50  # reading of "substantial": every type falls by at least this per cent
ALIKE = 0.10  # reading of "about the same": reductions differ by at most this part of the largest


@cache
def behaviour(raw: Raw) -> dict[str, pd.DataFrame]:
    """Per type: answer and severity (0 to 3) by service user, one column per time; those informed only."""
    forms = raw["cms_behaviour"]
    assert not forms.duplicated(["su_id", "time_point"]).any()
    found = {}
    for kind in TYPES:
        severity = forms[f"{kind}_level"].map(LEVELS).where(forms[kind] == "yes")
        severity = severity.where(severity > 0).mask(forms[kind] == "no", 0)
        wide = forms.assign(answer=forms[kind], severity=severity).pivot(
            index="su_id", columns="time_point", values=["answer", "severity"]
        )
        found[kind] = wide.loc[informed(raw)]
    return found


@cache
def users(raw: Raw, kind: str, time: str) -> set[str]:
    """Service users who used a type of abuse at a time."""
    answers = behaviour(raw)[kind]["answer"][time]
    return set(answers.index[answers == "yes"])


def relative_fall(before: float, after: float) -> float:
    """Relative fall in per cent."""
    return percent(before - after, before)


def _known_at_all_times(raw: Raw) -> float:
    kinds = behaviour(raw).values()
    return pd.concat([wide["answer"] for wide in kinds], axis=1).notna().all(axis=1).sum()


def _trend(kind: str) -> Callable[[Raw], Value]:
    return lambda raw: {time: len(users(raw, kind, time)) for time in ("intake", "midpoint", "closure")}


def reduction(raw: Raw, kind: str, among: set[str] | None = None) -> float:
    """Relative fall in the number of users of a type from intake to closure, in per cent."""
    before, after = users(raw, kind, "intake"), users(raw, kind, "closure")
    chosen = before | after if among is None else among
    return relative_fall(len(before & chosen), len(after & chosen))


def _substantial(raw: Raw) -> Value:
    found = {kind: round(reduction(raw, kind), 1) for kind in TYPES}
    return Claim(all(fall >= SUBSTANTIAL for fall in found.values()), f"{found}")


def _high_fall(raw: Raw, kind: str) -> float:
    severity = behaviour(raw)[kind]["severity"]
    return relative_fall((severity["intake"] == 3).sum(), (severity["closure"] == 3).sum())


def _severity_p(raw: Raw) -> Value:
    """Signed ranks of the level, and McNemar of high or not, for each type."""
    found = {}
    for kind in TYPES:
        severity = behaviour(raw)[kind]["severity"]
        found[f"{kind} level"] = wilcoxon(severity["intake"], severity["closure"])
        high = severity.apply(lambda level: level.map(lambda value: "yes" if value == 3 else "no", na_action="ignore"))
        found[f"{kind} high"] = mcnemar(high["intake"], high["closure"])
        assert severity["intake"].mean() > severity["closure"].mean(), kind
    return found


def _age_bands(kind: str) -> Callable[[Raw], dict[str, float]]:
    """Relative reduction by age quartile."""

    def check(raw: Raw) -> dict[str, float]:
        ages = raw["cms_cases"].set_index("su_id")["age"]
        bands = {band: set(ages.index[ages.between(*limits)]) for band, limits in BANDS.items()}
        return {band: reduction(raw, kind, people) for band, people in bands.items()}

    return check


def _ages_alike(raw: Raw) -> Value:
    found = _age_bands("harassment_stalking")(raw)
    shown = ", ".join(f"{band} {fall:.1f}" for band, fall in found.items())
    return Claim(max(found.values()) - min(found.values()) <= ALIKE * max(found.values()), shown)


def _worked_with(kind: str) -> Callable[[Raw], float]:
    """Chi-square of behaviour change work by use at closure: those contacted; all 207 must give the same verdict."""

    def check(raw: Raw) -> float:
        people = pd.Series(informed(raw), index=informed(raw))
        worked = people.isin(behaviour_change_people(raw))
        uses = people.isin(users(raw, kind, "closure"))
        contacted = engaged(raw)["contact"].loc[people.index]
        found = chi_square(worked[contacted], uses[contacted])
        assert (found < 0.05) == (chi_square(worked, uses) < 0.05), f"{kind}: the verdict depends on the base"
        if kind == "physical":
            assert uses[worked].mean() < uses[contacted & ~worked].mean(), "not the expected direction"
        return found

    return check


def _other_worked_with(raw: Raw) -> Value:
    return {kind: _worked_with(kind)(raw) for kind in TYPES if kind != "physical"}


@cache
def changed(raw: Raw) -> pd.Series:
    """Whether at least one type used at intake was not used at closure, of those using any at intake."""
    before = {kind: users(raw, kind, "intake") for kind in TYPES}
    stopped = set().union(*(before[kind] - users(raw, kind, "closure") for kind in TYPES))
    using = sorted(set().union(*before.values()))
    return pd.Series([person in stopped for person in using], index=using)


def _logistic(raw: Raw) -> Value:
    """Wald p of each need in one model of behaviour change, and p of the model as a whole."""
    needs = specific_needs(raw)
    outcome = changed(raw)
    people = [person for person in needs.index if person in outcome.index]
    x, y = needs.loc[people], outcome.loc[people].astype(float)
    model = sm.Logit(y, sm.add_constant(x)).fit(disp=0)
    found = model.pvalues.drop("const").to_dict() | {"whole model": model.llr_pvalue}
    return {name: float(p) for name, p in found.items()}


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "cms.dva.fig5_n": _known_at_all_times,
    "cms.dva.reduction_in_use": _substantial,
    "cms.dva.severity_reduction.significance": _severity_p,
    "cms.dva.physical.high_severity.reduction": lambda raw: _high_fall(raw, "physical"),
    "cms.dva.high_severity.reduction_order": lambda raw: {kind: _high_fall(raw, kind) for kind in NOT_SEXUAL},
    "exec.dva.reduction_order": lambda raw: {kind: reduction(raw, kind) for kind in TYPES},
    "cms.needs_behaviour.logistic.significance": _logistic,
    "cms.age_quartiles.harassment_stalking.greatest_reduction": _ages_alike,
    "cms.behaviour_change_work.physical_end.significance": _worked_with("physical"),
    "cms.behaviour_change_work.other_dva.significance": _other_worked_with,
}
for _kind in TYPES:
    CHECKS[f"cms.dva.{_kind}.trend"] = _trend(_kind)
    CHECKS[f"exec.dva.{_kind}.reduction"] = lambda raw, kind=_kind: reduction(raw, kind)
for _kind in ("physical", "sexual", "jealousy_control"):
    CHECKS[f"cms.age_quartiles.{_kind}.greatest_reduction"] = _age_bands(_kind)
