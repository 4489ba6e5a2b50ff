"""Flow diagram: people at each stage of the trial, one box per stage with its number, drawn from registry rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits.boxes import draw_boxes
from drive_eval.exhibits.schematic import named_in
from drive_eval.exhibits.wording import fill, show


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: one per box in drawing order, then those that the words of a box name."""
    wanted = pd.DataFrame([(box["group"], box["term"]) for box in display["boxes"]], columns=["group", "term"])
    counts = rows[
        (rows["statistic"] == "count") & (rows["stratum"] == "all") & rows["outcome"].isin(display["outcomes"])
    ]
    boxes = wanted.merge(counts, on=["group", "term"], how="left", validate="one_to_one")
    named = named_in(rows, display)
    return pd.concat([boxes, named[~named["result_id"].isin(boxes["result_id"])]], ignore_index=True)


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows; `display` gives `boxes`, `arrows` and `column_widths`."""
    return draw_boxes(drawn, display, title)


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The boxes as a table for readers who cannot see the picture."""
    lines = []
    for box, value in zip(display["boxes"], numbers["value"], strict=False):
        words = fill(box["words"], numbers).replace("\n", "; ")
        lines.append((words, labels.get(box["group"], box["group"]), show(value, "count")))
    return pd.DataFrame(lines, columns=["Stage", labels.get("arm", "Arm"), "Number"])
