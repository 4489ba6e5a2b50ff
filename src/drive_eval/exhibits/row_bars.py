"""Horizontal bars of shares: one row per outcome or term, its series side by side or end to end, each labelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show
from drive_eval.results import KEYS

NARROWEST_LABELLED = 0.045
"""Segments of a stack below this share are too thin for their label."""
STACK = (("#12436d", "", "white"), ("#bcd0e3", "", style.INK), ("#ffffff", "////", style.INK))
"""Fill, hatch and ink of the segments of a stack: dark, light, hatched; apart in grey scale too."""


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn, one per row and series, rows from top to bottom."""
    shares = rows[rows["statistic"] == "proportion"]
    parts = []
    for position, series in enumerate(display["series"]):
        wanted = {key: series[key] for key in KEYS if key in series}
        chosen = shares[(shares[list(wanted)] == pd.Series(wanted)).all(axis=1)] if wanted else shares
        parts.append(
            pd.DataFrame({display["row_key"]: display["row_order"], "series": position}).merge(
                chosen, on=display["row_key"], how="left", validate="one_to_one"
            )
        )
    drawn = pd.concat(parts, ignore_index=True)
    if "sort_by_series" in display:
        leading = drawn[drawn["series"] == display["sort_by_series"]]
        names = list(leading.sort_values("value", ascending=False, kind="stable")[display["row_key"]])
    else:
        names = list(display["row_order"])
    rank = drawn[display["row_key"]].map(names.index)
    return drawn.assign(rank=rank).sort_values(["rank", "series"], kind="stable", ignore_index=True)


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows.

    Parameters
    ----------
    drawn : DataFrame
        From `select`.
    display : mapping
        `row_key`, `row_order`, `series` (each with its keys, `label` and perhaps `tone`), `stacked`, `x_label`.
    labels : mapping
        Words for the values of `row_key`.
    title : str
    """
    names = list(dict.fromkeys(drawn.sort_values("rank")[display["row_key"]]))
    stacked, count = display.get("stacked", False), len(display["series"])
    height = 1.9 + len(names) * (0.34 if stacked or count == 1 else 0.21 * count + 0.14)
    figure, axes = style.new_figure(title, width=9.0, height=max(3.2, height))
    lefts = dict.fromkeys(names, 0.0)
    for position, series in enumerate(display["series"]):
        these = drawn[drawn["series"] == position].sort_values("rank")
        values = these["value"].fillna(0).tolist()
        if stacked:
            _draw_segments(axes, position, series, values, list(lefts.values()))
            lefts = {name: left + value for (name, left), value in zip(lefts.items(), values, strict=True)}
        else:
            _draw_beside(axes, position, count, series, these)
    _finish(axes, names, display, labels)
    if not stacked:
        axes.set_xlim(0, min(1.0, _ceiling(float(drawn["value"].max()))))
    return figure


def _draw_segments(
    axes: Axes, position: int, series: Mapping[str, Any], values: list[float], lefts: list[float]
) -> None:
    fill, hatch, ink = STACK[position % len(STACK)]
    places = range(len(values))
    axes.barh(places, values, 0.72, left=lefts, color=fill, hatch=hatch, edgecolor=style.MUTED,
              hatchcolor="#a0a0a0", linewidth=0.7, label=series["label"])  # fmt: skip
    for place, left, value in zip(places, lefts, values, strict=True):
        if value >= NARROWEST_LABELLED:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 2} if hatch else None
            axes.text(left + value / 2, place, show(value, "percent"), ha="center", va="center", fontsize=8.5,
                      color=ink, bbox=box)  # fmt: skip


def _draw_beside(axes: Axes, position: int, count: int, series: Mapping[str, Any], these: pd.DataFrame) -> None:
    width = 0.8 / count
    places = [place + (position - (count - 1) / 2) * width for place in range(len(these))]
    values = these["value"].fillna(0).tolist()
    fill = style.FILLS[series.get("tone", position)]
    axes.barh(places, values, width * 0.92, color=fill, edgecolor=style.INK, linewidth=0.8, label=series["label"])
    for place, value, number, base in zip(places, values, these["n"], these["denominator"], strict=True):
        words = f"{show(value, 'percent')}  ({show(number, 'count')}/{show(base, 'count')})"
        axes.annotate(words, (value, place), (4, 0), textcoords="offset points", ha="left", va="center", fontsize=8.5)


def _finish(axes: Axes, names: list[str], display: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    words = {**labels, **display.get("words", {})}
    axes.set_yticks(range(len(names)), [words.get(name, name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda share, _: show(share, "percent"))
    axes.set_xlabel(display["x_label"])
    axes.grid(axis="x")
    axes.tick_params(length=0)
    if len(display["series"]) > 1:
        style.legend_on_top(axes)


def _ceiling(largest: float) -> float:
    """Room to the right of the longest bar for its label."""
    return largest * 1.28 + 0.02
