"""Horizontal bars of shares, longest on top, each with its percentage and number; one panel or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show
from drive_eval.results import WHOLE

LAST = ("other", "any_other_agency")
"""Codes that gather the rest; they stand below all named ones."""
BAR_INCHES = 0.29


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn, panel by panel, largest share first; `panel` and `code` say where.

    `cases` is the number of cases the actions of a panel come from, where the registry has it.
    """
    parts = []
    for position, panel in enumerate(display["panels"]):
        chosen = rows[
            (rows["statistic"] == "proportion")
            & (rows["population"] == panel["population"])
            & rows["outcome"].isin(panel["outcomes"])
        ]
        chosen = chosen[chosen["term"].isin(panel["terms"])] if "terms" in panel else chosen
        code = chosen["outcome"] if len(panel["outcomes"]) > 1 else chosen["term"]
        whole = (
            (rows["population"] == panel["population"]) & (rows["outcome"] == WHOLE) & (rows["statistic"] == "cases")
        )
        cases = rows.loc[whole & (rows["time"] == WHOLE), "value"].max()
        placed = chosen.assign(panel=position, code=code, rest=code.isin(LAST), cases=cases)
        parts.append(placed.sort_values(["rest", "value", "code"], ascending=[True, False, True]))
        if placed.empty:
            raise ValueError(f"panel {panel['header']!r} finds no share")
    drawn: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return drawn


def lay_out(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The same as a table of words."""
    words = {"Part": [display["panels"][k]["header"] for k in drawn["panel"]]} if len(display["panels"]) > 1 else {}
    return pd.DataFrame(
        words
        | {
            display["y_label"]: [labels.get(code, code) for code in drawn["code"]],
            "Number": [show(value, "count") for value in drawn["n"]],
            "Base": [show(value, "count") for value in drawn["denominator"]],
            "Share": [show(value, "percent1") for value in drawn["value"]],
        }
    )


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows; `display` gives `panels`, `counted` (what is counted) and, for several, `grid`.

    `grid` is the number of panels in each line; without it all stand in one line.
    """
    grid = display.get("grid", [len(display["panels"])])
    sizes = drawn.groupby("panel").size()
    lines = [range(sum(grid[:k]), sum(grid[: k + 1])) for k in range(len(grid))]
    heights = [float(max(sizes[k] for k in line)) + 2.2 for line in lines]
    figure, whole = style.new_figure(
        title, width={1: 8.4, 2: 10.5}.get(max(grid), 14.0), height=BAR_INCHES * sum(heights) + 1.0
    )
    whole.remove()
    stacked = figure.add_gridspec(len(lines), 1, height_ratios=heights)
    for height, line in enumerate(lines):
        cells = stacked[height].subgridspec(1, len(line))
        tallest = int(max(sizes[k] for k in line))
        for across, k in enumerate(line):
            axes = figure.add_subplot(cells[across])
            _draw_panel(axes, drawn[drawn["panel"] == k], display, k, labels, slots=tallest)
    return figure


def _draw_panel(
    axes: Axes, bars: pd.DataFrame, display: Mapping[str, Any], k: int, labels: Mapping[str, str], *, slots: int
) -> None:
    panel = display["panels"][k]
    places = range(len(bars))
    axes.barh(places, bars["value"], 0.74, color=style.FILLS[0])
    digits = panel.get("style", "percent")
    for place, share, number in zip(places, bars["value"], bars["n"], strict=True):
        written = show(share, digits if share >= 0.005 else "percent1")
        axes.annotate(f"{written} ({show(number, 'count')})", (share, place), (4, 0),
                      textcoords="offset points", ha="left", va="center", fontsize=9)  # fmt: skip
    axes.set_yticks(list(places), [labels.get(code, code) for code in bars["code"]], fontsize=9.5)
    axes.set_ylim(slots - 0.4, -0.6)
    axes.set_xlim(0, float(bars["value"].max()) * (1.3 if len(display["panels"]) == 1 else 1.5))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0)
    bases = bars["denominator"].unique()
    base = f"n = {show(bases[0], 'count')} {display['counted']}" if len(bases) == 1 else ""
    cases = bars["cases"].iloc[0]
    base += f" in {show(cases, 'count')} cases" if base and pd.notna(cases) else ""
    axes.set_title("\n".join(filter(None, (panel["header"], base))), loc="left", fontsize=10)
