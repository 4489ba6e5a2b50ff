"""Tables: rows named by registry keys, columns each showing one number of a row, all as printed text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from drive_eval.exhibits.wording import show
from drive_eval.results import KEYS


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The numbers of a table, raw, one per row and column, with the `header` and `style` of their column."""
    parts = []
    for column in display["columns"]:
        wanted = {key: column[key] for key in (*KEYS, "statistic") if key in column}
        chosen = rows[(rows[list(wanted)] == pd.Series(wanted)).all(axis=1)]
        parts.append(chosen.assign(header=column["header"], style=column["style"]))
    numbers = pd.concat(parts, ignore_index=True)
    repeated = numbers.duplicated(["header", *display["rows"]])
    if repeated.any():
        header = numbers.loc[repeated, "header"].iloc[0]
        raise ValueError(f"column {header!r} finds more than one number for a row; narrow it by {', '.join(KEYS)}")
    return numbers


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """The table as printed: one column of words per row key, then one column of text per header."""
    keys, headers = display["rows"], display.get("row_headers", {})
    shown = numbers.assign(shown=[show(v, s) for v, s in zip(numbers["value"], numbers["style"], strict=True)])
    wide = shown.pivot(index=keys, columns="header", values="shown")  # noqa: PD010 (text; each cell is one number)
    order = [tuple(row) for row in shown[keys].drop_duplicates().itertuples(index=False)]
    ranks = [display["order"].get(key, []) for key in keys]

    def rank(row: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(words.index(k) if k in words else len(words) for k, words in zip(row, ranks, strict=True))

    index = sorted(order, key=rank)
    wide = wide.reindex(pd.MultiIndex.from_tuples(index, names=keys) if len(keys) > 1 else [k for (k,) in index])
    wide = wide[[column["header"] for column in display["columns"]]].fillna("–")
    words = pd.DataFrame(
        [[labels.get(key, key) for key in row] for row in index],
        columns=[headers.get(key, labels.get(key, key)) for key in keys],
    )
    return pd.concat([words, wide.reset_index(drop=True)], axis=1)
