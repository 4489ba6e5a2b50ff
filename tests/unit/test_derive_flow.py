import pandas as pd
import pytest

from drive_eval.derive.flow import CODES, derive
from drive_eval.derive.interviews import derive as derive_interviews

SETTINGS = {"months_allocated": 10, "cutoff_date": "2018-03-31", "police_cutoff_date": "2017-12-31"}


@pytest.fixture
def flow():
    rows = [
        ("SU-1", "drive", "2017-05-31", "completed", "yes", "yes", None),
        ("SU-2", "drive", "2017-06-01", "open", "yes", "yes", None),  # ten months on 1 April: a day late
        ("SU-3", "drive", "2016-06-01", "closed_early", "yes", "no", None),  # not looked up: does not count
        ("CP-4", "control", "2017-09-01", None, "yes", "yes", None),
        ("CP-5", "control", "2017-02-28", None, "yes", "yes", "found"),
    ]
    columns = [
        "perpetrator_id",
        "arm",
        "allocation_date",
        "case_outcome",
        "insights_intake",
        "insights_exit",
        "police_data",
    ]
    register = pd.DataFrame(rows, columns=columns).astype({"allocation_date": "datetime64[ns]"})
    register = register.assign(
        site="essex", allocation_id=[f"AL-{k}" for k in range(5)], victim_id=[f"AV-{k}" for k in range(5)]
    )
    register = register.assign(**{code: None for code in CODES if code not in register})
    register["match_pair"] = pd.array([None, None, None, None, 7], dtype="Int64")
    cases = pd.DataFrame({"su_id": ["SU-1"], "site": "essex", "allocation_date": pd.Timestamp("2017-05-31")})
    cases = cases.assign(planned_end_date=pd.Timestamp("2018-03-31"), closure_date=pd.Timestamp("2018-03-31"))
    forms = pd.DataFrame({"case_id": ["C1", "C2"], "arm": "control", "site": "essex"})
    police = pd.DataFrame({"subject_id": ["PS-1"], "arm": "control", "site": "essex"})
    tables = {
        "allocation_register": register,
        "cms_cases": cases,
        "insights_intake": forms,
        "insights_exit": forms.iloc[:1],
        "police_subjects": police.assign(allocation_date=pd.Timestamp("2017-02-28")),
    }
    return derive(tables, **SETTINGS)


def flagged(flow, source, flag):
    return flow.loc[(flow["source"] == source) & flow[flag], "case_id"].tolist()


def test_completed_is_ten_months_by_the_last_day(flow):
    assert flagged(flow, "register", "allocated_long_enough") == ["AL-0", "AL-2", "AL-4"]
    assert flagged(flow, "register", "completed") == flagged(flow, "register", "in_cms") == ["AL-0"]
    assert flagged(flow, "cms", "completed") == ["SU-1"]


def test_forms_of_drive_count_for_completed_cases_only(flow):
    assert flagged(flow, "register", "intake_form") == ["AL-0", "AL-3", "AL-4"]
    assert flagged(flow, "register", "in_police_time") == ["AL-4"]


def test_records_of_other_extracts_stand_as_rows(flow):
    assert flagged(flow, "insights", "both_forms") == ["C1"]
    assert flagged(flow, "police", "police_found") == ["PS-1"]
    assert flow["case_id"].is_unique
    assert set(flow["planned_months"].dropna()) == {10}
    assert set(flow["first_month"]) == {201606}


def test_interviews_are_marked_and_combined():
    interviews = pd.DataFrame(
        {
            "interview_id": ["I1", "I2", "I3"],
            "participant_type": ["victim_survivor", "service_user", "service_user"],
            "study_year": ["year1", "year2", "year1"],
            "site": "essex",
            "relationship": ["aunt", None, None],
            "need_a": [None, "no", "no"],
            "need_b": [None, "yes", None],
        }
    )
    cases = derive_interviews(
        {"interviews": interviews},
        members={"users": {"participant_type": "service_user", "study_year": "year2"}},
        recoded={"kin": {"column": "relationship", "groups": {"partner": ["partner"], "other": ["aunt"]}}},
        any_of={"need_any": ["need_a", "need_b"]},
    )
    assert cases["users"].tolist() == [False, True, False]
    assert cases["kin"].astype("object").tolist()[0] == "other"
    assert cases["need_any"].astype("object").where(cases["need_any"].notna(), None).tolist() == [None, "yes", None]
