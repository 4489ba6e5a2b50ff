"""Grouped bars of shares: one cluster per outcome or time, one bar per group and time, percentage and n on each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

HATCHES_OF_TIMES = ("", "////", "....", "xxxx")
HATCHES_OF_GROUPS = ("", "", "....", "xxxx", "", "////")
"""The first two fills part in grey without them."""


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: one per bar, in drawing order."""
    bars = pd.DataFrame(display["bars"])
    across, clusters = _clusters(display)
    chosen = rows[(rows["statistic"] == display.get("statistic", "proportion")) & (rows["term"] == display["term"])]
    chosen = chosen[chosen["outcome"].isin(display["outcomes"])]
    if "population" in display:
        chosen = chosen[chosen["population"] == display["population"]]
    places = pd.MultiIndex.from_product([clusters, range(len(bars))], names=[across, "bar"])
    wanted = places.to_frame(index=False).merge(bars.rename_axis("bar").reset_index(), on="bar")
    keys = [key for key in ("outcome", "group", "time") if key in wanted]
    return wanted.merge(chosen, on=keys, how="left", validate="one_to_one")


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows.

    Parameters
    ----------
    drawn : DataFrame
        From `select`.
    display : mapping
        `outcomes`, `bars` (each with `group` and `time`), `term`, `y_label`; where wanted `population`, `statistic`
        (other than the proportion), `legend_columns`, and `across: time` for one cluster per entry of `times` (one
        outcome; bars without `time`).
    labels : mapping
        Words for outcomes, groups and times.
    title : str
    """
    bars = display["bars"]
    clusters = _clusters(display)[1]
    width = 0.84 / len(bars)
    figure, axes = style.new_figure(title, width=max(7.5, 0.5 * len(bars) * len(clusters) + 1.6))
    groups, times = (list(dict.fromkeys(bar.get(key, "") for bar in bars)) for key in ("group", "time"))
    for k, bar in enumerate(bars):
        these = drawn[drawn["bar"] == k]
        places = [position + (k - (len(bars) - 1) / 2) * width for position in range(len(these))]
        alone = {"one_group": len(groups) == 1, "one_time": len(times) == 1}
        look = _look(groups.index(bar["group"]), times.index(bar.get("time", "")), **alone)
        varying = [key for key, found in (("group", groups), ("time", times)) if len(found) > 1]
        words = ", ".join(labels.get(bar[key], bar[key]) for key in varying or ["group", "time"] if key in bar)
        axes.bar(places, these["value"].fillna(0), width * 0.92, label=words, linewidth=1, **look)
        for place, share, base in zip(places, these["value"], these["denominator"], strict=True):
            height = 0.0 if pd.isna(share) else share
            axes.annotate(show(share, "percent"), (place, height), (0, 2), textcoords="offset points", ha="center",
                          va="bottom", fontsize=9.5, fontweight="bold")  # fmt: skip
            axes.annotate(f"n={show(base, 'count')}", (place, 0), (0, -3), textcoords="offset points", ha="center",
                          va="top", fontsize=7.5, color=style.MUTED)  # fmt: skip
    top = display.get("y_max", 1.0)
    style.percent_axis(axes, display["y_label"], top=top)
    axes.set_ylim(0, 1.04 * top)
    names = [labels.get(cluster, cluster) for cluster in clusters]
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", pad=15)
    style.legend_on_top(axes, columns=display.get("legend_columns"))
    return figure


def _clusters(display: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The key that tells clusters apart, and their values in drawing order."""
    across = display.get("across", "outcome")
    return across, list(display["times" if across == "time" else "outcomes"])


def _look(group: int, time: int, *, one_group: bool, one_time: bool) -> dict[str, Any]:
    """Colour by group, hatched at later times, or by group where there is one time; shades where only time varies."""
    if one_group:
        return {"facecolor": style.SHADES[time % len(style.SHADES)], "edgecolor": style.INK}
    hatch = (HATCHES_OF_GROUPS[group] if len(HATCHES_OF_GROUPS) > group else "") if one_time else HATCHES_OF_TIMES[time]
    return {"facecolor": style.FILLS[group], "edgecolor": style.INK, "hatch": hatch}
