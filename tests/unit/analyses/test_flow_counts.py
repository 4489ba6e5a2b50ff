import pandas as pd
import pytest

from drive_eval.analyses.flow_counts import FlowMismatch, analyse

SETTINGS = {
    "outcome": "perpetrators",
    "unit": "perpetrator_id",
    "by": "arm",
    "boxes": {
        "allocated": {"groups": ["all", "drive", "control"], "where": {}},
        "completed": {"groups": ["drive"], "where": {"completed": True}},
        "not_completed": {"groups": ["drive"], "where": {"completed": False}},
    },
    "parts": [{"group": "drive", "box": "allocated", "into": ["completed", "not_completed"]}],
    "agree": [
        {"group": "drive", "box": "completed", "source": "cms", "where": {}},
        {"group": "drive", "box": "completed", "source": "register", "where": {"in_cms": True}},
    ],
}


@pytest.fixture
def cases():
    rows = [
        ("register", "AL-1", "SU-1", "drive", True, True),
        ("register", "AL-2", "SU-2", "drive", False, False),
        ("register", "AL-3", "CP-3", "control", False, False),
        ("register", "AL-4", "CP-3", "control", False, False),  # a second victim/survivor of the same perpetrator
        ("cms", "SU-1", "SU-1", "drive", True, False),
    ]
    return pd.DataFrame(rows, columns=["source", "case_id", "perpetrator_id", "arm", "completed", "in_cms"])


def test_different_people_are_counted_and_stand_beside_the_other_extract(cases):
    found = analyse(cases, **SETTINGS).set_index(["group", "term", "stratum"])["estimate"]
    assert found[("all", "allocated", "all")] == 3
    assert found[("control", "allocated", "all")] == 1
    assert found[("drive", "completed", "all")] == found[("drive", "completed", "cms")] == 1


def test_a_case_file_that_is_not_in_the_register_fails(cases):
    more = pd.concat([cases, cases.iloc[[4]].assign(case_id="SU-9")])
    with pytest.raises(FlowMismatch, match="drive, completed: 1 by the allocation register, 2 by cms") as fault:
        analyse(more, **SETTINGS)
    assert "SU-" not in str(fault.value)


def test_equal_numbers_of_different_people_fail(cases):
    cases.loc[0, "in_cms"] = False
    with pytest.raises(FlowMismatch, match="completed: 1 by the allocation register, 0 by register"):
        analyse(cases, **SETTINGS)


def test_parts_that_do_not_add_up_fail(cases):
    settings = SETTINGS | {"parts": [{"group": "drive", "box": "allocated", "into": ["completed"]}]}
    with pytest.raises(FlowMismatch, match="drive, allocated: 2 but its parts completed sum to 1"):
        analyse(cases, **settings)


def test_a_missing_value_meets_no_condition(cases):
    cases["completed"] = cases["completed"].astype("object").mask(cases["case_id"] == "AL-2")
    with pytest.raises(FlowMismatch, match="sum to 1"):
        analyse(cases, **SETTINGS)


def test_boxes_of_the_shipped_extracts_are_the_bases_of_the_tables(registry):
    values = registry.set_index("result_id")["value"]
    for arm, intake, both in (("drive", "175", "73"), ("control", "487", "341")):
        flow = f"flow_counts.trial_flow.victims.{arm}.all.all"
        assert values[f"{flow}.intake_form.count"] == values[f"counts.intake_form.forms.{arm}.all.all.all.count"]
        assert values[f"{flow}.both_forms.count"] == values[f"counts.intake_and_exit.forms.{arm}.all.all.all.count"]
        people = f"flow_counts.trial_flow.perpetrators.{arm}.all.all.found.count"
        assert values[people] == values[f"counts.police_sample.perpetrators.{arm}.all.all.all.count"]
        assert (values[f"{flow}.intake_form.count"], values[f"{flow}.both_forms.count"]) == (int(intake), int(both))
