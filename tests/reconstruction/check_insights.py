"""Insights workbook: samples, Appendix 2, abuse at intake and exit, change in risk, support by IDVAs."""

from collections.abc import Callable, Mapping
from functools import cache

import pandas as pd
from scipy import stats

from .raw import Raw
from .register import Claim, Value
from .stats import chi_square, describe, mcnemar, percent, t_test, woolf

ARMS = ("drive", "control")
GROUPS = {"all": ARMS, "drive": ("drive",), "control": ("control",)}
AREAS = {"area_1": "essex", "area_2": "south_wales", "area_3": "west_sussex"}  # Y19
TYPES = ("physical", "sexual", "harassment_stalking", "jealousy_control")
NEEDS = ["mental_health", "alcohol", "substance_misuse", "employment", "financial", "disability"]
CATEGORIES = {
    "gender": ("men", "women"),
    "ethnicity": ("white_british", "white_other", "black_black_british", "asian_asian_british", "other"),
    "sexual_orientation": ("heterosexual", "lgb"),
    "living_situation": ("not_living_together", "living_together"),
    "children": ("present", "not_present"),
    "relationship": ("intimate_partner", "ex_intimate_partner", "family", "other"),
    "complex_needs": ("none", "one", "two", "three_or_more"),
}
LASTING = (
    "dont_know_or_unpredictable",
    "short_term_1_to_6_months",
    "medium_term_6_months_to_2_years",
    "long_term_over_2_years",
    "permanently_eliminated",
)
DAYS_A_MONTH = 365.25 / 12


@cache
def intake(raw: Raw, group: str = "all") -> pd.DataFrame:
    """Intake forms of a group, with the number of the six complex needs in the words of Appendix 2."""
    forms = raw["insights_intake"]
    number = (forms[[f"need_{need}" for need in NEEDS]] == "yes").sum(axis=1)
    words = number.map(lambda count: ("none", "one", "two", "three_or_more")[min(count, 3)])
    return forms.assign(complex_needs=words)[forms["arm"].isin(GROUPS[group])]


@cache
def exit_forms(raw: Raw, arm: str | None = None, area: str | None = None) -> pd.DataFrame:
    """Exit forms with the date and the answers of their intake form."""
    both = raw["insights_exit"].merge(
        raw["insights_intake"], on="case_id", suffixes=("", "_intake"), validate="one_to_one"
    )
    assert len(both) == len(raw["insights_exit"]), "exit form without an intake form"
    both["support_days"] = (both["exit_date"] - both["intake_date"]).dt.days
    if arm is not None:
        both = both[both["arm"] == arm]
    return both if area is None else both[both["site"] == AREAS[area]]


@cache
def last_answers(raw: Raw, arm: str) -> pd.DataFrame:
    """Last answer on the change in risk and on how lasting it is: the exit form, else the latest review."""
    reviews = raw["insights_reviews"].sort_values("review_date")
    forms = pd.concat([reviews, raw["insights_exit"]])
    forms = forms[forms["arm"] == arm]
    # groupby.last() would take each column from another form; the form is chosen by the answer on risk
    return forms[forms["risk_change"].notna()].drop_duplicates("case_id", keep="last")


def _age(group: str, statistic: str) -> Callable[[Raw], float]:
    """Without the age of 0, a slip of the form."""
    return lambda raw: describe(intake(raw, group)["age"].where(lambda age: age > 0))[statistic]


def _category(group: str, variable: str, code: str) -> Callable[[Raw], float]:
    return lambda raw: (intake(raw, group)[variable] == code).sum()


def _category_percent(group: str, variable: str, code: str) -> Callable[[Raw], float]:
    """On valid answers (Y05)."""
    return lambda raw: percent(_category(group, variable, code)(raw), intake(raw, group)[variable].notna().sum())


def _sites_similar(raw: Raw) -> Value:
    """No variable of Appendix 2 differs between the sites at .05."""
    forms = intake(raw)
    found = {variable: chi_square(forms[variable], forms["site"]) for variable in CATEGORIES}
    ages = forms[forms["age"] > 0].groupby("site")["age"]
    found["age"] = stats.kruskal(*(ages_of_site for _, ages_of_site in ages)).pvalue
    least = min(found, key=found.get)
    return Claim(found[least] >= 0.05, f"smallest p {found[least]:.3f} ({least})")


def experienced(raw: Raw, arm: str, kind: str) -> dict[str, float]:
    """Share who experienced a type of abuse at intake and at exit, each on its own answers, in per cent."""
    forms = exit_forms(raw, arm)
    columns = {"intake": forms[f"{kind}_intake"], "exit": forms[kind]}
    return {time: percent((answers == "yes").sum(), answers.notna().sum()) for time, answers in columns.items()}


def reduction(raw: Raw, arm: str, kind: str) -> float:
    """Fall of that share relative to intake, in per cent."""
    shares = experienced(raw, arm, kind)
    return percent(shares["intake"] - shares["exit"], shares["intake"])


def _answered(arm: str, column: str) -> Callable[[Raw], float]:
    return lambda raw: exit_forms(raw, arm)[column].notna().sum()


def _mcnemar(arm: str, kind: str) -> Callable[[Raw], float]:
    return lambda raw: mcnemar(exit_forms(raw, arm)[f"{kind}_intake"], exit_forms(raw, arm)[kind])


def at_exit(raw: Raw, kind: str) -> dict[str, float]:
    """Odds ratio of abuse at exit, control against Drive, one 2 x 2 table (R4)."""
    counts = {arm: exit_forms(raw, arm)[kind].value_counts() for arm in ARMS}
    return woolf(counts["control"]["yes"], counts["control"]["no"], counts["drive"]["yes"], counts["drive"]["no"])


def _severe(raw: Raw) -> Value:
    """Relative fall of the share at the severe level against the other levels together, four types pooled."""
    forms = exit_forms(raw, "drive")
    counts = {}
    for time, suffix in (("intake", "_intake"), ("exit", "")):
        levels = pd.concat([forms[f"{kind}_level{suffix}"] for kind in TYPES]).dropna()
        counts[time] = {
            "severe": (levels == "high").mean(),
            "other_severity": levels.isin(["standard", "moderate"]).mean(),
        }
    return {
        f"{name}_reduction": percent(counts["intake"][name] - counts["exit"][name], counts["intake"][name])
        for name in ("severe", "other_severity")
    }


def _reductions_by_arm(raw: Raw) -> Value:
    """The direction must hold for the four types together and for physical abuse; the mean is returned."""
    means = {arm: sum(reduction(raw, arm, kind) for kind in TYPES) / len(TYPES) for arm in ARMS}
    assert reduction(raw, "drive", "physical") > reduction(raw, "control", "physical")
    return means


def _every_type_falls(raw: Raw) -> Value:
    shares = {kind: experienced(raw, "drive", kind) for kind in TYPES}
    shown = ", ".join(f"{kind} {share['intake']:.0f} to {share['exit']:.0f}" for kind, share in shares.items())
    return Claim(all(share["intake"] > share["exit"] for share in shares.values()), shown)


def _risk_share(arm: str, *codes: str) -> Callable[[Raw], float]:
    def check(raw: Raw) -> float:
        answers = last_answers(raw, arm)["risk_change"]
        return percent(answers.isin(codes).sum(), len(answers))

    return check


REDUCED = ("significant_reduction", "moderate_reduction")


def _mostly_reduced(raw: Raw) -> Value:
    """In both groups significant and moderate reduction outweigh every other answer together."""
    shares = {arm: _risk_share(arm, *REDUCED)(raw) for arm in ARMS}
    return Claim(all(share > 50 for share in shares.values()), f"{shares}")


def _reduced_by_arm(raw: Raw) -> Value:
    return {arm: _risk_share(arm, *REDUCED)(raw) for arm in ARMS}


def lasting(raw: Raw, arm: str) -> pd.Series:
    """How lasting the change is, of those with an answer."""
    return last_answers(raw, arm)["sustainability"].dropna()


def _lasting_share(arm: str, code: str) -> Callable[[Raw], float]:
    return lambda raw: percent((lasting(raw, arm) == code).sum(), len(lasting(raw, arm)))


def _eliminated(raw: Raw) -> Mapping[str, float]:
    return {arm: _lasting_share(arm, "permanently_eliminated")(raw) for arm in ARMS}


def _self_mobilised(measure: str) -> Callable[[Raw], float]:
    return lambda raw: t_test(intake(raw, "drive")[measure], intake(raw, "control")[measure])["p"]


def _measure(column: str, arm: str, statistic: str, area: str | None = None) -> Callable[[Raw], float]:
    return lambda raw: describe(exit_forms(raw, arm, area)[column])[statistic]


def _t_test(column: str, statistic: str, area: str | None = None) -> Callable[[Raw], float]:
    return lambda raw: t_test(*(exit_forms(raw, arm, area)[column] for arm in ARMS))[statistic]


def _by_arm(column: str, statistic: str, area: str) -> Callable[[Raw], Value]:
    return lambda raw: {arm: _measure(column, arm, statistic, area)(raw) for arm in ARMS}


def _window_of_a_year(raw: Raw) -> Value:
    """The look-back is part of the question: the headers as delivered name it."""
    headers = list(raw.cells["insights"].sheets["Intake"].columns)
    asked = [header for header in headers if "(12 months)" in header]
    return Claim(len(asked) == 5, f"{len(asked)} questions on 12 months")


def _register_number(arm: str, **codes: str) -> Callable[[Raw], float]:
    def check(raw: Raw) -> float:
        register = raw["allocation_register"]
        chosen = register[register["arm"] == arm]
        for column, code in codes.items():
            chosen = chosen[chosen[column] == code]
        if arm == "drive":
            chosen = chosen[chosen["allocation_date"] + pd.DateOffset(months=10) <= pd.Timestamp("2018-03-31")]
        return chosen["victim_id"].nunique()

    return check


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "insights.sample.drive_possible": _register_number("drive", case_outcome="completed"),
    "insights.sample.control_allocated": _register_number("control"),
    "insights.vs.sites_similar": _sites_similar,
    "insights.dva.drive.severe_pronounced": _severe,
    "insights.dva.drive_vs_control": lambda raw: {f"{arm}_reduction": r for arm, r in _reductions_by_arm(raw).items()},
    "insights.dva.physical.exit.odds_ratio": lambda raw: at_exit(raw, "physical")["odds_ratio"],
    "insights.dva.physical.exit.ci_low": lambda raw: at_exit(raw, "physical")["ci_low"],
    "insights.dva.physical.exit.ci_high": lambda raw: at_exit(raw, "physical")["ci_high"],
    "insights.dva.ci_level": lambda raw: 95.0,
    "exec.vs.reduction.drive_vs_control": _reductions_by_arm,
    "exec.vs.each_type.drive.trend": _every_type_falls,
    "insights.risk_change.overall": _mostly_reduced,
    "insights.risk_change.drive_vs_control": _reduced_by_arm,
    "exec.vs.risk_reduction.direction": _reduced_by_arm,
    "insights.sustainability.permanently_eliminated.direction": _eliminated,
    "exec.vs.risk_eliminated.ratio": lambda raw: _eliminated(raw)["drive"] / _eliminated(raw)["control"],
    "insights.self_mobilised.window_months": _window_of_a_year,
}
for _group in GROUPS:
    _key = f"insights.appendix2.{_group}"
    CHECKS[f"{_key}.n"] = lambda raw, group=_group: intake(raw, group)["case_id"].nunique()
    for _statistic in ("mean", "sd", "median", "min", "max"):
        CHECKS[f"{_key}.age.{_statistic}"] = _age(_group, _statistic)
    for _variable, _codes in CATEGORIES.items():
        for _code in _codes:
            CHECKS[f"{_key}.{_variable}.{_code}.n"] = _category(_group, _variable, _code)
            CHECKS[f"{_key}.{_variable}.{_code}.pct"] = _category_percent(_group, _variable, _code)
for _arm in ARMS:
    CHECKS[f"insights.sample.{_arm}"] = lambda raw, arm=_arm: exit_forms(raw, arm)["case_id"].nunique()
    CHECKS[f"exec.sample.{_arm}_victims"] = CHECKS[f"insights.sample.{_arm}"]
    CHECKS[f"exec.vs.physical.reduction.{_arm}"] = lambda raw, arm=_arm: reduction(raw, arm, "physical")
    CHECKS[f"exec.vs.risk_reduction.{_arm}"] = _risk_share(_arm, *REDUCED)
    CHECKS[f"insights.risk_change.{_arm}.n"] = lambda raw, arm=_arm: len(last_answers(raw, arm))
    CHECKS |= {f"insights.risk_change.{_arm}.{_code}": _risk_share(_arm, _code) for _code in REDUCED}
    CHECKS[f"insights.sustainability.{_arm}.n"] = lambda raw, arm=_arm: len(lasting(raw, arm))
    CHECKS |= {f"insights.sustainability.{_arm}.{_code}": _lasting_share(_arm, _code) for _code in LASTING}
    CHECKS[f"insights.support_days.{_arm}.months_approx"] = lambda raw, arm=_arm: (
        _measure("support_days", arm, "mean")(raw) / DAYS_A_MONTH
    )
    for _kind in TYPES:
        CHECKS[f"insights.dva.{_arm}.{_kind}.intake_n"] = _answered(_arm, f"{_kind}_intake")
        CHECKS[f"insights.dva.{_arm}.{_kind}.exit_n"] = _answered(_arm, _kind)
        CHECKS[f"insights.dva.{_arm}.{_kind}.trend"] = lambda raw, arm=_arm, kind=_kind: experienced(raw, arm, kind)
        CHECKS[f"insights.dva.{_arm}.{_kind}.mcnemar.significance"] = _mcnemar(_arm, _kind)
for _kind in TYPES:
    CHECKS[f"insights.dva.{_kind}.exit.mh.significance"] = lambda raw, kind=_kind: at_exit(raw, kind)["p"]
for _count in ("attempts_to_leave", "a_and_e_visits", "police_calls", "specialist_da_support", "gp_visits"):
    CHECKS[f"insights.self_mobilised.{_count}.significance"] = _self_mobilised(_count)
for _name, _column in {
    "support_days": "support_days",
    "contacts": "idva_contacts",
    "support_interventions": "support_interventions",
}.items():
    for _area in (None, *AREAS):
        _key = f"insights.{_name}" if _area is None else f"insights.{_name}.{_area}"
        for _statistic in ("t", "df", "p"):
            CHECKS[f"{_key}.{_statistic}"] = _t_test(_column, _statistic, _area)
        CHECKS[f"{_key}.significance"] = CHECKS[f"{_key}.p"]
        for _arm in ARMS:
            for _statistic in ("mean", "sd", "median", "min", "max"):
                CHECKS[f"{_key}.{_arm}.{_statistic}"] = _measure(_column, _arm, _statistic, _area)
        if _area is not None:
            CHECKS[f"{_key}.direction"] = _by_arm(_column, "mean", _area)
            CHECKS[f"{_key}.mean_direction"] = _by_arm(_column, "mean", _area)
            CHECKS[f"{_key}.median_direction"] = _by_arm(_column, "median", _area)
