"""Stacked bars of ordered levels: one bar per outcome and time, each level labelled, total on top."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

SMALLEST_LABELLED = 0.045
"""Segments below this share are too thin for a label inside; they are named beside the bar."""
LINE = 0.032
"""Height of one line of such labels, as a share of the axis; closer ones would overlap."""


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: one per segment, bottom to top, bar by bar."""
    chosen = rows[rows["statistic"] == "proportion"]
    wanted = pd.MultiIndex.from_product(
        [display["outcomes"], display["times"], display["levels"]], names=["outcome", "time", "term"]
    ).to_frame(index=False)
    keyed = chosen[chosen["group"] == display["group"]]
    drawn: pd.DataFrame = wanted.merge(keyed, on=["outcome", "time", "term"], how="left", validate="one_to_one")
    return drawn


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows; `display` gives `outcomes`, `times`, `levels` (lowest first), `y_label`, `y_max`."""
    figure, axes = style.new_figure(title, width=9.6, height=5.6)
    times, levels = display["times"], display["levels"]
    width, top = 0.8 / len(times), display.get("y_max", 1.0)
    wrap = 30 if len(times) < 3 else 9
    below = {time: "\n".join(textwrap.wrap(labels.get(time, time), wrap)) for time in times}
    lines = max(words.count("\n") for words in below.values())
    for position, outcome in enumerate(display["outcomes"]):
        for k, time in enumerate(times):
            place = position + (k - (len(times) - 1) / 2) * width
            bar = drawn[(drawn["outcome"] == outcome) & (drawn["time"] == time)]
            _draw_bar(axes, place, width * 0.86, bar, levels, first=position == k == 0, labels=labels, top=top)
            padding = "\n" * (lines - below[time].count("\n"))
            axes.annotate(f"{below[time]}\nn={show(bar['denominator'].iloc[0], 'count')}{padding}", (place, 0),
                          (0, -4), textcoords="offset points", ha="center", va="top", fontsize=8.5)  # fmt: skip
    style.percent_axis(axes, display["y_label"], top=top)
    axes.set_ylim(0, 1.04 * top)
    names = [labels.get(outcome, outcome) for outcome in display["outcomes"]]
    axes.set_xticks(range(len(names)), names, fontweight="bold")
    axes.tick_params(axis="x", pad=30 + 12 * lines)
    style.legend_on_top(axes, reverse=True)
    return figure


def _draw_bar(
    axes: Any,
    place: float,
    width: float,
    bar: pd.DataFrame,
    levels: list[str],
    *,
    first: bool,
    labels: Mapping[str, str],
    top: float,
) -> None:
    bottom, beside = 0.0, 0.0
    shades = style.SHADES[::-1][-len(levels) :]
    for shade, level in zip(shades, levels, strict=True):
        share = float(bar.loc[bar["term"] == level, "value"].fillna(0).iloc[0])
        words = labels.get(level, level) if first else "_nolegend_"
        axes.bar([place], [share], width, bottom=bottom, color=shade, edgecolor="white", linewidth=0.8, label=words)
        if share >= SMALLEST_LABELLED * top:
            ink = style.INK if shade == style.SHADES[-1] else "white"
            axes.text(
                place, bottom + share / 2, show(share, "percent"), ha="center", va="center", fontsize=8.5, color=ink
            )
        elif share > 0:
            beside = max(bottom + share / 2, beside + LINE * top)
            axes.annotate(show(share, "percent"), (place + width / 2, beside), (3, 0),
                          textcoords="offset points", ha="left", va="center", fontsize=7.5)  # fmt: skip
        bottom += share
    axes.annotate(show(bottom, "percent"), (place, bottom), (0, 2), textcoords="offset points", ha="center",
                  va="bottom", fontsize=10, fontweight="bold")  # fmt: skip
