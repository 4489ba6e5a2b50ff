"""What a contract can see of a sheet, judged cell by cell without the package: the oracle of the fuzz."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from .deliveries import Broken, Formula, document

WHOLE, NUMBER = re.compile(r"[+-]?[0-9]{1,15}"), re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
FAULT = object()


@dataclass
class Judged:
    """Row and header of all that breaks the contract (row 0: the column as a whole), and the records without faults."""

    faults: set[tuple[int, str]]
    records: list[tuple]


def text(cell) -> str:
    """A cell as a person reads it."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() | int():
            return str(int(cell)) if float(cell).is_integer() else repr(cell)
        case dt.datetime():
            return cell.isoformat() if cell.time() != dt.time() else cell.date().isoformat()
        case dt.date():
            return cell.isoformat()
    return " ".join(str(cell).split())


def columns_of(extract: str, sheet: str) -> dict[str, dict]:
    """The columns of a sheet in the contract, by header."""
    columns = document(extract)["sheets"][sheet]["columns"]
    return {column["header"]: {"name": name, **column} for name, column in columns.items()}


def judge(extract: str, sheet: str, rows: list[list], *, delimited: bool) -> Judged:
    """Judge a sheet as it lies in the file."""
    columns = columns_of(extract, sheet)
    headers = [text(cell) for cell in rows[0]] if rows else []
    if not set(headers) & set(columns):
        return Judged({(0, "")}, [])
    faults = {(0, header) for header in headers if header and header not in columns}
    faults |= {(0, header) for header, times in Counter(headers).items() if header and times > 1}
    faults |= {
        (0, header) for header, column in columns.items() if column.get("required", True) and header not in headers
    }
    records, seen = [], {header: {} for header, column in columns.items() if column.get("unique")}
    for number, row in enumerate(rows[1:], 2):
        if delimited and any(text(cell) for cell in row[len(headers) :]):
            faults.add((number, ""))
        cells = {header: row[place] if place < len(row) else "" for place, header in enumerate(headers) if header}
        if all(text(cell) == "" and not isinstance(cell, Broken | Formula) for cell in cells.values()):
            continue
        values = {header: value(extract, sheet, header, cell) for header, cell in cells.items() if header in columns}
        faults |= {(number, header) for header, found in values.items() if found is FAULT}
        for header, rows_of in seen.items():
            if values.get(header) not in (None, FAULT):
                rows_of.setdefault(values[header], []).append(number)
        records.append(tuple(values.get(header) for header in columns))
    for header, rows_of in seen.items():
        faults |= {(number, header) for numbers in rows_of.values() if len(numbers) > 1 for number in numbers}
    return Judged(faults, records)


def value(extract: str, sheet: str, header: str, cell):
    """What a cell means, nothing where it is blank, `FAULT` where it breaks the contract."""
    if isinstance(cell, Broken | Formula):
        return FAULT
    return _value(extract, sheet, header, text(cell))


@cache
def _value(extract: str, sheet: str, header: str, word: str):
    column = columns_of_cached(extract, sheet)[header]
    if word == "":
        return None if column["nullable"] else FAULT
    found = READ[column["type"]](column, word)
    low, high = column.get("minimum"), column.get("maximum")
    if found is FAULT or (low is not None and found < low) or (high is not None and found > high):
        return FAULT
    return found


columns_of_cached = cache(columns_of)


def _code(column, word):
    return column["codes"][word]["canonical"] if word in column["codes"] else FAULT


def _date(column, word):
    for form in column.get("date_formats", ["%Y-%m-%d"]):
        try:
            if word.isascii():
                return dt.datetime.strptime(word, form).date()  # noqa: DTZ007 (a day)
        except ValueError:
            pass
    return FAULT


READ = {
    "code": _code,
    "date": _date,
    "integer": lambda column, word: int(word) if WHOLE.fullmatch(word) else FAULT,
    "number": lambda column, word: float(word) if NUMBER.fullmatch(word) else FAULT,
    "text": lambda column, word: word if re.fullmatch(column.get("pattern", ".*"), word, flags=re.ASCII) else FAULT,
}
