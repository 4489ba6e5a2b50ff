"""Dates at the edge: what a clock to the nanosecond cannot hold is no date, and is refused like 30 February."""

import pandas as pd
import pytest

from drive_eval.contracts.model import Column
from drive_eval.contracts.schema import dates


@pytest.mark.parametrize("text", ["17-03-01", "6016-11-11", "0001-01-01", "2017-02-30"])
def test_a_date_beyond_reach_is_no_date(contract, text):
    column = next(
        column for sheet in contract.sheets.values() for column in sheet.columns.values() if column.type == "date"
    )
    assert isinstance(column, Column)
    assert dates(pd.Series([text, "2017-03-01"], dtype="object"), column).isna().tolist() == [True, False]
