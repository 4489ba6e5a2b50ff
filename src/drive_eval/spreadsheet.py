"""Cells for spreadsheet programs: text that such a program would take for a formula is made plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = r"\d[\d.,]*(?:[eE][+-]?\d+)?%?"
_FORMULA = re.compile(rf"[=@\t]|[+-](?!(?:{_NUMBER})?(?:[ (),]+(?:to +)?[+-]?{_NUMBER}|\))*$)")
"""Beginnings that start a formula. A sign before numbers alone, as in -0.3 (-0.5 to -0.1), or by itself starts none."""


def inert(cell: Any) -> Any:
    """A cell as it may be written: an apostrophe before text that a spreadsheet program would evaluate.

    A carriage return becomes a blank, since what follows it would begin a row.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r", " ")
    return f"'{text}" if _FORMULA.match(text.lstrip(" ")) else text


def inert_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The same for every header and every column of text."""
    import pandas as pd

    changed = {}
    for position, (_, cells) in enumerate(frame.items()):
        if cells.dtype.kind in "biufcmM":
            continue
        values = cells.cat.categories if isinstance(cells.dtype, pd.CategoricalDtype) else cells.unique()
        words = {value: inert(value) for value in values if isinstance(value, str) and inert(value) != value}
        if words:
            changed[position] = cells.astype("object").map(lambda cell, words=words: words.get(cell, cell))
    safe = frame.copy(deep=False)
    for position, cells in changed.items():
        safe.isetitem(position, cells.to_numpy())
    return safe.rename(columns=inert)
