"""Interviews: who was interviewed in which year, and the facts coded from the transcripts."""

from collections.abc import Callable

import pandas as pd

from .raw import Raw
from .register import Claim, Value
from .stats import describe, percent

TYPES = {"practitioners": "practitioner", "service_users": "service_user", "victims": "victim_survivor"}
SMALL_MAJORITY, LARGE_MAJORITY = 50, 75


def people(raw: Raw, kind: str, year: str | None = None) -> pd.DataFrame:
    """Interviews with one type of participant, of one year or of both."""
    frame = raw["interviews"]
    chosen = frame[frame["participant_type"] == TYPES[kind]]
    return chosen if year is None else chosen[chosen["study_year"] == year]


def _number(kind: str, year: str | None) -> Callable[[Raw], float]:
    return lambda raw: len(people(raw, kind, year))


def _victims(column: str, *words: str) -> Callable[[Raw], float]:
    return lambda raw: people(raw, "victims")[column].isin(words).sum()


def _service_users(*columns: str) -> Callable[[Raw], float]:
    """Service users of Year 2 with a yes in at least one of the columns."""
    return lambda raw: (people(raw, "service_users", "year2")[list(columns)] == "yes").any(axis=1).sum()


def _service_users_percent(column: str) -> Callable[[Raw], float]:
    return lambda raw: percent(_service_users(column)(raw), len(people(raw, "service_users", "year2")))


def _more_than(column: str, limit: float) -> Callable[[Raw], Value]:
    def check(raw: Raw) -> Value:
        share = percent(_victims(column, "yes")(raw), len(people(raw, "victims")))
        return Claim(share > limit, f"{share:.1f} %")

    return check


def _sites(column: str) -> Callable[[Raw], float]:
    """Sites with at least one practitioner of Year 2 who says so."""
    return lambda raw: people(raw, "practitioners", "year2").loc[lambda asked: asked[column] == "yes", "site"].nunique()


def _changes(raw: Raw) -> Value:
    users = people(raw, "service_users", "year2")
    changes = [column for column in users if column.startswith("change_")]
    return {column.removeprefix("change_"): float((users[column] == "yes").sum()) for column in changes}


def _months(raw: Raw) -> Value:
    months = people(raw, "service_users", "year2")["months_into_intervention"]
    return Claim((months.min(), months.max()) == (3, 10), f"{months.min():.0f} to {months.max():.0f}")


def _wanting_criteria(raw: Raw) -> Value:
    asked = people(raw, "practitioners", "year2")
    wanting = (asked["wants_referral_criteria"] == "yes").sum()
    return Claim(wanting == len(asked) == 33, f"{wanting} of {len(asked)}")


def _orientation(raw: Raw) -> Value:
    return people(raw, "practitioners", "year2")["indirect_work_orientation"].value_counts().astype(float).to_dict()


def _disruption_kinds(raw: Raw) -> Value:
    """Kinds of disruption that anybody described, by year."""
    found = {}
    for year in ("year1", "year2"):
        asked = people(raw, "practitioners", year)
        kinds = [column for column in asked if column.startswith("disrupt_")]
        found[year] = float((asked[kinds] == "yes").any().sum())
    return found


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "interviews.victims.relationship.partner_or_ex": _victims("relationship", "partner", "ex_partner"),
    "interviews.victims.relationship.other_family": _victims("relationship", "parent", "grandfather", "aunt"),
    "interviews.victims.relationship.parents": _victims("relationship", "parent"),
    "interviews.victims.relationship.grandfather": _victims("relationship", "grandfather"),
    "interviews.victims.relationship.aunt": _victims("relationship", "aunt"),
    "interviews.victims.female": _victims("sex", "female"),
    "interviews.victims.male": _victims("sex", "male"),
    "interviews.victims.white_english_welsh_british": _victims(
        "ethnicity", "white_english", "white_welsh", "white_british"
    ),
    "interviews.victims.most_positive": _victims("most_positive", "yes"),
    "interviews.victims.relapse_experienced": _victims("relapse_experienced", "yes"),
    "interviews.victims.felt_safer": _more_than("felt_safer", SMALL_MAJORITY),
    "interviews.victims.idva_support_positive": _more_than("idva_support_positive", LARGE_MAJORITY),
    "interviews.su.thought_process_change": _service_users_percent("thought_process_change"),
    "interviews.su.most_common_change": _changes,
    "interviews.su.suicidal_at_start": _service_users("suicidal_at_start"),
    "interviews.su.police_involvement": _service_users("police_involvement"),
    "interviews.su.convicted_partner_or_family": _service_users("convicted_partner_or_family"),
    "interviews.su.have_children": _service_users("has_children"),
    "interviews.su.child_protection_proceedings": _service_users("child_protection_proceedings"),
    "interviews.su.need_housing_substance_or_mental_health": _service_users(
        "need_housing", "need_substance", "need_mental_health"
    ),
    "interviews.su.mental_health_helped": _service_users("mental_health_helped"),
    "interviews.su.compared_with.probation": _service_users("compared_with_probation"),
    "interviews.su.compared_with.mental_health_services": _service_users("compared_with_mental_health_services"),
    "interviews.su.compared_with.private_counselling": _service_users("compared_with_private_counselling"),
    "interviews.su.youth_offending_history": _service_users("youth_offending_history"),
    "interviews.practitioners_wanting_referral_criteria": _wanting_criteria,
    "interviews.sites_victims_not_all_informed": _sites("reports_victims_not_all_informed"),
    "interviews.one_site_dvpp_one_to_one": _sites("reports_dvpp_one_to_one"),
    "interviews.sites_idva_provision_changes": _sites("reports_idva_provision_changes"),
    "interviews.indirect_orientation": _orientation,
    "exec.interviews.su.high_engagers": _service_users("high_engager"),
    "exec.interviews.su.thought_process": _service_users("thought_process_change"),
    "exec.interviews.su.suicidal_share": _service_users_percent("suicidal_at_start"),
    "exec.interviews.su.suicidal_at_interview": _service_users("suicidal_at_interview"),
    "exec.interviews.su.months_into_intervention": _months,
    "exec.disruption_diversity": _disruption_kinds,
}
for _kind in TYPES:
    CHECKS[f"interviews.{_kind}.year1"] = _number(_kind, "year1")
    CHECKS[f"interviews.{_kind}.year2"] = _number(_kind, "year2")
    CHECKS[f"interviews.{_kind}.total"] = _number(_kind, None)
for _measure in ("min", "max", "mean"):
    CHECKS[f"interviews.victims.age.{_measure}"] = lambda raw, name=_measure: describe(people(raw, "victims")["age"])[
        name
    ]
