"""Check the text frames of an extract against its contract, in two passes, and type them.

Pass one looks at columns, codes and the form of each cell as text; pass two at ranges, uniqueness and the
rules between columns and sheets, on the typed frames. Two passes, because a cell that cannot be typed would
otherwise hide the range faults of its column (unionai-oss/pandera#821).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drive_eval.contracts.faults import Fault, collect
from drive_eval.contracts.identifiers import harmless
from drive_eval.contracts.model import Column, Contract, Sheet
from drive_eval.contracts.parts import Part, Place, located
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
    """Outcome of a check: typed tables by canonical name (only if there is no error) and all faults.

    `places` say, by canonical name, where the rows of each table are found; `rows` count them by sheet of the contract.
    """

    tables: dict[str, pd.DataFrame]
    faults: list[Fault] = field(default_factory=list)
    places: dict[str, list[Place]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """True if any fault is an error."""
        return any(fault.severity == "error" for fault in self.faults)


def check_extract(
    contract: Contract, frames: Mapping[str, pd.DataFrame], *, file: str, read_faults: list[Fault]
) -> Checked:
    """Check an extract of one file that has the headers and codes of the contract; see `check_parts`.

    Parameters
    ----------
    contract : Contract
    frames : mapping of sheet name to DataFrame
        Cells as text or missing, headers as delivered, index = Excel row.
    file : str
        Name of the extract, for messages.
    read_faults : list of Fault
        What the reader found already (missing sheets and the like); reported with the rest.
    """
    parts = {name: [Part(file, name, contract.sheets[name], frame)] for name, frame in frames.items()}
    return check_parts(contract, parts, read_faults=read_faults)


def check_parts(contract: Contract, parts: Mapping[str, Sequence[Part]], *, read_faults: Iterable[Fault]) -> Checked:
    """Check every sheet that could be read, then the rules between them, and report all faults together.

    Parameters
    ----------
    contract : Contract
    parts : mapping of sheet of the contract to Parts
        The first pass judges each part by the headers, codes and formats of its own file.
    read_faults : iterable of Fault

    Returns
    -------
    Checked
        `tables` hold the typed frames: canonical column names and codes, `Int64` for whole numbers,
        `datetime64` for dates, plus `excel_row`.
    """
    faults = list(read_faults)
    typed: dict[str, pd.DataFrame] = {}
    places: dict[str, list[Place]] = {}
    for name, pieces in parts.items():
        sheet, frames, texts = contract.sheets[name], [], []
        for part in pieces:
            cells, column_faults = _match_columns(part)
            faults += column_faults
            faults += _failures(text_schema(part.sheet, cells.columns), part.sheet, cells, [part.place()])
            frames.append(_typed_frame(sheet, part.sheet, cells))
            texts.append(cells)
        places[name] = [part.place() for part in pieces]
        typed[name] = _stacked(sheet, frames)
        faults += _failures(typed_schema(sheet, typed[name].columns), sheet, typed[name], places[name])
        faults += _without_cells(sheet, pieces[0], texts)
    faults += broken_rules(contract.rules, typed, places)
    checked = Checked({}, collect(faults), rows={name: len(frame) for name, frame in typed.items()})
    checked.places = {contract.sheets[name].table: found for name, found in places.items()}
    if not checked.failed:
        for name, frame in typed.items():
            frame.insert(0, "excel_row", np.concatenate([place.rows for place in places[name]]))
            checked.tables[contract.sheets[name].table] = frame
    return checked


def _without_cells(sheet: Sheet, part: Part, texts: list[pd.DataFrame]) -> list[Fault]:
    """Columns that may be blank and are so in every row: told, since a lost column looks like this."""
    filled = {name for cells in texts for name in cells if cells[name].notna().any()}
    present = {name for cells in texts for name in cells if len(cells)}
    advice = "check that the export holds this column"
    return [
        Fault(part.file, part.name, (), part.sheet.columns[name].header, "no cell is filled", advice, "warning")
        for name, column in sheet.columns.items()
        if column.nullable and name in present - filled
    ]


def _typed_frame(sheet: Sheet, local: Sheet, cells: pd.DataFrame) -> pd.DataFrame:
    """Type the columns of a part; categories are those of the contract, so that parts can be stacked."""
    typed = {}
    for key in cells:
        column = _typed(local.columns[str(key)], cells[key])
        if sheet.columns[str(key)].type == "code":
            words = dict.fromkeys(code.canonical for code in sheet.columns[str(key)].codes.values())
            column = column.astype(pd.CategoricalDtype(list(words)))
        typed[key] = column
    return pd.DataFrame(typed, index=cells.index)


def _stacked(sheet: Sheet, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """All parts of a sheet below each other, with the columns in the order of the contract."""
    stacked = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
    return stacked[[key for key in sheet.columns if key in stacked]]


def _match_columns(part: Part) -> tuple[pd.DataFrame, list[Fault]]:
    expected = part.sheet.by_header()
    headers = list(part.cells.columns)
    unknown = list(dict.fromkeys(header for header in headers if header not in expected))
    repeated = list(dict.fromkeys(header for header in headers if headers.count(header) > 1))
    if not any(header in expected for header in headers):
        advice = "put the headers of the contract there, or describe the file by a mapping (drive-eval map)"
        return pd.DataFrame(index=part.cells.index), [Fault(part.file, part.name, (), "", "headers not found", advice)]
    advice = "remove it, or rename it to a header of the contract"
    if part.mapping:
        advice = f"place it under columns or under ignore in {part.mapping}"
    faults = [Fault(part.file, part.name, (), header, "unknown column", advice) for header in unknown]
    faults += [
        Fault(part.file, part.name, (), header, "column given twice", "keep one of the columns") for header in repeated
    ]
    for header, column in expected.items():
        if column.required and header not in headers:
            near = difflib.get_close_matches(header, unknown, n=1, cutoff=0.5)
            hint = f"; is it the column {near[0]!r}?" if near else ""
            where = f", or name the header of {column.name} in {part.mapping}" if part.mapping else ""
            advice = f"deliver it under this header{where}{hint}"
            faults.append(Fault(part.file, part.name, (), header, "missing column", advice))
    known = part.cells.loc[:, part.cells.columns.isin(list(expected)) & ~part.cells.columns.duplicated()]
    named = known.rename(columns={header: column.name for header, column in expected.items()})
    return pd.DataFrame({name: _spellings(named[name]) for name in named}, index=named.index), faults


def _spellings(cells: pd.Series) -> pd.Series:
    """Cells as categories: each spelling is judged and typed once, however many rows have it."""
    places, spellings = pd.factorize(cells)
    kind = pd.CategoricalDtype(pd.Index(spellings, dtype="object"))
    return pd.Series(pd.Categorical.from_codes(places, dtype=kind), index=cells.index)


def _failures(schema: pa.DataFrameSchema, sheet: Sheet, frame: pd.DataFrame, places: list[Place]) -> list[Fault]:
    """Validate lazily, so that all failures are found, and translate pandera's failure cases into faults.

    Positions are counted over `places`, whatever index the frame has.
    """
    from pandera.errors import SchemaErrors

    counted = frame.reset_index(drop=True)
    try:
        schema.validate(counted, lazy=True)
    except SchemaErrors as errors:
        faults = []
        for (name, check), group in _by_check(errors.failure_cases):
            rule = RULE_OF_CHECK.get(check, check)
            fault = _fault(sheet.columns[name], rule, sorted(group["index"].astype(int)), counted)
            faults += located(fault, name, places)
        return faults
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
        values = {str(value) for value in frame.loc[rows, column.name]}
        quoted = tuple(sorted(value for value in values if harmless(value, column)))
    return Fault("", "", tuple(rows), column.header, rule, advice, "error", quoted)


def _typed(column: Column, cells: pd.Series) -> pd.Series:
    """Type a column; a cell that broke pass one becomes missing here and is reported once, by pass one."""
    spellings = pd.Series(cells.cat.categories, dtype="object")
    return pd.Series(
        _typed_words(column, spellings).array.take(cells.cat.codes.to_numpy(), allow_fill=True), index=cells.index
    )


def _typed_words(column: Column, cells: pd.Series) -> pd.Series:
    if column.type == "code":
        canonical = {raw: code.canonical for raw, code in column.codes.items()}
        return cells.map(canonical).astype(pd.CategoricalDtype(list(dict.fromkeys(canonical.values()))))
    if column.type == "integer":
        whole = cells.where(cells.str.match(WHOLE_NUMBER).astype(bool))
        return whole.map(int, na_action="ignore").astype("Int64")
    if column.type == "number":
        plain = cells.where(cells.str.match(NUMBER).astype(bool))
        return plain.map(float, na_action="ignore").astype("Float64")
    return dates(cells, column) if column.type == "date" else cells.astype("str")
