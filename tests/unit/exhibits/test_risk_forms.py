"""Forms of the risk and support chapters: what is drawn stands in the registry, and what is printed is right."""

import pandas as pd
import pytest

from drive_eval.exhibits import box_over_time, mean_bar, table
from drive_eval.exhibits.make import NotMade, data_of, files, make
from drive_eval.exhibits.wording import show

FIGURES = ("figure_10", "figure_11", "figure_12", "figure_13", "figure_25")


@pytest.fixture(scope="module", params=FIGURES)
def made(request, registry, study):
    return make(next(entry for entry in study.exhibits if entry.id == request.param), registry, study)


def test_every_number_drawn_stands_in_the_registry(made, registry):
    kept = registry.set_index("result_id")["value"]
    assert (kept[made.numbers["result_id"]].to_numpy() == made.numbers["value"].to_numpy()).all()
    assert len(data_of(made)) == len(made.numbers)


def test_the_picture_is_the_same_each_time(made, study):
    assert files(made, study) == files(made, study)


def test_no_means_are_printed_as_shares(registry, study):
    printed = make(next(entry for entry in study.exhibits if entry.id == "figure_25"), registry, study).printed
    assert printed.columns.tolist() == ["Area", "Group", "n", "Mean", "Lower", "Upper"]
    assert printed.iloc[0].tolist()[:4] == ["Essex (Area 1)", "Drive", "29", "15.5"]


def test_a_box_needs_all_its_numbers(registry, study):
    figure = next(entry for entry in study.exhibits if entry.id == "figure_12")
    gone = registry["result_id"] == "descriptives.dash_complete.dash_closure.all.all.all.q3.q3"
    with pytest.raises(NotMade, match="figure_12: 1 of 18 numbers"):
        make(figure, registry[~gone], study)


def test_a_box_is_laid_out_in_plain_numbers():
    values = {"min": 0, "q1": 5, "median": 7.5, "q3": 11, "max": 19, "mean": 8.305}
    numbers = pd.DataFrame({"outcome": "x", "term": list(values), "value": list(values.values()), "n": 4.0})
    found = box_over_time.lay_out(numbers, {"outcomes": ["x"]}, {"x": "Start"})
    assert found.iloc[0].tolist() == ["Start", "4", "0", "5", "7.5", "11", "19", "8.31"]


def test_bars_are_of_the_outcome_asked_for():
    rows = pd.DataFrame(
        [(o, "mean", "a", "g", s, 1.0) for o in ("x", "y") for s in ("mean", "ci_low", "ci_high", "std_error")],
        columns=["outcome", "term", "stratum", "group", "statistic", "value"],
    )
    chosen = mean_bar.select(rows, {"outcomes": ["x"], "strata": ["a"], "groups": ["g"]})
    assert chosen["statistic"].tolist() == ["mean", "ci_low", "ci_high"]


@pytest.mark.parametrize(("style", "text"), [("decimal1", "1,234.6"), ("decimal3", "1,234.565")])
def test_number_styles(style, text):
    assert show(1234.5645, style) == text


def test_a_table_may_name_its_row_keys_otherwise():
    rows = pd.DataFrame({"outcome": ["x"], "statistic": ["n"], "value": [3.0]})
    columns = [{"header": "People", "statistic": "n", "style": "count"}]
    display = {"rows": ["outcome"], "row_headers": {"outcome": "Number of"}, "order": {}, "columns": columns}
    laid = table.lay_out(table.select(rows, display), display, {"outcome": "Type of abuse"})
    assert laid.columns.tolist() == ["Number of", "People"]
