import pandas as pd
import pytest

from drive_eval.derive.police import PoliceTablesDisagree, derive

SETTINGS = {
    "windows": {"before": [-6, 0], "during": [0, 10], "after": [10, 16]},
    "date": "recorded_date",
    "kinds": {"dva": "yes", "non_dva": "no"},
    "months_allocated": 10,
    "cutoff_date": "2017-12-31",
}


def subjects(*rows):
    columns = ["subject_id", "arm", "allocation_date", "searched_to"]
    frame = pd.DataFrame(rows, columns=columns).assign(site="essex", searched_from=pd.Timestamp("2015-01-01"))
    return frame.astype({"allocation_date": "datetime64[ns]", "searched_to": "datetime64[ns]"})


def incidents(*rows):
    columns = ["subject_id", "arm", "recorded_date", "criminal", "dva_flag"]
    return pd.DataFrame(rows, columns=columns).astype({"recorded_date": "datetime64[ns]"})


@pytest.fixture
def people():
    return subjects(
        ("PS-2", "control", "2017-03-01", "2018-08-31"),
        ("PS-1", "drive", "2016-08-31", "2018-08-31"),
        ("PS-3", "drive", "2016-06-01", "2017-06-30"),
    )


def counted(people, *rows, **settings):
    tables = {"police_subjects": people, "police_incidents": incidents(*rows)}
    return derive(tables, **SETTINGS | settings).set_index("case_id")


@pytest.mark.parametrize(
    ("day", "window"),
    [
        ("2016-02-28", None),  # six months before 31 August is 29 February
        ("2016-02-29", "before"),
        ("2016-08-30", "before"),
        ("2016-08-31", "during"),  # the day of allocation
        ("2017-06-29", "during"),
        ("2017-06-30", "after"),  # ten months after 31 August is 30 June
        ("2017-12-30", "after"),
        ("2017-12-31", None),
    ],
)
def test_windows_are_calendar_months_closed_at_the_left(people, day, window):
    case = counted(people, ("PS-1", "drive", day, "yes", "yes")).loc["PS-1"]
    counts = {name: case[f"dva_all_{name}"] for name in SETTINGS["windows"]}
    assert counts == {name: int(name == window) for name in SETTINGS["windows"]}


def test_kinds_and_criminal_incidents_are_counted_apart(people):
    day = "2016-10-01"
    case = counted(
        people,
        ("PS-1", "drive", day, "yes", "yes"),
        ("PS-1", "drive", day, "no", "yes"),
        ("PS-1", "drive", day, "yes", "no"),
        ("PS-1", "drive", day, "yes", "not_known"),
        ("PS-1", "drive", day, "no", None),
    ).loc["PS-1"]
    assert (case["dva_criminal_during"], case["dva_all_during"]) == (1, 2)
    assert (case["non_dva_criminal_during"], case["non_dva_all_during"]) == (1, 1)
    assert case["no_kind"] == 2


def test_a_subject_without_incidents_is_there_with_none(people):
    cases = counted(people, ("PS-1", "drive", "2016-10-01", "yes", "yes"))
    assert list(cases.index) == ["PS-1", "PS-2", "PS-3"]
    assert cases.loc["PS-2", "dva_all_before"] == 0


def test_a_window_that_the_search_does_not_cover_is_missing(people):
    cases = counted(people, ("PS-1", "drive", "2016-10-01", "yes", "yes"))
    assert cases.loc["PS-3", ["dva_all_during", "dva_all_after"]].tolist() == [0, pd.NA]


def test_eligible_is_allocated_long_enough_by_the_cutoff(people):
    cases = counted(people, ("PS-1", "drive", "2016-10-01", "yes", "yes"))
    assert cases["eligible"].to_dict() == {"PS-1": True, "PS-2": False, "PS-3": True}
    assert set(cases["setting_cutoff_date"]) == {20171231}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("PS-9", "drive", "2016-10-01", "yes", "yes"), "1 incidents of a person who is not in police_subjects"),
        (("PS-1", "control", "2016-10-01", "yes", "yes"), "1 incidents name another arm"),
    ],
    ids=["no such subject", "other arm"],
)
def test_files_that_disagree_are_refused_without_naming_anybody(people, row, words):
    with pytest.raises(PoliceTablesDisagree, match=words) as fault:
        counted(people, row)
    assert "PS-" not in str(fault.value)
