"""Read an Excel workbook as text, cell by cell, so that no library guesses a type or a missing value.

Excel rows are kept: the index of a returned frame is the row number a person sees in Excel.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.model import Contract, Sheet


def read_workbook(path: Path, contract: Contract) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Read the sheets that a contract names.

    Returns
    -------
    frames : dict, sheet name to DataFrame
        All cells as stripped text, missing where the cell is empty; columns are the headers as delivered,
        the index is the Excel row. Wholly empty rows are left out.
    faults : list of Fault
        Unreadable file, missing, unexpected and empty sheets. With an unreadable file no frame is returned.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    def fault(rule: str, advice: str, *, sheet: str = "", severity: str = "error") -> Fault:
        return Fault(path.name, sheet, (), "", rule, advice, severity)

    if not path.is_file():
        return {}, [fault("file not found", "put the extract at the place that study.yaml names")]
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        return {}, [fault(*_why_unreadable(path, error))]
    frames: dict[str, pd.DataFrame] = {}
    faults = [
        fault("unexpected sheet", "remove it or add it to the contract", sheet=name, severity="warning")
        for name in workbook.sheet_names
        if name not in contract.sheets and name not in contract.other_sheets
    ]
    for name, sheet in contract.sheets.items():
        if name not in workbook.sheet_names:
            present = ", ".join(workbook.sheet_names)
            faults.append(
                fault("missing sheet", f"deliver it under this name; the workbook has: {present}", sheet=name)
            )
            continue
        frame = _sheet_frame(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), sheet)
        if frame is None or frame.empty:
            faults.append(fault("empty sheet", "deliver the header row and at least one row of data", sheet=name))
        if frame is not None:
            frames[name] = frame
    return frames, faults


def _why_unreadable(path: Path, error: Exception) -> tuple[str, str]:
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as reason:
        return "unreadable file", f"the system refuses to open it ({reason.strerror}); check its permissions"
    if path.stat().st_size == 0:
        return "empty file", "export the workbook again; the file has no content"
    return "not a workbook", f"save it as an Excel workbook (.xlsx); the reader says: {type(error).__name__}"


def _sheet_frame(rows: list[list[Any]], sheet: Sheet) -> pd.DataFrame | None:
    if len(rows) < sheet.header_row:
        return None
    headers = [as_text(cell) or "" for cell in rows[sheet.header_row - 1]]
    used = [position for position, header in enumerate(headers) if header]
    if not used:
        return None
    body = [[as_text(row[position]) for position in used] for row in rows[sheet.header_row :]]
    first = sheet.header_row + 1
    frame = pd.DataFrame(
        body,
        columns=[headers[position] for position in used],
        index=pd.RangeIndex(first, first + len(body)),
        dtype="object",
    )
    return frame.loc[frame.notna().any(axis=1)]


def as_text(cell: Any) -> str | None:
    """Write a cell as a person reads it: whole numbers without a point, dates as ISO 8601, blank as missing."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = " ".join(str(cell).split())
    return text or None
