"""Check the text frames of an extract against its contract, in two passes, and type them.

Pass one looks at columns, codes and the form of each cell as text; pass two at ranges, uniqueness and the
rules between columns and sheets, on the typed frames. Two passes, because a cell that cannot be typed would
otherwise hide the range faults of its column (unionai-oss/pandera#821).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from drive_eval.contracts.faults import EXAMPLES, Fault, collect
from drive_eval.contracts.model import Column, Contract, Sheet
from drive_eval.contracts.rules import broken_rules
from drive_eval.contracts.schema import NUMBER, RULE_OF_CHECK, WHOLE_NUMBER, dates, text_schema, typed_schema

if TYPE_CHECKING:
    import pandera.pandas as pa

_ADVICE = {
    "unknown code": "use one of: {codes}",
    "not a whole number": "enter a whole number or leave the cell blank",
    "not a number": "enter a number or leave the cell blank",
    "not a date": "enter a date as {dates}",
    "not of the agreed form": "enter it as the contract describes: {description}",
    "blank cell": "fill the cell: {description}",
    "given more than once": "keep one row per {header}",
}
_RANGE_ADVICE = "correct the value; the contract allows {low} to {high}"


@dataclass
class Checked:
    """Outcome of a check: typed tables by canonical name (only if there is no error) and all faults."""

    tables: dict[str, pd.DataFrame]
    faults: list[Fault] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """True if any fault is an error."""
        return any(fault.severity == "error" for fault in self.faults)


def check_extract(
    contract: Contract, frames: Mapping[str, pd.DataFrame], *, file: str, read_faults: list[Fault]
) -> Checked:
    """Check every sheet that could be read, then the rules between them, and report all faults together.

    Parameters
    ----------
    contract : Contract
    frames : mapping of sheet name to DataFrame
        Cells as text or missing, headers as delivered, index = Excel row.
    file : str
        Name of the extract, for messages.
    read_faults : list of Fault
        What the reader found already (missing sheets and the like); reported with the rest.

    Returns
    -------
    Checked
        `tables` hold the typed frames: canonical column names and codes, `Int64` for whole numbers,
        `datetime64` for dates, plus `excel_row`.
    """
    faults = list(read_faults)
    typed: dict[str, pd.DataFrame] = {}
    for name, frame in frames.items():
        sheet = contract.sheets[name]
        cells, column_faults = _match_columns(sheet, frame, file)
        faults += column_faults
        faults += _failures(text_schema(sheet, cells.columns), sheet, cells, file)
        typed[name] = pd.DataFrame(
            {key: _typed(sheet.columns[str(key)], cells[key]) for key in cells}, index=cells.index
        )
        faults += _failures(typed_schema(sheet, cells.columns), sheet, typed[name], file)
    faults += broken_rules(contract, typed, file=file)
    checked = Checked({}, collect(faults))
    if not checked.failed:
        checked.tables = {
            contract.sheets[name].table: frame.rename_axis("excel_row").reset_index() for name, frame in typed.items()
        }
    return checked


def _match_columns(sheet: Sheet, frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    expected = sheet.by_header()
    headers = list(frame.columns)
    unknown = list(dict.fromkeys(header for header in headers if header not in expected))
    repeated = list(dict.fromkeys(header for header in headers if headers.count(header) > 1))
    faults = [
        Fault(file, sheet.name, (), header, "unknown column", "remove it, or rename it to a header of the contract")
        for header in unknown
    ]
    faults += [
        Fault(file, sheet.name, (), header, "column given twice", "keep one of the columns") for header in repeated
    ]
    for header, column in expected.items():
        if column.required and header not in headers:
            near = difflib.get_close_matches(header, unknown, n=1, cutoff=0.5)
            hint = f"; is it the column {near[0]!r}?" if near else ""
            advice = f"deliver it under this header{hint}"
            faults.append(Fault(file, sheet.name, (), header, "missing column", advice))
    known = frame.loc[:, frame.columns.isin(list(expected)) & ~frame.columns.duplicated()]
    return known.rename(columns={header: column.name for header, column in expected.items()}), faults


def _failures(schema: pa.DataFrameSchema, sheet: Sheet, frame: pd.DataFrame, file: str) -> list[Fault]:
    """Validate lazily, so that all failures are found, and translate pandera's failure cases into faults."""
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        return [
            _fault(sheet.columns[name], RULE_OF_CHECK.get(check, check), sorted(group["index"].astype(int)), frame).at(
                file, sheet.name
            )
            for (name, check), group in _by_check(cases)
        ]
    return []


def _by_check(cases: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    for (name, check), group in cases.groupby(["column", "check"], sort=True):
        yield (str(name), str(check)), group


def _fault(column: Column, rule: str, rows: list[int], frame: pd.DataFrame) -> Fault:
    advice = _ADVICE.get(rule, _RANGE_ADVICE).format(
        codes=", ".join(repr(code) for code in column.codes),
        dates=" or ".join(column.date_formats).replace("%Y", "YYYY").replace("%m", "MM").replace("%d", "DD"),
        description=column.description,
        header=column.header,
        low="any" if column.minimum is None else column.minimum,
        high="any" if column.maximum is None else column.maximum,
    )
    quoted: tuple[str, ...] = ()
    if column.quotable and rule != "blank cell":
        quoted = tuple(sorted({str(value) for value in frame.loc[rows, column.name]}))[:EXAMPLES]
    return Fault("", "", tuple(rows), column.header, rule, advice, "error", quoted)


def _typed(column: Column, cells: pd.Series) -> pd.Series:
    """Type a column; a cell that broke pass one becomes missing here and is reported once, by pass one."""
    if column.type == "code":
        canonical = {raw: code.canonical for raw, code in column.codes.items()}
        return cells.map(canonical).astype(pd.CategoricalDtype(list(dict.fromkeys(canonical.values()))))
    if column.type == "integer":
        whole = cells.where(cells.str.match(WHOLE_NUMBER).fillna(False).astype(bool))
        return whole.map(int, na_action="ignore").astype("Int64")
    if column.type == "number":
        plain = cells.where(cells.str.match(NUMBER).fillna(False).astype(bool))
        return plain.map(float, na_action="ignore").astype("Float64")
    return dates(cells, column) if column.type == "date" else cells.astype("str").where(cells.notna())
