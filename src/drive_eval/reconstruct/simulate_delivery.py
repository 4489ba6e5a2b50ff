"""Write simulated tables as files: the columns that the model leaves open, then workbook or CSV, a column at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drive_eval.contracts.model import Column, Contract, Sheet
from drive_eval.errors import UserError
from drive_eval.reconstruct.delivery import raw_codes, workbook_bytes
from drive_eval.reconstruct.simulate_people import stream

EXCEL_ROWS = 1_048_576
CHUNK = 250_000
USUAL = 0.7
"""Share of the first code of a column that the model leaves open; each further code has this share of what is left."""
NEARLY_ALL = {"gender": 0.95, "sex": 0.95, "ethnicity": 0.85, "sexual_orientation": 0.95}
USUAL_COUNT = 2.0
Codes: TypeAlias = "pd.Categorical[str]"

NOTICE = (
    "SYNTHETIC DATA: this workbook describes nobody",
    "Every row was drawn by drive-eval from a superpopulation with known effects; truth.json beside it states them.",
    "Column 'Data origin' says so in every row. The model: docs/methods/simulate.md",
)


def coded(words: Sequence[str], place: Any, *, where: Any = True) -> Codes:
    """A column of codes: the word at each place, blank where the condition does not hold."""
    return pd.Categorical.from_codes(np.where(where, place, -1).astype(int), categories=pd.Index(list(words)))


def drawn(weights: Mapping[str, float], size: int, random: np.random.Generator, *, where: Any = True) -> Codes:
    """A column of codes drawn with these weights, blank where the condition does not hold."""
    share = np.array(list(weights.values()), dtype=float)
    return coded(list(weights), random.choice(len(share), size=size, p=share / share.sum()), where=where)


def ids(column: Column, prefix: str, size: int) -> NDArray[np.object_]:
    """Ids from 1, of at least as many digits as the contract asks for.

    Raises
    ------
    UserError
        If the pattern of the contract has no room for so many.
    """
    least = re.search(r"\\d\{(\d+)", column.pattern)
    digits = max(int(least[1]) if least else 1, len(str(size)))
    if not re.fullmatch(column.pattern, f"{prefix}{size:0{digits}d}"):
        raise UserError(f"column {column.header!r}: {size} ids do not fit the pattern {column.pattern} of the contract")
    return np.array([f"{prefix}{number:0{digits}d}" for number in range(1, size + 1)], dtype=object)


def complete(contract: Contract, sheet: Sheet, table: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """The table with every column of the contract that the model leaves open: believable, and related to nothing.

    Codes are drawn, counts are Poisson. Columns that a rule judges by another column stay blank.

    Raises
    ------
    UserError
        If a column must be filled and is neither a code nor a count.
    """
    judged = {rule["left"] for rule in contract.rules if rule["kind"] == "only_if"}
    added: dict[str, Any] = {}
    for column in sheet.columns.values():
        if column.name in table:
            continue
        place = f"{sheet.name}.{column.name}"
        random = stream(seed, f"open {contract.extract} {place}")
        words = list(dict.fromkeys(code.canonical for code in column.codes.values() if not code.missing))
        if place not in judged and words:
            usual = NEARLY_ALL.get(column.name, USUAL)
            weights = {word: (1 - usual) ** rank for rank, word in enumerate(words)}
            added[column.name] = drawn(weights, len(table), random)
        elif place not in judged and column.type == "integer" and column.minimum is not None:
            number = column.minimum + random.poisson(USUAL_COUNT, len(table))
            added[column.name] = np.minimum(number, column.maximum) if column.maximum is not None else number
        elif not column.nullable:
            raise UserError(f"contract {contract.extract}: nothing is simulated for {place}, which may not be blank")
    return table.assign(**added)


def workbook(contract: Contract, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """An .xlsx workbook of completed tables by sheet.

    Raises
    ------
    UserError
        If a sheet would have more rows than Excel allows; before anything is written.
    """
    for name, table in tables.items():
        if len(table) >= EXCEL_ROWS:
            raise UserError(
                f"sheet {name}: {len(table)} rows and the headers exceed the {EXCEL_ROWS} rows of an Excel sheet; "
                "simulate fewer people, or the police extract alone"
            )
    return workbook_bytes(
        contract, {name: _rows(table) for name, table in tables.items()}, notice="Notice", lines=NOTICE
    )


def delimited(contract: Contract, table: pd.DataFrame) -> bytes:
    r"""A CSV file of a completed table, as `reconstruct.delimited` writes it: RFC 4180, line ends ``\r\n``."""
    (sheet,) = contract.sheets.values()
    content = io.BytesIO()
    content.write(pd.DataFrame(columns=_headers(sheet)).to_csv(index=False, lineterminator="\r\n").encode())
    for first in range(0, len(table), CHUNK):
        part = table.iloc[first : first + CHUNK]
        written = pd.DataFrame(
            {
                column.header: _as_text(column, part[column.name]) if column.name in part else None
                for column in sheet.columns.values()
            },
            index=part.index,
        )
        content.write(written.to_csv(index=False, header=False, lineterminator="\r\n").encode())
    return content.getvalue()


def _headers(sheet: Sheet) -> list[str]:
    return [column.header for column in sheet.columns.values()]


def _as_text(column: Column, cells: pd.Series) -> Any:
    """Cells as delivered; each different code or date is put into words once."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        raw = raw_codes(column)
        return _worded(cells.cat.codes.to_numpy(), [raw.get(word, word) for word in cells.cat.categories])
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        place, days = pd.factorize(cells)
        return _worded(place, [day.strftime(column.date_formats[0]) for day in days])
    return cells


def _worded(place: NDArray[Any], words: Sequence[str]) -> NDArray[np.object_]:
    """The word at each place, blank at -1."""
    cells: NDArray[np.object_] = np.array([*words, None], dtype=object)[place]
    return cells


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of the workbook writer: plain Python values, None where blank."""
    columns = [_plain(table[name]) for name in table]
    names = [str(name) for name in table]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _plain(cells: pd.Series) -> list[Any]:
    is_date = pd.api.types.is_datetime64_any_dtype(cells.dtype)
    plain = (cells.dt.date if is_date else cells.astype(object)).to_numpy(dtype=object, copy=True)
    plain[cells.isna().to_numpy()] = None
    return plain.tolist()
