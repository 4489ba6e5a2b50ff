"""What the files say of the same people agrees across sheets and files."""

import pandas as pd

from .check_casework import YEAR_2, month_of_intervention
from .check_people import months_open


def test_cases_are_the_completed_ones_of_the_allocation_register(raw):
    register = raw["allocation_register"]
    completed = register[(register["case_outcome"] == "completed") & register["perpetrator_id"].str.startswith("SU")]
    both = raw["cms_cases"].merge(completed, left_on="su_id", right_on="perpetrator_id", suffixes=("", "_register"))
    assert len(both) == len(raw["cms_cases"])
    for column in ("site", "allocation_date", "closure_date"):
        assert (both[column] == both[f"{column}_register"]).all(), column


def test_every_sheet_of_the_case_management_system_is_about_its_cases(raw):
    cases = set(raw["cms_cases"]["su_id"])
    for table in ("cms_victims", "cms_risk", "cms_needs", "cms_behaviour", "cms_dash", "cms_actions", "cms_contacts"):
        assert set(raw[table]["su_id"]) <= cases, table


def test_months_in_the_export_follow_from_the_dates(raw):
    cases = raw["cms_cases"]
    assert (cases["months_open"] == months_open(cases)).all()
    assert (raw["cms_actions"]["month"] == month_of_intervention(raw)).all()


def test_project_year_is_the_year_of_the_action(raw):
    actions = raw["cms_actions"]
    assert ((actions["project_year"] == "year2") == (actions["action_date"] >= YEAR_2)).all()


def test_casework_falls_within_the_case(raw):
    dates = raw["cms_cases"].set_index("su_id")[["allocation_date", "closure_date"]]
    for table, column in (("cms_actions", "action_date"), ("cms_contacts", "contact_date")):
        events = raw[table].join(dates, on="su_id")
        assert events[column].between(events["allocation_date"], events["closure_date"]).all(), table


def test_insights_forms_are_as_many_as_in_the_allocation_register(raw):
    """Nobody can be linked, but arm and site must have the same numbers of forms."""
    register = raw["allocation_register"]
    for table, column in (("insights_intake", "insights_intake"), ("insights_exit", "insights_exit")):
        looked_up = register[register[column] == "yes"]
        counts = [pd.crosstab(frame["arm"], frame["site"]) for frame in (raw[table], looked_up)]
        pd.testing.assert_frame_equal(*counts)


def test_police_subjects_are_as_many_as_were_found(raw):
    found = raw["allocation_register"].query("police_data == 'found'")
    assert raw["police_subjects"]["arm"].value_counts().to_dict() == found["arm"].value_counts().to_dict()


def test_arm_and_site_are_the_same_on_every_form(raw):
    forms = pd.concat([raw[f"insights_{form}"] for form in ("intake", "reviews", "exit")])
    assert (forms.groupby("case_id")[["arm", "site"]].nunique() == 1).all(axis=None)
    incidents = raw["police_incidents"].merge(raw["police_subjects"], on="subject_id", how="left")
    assert (incidents["arm_x"] == incidents["arm_y"]).all()
