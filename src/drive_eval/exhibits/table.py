"""Tables: rows named by registry keys, columns each showing one number of a row, all as printed text.

Several column entries with one header fill one column between them, each its own rows and number style.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from drive_eval.exhibits.wording import show
from drive_eval.results import KEYS


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The numbers of a table, raw, one per row and column, with the `header` and `style` of their column.

    A filter of a column names one value or a list of them. `put` writes other words into the row keys, for a number
    that several rows of the registry share (a missing count): what becomes one row then must be one number.
    """
    columns = display["columns"]
    places = [np.flatnonzero(_wanted(rows, column)) for column in columns]
    of = np.repeat(np.arange(len(columns)), [len(found) for found in places])  # the column of each number
    numbers = rows.iloc[np.concatenate(places)].reset_index(drop=True)
    numbers = numbers.assign(**{key: [columns[place][key] for place in of] for key in ("header", "style")})
    put = [place for place, column in enumerate(columns) if "put" in column]
    for place in put:
        numbers.loc[of == place, list(columns[place]["put"])] = list(columns[place]["put"].values())
    if put:
        shared = numbers[[*display["rows"], "value"]].assign(column=of).duplicated() & np.isin(of, put)
        numbers = numbers[~shared].reset_index(drop=True)
    repeated = numbers.duplicated(["header", *display["rows"]])
    if repeated.any():
        header = numbers.loc[repeated, "header"].iloc[0]
        raise ValueError(f"column {header!r} finds more than one number for a row; narrow it by {', '.join(KEYS)}")
    return numbers


def _wanted(rows: pd.DataFrame, column: Mapping[str, Any]) -> np.ndarray:
    """Which rows a column shows."""
    wanted = np.ones(len(rows), dtype=bool)
    for key in (*KEYS, "statistic"):
        if key in column:
            values = column[key] if isinstance(column[key], list) else [column[key]]
            wanted &= rows[key].isin(values).to_numpy()
    return wanted


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The table as printed: one column of words per row key, then one column of text per header."""
    keys = display["rows"]
    labels = {**labels, **display.get("words", {})}
    shown = numbers.assign(shown=[show(v, s) for v, s in zip(numbers["value"], numbers["style"], strict=True)])
    wide = shown.pivot(index=keys, columns="header", values="shown")  # noqa: PD010 (text; each cell is one number)
    order = [tuple(row) for row in shown[keys].drop_duplicates().itertuples(index=False)]
    ranks = [display["order"].get(key, []) for key in keys]

    def rank(row: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(words.index(k) if k in words else len(words) for k, words in zip(row, ranks, strict=True))

    index = sorted(order, key=rank)
    wide = wide.reindex(pd.MultiIndex.from_tuples(index, names=keys) if len(keys) > 1 else [k for (k,) in index])
    wide = wide[list(dict.fromkeys(column["header"] for column in display["columns"]))].fillna("–")
    headers = {**labels, **display.get("row_headers", {})}
    words = pd.DataFrame(
        [[labels.get(key, key) for key in row] for row in index], columns=[headers.get(key, key) for key in keys]
    )
    return pd.concat([words, wide.reset_index(drop=True)], axis=1)
