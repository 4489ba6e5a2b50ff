import pandas as pd
import pytest

from drive_eval.analyses.declared import analyse

CASES = pd.DataFrame({"case_id": ["a", "b"], "removed_from": [11, 11], "score": [1, 2]})


def test_a_number_is_stated_as_it_is():
    found = analyse(CASES, outcome="window", values={"months": 12, "days": 30.4375}, unit="months").set_index("term")
    assert found["estimate"].to_dict() == {"months": 12.0, "days": 30.4375}
    assert set(found["measure"]) == {"setting"}
    assert set(found["unit"]) == {"months"}


def test_a_setting_left_by_the_derivation_is_read_from_its_column():
    found = analyse(CASES, outcome="dash", values={"removed_from": "removed_from"}, unit="items")
    assert found["estimate"].tolist() == [11.0]


def test_a_column_that_varies_is_no_setting():
    with pytest.raises(ValueError, match="holds 2 values"):
        analyse(CASES, outcome="dash", values={"score": "score"}, unit="items")
