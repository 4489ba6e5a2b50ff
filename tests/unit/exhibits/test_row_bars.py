import pandas as pd
import pytest

from drive_eval.exhibits import row_bars, table
from drive_eval.exhibits.make import NotMade, make
from drive_eval.exhibits.style import in_style


def shares(**values):
    rows = [
        {"outcome": outcome, "term": term, "group": "all", "statistic": "proportion", "value": value, "n": 1.0,
         "denominator": 4.0}
        for outcome, terms in values.items()
        for term, value in zip(("yes", "no"), terms, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


DISPLAY = {
    "row_key": "outcome",
    "row_order": ["x", "y", "z"],
    "series": [{"term": "yes", "label": "Need"}, {"term": "no", "label": "None"}],
    "x_label": "Share",
}


def test_rows_are_sorted_by_the_named_series_and_ties_keep_their_order():
    drawn = row_bars.select(shares(x=(0.25, 0.75), y=(0.5, 0.5), z=(0.25, 0.75)), DISPLAY | {"sort_by_series": 0})
    assert drawn["outcome"].tolist() == ["y", "y", "x", "x", "z", "z"]
    assert drawn["value"].tolist() == [0.5, 0.5, 0.25, 0.75, 0.25, 0.75]


def test_without_sorting_rows_stand_as_listed():
    drawn = row_bars.select(shares(x=(0.1, 0.9), y=(0.5, 0.5), z=(0.2, 0.8)), DISPLAY)
    assert drawn["outcome"].drop_duplicates().tolist() == ["x", "y", "z"]


@pytest.mark.parametrize("stacked", [True, False])
def test_bars_end_where_their_shares_say(stacked):
    display = DISPLAY | {"stacked": stacked}
    drawn = row_bars.select(shares(x=(0.1, 0.9), y=(0.5, 0.5), z=(0.2, 0.8)), display)
    with in_style():
        axes = row_bars.draw(drawn, display, {"x": "Ex"}, "Title").axes[0]
    ends = sorted(round(bar.get_x() + bar.get_width(), 6) for bar in axes.patches)
    assert ends == ([0.1, 0.2, 0.5, 1, 1, 1] if stacked else [0.1, 0.2, 0.5, 0.5, 0.8, 0.9])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Ex", "y", "z"]
    low, high = axes.get_ylim()
    assert low > high  # the first row is on top


def test_columns_of_one_header_fill_one_column_and_shared_numbers_show_once():
    rows = pd.DataFrame(
        [
            ("a", "one", "n", 3.0),
            ("a", "two", "n", 1.0),
            ("a", "one", "n_missing", 2.0),
            ("a", "two", "n_missing", 2.0),
            ("b", "mean", "mean", 2.25),
        ],
        columns=["outcome", "term", "statistic", "value"],
    )
    display = {
        "rows": ["outcome", "term"],
        "row_headers": {"outcome": "Question"},
        "words": {"b": "Bee"},
        "order": {"outcome": ["a", "b"], "term": ["one", "two", "missing"]},
        "columns": [
            {"header": "Number", "statistic": "n", "style": "count"},
            {"header": "Number", "statistic": "n_missing", "put": {"term": "missing"}, "style": "count"},
            {"header": "Number", "statistic": ["mean", "median"], "style": "decimal1"},
        ],
    }
    laid = table.lay_out(table.select(rows, display), display, {"outcome": "Type of abuse"})
    assert laid.columns.tolist() == ["Question", "term", "Number"]
    assert laid["Number"].tolist() == ["3", "1", "2", "2.3"]
    assert laid["Question"].tolist() == ["a", "a", "a", "Bee"]
    clashing = rows.assign(value=[3.0, 1.0, 2.0, 4.0, 2.25])
    with pytest.raises(ValueError, match="finds more than one number"):
        table.select(clashing, display)


def test_only_numbers_put_in_one_row_are_taken_for_one_and_only_within_their_column():
    """The missing count equals the number in its row; a number that is there twice is not shown once in silence."""
    rows = pd.DataFrame(
        [("a", "all", "n", 2.0), ("a", "one", "n_missing", 2.0), ("a", "two", "n_missing", 2.0)],
        columns=["outcome", "term", "statistic", "value"],
    )
    number = {"header": "Number", "term": "all", "style": "count"}
    missing = {"header": "Missing", "statistic": "n_missing", "put": {"term": "all"}, "style": "count"}
    display = {"rows": ["outcome", "term"], "order": {}, "columns": [number, missing]}
    assert table.select(rows, display)[["header", "term", "value"]].to_numpy().tolist() == [
        ["Number", "all", 2.0],
        ["Missing", "all", 2.0],
    ]
    with pytest.raises(ValueError, match="column 'Number' finds more than one number"):
        table.select(pd.concat([rows, rows[:1]], ignore_index=True), display)


def test_the_base_is_filled_from_the_registry(study, registry):
    figure = next(entry for entry in study.exhibits if entry.id == "figure_2")
    assert make(figure, registry, study).base.startswith("Base: 207 service users")
    gone = registry["result_id"].str.endswith("service_users_informed.housing.all.all.all.missing.n")
    with pytest.raises(NotMade, match="base: "):
        make(figure, registry[~gone], study)
