import pandas as pd
import pytest

from drive_eval.derive.dva import derive

SETTINGS = {"abuse_types": ["physical"], "levels": ["none", "standard", "moderate", "high"]}


def forms(rows, date):
    frame = pd.DataFrame(rows, columns=["case_id", "physical", "physical_level"])
    return frame.assign(arm="drive", site="essex", **{date: pd.Timestamp("2017-01-01")})


@pytest.fixture
def cases():
    intake = forms(
        [
            ("c", "yes", "high"),
            ("a", "no", None),
            ("b", "not_known", "high"),
            ("d", "yes", "none"),
            ("e", "no", "high"),
        ],
        "intake_date",
    )
    last = forms([("a", "no", "none"), ("c", None, None), ("e", "yes", "not_known")], "exit_date")
    return derive({"insights_intake": intake, "insights_exit": last}, **SETTINGS).set_index("case_id")


def test_forms_are_linked_by_id_and_sorted(cases):
    assert list(cases.index) == ["a", "b", "c", "d", "e"]
    assert cases["has_exit_form"].tolist() == [True, False, True, False, True]


def test_answers_are_one_zero_or_missing(cases):
    assert cases["physical_intake"].tolist() == [0, pd.NA, 1, 1, 0]
    assert cases["physical_exit"].tolist() == [0, pd.NA, pd.NA, pd.NA, 1]


def test_severity_follows_the_answer(cases):
    # blank with `no` is none; severity without an answer or against it is missing
    levels = cases["physical_level_intake"].astype("object").where(cases["physical_level_intake"].notna(), None)
    assert levels.tolist() == ["none", None, "high", None, None]


def test_without_the_column_a_delivery_counts_as_delivered(cases):
    assert set(cases["data_origin"]) == {"delivered"}
