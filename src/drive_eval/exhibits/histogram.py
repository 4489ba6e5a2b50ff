"""Histogram of a whole number, every bin labelled, with lines at the median and the mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

LINES = {"median": "-", "mean": "--"}


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The bins in order, then median and mean; `kind` tells them apart."""
    mine = rows[rows["outcome"].isin(display["outcomes"])]
    bins = mine[(mine["analysis"] == "histogram") & (mine["statistic"] == "n")]
    bins = bins.assign(kind="bin", first=bins["term"].str.split("_to_").str[0].astype("int64"))
    middles = mine[(mine["analysis"] == "descriptives") & (mine["statistic"].isin(list(LINES)))]
    wanted = pd.DataFrame({"statistic": list(LINES)}).merge(middles, on="statistic", how="left", validate="one_to_one")
    return pd.concat([bins.sort_values("first"), wanted.assign(kind="line")], ignore_index=True)


def lay_out(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The same as a table of words: one row per bin, then the median and the mean."""
    bins, lines = drawn[drawn["kind"] == "bin"], drawn[drawn["kind"] == "line"]
    names = [*bins["term"].str.replace("_to_", " to "), *lines["statistic"].str.capitalize()]
    shown = [show(value, "count") for value in bins["value"]] + [show(value, "statistic") for value in lines["value"]]
    return pd.DataFrame({display["x_label"]: names, "Number": shown})


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows; `display` gives `outcomes` (one), `x_label` and `y_label`."""
    bins, lines = drawn[drawn["kind"] == "bin"], drawn[drawn["kind"] == "line"].set_index("statistic")["value"]
    starts = bins["first"].astype("int64")
    ends = bins["term"].str.split("_to_").str[1].astype("int64")
    top = float(bins["value"].max())  # the lines stand in a band above it, where they cross no bar and no number
    width = int(ends.iloc[0] - starts.iloc[0] + 1)
    figure, axes = style.new_figure(title, width=10.0, height=5.4)
    axes.bar(starts - 0.5, bins["value"], width * 0.94, align="edge", color=style.SHADES[1])
    for first, number in zip(starts, bins["value"], strict=True):
        if number:
            axes.annotate(show(number, "count"), (first - 0.5 + width * 0.47, number), (0, 2),
                          textcoords="offset points", ha="center", va="bottom", fontsize=9)  # fmt: skip
    for name, dashes in LINES.items():
        axes.vlines(lines[name], top * 1.12, top * 1.25, color=style.INK, linewidth=2.2, linestyle=dashes,
                    label=f"{name.capitalize()} {show(lines[name], 'statistic')}")  # fmt: skip
    axes.set_ylim(0, top * 1.25)
    axes.set_xlim(starts.iloc[0] - 1.5, ends.iloc[-1] + 1.5)
    every = max(1, len(bins) // 10)
    ticks = [(first - 0.5 + width * 0.47, f"{first}–{end}") for first, end in zip(starts, ends, strict=True)]
    axes.set_xticks([place for place, _ in ticks[::every]], [words for _, words in ticks[::every]])
    axes.set_xlabel(display["x_label"])
    axes.set_ylabel(display["y_label"])
    axes.grid(axis="y")
    axes.tick_params(length=0)
    style.legend_on_top(axes)
    return figure
