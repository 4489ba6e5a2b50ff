"""Reading the raw files with plain pandas, and the contracts as plain YAML, apart from the pipeline's own readers."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml

from .register import ROOT

RAW = ROOT / "data" / "raw" / "year2"
FILES = {
    "cms": "cms_extract.xlsx",
    "insights": "insights_extract.xlsx",
    "police": "police_extract.csv",
    "police_subjects": "police_subjects.csv",
    "allocation": "allocation_register.csv",
    "interviews": "interviews.csv",
}
TEXT = {"dtype": str, "keep_default_na": False, "na_filter": False}
SERIAL_DAY_0 = pd.Timestamp("1899-12-30")  # Excel counts days from here


@dataclass(frozen=True)
class Cells:
    """The cells of one file as text: name of the sheet -> frame with the headers as delivered."""

    file: str
    sheets: dict[str, pd.DataFrame]


class Raw:
    """All tables of the study, one frame per canonical table, typed by the contracts; each sheet is read once.

    Codes are canonical words, answers that were not given are missing values. Frames are shared: never change one.
    """

    def __init__(self, folder: Path = RAW) -> None:
        self.folder = folder

    @cached_property
    def contracts(self) -> dict[str, dict[str, dict]]:
        """Extract -> sheet -> its part of the contract."""
        found: dict[str, dict[str, dict]] = {}
        for path in sorted((ROOT / "schemas" / "extracts").glob("*.yaml")):
            contract = yaml.safe_load(path.read_text(encoding="utf-8"))
            if contract["extract"] in FILES:
                found[contract["extract"]] = contract["sheets"]
        return found

    @cached_property
    def cells(self) -> dict[str, Cells]:
        """Every sheet of every file, as text."""
        return {extract: _read_cells(self.folder / file) for extract, file in FILES.items()}

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        found = {}
        for extract, sheets in self.contracts.items():
            for sheet, part in sheets.items():
                table = _type_columns(self.cells[extract].sheets[sheet], part["columns"], f"{extract} {sheet}")
                found[part["table"]] = table
        return found

    def __getitem__(self, table: str) -> pd.DataFrame:
        """One canonical table."""
        return self._tables[table]


def _read_cells(path: Path) -> Cells:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig") as file:
            separator = max(",;\t|", key=file.readline().count)
        frame = pd.read_csv(path, sep=separator, encoding="utf-8-sig", **TEXT)
        return Cells(path.name, {path.stem: _collapse_blanks(frame)})
    frames = pd.read_excel(path, sheet_name=None, engine="openpyxl", **TEXT)
    return Cells(path.name, {name: _collapse_blanks(frame) for name, frame in frames.items()})


def _collapse_blanks(frame: pd.DataFrame) -> pd.DataFrame:
    """Strip blanks at the ends and collapse those between; a repeated cell is treated once."""
    frame = frame.rename(columns=lambda header: " ".join(str(header).split()))
    return frame.apply(lambda column: column.map({cell: " ".join(str(cell).split()) for cell in column.unique()}))


def _type_columns(frame: pd.DataFrame, columns: dict[str, dict], place: str) -> pd.DataFrame:
    """Rename headers and turn text into codes, numbers and dates; a cell that does not fit is an error."""
    typed = {}
    for name, column in columns.items():
        assert column["header"] in frame.columns, f"{place}: no column {column['header']!r}"
        text = frame[column["header"]]
        if column["type"] == "code":
            typed[name] = _read_codes(text, column["codes"], f"{place} {name}")
        elif column["type"] in ("integer", "number"):
            typed[name] = pd.to_numeric(text.replace("", None)).astype(float)
        elif column["type"] == "date":
            typed[name] = read_dates(text)
        else:
            typed[name] = text
    return pd.DataFrame(typed)


def _read_codes(text: pd.Series, codes: dict[str, dict], place: str) -> pd.Series:
    """Canonical words; an answer that was not given (blank, not known, declined ...) becomes a missing value."""
    words = {raw: None if code.get("missing") else code["canonical"] for raw, code in codes.items()} | {"": None}
    unknown = ~text.isin(list(words))
    assert not unknown.any(), f"{place}: {int(unknown.sum())} cells hold a code that is not in the contract"
    return text.map(words).astype(object)


def read_dates(text: pd.Series) -> pd.Series:
    """Dates from Excel dates, ISO text, dd/mm/yyyy text and Excel's day numbers."""
    return pd.to_datetime(text.map({cell: _read_date(cell) for cell in text.unique()}))


def _read_date(cell: str) -> pd.Timestamp | None:
    if not cell:
        return None
    if re.fullmatch(r"\d{5}(\.0+)?", cell):
        return SERIAL_DAY_0 + pd.Timedelta(days=int(float(cell)))
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", cell):
        return pd.to_datetime(cell, format="%d/%m/%Y")
    return pd.to_datetime(cell[:10], format="%Y-%m-%d")
