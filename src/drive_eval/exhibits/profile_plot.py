"""Profile plot: one line per group over the outcomes, each line named at its end; parted by dash and mark as well."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

MARKS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
GAP = 0.115
"""Least distance of two line names, as a share of the axis: three lines of text."""


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: one per group and outcome, then the size of each group."""
    points = rows[(rows["statistic"] == "probability") & (rows["term"] == display["term"])]
    wanted = pd.MultiIndex.from_product([display["groups"], display["outcomes"]], names=["group", "outcome"]).to_frame(
        index=False
    )
    drawn = wanted.merge(points, on=["group", "outcome"], how="left", validate="one_to_one")
    sizes = rows[(rows["statistic"] == "share") & (rows["term"] == display["size_term"])]
    named = pd.DataFrame({"group": display["groups"]}).merge(sizes, on="group", how="left", validate="one_to_one")
    both: pd.DataFrame = pd.concat([drawn, named], ignore_index=True)
    return both


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows; `display` gives `groups`, `outcomes`, `term`, `size_term` and `y_label`."""
    outcomes, groups = list(display["outcomes"]), list(display["groups"])
    figure, axes = style.new_figure(title, width=11.5, height=5.8)
    ends: dict[str, float] = {}
    for k, group in enumerate(groups):
        line = drawn[(drawn["group"] == group) & drawn["outcome"].isin(outcomes)]
        axes.plot(range(len(line)), line["value"], color=style.FILLS[k], linestyle=DASHES[k], marker=MARKS[k],
                  markersize=7, linewidth=2.2, markeredgecolor="white", clip_on=False)  # fmt: skip
        ends[group] = float(line["value"].iloc[-1])
    for group, height in _spread(ends).items():
        k = groups.index(group)
        size = drawn[(drawn["group"] == group) & (drawn["term"] == display["size_term"])]
        words = "\n".join(textwrap.wrap(labels.get(group, group), 28))
        count = f"{show(size['value'].iloc[0], 'percent')}, n={show(size['n'].iloc[0], 'count')}"
        axes.annotate(f"{words}\n({count})", (len(outcomes) - 1, ends[group]), (len(outcomes) - 0.62, height),
                      textcoords="data", ha="left", va="center", fontsize=9, fontweight="bold",
                      annotation_clip=False, color=style.INK,
                      arrowprops={"arrowstyle": "-", "color": style.FILLS[k], "linewidth": 1.2, "shrinkA": 2,
                                  "shrinkB": 5, "relpos": (0, 0.5), "linestyle": DASHES[k]})  # fmt: skip
    style.percent_axis(axes, display["y_label"])
    axes.set_xlim(-0.55, len(outcomes) - 0.7)
    names = ["\n".join(textwrap.wrap(labels.get(outcome, outcome), 11)) for outcome in outcomes]
    axes.set_xticks(range(len(names)), names, fontsize=8.5)
    return figure


def _spread(ends: Mapping[str, float]) -> dict[str, float]:
    """Heights of the line names, lowest first, pushed apart until none touches another."""
    placed: dict[str, float] = {}
    above = 0.0
    for group, height in sorted(ends.items(), key=lambda item: item[1]):
        placed[group] = max(height, above)
        above = placed[group] + GAP
    return placed
