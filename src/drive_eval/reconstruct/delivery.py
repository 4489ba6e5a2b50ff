"""Write reconstructed rows as the provider would deliver them: the contract's headers and codes, in a workbook."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from drive_eval.contracts.model import Column, Contract

CREATED = dt.datetime(2019, 1, 31, 9, 0, 0)  # noqa: DTZ001 (a workbook property has no zone)
NOTICE = (
    "SYNTHETIC DATA: this workbook describes nobody",
    "Every row was made up by drive-eval so that a correct analysis returns the figures printed in the evaluation.",
    "It holds no record of any person. Agreement with real records beyond the published figures is chance.",
    "Column 'Data origin' says so in every row. How it was made: docs/reconstruction.md",
)


def workbook_bytes(
    contract: Contract, sheets: Mapping[str, Sequence[Mapping[str, Any]]], *, notice: str, lines: Sequence[str] = NOTICE
) -> bytes:
    """An .xlsx workbook with a notice sheet first; the same rows give the same bytes.

    Parameters
    ----------
    contract : Contract
        Gives order and headers of the columns and the raw word of each canonical code.
    sheets : mapping of sheet name to rows
        Rows keyed by canonical column names; None is a blank cell.
    notice : str
        Name of the notice sheet.
    lines : sequence of str
        What the notice says, headline first.
    """
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": contract.title, "comments": lines[0], "created": CREATED})
    date, bold = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"bold": True})
    first = book.add_worksheet(notice)
    first.set_column(0, 0, 110)
    for line, text in enumerate(lines):
        first.write_string(line, 0, text, bold if line == 0 else None)
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        for position, column in enumerate(contract.sheets[name].columns.values()):
            raw = raw_codes(column)
            page.set_column(position, position, max(12, len(column.header) + 2))
            page.write_string(0, position, column.header, bold)
            for line, row in enumerate(rows, start=1):
                cell = row.get(column.name)
                if cell is None:
                    continue
                if isinstance(cell, dt.date):
                    page.write_datetime(line, position, cell, date)
                else:
                    page.write(line, position, cell if isinstance(cell, Raw) else raw.get(cell, cell))
    book.close()
    return stream.getvalue()


def raw_codes(column: Column) -> dict[str, str]:
    """The first raw word of each canonical code of a column."""
    words: dict[str, str] = {}
    for raw, code in column.codes.items():
        words.setdefault(code.canonical, raw)
    return words


class Raw(str):
    """A cell that is written as it stands, for the odd codes that a real export has."""

    __slots__ = ()
