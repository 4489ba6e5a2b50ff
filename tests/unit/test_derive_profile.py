import pandas as pd
import pytest

from drive_eval.derive import index_victims, insights_profile, service_users

TIMES = ["intake", "during", "closure"]
SETTINGS = {
    "needs": ["housing", "drugs", "health"],
    "times": TIMES,
    "need_levels": {"any": ["need", "high_need"], "high": ["high_need"], "none": ["no_need"]},
    "engaged": ["fully_engaged", "partially_engaged"],
    "white": ["white_british", "white_other"],
    "unknown": ["not_known"],
    "age_bounds": [28, 34],
}
CODES = {"n": "need", "h": "high_need", "o": "no_need", "?": "not_known", "-": None}


@pytest.fixture
def tables():
    cases = pd.DataFrame(
        {
            "su_id": ["b", "a", "c"],
            "site": "essex",
            "age": pd.array([27, 28, 34], dtype="Int64"),
            "gender": "man",
            "ethnicity": ["white_other", "asian", "not_known"],
            "children_involved": ["yes", "no", "not_known"],
            "child_protection": ["yes", "no", "no"],
            "cyps_involved": ["yes", None, "not_known"],
            "ccj_history": ["no", "yes", None],
            "engagement": ["partially_engaged", "not_engaged", "fully_engaged"],
            "direct_contact": ["yes", "yes", "no"],
        }
    )
    levels = {"a": ("oho", "?no", "ooo"), "b": ("noo", "n??", "ohh"), "c": ("---", "---", "---")}
    needs = pd.DataFrame(
        {
            "su_id": list(levels),
            "needs_information": ["specific", "specific", "general"],
            **{
                f"{need}_{time}": [CODES[levels[person][k][j]] for person in levels]
                for k, need in enumerate(SETTINGS["needs"])
                for j, time in enumerate(TIMES)
            },
        }
    )
    return {"cms_cases": cases, "cms_needs": needs, "cms_victims": pd.DataFrame({"su_id": ["a", "b", "b", "c"]})}


@pytest.fixture
def people(tables):
    return service_users.derive(tables, **SETTINGS).set_index("case_id")


def test_people_are_in_order_and_answers_are_one_zero_or_missing(people):
    assert list(people.index) == ["a", "b", "c"]
    assert people["children_involved"].tolist() == [0, 1, pd.NA]
    assert people["cyps_involved"].tolist() == [pd.NA, 1, pd.NA]
    assert people["engaged"].tolist() == [0, 1, 1]
    assert people["contact"].tolist() == ["contacted", "contacted", "not_contacted"]
    assert people["multiple_victims"].tolist() == [0, 1, 0]


def test_ethnicity_is_known_or_missing_and_age_has_bands(people):
    assert people["white"].tolist() == [0, 1, pd.NA]
    assert people["age_band"].tolist() == ["28_to_33", "under_28", "34_and_over"]


def test_a_need_at_any_time_counts_once_and_is_missing_only_if_nothing_is_known(people):
    assert people["housing"].tolist() == [1, 1, pd.NA]
    assert people["drugs"].tolist() == [1, 1, pd.NA]
    assert people["health"].tolist() == [0, 1, pd.NA]
    assert people["drugs_intake"].tolist() == [pd.NA, 1, pd.NA]


def test_rated_high_is_no_where_nothing_is_recorded(people):
    assert people["housing_high"].tolist() == [1, 0, 0]


def test_number_of_needs_is_for_those_recorded_one_by_one(people):
    assert people["number_of_needs"].tolist() == [2, 3, pd.NA]
    assert people["needs_band"].tolist()[:2] == ["two", "three_or_more"]
    assert people["three_or_more_needs"].tolist() == [0, 1, pd.NA]
    assert people["informed"].tolist() == [True, True, True]
    assert people["specific"].tolist() == [True, True, False]


def test_people_without_needs_are_an_error(tables):
    tables["cms_needs"] = tables["cms_needs"].iloc[:2]
    with pytest.raises(ValueError, match="differ in 1 people"):
        service_users.derive(tables, **SETTINGS)


VICTIMS = {
    "needs": ["need_a", "need_b"],
    "columns": {"relationship": "relationship", "gender": "gender"},
    "codes": {"relationship": {"husband": "partner", "ex": "ex"}, "gender": {"woman": "women"}},
    "partner": ["partner", "ex"],
}


@pytest.fixture
def victims():
    return pd.DataFrame(
        {
            "vs_id": ["v2", "v1", "v3"],
            "su_id": ["a", "b", "a"],
            "is_index": ["yes", "yes", "no"],
            "age": [30, 40, 50],
            "relationship": ["husband", "not_known", "ex"],
            "gender": "woman",
            "need_a": ["yes", None, "no"],
            "need_b": ["not_known", "not_known", "no"],
        }
    )


def test_index_victims_in_the_codes_of_the_outcome_system(victims):
    found = index_victims.derive({"cms_victims": victims}, **VICTIMS)
    assert found["case_id"].tolist() == ["v1", "v2"]
    assert found["relationship"].astype("object").where(found["relationship"].notna(), None).tolist() == [
        None,
        "partner",
    ]
    assert found["partner_or_ex"].tolist() == [pd.NA, 1]
    assert found["gender"].tolist() == ["women", "women"]
    # nothing answered is missing, not none
    assert found["number_of_needs"].tolist() == [pd.NA, 1]
    assert found["complex_needs"].isna().tolist() == [True, False]


def test_each_case_needs_one_index_victim(victims):
    with pytest.raises(ValueError, match="each case needs exactly one"):
        index_victims.derive({"cms_victims": victims.assign(is_index="yes")}, **VICTIMS)


def test_an_age_of_zero_is_left_out_and_missing_codes_are_no_category():
    intake = pd.DataFrame(
        {
            "case_id": ["b", "a"],
            "arm": "drive",
            "site": "essex",
            "age": pd.array([0, 31], dtype="Int64"),
            "gender": pd.Categorical(["women", "not_known"], categories=["women", "men", "not_known"]),
            "need_a": ["yes", "not_known"],
            "need_b": ["yes", None],
        }
    )
    found = insights_profile.derive(
        {"insights_intake": intake}, attributes=["gender"], needs=["need_a", "need_b"], unknown=["not_known"]
    )
    assert found["case_id"].tolist() == ["a", "b"]
    assert found["age"].tolist() == [31, pd.NA]
    assert list(found["gender"].cat.categories) == ["women", "men"]
    assert found["complex_needs"].tolist() == ["none", "two"]
