"""Bars with a line above them over the same months, every value labelled; two scales are never overlaid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style, table
from drive_eval.exhibits.wording import show


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The numbers that are drawn: first those of the bars, then those of the line, by month."""
    numbers = table.select(rows, {**display, "rows": ["term"]})
    headers = [column["header"] for column in display["columns"]]
    place = numbers["header"].map(headers.index)
    return numbers.assign(place=place, x=numbers["term"].astype("int64")).sort_values(["place", "x"], ignore_index=True)


def lay_out(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The same as a table of words, one row per month."""
    months = sorted(set(drawn["x"]))
    columns = {}
    for column in display["columns"]:
        values = drawn[drawn["header"] == column["header"]].set_index("x")["value"].reindex(months)
        columns[column["header"]] = [show(value, column["style"]) for value in values]
    return pd.DataFrame({display["x_label"]: [str(month) for month in months]} | columns)


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows; `columns` names the bars and the line, `highlight` how many bars stand out."""
    bars, line = (drawn[drawn["place"] == place] for place in (0, 1))
    figure, whole = style.new_figure(title, width=11.5, height=6.6)
    whole.remove()
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1, 2])
    above.plot(line["x"], line["value"], color=style.INK, marker="o", markersize=4, linewidth=1.6)
    for month, value, change in zip(line["x"], line["value"], line["value"].diff().fillna(0), strict=True):
        aside = 9 if change < -0.1 * line["value"].max() else 0  # clear of the steep line on the left
        above.annotate(show(value, "count"), (month, value), (aside, 5), textcoords="offset points", ha="center",
                       va="bottom", fontsize=8.5)  # fmt: skip
    above.set_ylim(0, float(line["value"].max()) * 1.25)
    highest = bars["value"].nlargest(display["highlight"]).index
    colours = [style.SHADES[0] if row in highest else style.SHADES[1] for row in bars.index]
    drawn_bars = below.bar(bars["x"], bars["value"], 0.8, color=colours)
    for row, patch in zip(bars.index, drawn_bars, strict=True):
        patch.set_hatch("" if row in highest else "////")
        below.annotate(show(bars.loc[row, "value"], "count"), (bars.loc[row, "x"], bars.loc[row, "value"]), (0, 2),
                       textcoords="offset points", ha="center", va="bottom", fontsize=8.5,
                       fontweight="bold" if row in highest else "normal")  # fmt: skip
    below.set_ylim(0, float(bars["value"].max()) * 1.08)
    for axes, column in zip((below, above), display["columns"], strict=True):
        axes.set_ylabel(column["header"])
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.grid(axis="y")
        axes.tick_params(length=0)
    below.set_xlim(min(drawn["x"]) - 0.7, max(drawn["x"]) + 0.7)
    figure.align_ylabels([above, below])
    below.set_xticks(sorted(set(drawn["x"])))
    below.set_xlabel(display["x_label"])
    return figure
