import pandas as pd
import pytest

from drive_eval.derive import behaviour, need_classes

SETTINGS = {
    "abuse_types": ["physical", "sexual"],
    "times": ["intake", "closure"],
    "levels": ["none", "standard", "high"],
    "age_bands": {"young": [0, 29], "old": [30, 120]},
    "work": "behaviour_change_work",
    "reference_class": "low",
}
NEEDS = {
    "needs": ["x", "y"],
    "times": ["intake", "closure"],
    "present": ["need", "high_need"],
    "absent": ["no_need"],
    "starts": 20,
    "seed": 1,
    "class_names": [{"name": "low", "mean": "lowest"}, {"name": "many", "mean": "highest"}],
    "order_item": "x",
}


def needs_of(rows):
    columns = ["su_id", "x_intake", "x_closure", "y_intake", "y_closure"]
    return need_classes.derive({"cms_needs": pd.DataFrame(rows, columns=columns)}, **NEEDS).set_index("su_id")


@pytest.fixture
def people():
    sure = [(f"n{k}", "no_need", "no_need", "no_need", "no_need") for k in range(5)]
    sure += [(f"s{k}", "need", "need", "high_need", "need") for k in range(3)]
    return needs_of([*sure, ("e", "not_known", None, None, None), ("m", "no_need", "need", "not_known", "no_need")])


def test_a_need_at_any_time_counts_and_unknown_is_missing(people):
    assert people.loc["m", ["x", "y"]].tolist() == [1, 0]
    assert people.loc["e", ["x", "y"]].isna().all()
    assert not people.loc["e", "needs_known"]


def test_the_uninformed_are_in_the_largest_class(people):
    assert people.loc["e", "need_class"] == "low"
    assert people.loc[["n0", "s0"], "need_class"].tolist() == ["low", "many"]
    assert people[["posterior_low", "posterior_many"]].sum(axis=1).tolist() == pytest.approx([1] * 10)


def cases(assessments, ages=(25, 30)):
    ids = ["a", "b"]
    columns = ["su_id", "time_point", "physical", "physical_level", "sexual", "sexual_level"]
    tables = {
        "cms_behaviour": pd.DataFrame(assessments, columns=columns),
        "cms_cases": pd.DataFrame({"su_id": ids, "age": ages, "direct_contact": ["yes", "no"]}),
        "cms_actions": pd.DataFrame({"su_id": ["b", "b"], "category": ["behaviour_change_work"] * 2}),
        "cms_need_classes": pd.DataFrame({"su_id": ids, "needs_known": [True, False], "need_class": ["many", "low"]}),
    }
    return behaviour.derive(tables, **SETTINGS).set_index("su_id")


def test_answers_levels_and_change():
    found = cases(
        [
            ("a", "intake", "yes", "high", "no", "high"),
            ("a", "closure", "no", None, "yes", "not_known"),
            ("b", "intake", "yes", "standard", "not_known", None),
            ("b", "closure", "yes", "none", "no", None),
        ]
    )
    assert found["physical_severity_intake"].tolist() == [2, 1]
    assert found["physical_high_intake"].tolist() == [1, 0]
    # a level beside `no` is none; used with level none, or not known, is missing
    assert found["sexual_level_intake"].tolist()[0] == "none"
    assert found["sexual_level_closure"].isna().tolist() == [True, False]
    assert found["physical_level_closure"].isna().tolist() == [False, True]
    # a stopped physical abuse; b still uses it, and whether sexual abuse stopped is not known
    assert found["behaviour_change"].tolist() == [1, pd.NA]
    assert found["used_at_intake"].tolist() == [True, True]
    assert found["behaviour_change_work"].tolist() == [0, 1]
    assert found["class_needs"].tolist() == ["any_needs", "low"]
    assert found["age_band"].tolist() == ["young", "old"]
    assert found["contacted_and_known"].tolist() == [True, False]
    assert found["used_and_needs_known"].tolist() == [True, False]


def test_nobody_known_is_not_in_the_base():
    found = cases([("a", "intake", None, None, "not_known", None)])
    assert found["behaviour_known"].tolist() == [False, False]
    assert found["behaviour_change"].isna().all()


def test_two_assessments_at_one_time_are_an_error():
    with pytest.raises(ValueError, match="more than one assessment"):
        cases([("a", "intake", "yes", "high", "no", None)] * 2)


def test_an_age_outside_every_band_is_an_error():
    with pytest.raises(ValueError, match="1 ages are in no age band"):
        cases([("a", "intake", "yes", "high", "no", None)], ages=(25, 130))
