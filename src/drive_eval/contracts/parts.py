"""Where the rows of a table come from: parts of files, each with headers, codes and row numbers of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.model import Sheet


@dataclass(frozen=True)
class Place:
    """A part of a file as a person finds it: file, sheet, header of each canonical column, row of each record."""

    file: str
    sheet: str
    headers: Mapping[str, str]
    rows: np.ndarray


@dataclass(frozen=True)
class Part:
    """Cells of one sheet of one file, as text, that become rows of one table.

    `sheet` describes the columns as this file has them: its headers, codes and formats. `cells` has these headers
    as columns and the row in the file as index. `mapping` names the mapping that was applied, if any.
    """

    file: str
    name: str
    sheet: Sheet
    cells: pd.DataFrame
    mapping: str = ""

    def place(self) -> Place:
        """Where the rows are found."""
        headers = {column.name: column.header for column in self.sheet.columns.values()}
        return Place(self.file, self.name, headers, self.cells.index.to_numpy())


def located(fault: Fault, column: str, places: Iterable[Place]) -> list[Fault]:
    """A fault at positions of a table, told once for each file and sheet that the positions come from.

    Parameters
    ----------
    fault : Fault
        `rows` are positions in the table, counted from 0 over all places in their order.
    column : str
        Canonical name of the column.
    places : iterable of Place
    """
    found: list[Fault] = []
    positions, start = np.asarray(fault.rows, dtype="int64"), 0
    for place in places:
        inside = positions[(positions >= start) & (positions < start + len(place.rows))] - start
        start += len(place.rows)
        if len(inside):
            rows = tuple(sorted(int(row) for row in place.rows[inside]))
            header = place.headers.get(column, column)
            found.append(replace(fault, file=place.file, sheet=place.sheet, column=header, rows=rows))
    return found


def origin(places: Iterable[Place]) -> list[dict[str, Any]]:
    """Places as plain records without their rows, to be kept beside a table that holds them as `excel_row`."""
    return [
        {"file": place.file, "sheet": place.sheet, "headers": dict(place.headers), "n": len(place.rows)}
        for place in places
    ]


def places_of(table: pd.DataFrame, name: str) -> list[Place]:
    """The places of a typed table, from what `origin` kept in its attributes."""
    start, places = 0, []
    rows = table["excel_row"].to_numpy() if "excel_row" in table else np.arange(len(table))
    for part in table.attrs.get("origin", [{"file": name, "sheet": "", "headers": {}, "n": len(table)}]):
        places.append(Place(part["file"], part["sheet"], part["headers"], rows[start : start + part["n"]]))
        start += part["n"]
    return places
