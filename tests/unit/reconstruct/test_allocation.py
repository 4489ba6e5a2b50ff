"""The allocation register shows the samples of the flow diagrams, recomputed from the file as it is read back."""

from pathlib import Path

import pandas as pd
import pytest

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct.allocation import AGE_BANDS, add_months, build
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delimited import csv_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import SITES, build_spine
from drive_eval.reference.register import read_register

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
EXIT_FORMS = {"drive": (29, 21, 23), "control": (70, 182, 89)}  # N3
CONTRACT = load_contract(ROOT, "allocation")
CUT_OFF, POLICE_CUT_OFF = (
    pd.Timestamp(REGISTER[f"{extract}.inclusion.cutoff_date"].value) for extract in ("cms", "police")
)
MONTHS = pd.DateOffset(months=int(REGISTER["cms.inclusion.months_allocated"].number))


def changed(**values):
    """Assumed values, some of them changed."""
    return Assumed([row | {"value": str(values.get(row["id"], row["value"]))} for row in ASSUMED])


def delivered(seed):
    return csv_bytes(CONTRACT, build(REGISTER, changed(), build_spine(REGISTER, seed=seed), seed=seed))


@pytest.fixture(scope="module", params=[2019, 1, 2])
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def rows(seed, tmp_path_factory):
    path = tmp_path_factory.mktemp("raw") / "allocation_register.csv"
    path.write_bytes(delivered(seed))
    frames, faults = read_extract(path, CONTRACT)
    checked = check_extract(CONTRACT, frames, file=path.name, read_faults=faults)
    assert checked.faults == []
    return checked.tables["allocation_register"]


def test_samples_of_both_flow_diagrams(rows):
    drive, control = (rows[rows["arm"] == arm] for arm in ("drive", "control"))
    closed = drive[(drive["case_outcome"] == "completed") & (drive["allocation_date"] + MONTHS <= CUT_OFF)]
    found = {
        "cms.sample.closed_cases": closed["perpetrator_id"].nunique(),
        "insights.sample.drive_possible": closed["victim_id"].nunique(),
        "insights.appendix2.drive.n": (closed["insights_intake"] == "yes").sum(),
        "insights.sample.drive": (drive["insights_exit"] == "yes").sum(),
        "insights.sample.control_allocated": control["victim_id"].nunique(),
        "insights.appendix2.control.n": (control["insights_intake"] == "yes").sum(),
        "insights.sample.control": (control["insights_exit"] == "yes").sum(),
        "police.sample.drive": (drive["police_data"] == "found").sum(),
        "police.sample.control": (control["police_data"] == "found").sum(),
    }
    assert found == {name: REGISTER[name].number for name in found}


def test_assumed_numbers_of_the_flow_diagrams(rows):
    people = rows.drop_duplicates("perpetrator_id").groupby(["arm", "site"], observed=True).size()
    for (arm, site), size in people.items():
        assert size == changed()[f"allocation.{arm}.perpetrators.{site}"]
    drive = rows[rows["arm"] == "drive"]
    overdue = (drive["case_outcome"] == "open") & (drive["allocation_date"] + MONTHS <= CUT_OFF)
    assert overdue.sum() == changed()["allocation.drive.open_after_10_months"]
    assert (drive["case_outcome"] == "closed_early").sum() == changed()["allocation.drive.closed_early"]


def test_closed_cases_are_those_of_the_spine(rows, seed):
    closed = rows[rows["case_outcome"] == "completed"].set_index("perpetrator_id")
    for user in build_spine(REGISTER, seed=seed):
        row = closed.loc[user.su_id]
        expected = (user.site, pd.Timestamp(user.allocation_date), pd.Timestamp(user.closure_date))
        assert (row["site"], row["allocation_date"], row["closure_date"]) == expected


def test_cases_closed_early_end_before_the_tenth_month_and_the_cut_off(rows):
    early = rows[rows["case_outcome"] == "closed_early"]
    assert ((early["closure_date"] - early["allocation_date"]).dt.days / 30.4375 <= 9).all()
    assert (early["closure_date"] <= CUT_OFF).all()
    assert early["early_closure_reason"].notna().all()


def test_police_pairs_agree_on_the_matching_variables_and_respect_the_cut_off(rows):
    matched = rows[rows["match_pair"].notna()]
    assert (matched["allocation_date"] + MONTHS <= POLICE_CUT_OFF).all()
    assert matched["perpetrator_id"].is_unique
    drive, control = (
        matched[matched["arm"] == arm].set_index("match_pair").sort_index() for arm in ("drive", "control")
    )
    assert list(drive.index) == list(control.index) == list(range(1, len(drive) + 1))
    for name in ("match_risk_level", "match_sex", "match_needs"):
        assert (drive[name].astype(str) == control[name].astype(str)).all()
    bands = [frame["match_age_band"].map(AGE_BANDS.index).astype(int) for frame in (drive, control)]
    assert (bands[0] - bands[1]).abs().max() == 1


def test_exit_forms_by_site_are_those_of_the_insights_workbook(rows):
    with_exit = rows[rows["insights_exit"] == "yes"]
    for arm, by_site in EXIT_FORMS.items():
        counts = with_exit[with_exit["arm"] == arm].groupby("site", observed=False).size()
        assert tuple(counts[site] for site in SITES) == by_site


def test_same_seed_same_bytes_other_seed_other_people(seed):
    assert delivered(seed) == delivered(seed)
    assert delivered(seed) != delivered(seed + 10)


@pytest.mark.parametrize(
    ("name", "value", "figure"),
    [
        ("allocation.drive.perpetrators.essex", 10, "allocation.drive.perpetrators.essex"),
        ("allocation.drive.closed_early", 600, "allocation.drive"),
        ("allocation.control.perpetrators.essex", 5000, "allocation.control"),
        ("allocation.police.pairs.essex", 200, "allocation.police.pairs.essex"),
        ("allocation.police.pairs.essex", 3, "police.sample.drive"),
        ("insights.site.drive.essex.exit_forms", 30, "insights.sample.drive"),
    ],
)
def test_numbers_that_do_not_fit_are_named(name, value, figure):
    with pytest.raises(Infeasible, match=rf"^{figure}\b"):
        build(REGISTER, changed(**{name: value}), build_spine(REGISTER, seed=1), seed=1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2017-12-31", -10, "2017-02-28"), ("2016-08-31", 6, "2017-02-28"), ("2016-12-15", 1, "2017-01-15")],
)
def test_months_are_calendar_months(day, months, expected):
    assert add_months(pd.Timestamp(day).date(), months).isoformat() == expected
