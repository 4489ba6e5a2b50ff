"""Boxes of a number over time, drawn from quartiles, median, range and mean in the registry, never from cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

TERMS = ("min", "q1", "median", "q3", "max", "mean")
HEADERS = {"min": "Lowest", "q1": "Lower quartile", "median": "Median", "q3": "Upper quartile", "max": "Highest",
           "mean": "Mean"}  # fmt: skip


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: six numbers per box, in drawing order."""
    places = pd.MultiIndex.from_product([display["outcomes"], TERMS], names=["outcome", "term"])
    chosen = rows[(rows["statistic"] == rows["term"]) & (rows["group"] == display["group"])]
    if "population" in display:
        chosen = chosen[chosen["population"] == display["population"]]
    return places.to_frame(index=False).merge(chosen, on=["outcome", "term"], how="left", validate="one_to_one")


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows.

    Parameters
    ----------
    drawn : DataFrame
        From `select`.
    display : mapping
        `outcomes` (one per time, in order), `group`, `y_label`; `population` where the exhibit has several.
    labels : mapping
        Words for the outcomes.
    title : str
    """
    figure, axes = style.new_figure(title, width=8.4, height=5.4)
    means = []
    for place, outcome in enumerate(display["outcomes"]):
        box = drawn[drawn["outcome"] == outcome].set_index("term")["value"]
        means.append(box["mean"])
        axes.vlines([place] * 2, [box["min"], box["q3"]], [box["q1"], box["max"]], color=style.INK, linewidth=1.2)
        axes.hlines([box["min"], box["max"]], place - 0.12, place + 0.12, color=style.INK, linewidth=1.2)
        axes.bar([place], [box["q3"] - box["q1"]], 0.44, bottom=box["q1"], color=style.SHADES[-1],
                 edgecolor=style.INK, linewidth=1.2, label="Middle half of scores" if not place else None)  # fmt: skip
        axes.hlines([box["median"]], place - 0.22, place + 0.22, color=style.INK, linewidth=2.6,
                    label="_nolegend_" if place else "Median")  # fmt: skip
        for term in ("min", "q1", "median", "q3", "max"):
            weight = "bold" if term == "median" else "normal"
            axes.annotate(_plain(box[term]), (place + 0.24, box[term]), (3, 0), textcoords="offset points",
                          ha="left", va="center", fontsize=9, fontweight=weight)  # fmt: skip
        axes.annotate(f"mean {show(box['mean'], 'statistic')}", (place - 0.24, box["mean"]), (-3, 0),
                      textcoords="offset points", ha="right", va="center", fontsize=9)  # fmt: skip
    axes.plot(range(len(means)), means, linestyle="", marker="D", markersize=7, color=style.FILLS[1],
              markeredgecolor=style.INK, label="Mean")  # fmt: skip
    sizes = [drawn.loc[drawn["outcome"] == outcome, "n"].iloc[0] for outcome in display["outcomes"]]
    names = [f"{labels.get(x, x)}\nn={show(n, 'count')}" for x, n in zip(display["outcomes"], sizes, strict=True)]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.65, len(names) - 0.35)
    axes.set_ylim(bottom=-0.5)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(display["y_label"])
    axes.grid(axis="y")
    axes.tick_params(length=0)
    style.legend_on_top(axes)
    return figure


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """One line per time, for the page."""
    lines = []
    for outcome in display["outcomes"]:
        box = numbers[numbers["outcome"] == outcome].set_index("term")
        line = {labels.get("time", "Time"): labels.get(outcome, outcome), "n": show(box.loc["mean", "n"], "count")}
        words = {HEADERS[term]: _plain(box.loc[term, "value"]) for term in TERMS if term != "mean"}
        lines.append(line | words | {HEADERS["mean"]: show(box.loc["mean", "value"], "statistic")})
    return pd.DataFrame(lines)


def _plain(value: float) -> str:
    """One decimal where there is one."""
    return show(value, "decimal1").removesuffix(".0")
