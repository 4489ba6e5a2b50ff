"""Boxes with text and arrows between them on a grid: what flow diagrams and schematics are drawn with."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import fill, show

SIZE = 9.0
LINE = 0.185
"""Height of a line of text in inches; rows of boxes are as high as their fullest box."""
LETTER = 0.078
"""Width in inches that a letter takes on average, generously; text is wrapped by it."""
PAD, GAP_ROWS, GAP_COLUMNS = 0.1, 0.34, 0.28
LOOKS = {
    "plain": {"facecolor": "white", "ink": style.INK},
    "strong": {"facecolor": style.FILLS[0], "ink": "white"},
    "soft": {"facecolor": "#e4ebf2", "ink": style.INK},
    "accent": {"facecolor": "#fbe6cc", "ink": style.INK},
}


@dataclass(frozen=True)
class Placed:
    """A box in inches from the lower left corner, with its lines of text and which of them are bold."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, bool], ...]
    look: str
    side: bool

    @property
    def middle(self) -> float:
        """Horizontal centre."""
        return self.x + self.width / 2

    @property
    def centre(self) -> float:
        """Vertical centre."""
        return self.y + self.height / 2


def draw_boxes(drawn: pd.DataFrame, display: Mapping[str, Any], title: str) -> Figure:
    """Draw `display["boxes"]` and `display["arrows"]` with numbers from the selected rows."""
    placed, width, height = place(drawn, display)
    figure, axes = style.new_figure(title, width=width + 0.2, height=height + 1.0)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    for first, second in display["arrows"]:
        _arrow(axes, placed[first], placed[second])
    for name, box in placed.items():
        look = LOOKS[box.look]
        axes.add_patch(
            Rectangle((box.x, box.y), box.width, box.height, facecolor=look["facecolor"], edgecolor=style.INK,
                      linewidth=0.9, gid=f"box_{name}", zorder=3)
        )  # fmt: skip
        top = box.centre + LINE * len(box.lines) / 2
        for k, (line, bold) in enumerate(box.lines):
            axes.text(box.middle, top - LINE * (k + 0.5), line, ha="center", va="center", fontsize=SIZE,
                      color=look["ink"], fontweight="bold" if bold else "normal", zorder=4)  # fmt: skip
    return figure


def place(drawn: pd.DataFrame, display: Mapping[str, Any]) -> tuple[dict[str, Placed], float, float]:
    """Where each box stands, and the width and height of the whole in inches."""
    widths: Sequence[float] = display["column_widths"]
    lefts = [0.05 + sum(widths[:k]) + GAP_COLUMNS * k for k in range(len(widths))]
    texts = {}
    for box in display["boxes"]:
        span = box.get("span", 1)
        first = box["column"]
        width = sum(widths[first : first + span]) + GAP_COLUMNS * (span - 1)
        texts[box["id"]] = (lefts[first], width, _lines(box, drawn, width))
    rows = sorted({box["row"] for box in display["boxes"]})
    heights = {
        row: max(len(texts[box["id"]][2]) for box in display["boxes"] if box["row"] == row) * LINE + 2 * PAD
        for row in rows
    }
    total = sum(heights.values()) + GAP_ROWS * (len(rows) - 1) + 0.1
    tops = {row: total - 0.05 - sum(heights[r] + GAP_ROWS for r in rows if r < row) for row in rows}
    placed = {}
    for box in display["boxes"]:
        left, width, lines = texts[box["id"]]
        height = heights[box["row"]] if display.get("even_rows") else len(lines) * LINE + 2 * PAD
        bottom = tops[box["row"]] - (heights[box["row"]] + height) / 2
        placed[box["id"]] = Placed(
            left, bottom, width, height, tuple(lines), box.get("look", "plain"), box.get("side", False)
        )
    return placed, lefts[-1] + widths[-1] + 0.05, total


def _lines(box: Mapping[str, Any], drawn: pd.DataFrame, width: float) -> list[tuple[str, bool]]:
    letters = max(8, int((width - 0.16) / LETTER))
    lines = []
    for k, paragraph in enumerate(fill(box["words"], drawn).split("\n")):
        bold = k == 0 and box.get("headed", False)
        lines += [(line, bold) for line in textwrap.wrap(paragraph, int(letters * 0.9) if bold else letters) or [""]]
    if "term" in box:
        number = drawn[(drawn["term"] == box["term"]) & (drawn["group"] == box["group"])]["value"].iloc[0]
        lines.append((f"n = {show(number, 'count')}", True))
    return lines


def _arrow(axes: Axes, first: Placed, second: Placed) -> None:
    """Down, across where needed, and into the box; into its side for a box beside the line or in the same row.

    A wider box below is entered straight from above.
    """
    look = {"arrowstyle": "-|>", "color": style.INK, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}

    def line(points: Sequence[tuple[float, float]]) -> None:
        across, up = zip(*points, strict=True)
        axes.plot(across, up, color=style.INK, linewidth=1.0, snap=False, solid_capstyle="butt", zorder=1)

    rightwards = second.middle > first.middle
    edge = second.x if rightwards else second.x + second.width
    if abs(first.centre - second.centre) < 0.01:
        start = first.x + first.width if rightwards else first.x
        axes.annotate("", (edge, second.centre), (start, first.centre), arrowprops=look)
    elif second.side:
        line([(first.middle, first.y), (first.middle, second.centre)])
        axes.annotate("", (edge, second.centre), (first.middle, second.centre), arrowprops=look)
    else:
        wider = second.width > first.width and second.x < first.middle < second.x + second.width
        top, into = second.y + second.height, first.middle if wider else second.middle
        turn = top + GAP_ROWS * 0.6
        line([(first.middle, first.y), (first.middle, turn), (into, turn)])
        axes.annotate("", (into, top), (into, turn + 0.001), arrowprops=look)
