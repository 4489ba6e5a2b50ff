"""Part-to-whole tree: the whole on the left, its parts to the right, each with its number and share of its parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

LINE = 0.25
"""Height of one line of a list, where a node without list is 1 high."""
GAP = 0.22


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The numbers of the nodes in the order of the entry, then those of the lists; `node` and `parent` say where."""
    parts = []
    for node in display["nodes"]:
        statistic = "proportion" if node["parent"] else node["outcome"]
        found = _find(rows, node["population"], node["outcome"], statistic)
        found = found[found["term"] == node["term"]].assign(cases=None)
        if not node["parent"]:
            found["cases"] = _find(rows, node["population"], "cases", "cases")["value"].max()
        parts.append(found.assign(node=node["name"], parent=node["parent"], words=node["header"], kind="node"))
    for entry in display["lists"]:
        found = _find(rows, entry["population"], entry["outcome"], "proportion")
        wanted = pd.DataFrame({"term": entry["terms"]}).merge(found, on="term", how="left", validate="one_to_one")
        parts.append(wanted.assign(node=wanted["term"], parent=entry["parent"], words=entry["header"], kind="list"))
    drawn: pd.DataFrame = pd.concat(parts, ignore_index=True)
    if set(drawn.loc[drawn["kind"] == "node", "node"]) != {node["name"] for node in display["nodes"]}:
        raise ValueError("a node of the tree finds no number")
    return drawn


def lay_out(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The same as a table of words: part, of what, number and share."""
    names = {node["name"]: node["header"] for node in display["nodes"]}
    words = drawn["words"].where(drawn["kind"] == "node", drawn["node"].map(lambda code: labels.get(code, code)))
    whole = drawn["parent"] == ""
    return pd.DataFrame(
        {
            "Part": [word.replace("\n", " ") for word in words],
            "Of": [names.get(parent, "–").replace("\n", " ") for parent in drawn["parent"]],
            "Number": [show(value, "count") for value in drawn["n"].where(~whole, drawn["value"])],
            "Share": [show(value, "percent1") for value in drawn["value"].where(~whole)],
        }
    )


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows.

    Parameters
    ----------
    drawn : DataFrame
        From `select`.
    display : mapping
        `nodes` (name, parent, header, and where the number is), `lists` (shares listed beside a node) and `counted`.
    labels : mapping
        Words for the codes of the lists.
    title : str
    """
    nodes = drawn[drawn["kind"] == "node"].set_index("node")
    listed = drawn[drawn["kind"] == "list"]
    lists = {name: listed[listed["parent"] == name] for name in listed["parent"].unique()}
    children = {name: list(nodes.index[nodes["parent"] == name]) for name in nodes.index}
    spans: dict[str, tuple[float, float]] = {}
    root = nodes.index[0]
    total = _place(root, 0.0, children, lists, spans)
    depth = {root: 0}
    for name in nodes.index[1:]:
        depth[name] = depth[nodes.loc[name, "parent"]] + 1
    columns = max(depth.values()) + 1 + bool(lists)
    figure, axes = style.new_figure(title, width=2.75 * columns, height=0.68 * total + 1.3)
    axes.set_xlim(0, columns)
    axes.set_ylim(total, -0.03)
    axes.axis("off")
    for name in nodes.index:
        _draw_node(axes, nodes.loc[name], depth[name], spans[name], display["counted"])
        for child in children[name]:
            _join(axes, depth[name], spans[name], spans[child])
        if name in lists:
            _list(axes, lists[name], max(depth.values()) + 1, spans[name], labels)
            deepest = max(depth[other] for other in (name, *children[name]))
            _embrace(axes, deepest + 0.83, max(depth.values()) + 1, spans[name])
    return figure


def _find(rows: pd.DataFrame, population: str, outcome: str, statistic: str) -> pd.DataFrame:
    return rows[
        (rows["population"] == population)
        & (rows["outcome"] == ("all" if statistic == outcome else outcome))
        & (rows["statistic"] == statistic)
    ]


def _place(
    name: str,
    top: float,
    children: Mapping[str, list[str]],
    lists: Mapping[str, pd.DataFrame],
    spans: dict[str, tuple[float, float]],
) -> float:
    """Give a node and all below it their vertical spans; returns the lower end with the gap after it."""
    bottom = top
    for child in children[name]:
        bottom = _place(child, bottom, children, lists, spans)
    own = 1.0 if name not in lists else LINE * (len(lists[name]) + 1) + 0.1
    bottom = max(bottom, top + own + GAP)
    spans[name] = (top, bottom - GAP)
    return bottom


def _draw_node(axes: Axes, node: pd.Series, column: int, span: tuple[float, float], counted: str) -> None:
    top, bottom = span
    axes.add_patch(Rectangle((column + 0.03, top), 0.8, bottom - top, facecolor="white", edgecolor=style.INK))
    whole = not node["parent"]
    if not whole:
        axes.add_patch(Rectangle((column + 0.03, bottom - 0.11), 0.8 * node["value"], 0.11, color=style.SHADES[0]))
    number = show(node["value"], "count") if whole else show(node["n"], "count")
    cases = f"\nin {show(node['cases'], 'count')} cases" if whole and pd.notna(node["cases"]) else ""
    share = f"{number} {counted}{cases}" if whole else f"{show(node['value'], 'percent')} ({number})"
    axes.text(column + 0.43, (top + bottom) / 2 - 0.06, f"{node['words']}\n{share}", ha="center", va="center",
              fontsize=9.5, linespacing=1.35)  # fmt: skip


def _join(axes: Axes, column: int, span: tuple[float, float], other: tuple[float, float]) -> None:
    """A line from the middle of a node to the left edge of another, bent half way."""
    start, end = sum(span) / 2, column + 1
    middle = column + 0.93
    axes.plot([column + 0.83, middle, middle, end + 0.03], [start, start, sum(other) / 2, sum(other) / 2],
              color=style.MUTED, linewidth=1, zorder=0)  # fmt: skip


def _embrace(axes: Axes, start: float, column: int, span: tuple[float, float]) -> None:
    """A bracket over the height of a node, right of it and its parts, with a line to its list."""
    edge, (top, bottom) = start + 0.05, span
    look: dict[str, Any] = {"color": style.MUTED, "linewidth": 1, "zorder": 0}
    axes.plot([start + 0.02, edge, edge, start + 0.02], [top, top, bottom, bottom], **look)
    axes.plot([edge, column + 0.03], [(top + bottom) / 2] * 2, **look)


def _list(axes: Axes, shares: pd.DataFrame, column: int, span: tuple[float, float], labels: Mapping[str, str]) -> None:
    """Shares of a node as small labelled bars; all lists have the same scale."""
    top = (sum(span) - LINE * (len(shares) - 1)) / 2
    axes.text(column + 0.06, top - LINE / 2, shares["words"].iloc[0], ha="left", va="center", fontsize=8,
              fontweight="bold")  # fmt: skip
    for k, (term, share) in enumerate(zip(shares["term"], shares["value"], strict=True)):
        place, length = top + (k + 0.5) * LINE, 0.28 * share
        axes.add_patch(Rectangle((column + 0.06, place - LINE * 0.4), length, LINE * 0.8, color=style.SHADES[1]))
        axes.text(column + 0.08 + length, place, f"{show(share, 'percent')} {labels.get(term, term)}", ha="left",
                  va="center", fontsize=8)  # fmt: skip
