"""The case file prints as the report does, recomputed with plain pandas from the workbook as it is read back."""

import math
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_people import build
from drive_eval.reconstruct.delivery import workbook_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import build_spine
from drive_eval.reference.register import read_register

from .parts import part_of

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
CONTRACT = part_of("cms", "Cases", "Victims", "Risk")
BANDS = {"under_28": 51, "28_33": 58, "34_42": 48, "43_plus": 55}
NEEDS = [
    f"need_{need}" for need in ("mental_health", "alcohol", "substance_misuse", "employment", "financial", "disability")
]


def people(seed, counts=BANDS):
    spine = build_spine(REGISTER, seed=seed)
    bands = [band for band, count in counts.items() for _ in range(count)]
    Random(seed).shuffle(bands)
    return spine, {person.su_id: band for person, band in zip(spine, bands, strict=True)}


def sheets(seed, assumed=None, counts=BANDS):
    return build(REGISTER, assumed or Assumed(ASSUMED), *people(seed, counts), seed=seed)


@pytest.fixture(scope="module", params=[2019, 1, 2])
def delivered(request, tmp_path_factory):
    """The checked tables of one seed, and the faults found in them."""
    path = tmp_path_factory.mktemp("cms") / "cms_extract.xlsx"
    path.write_bytes(workbook_bytes(CONTRACT, sheets(request.param), notice="Notice"))
    frames, faults = read_extract(path, CONTRACT)
    checked = check_extract(CONTRACT, frames, file=path.name, read_faults=faults)
    assert checked.faults == []
    cases, victims, risk = (checked.tables[name] for name in ("cms_cases", "cms_victims", "cms_risk"))
    return cases, victims, victims[victims["is_index"] == "yes"], risk


def figures(cases, victims, index, risk):
    """Every figure of the area by published id, as plainly as it can be put."""
    long, answered = cases[cases["months_open"] >= 11], risk[~risk["risk_change"].isin(["not_known"])]
    answered = answered[answered["risk_change"].notna()]
    engaged = cases["engagement"].isin(["fully_engaged", "partially_engaged"])
    known = cases[~cases["ethnicity"].isin(["not_known", "not_asked", "declined"])]
    cyps = cases[cases["cyps_involved"].isin(["yes", "no"])]
    ccj = cases[cases["ccj_history"].isin(["yes", "no"])]
    children, protection = cases["children_involved"] == "yes", cases["child_protection"] == "yes"
    eleven, longer = cases["months_open"].isin([11, 12]), cases["months_open"].between(13, 23)
    linked = victims.groupby("su_id").size()
    found = {
        "cms.sample.closed_cases": len(cases),
        "design.pilot_sites.n": cases["site"].nunique(),
        "cms.su.gender.men": 100 * (cases["gender"] == "man").mean(),
        "cms.su.ethnicity.white_british_or_other": 100
        * known["ethnicity"].isin(["white_british", "white_other"]).mean(),
        "cms.su.multiple_victims": 100 * (linked > 1).mean(),
        "cms.su.children_involved": 100 * children.mean(),
        "cms.statutory.cyps.recorded_n": len(cyps),
        "cms.statutory.cyps.involved_n": (cyps["cyps_involved"] == "yes").sum(),
        "cms.statutory.cyps.involved_pct": 100 * (cyps["cyps_involved"] == "yes").mean(),
        "cms.statutory.ccj.recorded_n": len(ccj),
        "cms.statutory.ccj.history_pct": 100 * (ccj["ccj_history"] == "yes").mean(),
        "cms.vs.n": len(index),
        "cms.vs.sexual_orientation.heterosexual": 100 * (index["sexual_orientation"] == "heterosexual").mean(),
        "cms.vs.ethnicity.white_british": 100 * (index["ethnicity"] == "white_british").mean(),
        "cms.vs.gender.women": 100 * (index["gender"] == "woman").mean(),
        "cms.vs.relationship.partner_or_ex": 100
        * index["relationship"].isin(["ex_intimate_partner", "intimate_partner"]).mean(),
        "cms.vs.relationship.ex_intimate_partner": 100 * (index["relationship"] == "ex_intimate_partner").mean(),
        "cms.vs.relationship.intimate_partner": 100 * (index["relationship"] == "intimate_partner").mean(),
        "cms.vs.living.not_with_perpetrator": 100 * (index["living_with_perpetrator"] == "no").mean(),
        "cms.vs.children_present": 100 * (index["children_present"] == "yes").mean(),
        "cms.vs.needs.three_or_more": 100 * ((index[NEEDS] == "yes").sum(axis=1) >= 3).mean(),
        "cms.engagement.with_children": 100 * engaged[children].mean(),
        "cms.engagement.with_child_protection": 100 * engaged[protection].mean(),
        "cms.perceived_risk.n": len(answered),
        "exec.cms.perceived_risk.reduced_greatly_or_slightly": 100
        * answered["risk_change"].isin(["reduced_greatly", "reduced_slightly"]).mean(),
        "cms.length.closed_11_12_months.n": eleven.sum(),
        "cms.length.closed_11_12_months.pct": 100 * eleven.mean(),
        "cms.length.closed_13_23_months.n": longer.sum(),
        "cms.length.closed_13_23_months.pct": 100 * longer.mean(),
        "cms.length.max_months": cases["months_open"].max(),
        "cms.step_down.cases_11_plus_months": len(long),
        "cms.step_down.n": (long["step_down"] == "yes").sum(),
        "cms.step_down.pct": 100 * (long["step_down"] == "yes").mean(),
    }
    for name, ages in (("su", cases["age"]), ("vs", index["age"])):
        for part in ("min", "max", "mean", "median"):
            found[f"cms.{name}.age.{part}"] = getattr(ages.astype(float), part)()
        found[f"cms.{name}.age.sd"] = ages.astype(float).std(ddof=1)
    for name in ("reduced_greatly", "reduced_slightly", "no_change"):
        found[f"cms.perceived_risk.{name}.year2"] = 100 * (answered["risk_change"] == name).mean()
    return found


def prints_as(value, entry):
    step = Decimal(1).scaleb(-(entry.decimals or 0))
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)) == entry.number


def test_every_number_prints_as_published(delivered):
    wrong = {name: value for name, value in figures(*delivered).items() if not prints_as(value, REGISTER[name])}
    assert wrong == {}


def test_repeats_in_the_summary_follow(delivered):
    found = figures(*delivered)
    repeats = [entry for entry in REGISTER.values() if entry.same_as in found]
    assert len(repeats) >= 15
    assert [entry.published_id for entry in repeats if not prints_as(found[entry.same_as], entry)] == []


def test_every_number_of_the_area_is_covered(delivered):
    """Each printed number of the area is recomputed here, checked by a test below, or listed with a reason."""
    areas = ("cms.su.", "cms.statutory.", "cms.vs.", "cms.length.", "cms.step_down.", "cms.perceived_risk.",
             "cms.engagement.with_", "cms.inclusion.", "cms.caseload.", "design.")  # fmt: skip
    below = {
        "cms.su.age.most_between", "cms.length.over_10_months", "cms.step_down.max_extra_months",
        "cms.inclusion.months_allocated", "cms.inclusion.cutoff_date", "cms.caseload.recommended_max",
        "design.intervention_length_months", "design.launch_month", "design.cases_reported_on",
    }  # fmt: skip
    listed = {row["published_id"] for row in read_rows(ROOT / "config/year2/unconstrained.csv")}
    area = {name for name, entry in REGISTER.items() if name.startswith(areas) and entry.extract == "cms"}
    assert area == (area & set(figures(*delivered))) | below | listed


def test_age_quartiles_lie_on_the_printed_limits(delivered):
    ages = delivered[0]["age"].astype(int)
    assert tuple(np.percentile(ages, [25, 50, 75], method="weibull")) == REGISTER["cms.age_quartiles.bounds"].value
    low, high = REGISTER["cms.su.age.most_between"].value
    assert ages.between(low, high).mean() > 0.5


def test_bands_are_kept():
    cases = {row["su_id"]: row["age"] for row in sheets(1)["Cases"]}
    limits = {"under_28": (17, 27), "28_33": (28, 33), "34_42": (34, 42), "43_plus": (43, 77)}
    _, band = people(1)
    assert all(limits[band[name]][0] <= age <= limits[band[name]][1] for name, age in cases.items())


def test_directions_of_engagement(delivered):
    """Both statements and both percentages (Y22), whether the blank entry counts as no or is left out."""
    cases = delivered[0]
    engaged = cases["engagement"] != "not_engaged"
    for base in (cases["children_involved"] != "", cases["children_involved"] != "not_known"):
        share = engaged[base].groupby(cases["children_involved"][base] == "yes").mean()
        assert share[True] > share[False]
        concerns = (cases["child_protection"][base] == "yes").groupby(engaged[base]).mean()
        assert concerns[True] > concerns[False]
    concerned = cases[cases["child_protection"] == "yes"]
    assert prints_as(
        100 * (concerned["direct_contact"] == "yes").mean(), REGISTER["cms.engagement.with_child_protection"]
    )


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("cms.vs.sexual_orientation.heterosexual", "sexual_orientation", "heterosexual"),
        ("cms.vs.ethnicity.white_british", "ethnicity", "white_british"),
        ("cms.vs.living.not_with_perpetrator", "living_with_perpetrator", "no"),
        ("cms.vs.children_present", "children_present", "yes"),
    ],
)
def test_profile_prints_the_same_without_blank_entries(delivered, name, column, value):
    known = delivered[2].loc[delivered[2][column] != "not_known", column]
    assert len(known) == 211
    assert prints_as(100 * (known == value).mean(), REGISTER[name])


def test_length_follows_from_the_dates(delivered):
    cases = delivered[0]
    days = (cases["closure_date"] - cases["allocation_date"]).dt.days
    assert (days.map(lambda number: math.ceil(number / 30.4375)) == cases["months_open"]).all()
    assert 97.0 <= 100 * (cases["months_open"] >= 11).mean() <= 98.0
    assert (cases["months_open"] > 10).any()


def test_thresholds_are_respected(delivered):
    cases = delivered[0]
    planned = int(REGISTER["design.intervention_length_months"].number)
    cut_off = pd.Timestamp(REGISTER["cms.inclusion.cutoff_date"].value)
    months = int(REGISTER["cms.inclusion.months_allocated"].number)
    assert (cases["planned_end_date"] == cases["allocation_date"] + pd.DateOffset(months=planned)).all()
    assert (cases["allocation_date"] + pd.DateOffset(months=months) <= cut_off).all()
    assert (cases["closure_date"] <= cut_off).all()
    assert cases["allocation_date"].min().strftime("%Y-%m") == REGISTER["design.launch_month"].value
    assert cases["step_down_months"].max() <= REGISTER["cms.step_down.max_extra_months"].number
    assert (cases["step_down_months"].notna() == (cases["step_down"] == "yes")).all()


def test_no_case_manager_exceeds_the_recommended_load(delivered):
    cases = delivered[0]
    most = max(
        ((mine["allocation_date"] <= day) & (mine["closure_date"] >= day)).sum()
        for _, mine in cases.groupby("case_manager_id")
        for day in mine["allocation_date"]
    )
    assert most <= REGISTER["cms.caseload.recommended_max"].number
    assert (cases.groupby("case_manager_id")["site"].nunique() == 1).all()


def test_one_index_victim_per_case(delivered):
    _, victims, index, _ = delivered
    assert index["su_id"].is_unique
    assert len(index) == REGISTER["cms.vs.n"].number
    assert len(victims) > len(index)


def test_people_hang_together(delivered):
    """What a practitioner would look for first."""
    cases, _, index, risk = delivered
    both = index.merge(cases, on="su_id", suffixes=("", "_su"))
    assert both["age"].astype(float).corr(both["age_su"].astype(float)) > 0.4
    apart = (both["living_with_perpetrator"] == "no").groupby(both["relationship"], observed=True).mean()
    assert apart["ex_intimate_partner"] > apart["intimate_partner"]
    reduced = risk.merge(cases, on="su_id").assign(
        reduced=lambda frame: frame["risk_change"].isin(["reduced_greatly", "reduced_slightly"])
    )
    share = reduced.groupby("engagement", observed=True)["reduced"].mean()
    assert share["fully_engaged"] > share["not_engaged"]
    concerned = cases[cases["child_protection"] == "yes"]
    assert (concerned["cyps_involved"] == "yes").mean() > 0.6


def test_raw_sheets_show_the_faults_of_an_export():
    cases, victims = (sheets(2019)[name] for name in ("Cases", "Victims"))
    assert {row["gender"] for row in cases} == {"man", "woman", "M", "F"}
    assert any(isinstance(row["start_date"], str) for row in cases)
    assert any(str(row["age"]).endswith(" ") for row in victims)
    assert all(row["data_origin"] == "synthetic" for rows in sheets(2019).values() for row in rows)


def test_same_seed_same_rows_and_other_seed_other_people():
    assert sheets(7) == sheets(7)
    assert sheets(7) != sheets(8)
    ages = [sorted(row["age"] for row in sheets(seed)["Cases"]) for seed in (7, 8)]
    assert ages[0] == ages[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cms.su.ethnicity.white_british", "150"),
        ("cms.engagement.fully.n", "20"),
        ("cms.engagement.partially.n", "67"),
        ("cms.perceived_risk.unable_to_judge", "41"),
        ("cms.vs.needs.with_3", "50"),
        ("cms.vs.further_n", "3"),
    ],
)
def test_assumed_values_that_contradict_the_print_are_refused(name, value):
    rows = [row | {"value": value} if row["id"] == name else row for row in ASSUMED]
    with pytest.raises(Infeasible):
        sheets(1, Assumed(rows))


def test_band_counts_that_contradict_the_quartiles_are_refused():
    with pytest.raises(Infeasible, match="age_quartiles"):
        sheets(1, counts={"under_28": 60, "28_33": 50, "34_42": 50, "43_plus": 52})
