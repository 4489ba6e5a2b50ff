"""The table of an exhibit as a CSV file that lies inside the page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from urllib.parse import quote

import pandas as pd

_NUMBER = re.compile(r"[+-]?(?:[\d,]+\.?\d*|\.\d+)%?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(table: pd.DataFrame, *, synthetic: bool) -> str:
    """The table as printed, with a column that tells synthetic data; no cell can act as a formula in a spreadsheet.

    A cell that begins as a formula does, and is not a number, gets an apostrophe in front.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    origin = ["synthetic"] if synthetic else []
    writer.writerow([*map(_guarded, table.columns), *(["data_origin"] if synthetic else [])])
    writer.writerows([*_guarded_all(row), *origin] for row in table.itertuples(index=False))
    return stream.getvalue()


def data_uri(text: str) -> str:
    """CSV text as the address of a file inside the page, marked as UTF-8 for spreadsheets."""
    return "data:text/csv;charset=utf-8," + quote("\ufeff" + text)


def _guarded_all(cells: Iterable[object]) -> list[str]:
    return [_guarded(cell) for cell in cells]


def _guarded(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
