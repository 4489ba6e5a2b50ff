import itertools

import pandas as pd
import pytest

from drive_eval.exhibits import style
from drive_eval.exhibits.make import NotMade, files, make
from drive_eval.exhibits.wording import show, slots_of

DIAGRAMS = ["figure_1", "appendix_1a", "appendix_1b"]


def entry(study, name):
    return next(exhibit for exhibit in study.exhibits if exhibit.id == name)


@pytest.fixture(params=DIAGRAMS)
def figure(request, registry, study):
    import importlib

    exhibit = entry(study, request.param)
    made = make(exhibit, registry, study)
    form = importlib.import_module(f"drive_eval.exhibits.{exhibit.form}")
    with style.in_style():
        drawn = form.draw(made.numbers, exhibit.display, study.labels, exhibit.title)
        style.finish(drawn, base=exhibit.base, synthetic=True)
        drawn.draw_without_rendering()
    return drawn


def test_text_stays_in_its_box_and_boxes_do_not_touch(figure):
    axes = figure.axes[0]
    boxes = [patch.get_window_extent() for patch in axes.patches if (patch.get_gid() or "").startswith("box_")]
    assert len(boxes) >= 8
    for text in axes.texts:
        if not text.get_text():
            continue
        place = text.get_window_extent()
        holds = [box for box in boxes if box.contains(*place.min) and box.contains(*place.max)]
        assert len(holds) == 1, text.get_text()
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_texts_do_not_overlap(figure):
    lines = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(lines, 2))


@pytest.mark.parametrize("name", DIAGRAMS)
def test_readers_who_cannot_see_the_diagram_get_every_box_as_text(name, registry, study):
    exhibit = entry(study, name)
    printed = make(exhibit, registry, study).printed
    assert len(printed) == len(exhibit.display["boxes"])
    assert not printed.astype(str).apply(lambda column: column.str.contains("{", regex=False)).any(axis=None)


def test_a_box_whose_number_is_not_there_is_not_drawn(registry, study):
    gone = registry["result_id"] == "flow_counts.trial_flow.perpetrators.drive.all.all.open_long.count"
    with pytest.raises(NotMade, match="1 of 26 numbers to show are not in the registry"):
        make(entry(study, "appendix_1a"), registry[~gone], study)


def test_words_of_a_box_that_name_no_number_are_not_drawn(registry, study):
    gone = registry["result_id"].str.startswith("constants.police_sample.windows.all.all.all.before")
    with pytest.raises(NotMade, match="1 of 6 numbers"):
        make(entry(study, "figure_1"), registry[~gone], study)


def test_clusters_may_be_periods(registry, study):
    made = make(entry(study, "figure_23"), registry, study)
    assert made.numbers[["time", "group"]].to_numpy().tolist() == [
        [time, arm] for time in ("before", "during", "after") for arm in ("drive", "control")
    ]
    assert set(made.numbers["outcome"]) == {"dva"}
    assert set(files(made, study)) == {"svg", "png"}


@pytest.mark.parametrize(
    ("value", "name", "words"),
    [
        (20180331, "day", "31 March 2018"),
        (201604, "month", "April 2016"),
        (43.25, "decimal1", "43.3"),
        (1, "holds", "yes"),
        (0, "holds", "no"),
        (float("nan"), "day", "–"),
    ],
)
def test_dates_and_statements_are_written_out(value, name, words):
    assert show(value, name) == words


def test_slots_are_named_without_their_style():
    assert slots_of("{a.b|count} of {c|percent1}") == ["a.b", "c"]


def test_empty_display_needs_no_numbers():
    from drive_eval.exhibits.schematic import named_in

    rows = pd.DataFrame({"result_id": ["x.y"], "value": [1.0]})
    assert named_in(rows, {"boxes": [{"id": "a", "words": "no numbers"}]}).empty
