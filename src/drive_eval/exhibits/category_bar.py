"""Bars of the shares of each answer: answers down the axis, one bar per group, percentage and count beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

WORDS_PER_LINE = 26
"""Letters of an answer on one line of the axis."""

BESIDE: dict[str, Any] = {
    "textcoords": "offset points",
    "ha": "left",
    "va": "center",
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.6},
}


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: one per answer and group, in drawing order."""
    places = pd.MultiIndex.from_product([display["levels"], display["groups"]], names=["term", "group"])
    chosen = rows[(rows["statistic"] == "proportion") & (rows["time"] == display["time"])]
    chosen = chosen[chosen["outcome"].isin(display["outcomes"])]
    wanted = places.to_frame(index=False)
    drawn: pd.DataFrame = wanted.merge(chosen, on=["term", "group"], how="left", validate="one_to_one")
    return drawn


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows.

    Parameters
    ----------
    drawn : DataFrame
        From `select`.
    display : mapping
        `outcomes` (one), `time`, `levels` (answers, top to bottom), `groups`, `unit` (what is counted, in the
        plural), `x_label` (what the shares are of).
    labels : mapping
        Words for answers and groups.
    title : str
    """
    groups, levels = display["groups"], display["levels"]
    height = 0.8 / len(groups)
    figure, axes = style.new_figure(title, width=9.0, height=1.9 + 0.42 * len(levels) * max(len(groups), 1.5))
    for k, group in enumerate(groups):
        these = drawn[drawn["group"] == group].set_index("term").loc[levels]
        places = [position + (k - (len(groups) - 1) / 2) * height for position in range(len(levels))]
        words = f"{labels.get(group, group)} (n={show(these['denominator'].max(), 'count')})"
        axes.barh(places, these["value"], height * 0.9, label=words, linewidth=1, **style.look(k))
        for place, share, count in zip(places, these["value"], these["n"], strict=True):
            percent = show(share, "percent")
            axes.annotate(percent, (share, place), (4, 0), fontsize=9.5, fontweight="bold", **BESIDE)
            axes.annotate(f"{show(count, 'count')} {display['unit']}", (share, place), (10 + 8 * len(percent), 0),
                          fontsize=8, color=style.MUTED, **BESIDE)  # fmt: skip
    reach = min(1.0, 0.1 * (int(float(drawn["value"].max()) * 10) + 1))
    ticks = [tick / 10 for tick in range(round(reach * 10) + 1)]
    axes.set_xticks(ticks, [f"{round(tick * 100)}%" for tick in ticks])
    axes.set_xlim(0, reach * 1.12)
    axes.set_xlabel(display["x_label"])
    axes.set_yticks(range(len(levels)), [_wrapped(labels.get(x, x)) for x in levels])
    axes.set_ylim(len(levels) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.tick_params(length=0)
    style.legend_on_top(axes)
    return figure


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """One line per answer and group, for the page."""
    return pd.DataFrame(
        {
            labels.get(display["outcomes"][0], "Answer"): numbers["term"].map(lambda key: labels.get(key, key)),
            labels.get("group", "Group"): numbers["group"].map(lambda key: labels.get(key, key)),
            "Number": [show(value, "count") for value in numbers["n"]],
            "Valid answers": [show(value, "count") for value in numbers["denominator"]],
            "Share": [show(value, "percent1") for value in numbers["value"]],
        }
    )


def _wrapped(words: str) -> str:
    """Lines short enough for the axis; what stands in brackets begins a new one."""
    return "\n".join(textwrap.fill(part, WORDS_PER_LINE) for part in words.replace(" (", "\n(").split("\n"))
