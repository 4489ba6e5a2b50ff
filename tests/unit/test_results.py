import math

import pandas as pd
import pandera.errors
import pytest

from drive_eval.results import (
    REGISTRY_COLUMNS,
    DuplicateResult,
    check_results,
    merge_registries,
    options_text,
    result_frame,
    to_registry,
)

PLACE = {"study": "s", "chapter": "c", "data_origin": "synthetic"}
ROW = {
    "analysis": "mcnemar",
    "population": "everybody",
    "outcome": "physical",
    "group": "drive",
    "term": "odds_ratio",
    "estimate": 2.0,
    "measure": "odds_ratio",
    "unit": "ratio",
    "ci_low": 1.5,
    "n": 40,
}


def register(row, exhibit="figure_1"):
    return to_registry(result_frame([row]), exhibit=exhibit, **PLACE)


def test_one_registry_row_per_number_named_by_keys_and_statistic():
    found = register(ROW).set_index("result_id")["value"].to_dict()
    stem = "mcnemar.everybody.physical.drive.all.all.odds_ratio"
    assert found == {f"{stem}.odds_ratio": 2.0, f"{stem}.ci_low": 1.5, f"{stem}.n": 40}


def test_limits_carry_the_unit_of_the_estimate_and_p_does_not():
    found = register(ROW | {"p_value": 0.01}).set_index("statistic")["unit"].to_dict()
    assert found == {"odds_ratio": "ratio", "ci_low": "ratio", "n": "persons", "p_value": "probability"}


def test_numbers_are_never_rounded():
    value = 1 / 3
    assert register(ROW | {"estimate": value}).set_index("statistic").loc["odds_ratio", "value"] == value


def test_infinite_estimates_are_kept_and_missing_ones_left_out():
    found = register(ROW | {"estimate": math.inf, "ci_low": None})
    assert found["statistic"].tolist() == ["n", "odds_ratio"]


def test_a_column_that_is_not_a_result_column_is_refused():
    with pytest.raises(ValueError, match="not a result column"):
        result_frame([ROW | {"odds": 1}])


@pytest.mark.parametrize(
    "fault", [{"layer": "mine"}, {"p_value": 1.2}, {"outcome": "two words"}], ids=["layer", "p above 1", "key"]
)
def test_a_result_frame_is_checked(fault):
    with pytest.raises(pandera.errors.SchemaError):
        check_results([result_frame([ROW]), result_frame([ROW | fault])])


def test_a_number_shared_by_two_exhibits_is_there_once():
    merged = merge_registries([register(ROW), register(ROW, "figure_2")])
    assert merged["exhibit"].unique().tolist() == ["figure_1 figure_2"]
    assert merged["result_id"].is_unique


def test_two_values_under_one_id_are_an_error():
    with pytest.raises(DuplicateResult, match="1 result ids carry two different values"):
        merge_registries([register(ROW), register(ROW | {"estimate": 2.5}, "figure_2")])


def test_no_rows_give_an_empty_registry():
    assert list(merge_registries([pd.DataFrame(columns=list(REGISTRY_COLUMNS))]).columns) == list(REGISTRY_COLUMNS)


def test_options_are_sorted_so_that_the_order_of_writing_does_not_matter():
    assert options_text(b=1, a=True) == options_text(a=True, b=1) == '{"a": true, "b": 1}'
