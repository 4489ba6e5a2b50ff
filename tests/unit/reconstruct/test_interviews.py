"""The interviews show Table 2 and the facts of the interview chapters, recomputed from the file as read back."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delimited import csv_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.interviews import build
from drive_eval.reference.register import read_register

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
CONTRACT = load_contract(ROOT, "interviews")
CHANGES = ["impulse_control", "reasoning", "hearing_criticism", "outlook"]


def changed(**values):
    """Assumed values, some of them changed."""
    return Assumed([row | {"value": str(values.get(row["id"], row["value"]))} for row in ASSUMED])


def delivered(seed):
    return csv_bytes(CONTRACT, build(REGISTER, changed(), seed=seed))


@pytest.fixture(scope="module", params=[2019, 1, 2])
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def rows(seed, tmp_path_factory):
    path = tmp_path_factory.mktemp("raw") / "interviews.csv"
    path.write_bytes(delivered(seed))
    frames, faults = read_extract(path, CONTRACT)
    checked = check_extract(CONTRACT, frames, file=path.name, read_faults=faults)
    assert checked.faults == []
    return checked.tables["interviews"]


def counted(rows):
    """Every count of the area by published id."""
    size = rows.groupby(["participant_type", "study_year"], observed=True).size()
    practitioners, service_users, victims = (
        rows[rows["participant_type"] == kind] for kind in ("practitioner", "service_user", "victim_survivor")
    )
    coded = service_users[service_users["study_year"] == "year2"]
    found = {}
    for label, kind in (
        ("practitioners", "practitioner"),
        ("service_users", "service_user"),
        ("victims", "victim_survivor"),
    ):
        found |= {f"interviews.{label}.{year}": size[kind, year] for year in ("year1", "year2")}
        found[f"interviews.{label}.total"] = size[kind].sum()
    for name in ("suicidal_at_start", "police_involvement", "convicted_partner_or_family", "have_children"):
        found[f"interviews.su.{name}"] = (coded[name.replace("have_", "has_")] == "yes").sum()
    for name in ("child_protection_proceedings", "mental_health_helped", "youth_offending_history"):
        found[f"interviews.su.{name}"] = (coded[name] == "yes").sum()
    for other in ("probation", "mental_health_services", "private_counselling"):
        found[f"interviews.su.compared_with.{other}"] = (coded[f"compared_with_{other}"] == "yes").sum()
    needs = coded[["need_housing", "need_substance", "need_mental_health"]] == "yes"
    found["interviews.su.need_housing_substance_or_mental_health"] = needs.any(axis=1).sum()
    for name, column in (("high_engagers", "high_engager"), ("thought_process", "thought_process_change")):
        found[f"exec.interviews.su.{name}"] = (coded[column] == "yes").sum()
    found["exec.interviews.su.suicidal_at_interview"] = (coded["suicidal_at_interview"] == "yes").sum()
    relation = victims["relationship"]
    found["interviews.victims.relationship.partner_or_ex"] = relation.isin(["partner", "ex_partner"]).sum()
    found["interviews.victims.relationship.other_family"] = relation.isin(["parent", "grandfather", "aunt"]).sum()
    for name, code in (("parents", "parent"), ("grandfather", "grandfather"), ("aunt", "aunt")):
        found[f"interviews.victims.relationship.{name}"] = (relation == code).sum()
    for sex in ("female", "male"):
        found[f"interviews.victims.{sex}"] = (victims["sex"] == sex).sum()
    white = ["white_english", "white_welsh", "white_british"]
    found["interviews.victims.white_english_welsh_british"] = victims["ethnicity"].isin(white).sum()
    for name in ("most_positive", "relapse_experienced"):
        found[f"interviews.victims.{name}"] = (victims[name] == "yes").sum()
    found |= {"interviews.victims.age.min": victims["age"].min(), "interviews.victims.age.max": victims["age"].max()}
    asked = practitioners[practitioners["study_year"] == "year2"]
    found["interviews.practitioners_wanting_referral_criteria"] = (asked["wants_referral_criteria"] == "yes").sum()
    for figure, column in (
        ("interviews.sites_victims_not_all_informed", "reports_victims_not_all_informed"),
        ("interviews.one_site_dvpp_one_to_one", "reports_dvpp_one_to_one"),
        ("interviews.sites_idva_provision_changes", "reports_idva_provision_changes"),
    ):
        found[figure] = asked.loc[asked[column] == "yes", "site"].nunique()
    return found


def test_counts(rows):
    found = counted(rows)
    targets = {name: REGISTER[name].expected or REGISTER[name].number for name in found}
    assert found == targets


def test_printed_total_of_practitioners_is_that_of_people(rows):
    people = rows[rows["participant_type"] == "practitioner"].groupby("person_id")
    assert people.ngroups == REGISTER["interviews.practitioners.total"].number
    twice = people.filter(lambda group: len(group) > 1)
    assert set(twice["study_year"]) == {"year1", "year2"}
    assert twice.groupby("person_id")[["site", "role"]].nunique().eq(1).all(axis=None)


def test_mean_age_prints(rows):
    ages = rows.loc[rows["participant_type"] == "victim_survivor", "age"]
    mean = Decimal(int(ages.sum())) / len(ages)
    assert (
        float(mean.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)) == REGISTER["interviews.victims.age.mean"].number
    )


def test_worded_results(rows):
    coded = rows[(rows["participant_type"] == "service_user") & (rows["study_year"] == "year2")]
    victims = rows[rows["participant_type"] == "victim_survivor"]
    practitioners = rows[rows["participant_type"] == "practitioner"]
    for figure, column in (
        ("interviews.su.thought_process_change", "thought_process_change"),
        ("exec.interviews.su.suicidal_share", "suicidal_at_start"),
    ):
        low, high = REGISTER[figure].range
        assert low <= 100 * (coded[column] == "yes").mean() <= high
    changes = {change: (coded[f"change_{change}"] == "yes").sum() for change in CHANGES}
    first, second = sorted(changes.values(), reverse=True)[:2]
    assert first > second
    assert [max(changes, key=changes.get)] == list(REGISTER["interviews.su.most_common_change"].value)
    months = coded["months_into_intervention"]
    assert (months.min(), months.max()) == REGISTER["exec.interviews.su.months_into_intervention"].value
    assert (victims["felt_safer"] == "yes").mean() > 0.5
    assert (victims["idva_support_positive"] == "yes").mean() > 0.75
    orientation = practitioners["indirect_work_orientation"].value_counts()
    assert orientation["disruption_and_risk_management"] > orientation["support_only"]
    kinds = practitioners.filter(like="disrupt_").eq("yes").groupby(practitioners["study_year"], observed=True)
    assert kinds.any().sum(axis=1)["year2"] > kinds.any().sum(axis=1)["year1"]
    assert kinds.mean().sum(axis=1)["year2"] > kinds.mean().sum(axis=1)["year1"]


def test_facts_agree_with_each_other(rows):
    for part, whole in (
        ("suicidal_at_start", "need_mental_health"),
        ("mental_health_helped", "need_mental_health"),
        ("convicted_partner_or_family", "police_involvement"),
        ("most_positive", "felt_safer"),
    ):
        assert (rows.loc[rows[part] == "yes", whole] == "yes").all()
    assert (rows.loc[rows["relationship"] == "grandfather", "sex"] == "male").all()
    assert (rows.loc[rows["relationship"] == "aunt", "sex"] == "female").all()


def test_every_entry_of_the_area_is_counted_or_worded(rows):
    worded = {
        "interviews.su.thought_process_change",
        "interviews.su.most_common_change",
        "interviews.victims.felt_safer",
        "interviews.victims.idva_support_positive",
        "interviews.victims.age.mean",
        "interviews.indirect_orientation",
        "exec.interviews.su.suicidal_share",
        "exec.interviews.su.months_into_intervention",
        "exec.disruption_diversity",
    }
    published = {
        name
        for name, entry in REGISTER.items()
        if entry.extract == "interviews"
        and entry.document in ("year2_report", "executive_summary")
        and not entry.same_as
    }
    assert published == worded | set(counted(rows))


def test_same_seed_same_bytes_other_seed_other_people(seed):
    assert delivered(seed) == delivered(seed)
    assert delivered(seed) != delivered(seed + 10)


@pytest.mark.parametrize(
    ("name", "value", "figure"),
    [
        ("interviews.su.change.outlook", 11, "interviews.su.most_common_change"),
        ("interviews.su.change.outlook", 13, "interviews: change_outlook"),
        ("interviews.su.need.mental_health", 9, "interviews: mental_health_helped"),
        ("interviews.victims.felt_safer", 8, "interviews.victims.felt_safer"),
        ("interviews.victims.idva_support_positive", 12, "interviews.victims.idva_support_positive"),
        ("interviews.indirect.support_only", 21, "interviews.indirect_orientation"),
        ("interviews.disruption.information_sharing.year2", 34, "interviews: disrupt_information_sharing"),
    ],
)
def test_numbers_that_do_not_fit_are_named(name, value, figure):
    with pytest.raises(Infeasible, match=rf"^{figure}\b"):
        build(REGISTER, changed(**{name: value}), seed=1)


def test_as_many_kinds_of_disruption_in_year_1_are_refused():
    names = ["mappa_referral", "address_provision", "breach_reported_by_others"]
    with pytest.raises(Infeasible, match=r"^exec\.disruption_diversity"):
        build(REGISTER, changed(**{f"interviews.disruption.{name}.year1": 1 for name in names}), seed=1)
