import pandas as pd
import pytest

from drive_eval.exhibits import histogram, ranked_bar, style, tree
from drive_eval.exhibits.make import files, make

FIGURES = [f"figure_{number}" for number in range(14, 23)]


@pytest.fixture(scope="module", params=FIGURES)
def made(request, registry, study):
    return make(next(entry for entry in study.exhibits if entry.id == request.param), registry, study)


def test_every_figure_is_drawn_and_no_text_leaves_the_picture(made, study):
    assert set(files(made, study)) == {"svg", "png"}
    form = __import__(f"drive_eval.exhibits.{made.exhibit.form}", fromlist=["draw"])
    with style.in_style():
        figure = form.draw(made.numbers, made.exhibit.display, study.labels, made.exhibit.title)
        style.finish(figure, base=made.exhibit.base, synthetic=made.synthetic)
        figure.canvas.draw()
        page = figure.bbox
        texts = [figure._suptitle, figure._supxlabel]
        for axes in figure.axes:
            texts += [*axes.texts, axes._left_title]
            for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
                seen = [tick for tick in axis.get_major_ticks() if min(limits) <= tick.get_loc() <= max(limits)]
                texts += [tick.label1 for tick in seen if axes.axison]
        for text in texts:
            box = text.get_window_extent()
            inside = box.x0 >= -1 and box.x1 <= page.x1 + 1 and box.y0 >= -1 and box.y1 <= page.y1 + 1
            assert inside or not text.get_text(), text.get_text()


def test_the_table_beside_a_figure_has_a_row_per_number_group(made):
    assert len(made.printed) > 1
    assert not made.printed.isna().any().any()


def rows(listed, **more):
    frame = pd.DataFrame(listed, columns=["term", "value"]).assign(**more)
    return frame.assign(result_id=frame["term"], statistic=more.get("statistic", "proportion"))


def test_bars_are_ranked_and_the_rest_stands_last():
    found = rows(
        [("other", 0.5), ("b", 0.2), ("a", 0.2), ("c", 0.3)], population="p", outcome="agency", time="all", n=1
    )
    drawn = ranked_bar.select(found, {"panels": [{"header": "x", "population": "p", "outcomes": ["agency"]}]})
    assert drawn["code"].tolist() == ["c", "a", "b", "other"]


def test_a_panel_without_numbers_is_an_error():
    found = rows([("a", 1.0)], population="p", outcome="agency", time="all")
    with pytest.raises(ValueError, match="'x' finds no share"):
        ranked_bar.select(found, {"panels": [{"header": "x", "population": "q", "outcomes": ["agency"]}]})


def test_bins_are_in_the_order_of_numbers_not_of_words():
    found = rows([("6_to_10", 1), ("11_to_15", 2), ("1_to_5", 3)], outcome="k", analysis="histogram", statistic="n")
    middles = pd.DataFrame({"statistic": ["mean", "median"], "value": [4.0, 3.0]}).assign(
        outcome="k", analysis="descriptives", term="", result_id="m"
    )
    drawn = histogram.select(pd.concat([found, middles]), {"outcomes": ["k"]})
    assert drawn.loc[drawn["kind"] == "bin", "term"].tolist() == ["1_to_5", "6_to_10", "11_to_15"]
    assert drawn.loc[drawn["kind"] == "line", "statistic"].tolist() == ["median", "mean"]


def test_nodes_of_the_tree_lie_within_their_parents(registry, study):
    display = next(entry for entry in study.exhibits if entry.id == "figure_17").display
    parents = {node["name"]: node["parent"] for node in display["nodes"]}
    children = {name: [child for child in parents if parents[child] == name] for name in parents}
    spans = {}
    tree._place("whole", 0.0, children, {}, spans)
    for name, parent in parents.items():
        if parent:
            assert spans[parent][0] <= spans[name][0] < spans[name][1] <= spans[parent][1] + 1e-12


def test_parts_of_the_tree_add_up(registry, study):
    made = make(next(entry for entry in study.exhibits if entry.id == "figure_17"), registry, study)
    nodes = made.numbers[made.numbers["kind"] == "node"]
    for _, parts in nodes[nodes["parent"] != ""].groupby("parent"):
        assert parts["value"].sum() == pytest.approx(1)
        assert parts["denominator"].nunique() == 1
    for _, parts in made.numbers[made.numbers["kind"] == "list"].groupby("parent"):
        assert parts["value"].sum() == pytest.approx(1)
