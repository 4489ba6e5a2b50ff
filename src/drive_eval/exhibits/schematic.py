"""Schematic: boxes with words and arrows; numbers in the words come from registry rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits.boxes import draw_boxes
from drive_eval.exhibits.wording import fill, slots_of


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that the words of the boxes name."""
    return named_in(rows, display)


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the boxes; `display` gives `boxes`, `arrows` and `column_widths`."""
    return draw_boxes(drawn, display, title)


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The boxes and where their arrows lead, for readers who cannot see the picture."""
    words = {box["id"]: fill(box["words"], numbers).replace("\n", "; ") for box in display["boxes"]}
    leads = {
        name: [words[second].split(";")[0] for first, second in display["arrows"] if first == name] for name in words
    }
    return pd.DataFrame(
        [(text, "; ".join(leads[name]) or "–") for name, text in words.items()], columns=["Element", "Leads to"]
    )


def named_in(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """One row per slot in the words of the boxes; without a `result_id` where the registry does not have it."""
    dotted = "." + rows["result_id"]
    found = []
    for slot in dict.fromkeys(slot for box in display["boxes"] for slot in slots_of(box["words"])):
        matching = rows[dotted.str.endswith(f".{slot}")]
        found.append(matching if len(matching) == 1 else pd.DataFrame([{}], columns=rows.columns))
    return pd.concat(found, ignore_index=True) if found else rows.iloc[:0]
