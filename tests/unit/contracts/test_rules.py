import pandas as pd
import pytest

from drive_eval.contracts.rules import RULES, broken_rules

FRAMES = {
    "Intake": pd.DataFrame(
        {
            "case_id": ["a", "b", "c"],
            "arm": pd.Categorical(["drive", "drive", "control"]),
            "day": pd.to_datetime(["2017-01-05", "2017-01-05", None]),
            "answer": ["yes", "no", None],
            "level": ["high", "high", "high"],
        },
        index=[2, 3, 4],
    ),
    "Exit": pd.DataFrame(
        {
            "case_id": ["a", "b", "z"],
            "arm": pd.Categorical(["drive", "control", "control"]),
            "day": pd.to_datetime(["2017-01-04", "2017-01-05", "2017-02-01"]),
        },
        index=[2, 3, 4],
    ),
}


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ({"kind": "not_before", "left": "Exit.day", "right": "Intake.day", "key": "Exit.case_id"}, [2]),
        ({"kind": "has_match", "left": "Exit.case_id", "right": "Intake.case_id"}, [4]),
        ({"kind": "one_value", "left": "Intake.arm", "key": "Intake.case_id"}, [3]),
        (
            {"kind": "only_if", "left": "Intake.level", "right": "Intake.answer", "values": ["high"], "then": ["yes"]},
            [3, 4],
        ),
        ({"kind": "once", "left": "Intake.day", "right": "Intake.arm"}, [2, 3]),
    ],
    ids=["exit before intake, same day allowed", "no intake", "id in both arms", "severity without abuse", "once"],
)
def test_each_rule_names_the_rows_that_break_it(rule, rows):
    assert RULES[rule["kind"]](FRAMES, rule) == rows


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "not_before", "left": "Exit.day", "right": "Intake.day", "key": "Exit.case_id"},
        {"kind": "has_match", "left": "Exit.case_id", "right": "Intake.case_id"},
    ],
    ids=lambda rule: rule["kind"],
)
def test_a_sheet_without_rows_is_a_fault_of_its_own_and_breaks_no_rule(rule):
    frames = {"Intake": FRAMES["Intake"].iloc[:0], "Exit": FRAMES["Exit"].reset_index(drop=True)}
    assert broken_rules([rule | {"rule": "r", "advice": "a"}], frames, {}) == []


@pytest.mark.parametrize(
    "intake",
    [FRAMES["Intake"].drop(columns="case_id"), FRAMES["Intake"].assign(case_id=None)],
    ids=["column absent", "column blank"],
)
def test_dates_without_the_key_of_the_other_sheet_break_no_rule(intake):
    rule = {"kind": "not_before", "left": "Exit.day", "right": "Intake.day", "key": "Exit.case_id"}
    assert RULES["not_before"]({"Intake": intake, "Exit": FRAMES["Exit"]}, rule) == []


def test_dates_of_one_sheet_are_held_against_the_first_of_their_key():
    """Of a the first review is on the 4th, so the row of the 3rd breaks it; a blank key or date breaks nothing."""
    sheet = pd.DataFrame(
        {
            "case_id": ["a", "a", "b", None, "b", "c"],
            "review": pd.to_datetime(["2017-01-07", "2017-01-04", None, "2017-01-09", None, "2017-01-02"]),
            "exit": pd.to_datetime(["2017-01-03", "2017-01-05", "2017-01-01", "2017-01-01", None, "2017-01-01"]),
        },
        index=[2, 3, 4, 5, 6, 7],
    )
    rule = {"kind": "not_before", "left": "S.exit", "right": "S.review", "key": "S.case_id"}
    assert RULES["not_before"]({"S": sheet}, rule) == [2, 7]
    assert RULES["not_before"]({"S": sheet.astype({"case_id": "category"})}, rule) == [2, 7]
