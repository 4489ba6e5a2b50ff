"""The one style of all figures: colour-blind-safe, readable in grey, deterministic files."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

INK, MUTED, GRID = "#1d1d1f", "#595959", "#d9d9d9"
FILLS = ("#12436d", "#f0b061", "#28a197", "#801650", "#a285d1", "#3d3d3d")
"""Dark blue and light orange first: far apart in hue and in lightness, so that they part in grey scale too."""
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "")
SHADES = ("#12436d", "#5f86ad", "#bcd0e3")
"""For ordered levels, darkest for the highest."""

RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.7,
    "hatch.color": "white",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "path",
    "legend.frameon": False,
    "figure.dpi": 100,
}
SYNTHETIC_MARK = "Synthetic data: reconstructed from published figures, describes nobody"


def in_style(**more: Any) -> AbstractContextManager[None]:
    """A context in which matplotlib draws in this style."""
    return rc_context({**RC, **more})


def new_figure(title: str, *, width: float = 9.0, height: float = 5.2) -> tuple[Figure, Axes]:
    """An empty figure with one axes and its title, laid out so that nothing is clipped."""
    margins = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)  # inches: no word touches the edge of the picture
    figure = Figure(figsize=(width, height), layout=margins)
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure, figure.add_subplot()


def legend_on_top(axes: Axes, *, reverse: bool = False, columns: int | None = None) -> None:
    """Keys between the title and the axes, where no bar can reach them; `columns` to a line, else all on one."""
    handles, words = axes.get_legend_handles_labels()
    step = -1 if reverse else 1
    axes.legend(
        handles[::step], words[::step], loc="lower left", bbox_to_anchor=(-0.01, 1.0),
        ncols=columns or len(words), fontsize=9.5, handlelength=1.4,
    )  # fmt: skip


def look(group: int) -> dict[str, Any]:
    """Fill of one group: colours far apart in lightness, later ones hatched too."""
    return {"facecolor": FILLS[group], "edgecolor": INK, "hatch": HATCHES[group] if group > 1 else ""}


def percent_axis(axes: Axes, label: str, *, top: float = 1.0) -> None:
    """A horizontal-grid axis from 0 to 100 per cent (or to `top`) of `label`."""
    step = 20 if top > 0.5 else 10
    percents = range(0, round(100 * top) + 1, step)
    axes.set_ylim(0, top)
    axes.set_yticks([percent / 100 for percent in percents], [f"{percent}%" for percent in percents])
    axes.set_ylabel(label)
    axes.grid(axis="y")
    axes.tick_params(length=0)


def finish(figure: Figure, *, base: str, synthetic: bool) -> None:
    """Write the base under the figure and, while any input is synthetic, say so."""
    lines = [base] + ([SYNTHETIC_MARK] if synthetic else [])
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8.5, color=MUTED)


def render(figure: Figure, *, name: str, alt: str) -> dict[str, bytes]:
    """The figure as SVG and PNG; the same figure gives the same bytes.

    The SVG takes its ids from `name`, so that several can stand in one page, and carries `alt` as description.
    """
    files = {}
    with in_style(**{"svg.hashsalt": name}):
        for kind, metadata in (
            ("svg", {"Date": None, "Creator": None, "Title": name, "Description": alt}),
            ("png", {"Software": None, "Title": name, "Description": alt}),
        ):
            stream = io.BytesIO()
            figure.savefig(stream, format=kind, metadata=metadata, dpi=150)
            files[kind] = stream.getvalue()
            figure.set_layout_engine("none")  # laid out once is enough; the second picture keeps the places
    return files
