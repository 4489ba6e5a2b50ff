import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from drive_eval.exhibits import table
from drive_eval.exhibits.make import NotMade, files, make


@pytest.fixture(
    scope="module",
    params=["figure_8", "figure_9", "table_mcnemar", "table_mantel_haenszel", "figure_2", "appendix_2", "appendix_3"],
)
def exhibit(request, study):
    return next(entry for entry in study.exhibits if entry.id == request.param)


def test_every_number_shown_stands_in_the_registry(exhibit, registry, study):
    made = make(exhibit, registry, study)
    kept = registry.set_index("result_id")["value"]
    assert (kept[made.numbers["result_id"]].to_numpy() == made.numbers["value"].to_numpy()).all()


def test_alt_text_states_the_finding_with_numbers(exhibit, registry, study):
    alt = make(exhibit, registry, study).alt
    assert len(alt) > 80
    assert "{" not in alt
    assert sum(character.isdigit() for character in alt) >= 3


def test_pictures_are_the_same_bytes_each_time_and_carry_mark_and_alt(registry, study):
    figure = next(entry for entry in study.exhibits if entry.id == "figure_9")
    made = make(figure, registry, study)
    first, second = files(made, study), files(made, study)
    assert first == second
    assert set(first) == {"svg", "png"}
    assert made.alt.encode() in first["svg"].replace(b"&gt;", b">")
    assert made.synthetic


def test_a_missing_number_is_named_and_nothing_is_drawn(registry, study):
    figure = next(entry for entry in study.exhibits if entry.id == "figure_9")
    gone = registry["result_id"] == "proportions.intake_and_exit.sexual.control.exit.all.yes.proportion"
    with pytest.raises(NotMade, match="figure_9: 1 of 16 numbers to show are not in the registry"):
        make(figure, registry[~gone], study)
    named = registry["result_id"] == "proportions.intake_and_exit.physical.drive.exit.all.yes.proportion"
    with pytest.raises(NotMade, match=r"alt text: .* names 0 numbers"):
        make(figure, registry[~named], study)


def test_a_table_column_that_finds_two_numbers_is_an_error():
    rows = pd.DataFrame(
        {"outcome": ["x", "x"], "group": ["a", "b"], "statistic": ["n", "n"], "value": [1.0, 2.0], "term": ["t", "t"]}
    )
    display = {"rows": ["outcome"], "order": {}, "columns": [{"header": "n", "statistic": "n", "style": "count"}]}
    with pytest.raises(ValueError, match="finds more than one number"):
        table.select(rows, display)


def test_a_table_is_laid_out_in_the_order_of_the_entry():
    rows = pd.DataFrame(
        {"outcome": ["x", "y", "x", "y"], "statistic": ["n", "n", "p_value", "p_value"], "value": [3, 4, 0.04, 0.0001]}
    )
    display = {
        "rows": ["outcome"],
        "order": {"outcome": ["y", "x"]},
        "columns": [
            {"header": "p", "statistic": "p_value", "style": "p"},
            {"header": "People", "statistic": "n", "style": "count"},
        ],
    }
    laid = table.lay_out(table.select(rows, display), display, {"outcome": "Abuse", "x": "Ex"})
    assert laid.columns.tolist() == ["Abuse", "p", "People"]
    assert laid.to_numpy().tolist() == [["y", "< .001", "4"], ["Ex", ".040", "3"]]


def test_no_ink_touches_the_edge_of_a_picture(results):
    pictures = sorted((results / "figures").glob("*.png"))
    assert len(pictures) >= 29
    for path in pictures:
        ink = matplotlib.image.imread(path)[..., :3].min(axis=2) < 0.8
        down, across = np.nonzero(ink)
        height, width = ink.shape
        assert min(down.min(), across.min(), height - down.max(), width - across.max()) >= 8, path.name
