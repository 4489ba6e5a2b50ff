"""Actions and contacts print as the report does, recomputed with plain pandas from the workbook as it is read back."""

import datetime as dt
import itertools
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct import cms_actions, cms_dash
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_action_cases import month_of
from drive_eval.reconstruct.cms_action_counts import apportion, prints_within, relations, solve_actions
from drive_eval.reconstruct.cms_contacts import systematic
from drive_eval.reconstruct.delivery import workbook_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import build_spine
from drive_eval.reference.register import read_register

from .parts import part_of

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
CONTRACT = part_of("cms", "DASH", "Actions", "Contacts")
SEEDS = (2019, 1, 2)
AREAS = ("actions", "background_research", "work", "direct", "indirect", "multi_agency", "multi_agency_type")
AREAS += ("multi_agency_disrupt", "multi_agency_support", "multi_agency_support_disrupt", "case_update")
AREAS += ("agency_cases", "ccj", "behaviour_change_work")
ELSEWHERE = {"cms.behaviour_change_work.physical_end.significance", "cms.behaviour_change_work.other_dva.significance"}
"""Tests of behaviour change work against abuse at closure: the block of abusive behaviours."""
PROBATION = ["crc", "nps"]
JUSTICE = ["police", *PROBATION, "prison", "courts"]


def sheets(seed, assumed=None):
    spine = build_spine(REGISTER, seed=seed)
    return cms_actions.build(REGISTER, assumed or Assumed(ASSUMED), spine, seed=seed)


@pytest.fixture(scope="module", params=SEEDS)
def delivered(request, tmp_path_factory):
    """The service users, and the checked tables of one seed."""
    spine = build_spine(REGISTER, seed=request.param)
    path = tmp_path_factory.mktemp("cms") / "cms_extract.xlsx"
    forms = cms_dash.build(REGISTER, Assumed(ASSUMED), spine, seed=request.param)
    content = workbook_bytes(CONTRACT, {"DASH": forms, **sheets(request.param)}, notice="Notice")
    assert len(content) < 1_500_000
    path.write_bytes(content)
    frames, faults = read_extract(path, CONTRACT)
    checked = check_extract(CONTRACT, frames, file=path.name, read_faults=faults)
    assert checked.faults == []
    return {user.su_id: user for user in spine}, checked.tables["cms_actions"], checked.tables["cms_contacts"]


def shares(actions, pooled=False):
    """Percentage of actions by agency."""
    agencies = actions["agency"].astype("str")
    if pooled:
        agencies = agencies.replace(dict.fromkeys(PROBATION, "probation_crc_nps"))
    return agencies.value_counts(normalize=True) * 100


def figures(users, actions, contacts):
    """Every figure of the area by published id; an ordering or comparison is the values it compares."""
    year1, year2 = (actions[actions["project_year"] == year] for year in ("year1", "year2"))
    found = action_figures(users, actions) | work_figures(year1, year2) | contact_figures(users, actions, contacts)
    multi = year2[year2["category"] == "multi_agency"]
    for agency in ("idva", "police", "probation_crc_nps", "childrens_social_services"):
        found[f"cms.multi_agency.{agency}"] = shares(multi, pooled=True)[agency]
    types = multi["purpose"].value_counts(normalize=True).mul(100).to_dict()
    found |= {f"cms.multi_agency_type.{purpose}": share for purpose, share in types.items()}
    found["cms.multi_agency_type.order"] = types
    groups = {
        "multi_agency_disrupt": multi[multi["purpose"] == "disrupt"],
        "multi_agency_support": multi[multi["purpose"] == "support"],
        "multi_agency_support_disrupt": multi[multi["purpose"] == "support_and_disrupt"],
        "case_update": year2[year2["category"] == "case_update"],
        "background_research": year2[year2["category"] == "background_research"],
    }
    for area, group in groups.items():
        by_agency = shares(group, pooled=area == "multi_agency_disrupt").to_dict()
        found |= {f"cms.{area}.{agency}": share for agency, share in by_agency.items()}
        found[f"cms.{area}.order"] = by_agency
        found[f"cms.{area}.n"] = group["su_id"].nunique()
    top = ("police", "childrens_social_services", "idva")
    found["cms.background_research.top_three"] = sum(found[f"cms.background_research.{agency}"] for agency in top)
    return found | agency_figures(actions)


def action_figures(users, actions):
    sites = actions["site"].value_counts(normalize=True).mul(100).to_dict()
    months = {str(month): count for month, count in actions["month"].value_counts().items()}
    return {
        "cms.actions.fig14_n": actions["su_id"].nunique(),
        "cms.ccj.fig20_n": len(users),
        "cms.actions.site_order": sites,
        "cms.actions.peak_months": months,
        **{f"cms.actions.share.{site}": share for site, share in sites.items()},
    }


def work_figures(year1, year2):
    work = {name: year["work_type"].value_counts().to_dict() for name, year in (("year1", year1), ("year2", year2))}
    indirect = year2[year2["work_type"] == "indirect"]
    kinds = indirect["category"].value_counts(normalize=True).mul(100)
    kinds = kinds[kinds > 0].to_dict()
    direct = {name: year[year["work_type"] == "direct"] for name, year in (("year1", year1), ("year2", year2))}
    done = direct["year2"]["category"].value_counts(normalize=True).mul(100)
    return {
        "cms.work.year1.indirect_vs_direct": work["year1"],
        "cms.work.year2.indirect_vs_direct": work["year2"],
        "cms.work.direct_share_shift": {
            f"direct_share_{year}": counts["direct"] / sum(counts.values()) for year, counts in work.items()
        },
        "cms.work.fig17_n": year2["su_id"].nunique(),
        "cms.indirect.n": indirect["su_id"].nunique(),
        "cms.indirect.order": kinds,
        **{f"cms.indirect.share.{kind}": share for kind, share in kinds.items()},
        "cms.direct.share.contact_making": done["contact_making"],
        "cms.direct.share.support": done["support"],
        "cms.direct.share.order": done[done > 0].to_dict(),
        "cms.direct.year_shift": {year: len(rows) for year, rows in direct.items()},
        "engaged": {year: rows["su_id"].nunique() for year, rows in direct.items()},
    }


def contact_figures(users, actions, contacts):
    counts = contacts.groupby("su_id").size()
    worked = actions[actions["category"] == "behaviour_change_work"]["su_id"].nunique()
    measures = {"min": "min", "max": "max", "mean": "mean", "sd": "std", "median": "median"}
    return {
        "cms.direct.contacted_n": len(counts),
        "cms.direct.contacted_pct": 100 * len(counts) / len(users),
        **{f"cms.direct.contacts.{name}": getattr(counts, call)() for name, call in measures.items()},
        "cms.behaviour_change_work.n": worked,
        "cms.behaviour_change_work.pct": 100 * worked / len(counts),
        "cms.behaviour_change_work.pct_restated": 100 * worked / len(counts),
    }


def agency_figures(actions):
    """Cases in which each agency was worked with: any action that names it, in either year."""
    names = {"police": ["police"], "probation": PROBATION, "prison": ["prison"], "courts": ["courts"], "ccj": JUSTICE}
    names |= {"cyps": ["childrens_social_services"], "statutory_any": [*JUSTICE, "childrens_social_services"]}
    found = {}
    for name, agencies in names.items():
        cases = actions[actions["agency"].isin(agencies)]["su_id"].nunique()
        found |= {f"cms.agency_cases.{name}.n": cases, f"cms.agency_cases.{name}.pct": 100 * cases / 212}
    return found


def holds(entry, value):
    """Whether a figure prints as the entry, half up, lies in its range, or keeps its order."""
    if entry.kind == "ordering":
        named = [str(text) for text in entry.value]
        stated = list(relations(entry, value))
        assert stated, named
        return all(
            value[left] > value[right] if sign == ">" else abs(value[left] - value[right]) < 0.1 * value[left]
            for left, sign, right in stated
        )
    if entry.range:
        return entry.range[0] <= value <= entry.range[1]
    target = entry.number if entry.expected is None else entry.expected
    step = Decimal(1).scaleb(-entry.decimals)
    return Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP) == Decimal(repr(target)).quantize(step)


def published():
    listed = {row["published_id"] for row in read_rows(ROOT / "config/year2/unconstrained.csv")}
    names = [name for name in REGISTER if name.startswith("cms.") and name.split(".")[1] in AREAS]
    return [name for name in names if name not in listed | ELSEWHERE]


@pytest.fixture(scope="module")
def found(delivered):
    return figures(*delivered)


@pytest.mark.parametrize("published_id", published())
def test_figure_prints_as_published(found, published_id):
    entry = REGISTER[published_id]
    value = found[published_id]
    if published_id == "cms.actions.peak_months":
        assert sorted(value, key=value.get, reverse=True)[:3] == [str(int(month)) for month in entry.value]
    else:
        assert holds(entry, value), (published_id, value)


def test_level_of_engagement_rises_in_number_and_share(delivered, found):
    _, actions, _ = delivered
    engaged, served = found["engaged"], actions.groupby("project_year", observed=True)["su_id"].nunique()
    assert engaged["year2"] > engaged["year1"]
    assert engaged["year2"] / served["year2"] > engaged["year1"] / served["year1"]


def test_direct_shares_print_the_same_in_each_year_and_in_both(delivered):
    _, actions, _ = delivered
    direct = actions[actions["work_type"] == "direct"]
    for years in (["year1"], ["year2"], ["year1", "year2"]):
        done = direct[direct["project_year"].isin(years)]["category"].value_counts(normalize=True) * 100
        assert holds(REGISTER["cms.direct.share.contact_making"], done["contact_making"])
        assert holds(REGISTER["cms.direct.share.support"], done["support"])


def test_agencies_the_text_does_not_name_stay_below_those_it_names(delivered):
    _, actions, _ = delivered
    multi = actions[actions["category"] == "multi_agency"]
    by_agency = shares(multi, pooled=True)
    assert list(by_agency.index[:4]) == ["idva", "probation_crc_nps", "police", "childrens_social_services"]


def test_actions_lie_within_their_case(delivered):
    users, actions, contacts = delivered
    for su_id, month, day, year in actions[["su_id", "month", "action_date", "project_year"]].itertuples(index=False):
        user = users[su_id]
        assert user.allocation_date <= day.date() <= user.closure_date
        assert month == month_of(user, day.date()) <= user.months_open
        assert year == ("year2" if day.date() >= dt.date(2017, 4, 1) else "year1")
    assert all(users[su_id].site == site for su_id, site in actions[["su_id", "site"]].itertuples(index=False))
    assert set(contacts["su_id"]) == {su_id for su_id, user in users.items() if user.contacted}
    worked = actions[actions["category"] == "behaviour_change_work"]["su_id"]
    assert set(worked) == {su_id for su_id, user in users.items() if user.behaviour_change_work}


def test_every_contact_is_an_action_of_the_same_day(delivered):
    _, actions, contacts = delivered
    made = actions[actions["category"] == "contact_making"]
    ours = contacts.groupby(["su_id", "contact_date"]).size().sort_index()
    theirs = made.groupby(["su_id", "action_date"]).size().sort_index()
    assert ours.to_dict() == theirs.to_dict()


def test_behaviour_change_work_goes_with_more_contacts(delivered):
    users, _, contacts = delivered
    counts = contacts.groupby("su_id").size()
    worked = [su_id for su_id in counts.index if users[su_id].behaviour_change_work]
    assert counts[worked].median() > counts.drop(worked).median()


def test_same_seed_same_rows_other_seed_other_rows():
    assert sheets(1) == sheets(1)
    assert sheets(1) != sheets(2)


def test_totals_do_not_depend_on_the_seed():
    counts = [pd.DataFrame(sheets(seed)["Actions"]).groupby(["project_year", "category"]).size() for seed in SEEDS]
    assert all(first.equals(second) for first, second in itertools.pairwise(counts))


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("cms.actions.year2.background_research", "150", r"cms\.background_research\.n"),
        ("cms.actions.year2.indirect", "4000", r"cms\.indirect\.share\.background_research"),
        ("cms.actions.year1.indirect", "900", r"cms\.work"),
        ("cms.actions.month.6", "30", r"cms\.actions\.peak_months"),
    ],
    ids=["too little research", "too much research", "direct share falls", "another busiest month"],
)
def test_assumptions_that_contradict_the_report_are_named(name, value, named):
    rows = [row | {"value": value} if row["id"] == name else row for row in ASSUMED]
    with pytest.raises(Infeasible, match=named):
        sheets(1, Assumed(rows))


def test_limits_of_a_printed_percentage_are_exact():
    low, high, scale = prints_within(REGISTER["cms.agency_cases.courts.pct"])
    assert low * 212 <= 16 * scale < high * 212
    assert not low * 212 <= 17 * scale < high * 212
    low, high, scale = prints_within(REGISTER["cms.indirect.share.background_research"])
    assert low * 1000 <= 15 * scale
    assert low * 1000 <= 24 * scale < high * 1000
    assert not 25 * scale < high * 1000


def test_apportioned_and_systematic_numbers_keep_their_sum():
    assert apportion({"a": 1.0, "b": 1.0, "c": 1.0}, 10) == {"a": 4, "b": 3, "c": 3}
    whole = systematic({"a": 0.4, "b": 0.4, "c": 2.2})
    assert sum(whole.values()) == 3
    assert whole["c"] in (2, 3)


def test_counts_of_actions_do_not_change_between_calls():
    found = [solve_actions(REGISTER, Assumed(ASSUMED), contacts=1153) for _ in range(2)]
    assert found[0] == found[1]
