"""Build the two pandera schemas of a sheet from its contract: cells as text, then typed columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from drive_eval.contracts.model import Column, Sheet

if TYPE_CHECKING:
    import pandera.pandas as pa

WHOLE_NUMBER = r"^[+-]?[0-9]{1,15}$"
NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"

EXCEL_SERIAL = "excel_serial"
"""Among date formats: the day number that a spreadsheet shows for a date whose cell has lost its format."""

RULE_OF_CHECK = {"not_nullable": "blank cell", "field_uniqueness": "given more than once"}
"""Our words for the checks that pandera names itself; all others carry our words already."""


def text_schema(sheet: Sheet, present: pd.Index) -> pa.DataFrameSchema:
    """Pass one: codes, the form of numbers and dates, and blank cells, on text. Nothing is coerced."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {
            name: pa.Column(checks=_form(column), nullable=column.nullable)
            for name, column in sheet.columns.items()
            if name in present
        }
    )


def typed_schema(sheet: Sheet, present: pd.Index) -> pa.DataFrameSchema:
    """Pass two: ranges and uniqueness, on typed columns."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {
            name: pa.Column(checks=_range(column), nullable=True, unique=column.unique)
            for name, column in sheet.columns.items()
            if name in present and (column.unique or column.minimum is not None or column.maximum is not None)
        }
    )


YEARS_KNOWN = (pd.Timestamp("1678-01-01"), pd.Timestamp("2261-12-31"))
"""What dates to the nanosecond can hold; a date beyond is no date of ours."""


def dates(cells: pd.Series, column: Column) -> pd.Series:
    """Text cells as dates, trying each format of the contract in turn; missing where none fits."""
    found = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[ns]")
    cells = cells.where(cells.str.match("[0-9]").fillna(False).astype(bool))  # pandas reads "today" in any format
    for form in column.date_formats:
        if form == EXCEL_SERIAL:
            days = pd.to_numeric(cells.where(cells.str.fullmatch(r"[0-9]{1,5}").fillna(False).astype(bool)))
            parsed = (pd.Timestamp("1899-12-30") + pd.to_timedelta(days, unit="D")).astype("datetime64[ns]")
        else:
            parsed = pd.to_datetime(cells, format=form, errors="coerce")
            parsed = parsed.where(parsed.between(*YEARS_KNOWN)).astype("datetime64[ns]")
        found = found.fillna(parsed)
    return found


def _dated(spellings: pd.Index, column: Column) -> pd.Index:
    return spellings[dates(pd.Series(spellings, dtype="object"), column).notna()]


def _form(column: Column) -> list[pa.Check]:
    import pandera.pandas as pa

    if column.type == "code":
        return [pa.Check.isin(list(column.codes), error="unknown code")]
    if column.type == "integer":
        return [pa.Check.str_matches(WHOLE_NUMBER, error="not a whole number")]
    if column.type == "number":
        return [pa.Check.str_matches(NUMBER, error="not a number")]
    if column.type == "date":
        return [pa.Check(lambda cells: cells.isin(_dated(cells.cat.categories, column)), error="not a date")]
    return [pa.Check.str_matches(rf"^(?a:{column.pattern})$", error="not of the agreed form")] if column.pattern else []


def _range(column: Column) -> list[pa.Check]:
    import pandera.pandas as pa

    checks = []
    for limit, check, word in ((column.minimum, pa.Check.ge, "below"), (column.maximum, pa.Check.le, "above")):
        if limit is not None:
            bound = pd.Timestamp(limit) if column.type == "date" else limit
            checks.append(check(bound, error=f"{word} {limit}"))
    return checks
