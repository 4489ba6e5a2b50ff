"""What every reader gives: sheets as rows of text, numbered as the person sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drive_eval.contracts.faults import Fault

Row = Sequence[str | None]


class Unreadable(Exception):
    """The file cannot be read at all; holds rule, advice and, where one is known, the row."""

    def __init__(self, rule: str, advice: str, rows: tuple[int, ...] = ()) -> None:
        super().__init__(rule)
        self.rule, self.advice, self.rows = rule, advice, rows


@dataclass(frozen=True)
class Limits:
    """What may be read at most: size of a file, as delivered and unpacked, and cells that a sheet reaches over."""

    file_megabytes: int = 500
    sheet_cells: int = 5_000_000


LIMITS = Limits()
"""What holds where a study says nothing."""


@dataclass(frozen=True)
class Grid:
    """One sheet: cells as stripped text, missing where empty.

    `first` is the number of the first row. `header_row` is set where the format itself says which row has the headers.
    `labels` are the words for values, by header and value; `titles` the words for headers. `delimiter` is that of a
    file whose rows may differ in length.
    """

    rows: Sequence[Row]
    first: int = 1
    header_row: int | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""


@dataclass(frozen=True)
class Book:
    """An opened file. `names` are its sheets; a file of one table without a name has none.

    `texts` are what stands beside the cells (comments, properties), by kind of place.
    """

    file: str
    names: tuple[str, ...]
    grid: Callable[[str], Grid]
    faults: tuple[Fault, ...] = ()
    texts: Mapping[str, Collection[str]] = field(default_factory=dict)


def content(path: Path, limits: Limits = LIMITS) -> bytes:
    """The bytes of a delivered file.

    Raises
    ------
    Unreadable
        If it is not there, cannot be opened, has no content or is larger than the limit.
    """
    if not path.is_file():
        raise Unreadable("file not found", "put the extract at the place that study.yaml names")
    if path.stat().st_size > limits.file_megabytes * 1_000_000:
        raise Unreadable("larger than the limit", f"the limit is {limits.file_megabytes:,} MB (limits in study.yaml)")
    try:
        with path.open("rb") as stream:
            found = stream.read()
    except OSError as reason:
        advice = f"the system refuses to open it ({reason.strerror}); check its permissions"
        raise Unreadable("unreadable file", advice) from reason
    if not found:
        raise Unreadable("empty file", "export it again; the file has no content")
    return found


def as_text(cell: Any) -> str | None:
    """Write a cell as a person reads it: whole numbers without a point, dates as ISO 8601, blank as missing."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return " ".join(cell.split()) or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else None if cell != cell else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return " ".join(str(cell).split()) or None


class Words(dict[str, str | None]):
    """`as_text` of cells that are text, each spelling once: a large file has few of them, and equal cells share one."""

    def __missing__(self, cell: str) -> str | None:
        self[cell] = word = " ".join(cell.split()) or None
        return word
