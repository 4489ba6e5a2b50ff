"""Write reconstructed rows as a CSV extract, as a provider would deliver it: the contract's headers and codes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from drive_eval.contracts.model import Column, Contract
from drive_eval.reconstruct.delivery import Raw, raw_codes


def csv_bytes(contract: Contract, rows: Sequence[Mapping[str, Any]]) -> bytes:
    r"""A CSV file after RFC 4180 with line ends ``\r\n``, as Excel exports it; the same rows give the same bytes.

    Parameters
    ----------
    contract : Contract
        Has exactly one sheet, which gives order and headers of the columns, the raw word of each canonical code
        and the form of dates (the first of `date_formats`).
    rows : sequence of mappings
        Keyed by canonical column names; None is a blank cell, a `Raw` cell is written as it stands.

    Raises
    ------
    ValueError
        If a row has a key that the contract does not know, or the contract has more than one sheet.
    """
    (sheet,) = contract.sheets.values()
    words = {name: raw_codes(column) for name, column in sheet.columns.items()}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.header for column in sheet.columns.values()])
    for row in rows:
        unknown = sorted(set(row) - set(sheet.columns))
        if unknown:
            raise ValueError(f"{contract.extract}: the contract has no column {', '.join(unknown)}")
        writer.writerow([_cell(column, words[name], row.get(name)) for name, column in sheet.columns.items()])
    return stream.getvalue().encode("utf-8")


def _cell(column: Column, words: Mapping[str, str], cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Raw):
        return str(cell)
    if isinstance(cell, dt.date):
        return cell.strftime(column.date_formats[0])
    return words.get(cell, str(cell))
