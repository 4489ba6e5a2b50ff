import pandas as pd
import pytest

from drive_eval.analyses.mean_proportions import analyse

SETTINGS = {
    "outcomes": ["dva"],
    "windows": ["before", "during", "after"],
    "part": "criminal",
    "whole": "all",
    "by": "arm",
    "before": "before",
    "after": "after",
    "compare": ["drive", "control"],
    "no_change": 0.05,
    "ci_level": 0.95,
}


def people(rows):
    """One person per row: arm and criminal/all before, during, after."""
    columns = [f"dva_{word}_{window}" for window in SETTINGS["windows"] for word in ("criminal", "all")]
    return pd.DataFrame(rows, columns=["arm", *columns])


@pytest.fixture
def cases():
    return people(
        [
            ("drive", 1, 1, 0, 0, 1, 4),
            ("drive", 1, 4, 1, 2, 0, 0),  # no incident after: proportion not defined
            ("drive", 3, 4, 0, 1, 2, 4),
            ("control", 0, 0, 0, 0, 0, 0),  # no incident at all
            ("control", 1, 2, 1, 1, 1, 2),
            ("control", 2, 2, 0, 2, 2, 2),
        ]
    )


def found(cases, **settings):
    return analyse(cases, **SETTINGS | settings).set_index(["group", "time", "term"])


def test_each_person_counts_once_whatever_the_number_of_incidents(cases):
    mean = found(cases).loc[("drive", "before", "mean_proportion")]
    assert mean["estimate"] == pytest.approx((1 + 1 / 4 + 3 / 4) / 3)
    pooled = found(cases).loc[("drive", "before", "pooled_proportion")]
    assert pooled["estimate"] == pytest.approx(5 / 9)
    assert pooled["layer"] == "extension"


def test_undefined_proportions_are_left_out_and_counted(cases):
    rows = found(cases)
    assert rows.loc[("drive", "after", "mean_proportion"), ["n", "n_missing"]].tolist() == [2, 1]
    assert rows.loc[("drive", "after", "mean_proportion"), "estimate"] == pytest.approx((1 / 4 + 2 / 4) / 2)
    assert rows.loc[("control", "during", "mean_proportion"), ["n", "n_missing"]].tolist() == [2, 1]


def test_persons_with_an_event_in_any_window_are_counted_in_all_and_per_group(cases):
    rows = found(cases).xs("with_event", level="term")["estimate"]
    assert rows.droplevel("time").to_dict() == {"all": 5, "drive": 3, "control": 2}


def test_share_and_number_fall_by_different_amounts(cases):
    rows = found(cases)
    share = rows.loc[("drive", "before_to_after", "mean_proportion"), "estimate"]
    number = rows.loc[("drive", "before_to_after", "criminal"), "estimate"]
    assert share == pytest.approx(1 - 0.375 / (2 / 3))
    assert number == pytest.approx(1 - 3 / 5)


@pytest.mark.parametrize(("limit", "holds"), [(0.05, 1), (0.0, 1)])
def test_no_change_holds_where_neither_measure_moves(cases, limit, holds):
    row = found(cases, no_change=limit).loc[("control", "before_to_after", "no_change")]
    assert (row["measure"], row["estimate"]) == ("holds", holds)


def test_no_change_needs_both_measures():
    # the share stays at one half while the number doubles
    cases = people([("drive", 1, 2, 0, 0, 2, 4), ("control", 1, 2, 0, 0, 1, 2)])
    rows = found(cases).xs("no_change", level="term")["estimate"].droplevel("time")
    assert rows.to_dict() == {"drive": 0, "control": 1}


def test_change_is_of_those_defined_in_both_windows(cases):
    # R: t.test(c(-0.75, -0.25)): mean -0.5, t = -2, df = 1, p = 0.2951672
    row = found(cases).loc[("drive", "before_to_after", "mean_change")]
    assert row[["estimate", "statistic", "df", "n", "n_missing"]].tolist() == pytest.approx([-0.5, -2, 1, 2, 1])
    assert row["p_value"] == pytest.approx(0.2951672, abs=1e-7)


def test_changes_that_do_not_vary_have_no_test(cases):
    rows = found(cases)
    steady = rows.loc[("control", "before_to_after", "mean_change")]
    assert pd.isna(steady["p_value"])
    assert "do not vary" in steady["note"]
    assert pd.isna(rows.loc[("control", "before_to_after", "wilcoxon"), "p_value"])


def test_a_window_that_was_not_searched_is_missing():
    cases = people([("drive", 1, 2, 0, 0, None, None), ("drive", 1, 1, 0, 1, 1, 2), ("control", 1, 2, 0, 0, 1, 2)])
    row = found(cases).loc[("drive", "after", "all")]
    assert row[["estimate", "n", "n_missing"]].tolist() == [2, 1, 1]


def test_more_criminal_incidents_than_incidents_is_an_error():
    with pytest.raises(ValueError, match="1 persons have more criminal than all"):
        found(people([("drive", 3, 2, 0, 0, 0, 0)]))


def test_a_person_without_a_group_is_an_error(cases):
    with pytest.raises(ValueError, match="1 rows have no arm"):
        found(cases.assign(arm=["drive", None, "drive", "control", "control", "control"]))
