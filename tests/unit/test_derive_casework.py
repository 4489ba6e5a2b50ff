import pandas as pd
import pytest

from drive_eval.derive import action_log, case_activity, caseload

ACTIVITY = {
    "length_bands": {"short": 0, "planned": 11, "long": 13},
    "planned_months": 10,
    "categories": ["support", "behaviour_change_work"],
    "worked_with": {"probation": ["crc", "nps"], "courts": ["courts"]},
}
LOG = {
    "pooled": {"probation": ["crc", "nps"]},
    "main_agencies": ["police", "probation"],
    "rest": "any_other",
    "flags": {"is_year2_direct": {"project_year": "year2", "work_type": "direct"}},
}


@pytest.fixture
def tables():
    cases = pd.DataFrame(
        {
            "su_id": ["b", "a", "c", "d"],
            "site": "essex",
            "case_manager_id": ["m1", "m1", "m1", "m2"],
            "allocation_date": pd.to_datetime(["2017-01-01", "2017-01-10", "2017-02-01", "2017-01-01"]),
            "closure_date": pd.to_datetime(["2017-01-10", "2017-01-31", "2017-03-01", "2017-12-01"]),
            "months_open": pd.array([10, 11, 13, 12], dtype="Int64"),
            "step_down": ["no", "yes", "no", "no"],
            "step_down_months": pd.array([None, 2, None, None], dtype="Int64"),
        }
    )
    actions = pd.DataFrame(
        [
            ("A2", "a", 1, "year2", "direct", "support", None, None),
            ("A1", "a", 3, "year1", "indirect", "indirect_year1", "not_known", None),
            ("A3", "b", 2, "year2", "indirect", "multi_agency", "nps", "disrupt"),
            ("A4", "c", 5, "year2", "indirect", "case_update", "housing", None),
        ],
        columns=["action_id", "su_id", "month", "project_year", "work_type", "category", "agency", "purpose"],
    ).assign(site="essex", data_origin="synthetic")
    contacts = pd.DataFrame({"su_id": ["a", "a", "c"]})
    return {"cms_cases": cases, "cms_actions": actions, "cms_contacts": contacts}


def test_cases_carry_their_contacts_work_and_agencies(tables):
    cases = case_activity.derive(tables, **ACTIVITY).set_index("case_id")
    assert list(cases.index) == ["a", "b", "c", "d"]
    assert cases["contacts"].tolist() == [2, 0, 1, 0]
    assert cases["is_contacted"].tolist() == [True, False, True, False]
    assert cases["any_support"].tolist() == [1, 0, 0, 0]
    assert cases["any_behaviour_change_work"].sum() == 0
    assert cases["worked_with_probation"].tolist() == [0, 1, 0, 0]
    assert cases["step_down"].tolist() == [1, 0, 0, 0]
    assert set(cases["data_origin"]) == {"delivered"}


def test_a_band_starts_with_its_first_month(tables):
    cases = case_activity.derive(tables, **ACTIVITY).set_index("case_id")
    assert cases["length_band"].tolist() == ["planned", "short", "long", "planned"]
    assert cases["ran_over"].tolist() == [True, False, True, True]


@pytest.mark.parametrize("bands", [{"a": 1, "b": 2}, {"a": 0, "b": 5, "c": 5}], ids=["gap at 0", "equal"])
def test_bands_must_cover_every_month(tables, bands):
    with pytest.raises(ValueError, match="start at 0 and rise"):
        case_activity.derive(tables, **ACTIVITY | {"length_bands": bands})


def test_agencies_are_pooled_and_unknown_ones_missing(tables):
    log = action_log.derive(tables, **LOG).set_index("action_id")
    assert list(log.index) == ["A1", "A2", "A3", "A4"]
    assert log["agency_pooled"].isna().tolist() == [True, True, False, False]
    assert log.loc["A3", ["agency", "agency_pooled", "agency_main"]].tolist() == ["nps", "probation", "probation"]
    assert log.loc["A4", ["agency_pooled", "agency_main"]].tolist() == ["housing", "any_other"]
    assert log["is_year2_direct"].tolist() == [False, True, False, False]


def test_months_run_to_the_last_open_case(tables):
    months = action_log.derive(tables, **LOG)["month"]
    assert list(months.cat.categories) == [str(month) for month in range(1, 14)]
    assert months.tolist() == ["3", "1", "2", "5"]


def test_a_case_is_open_on_its_first_and_last_day(tables):
    # m1: b closes on the day a opens, so two are open at once; c opens after a closed
    managers = caseload.derive(tables, manager="case_manager_id", opened="allocation_date", closed="closure_date")
    assert managers.set_index("case_id")[["cases", "peak_caseload"]].to_numpy().tolist() == [[3, 2], [1, 1]]
