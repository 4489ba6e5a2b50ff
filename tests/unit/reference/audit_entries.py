"""Small registers for the tests of the audit."""

from __future__ import annotations

import json
from typing import Any

from drive_eval.reference.register import REGISTER_COLUMNS, Register, read_register


def register_of(**entries: Any) -> Register:
    """A register of entries by id (``__`` for a dot): a number, or a mapping of the columns that differ.

    A bare number is a count; digits after its point make it a percentage of so many decimals.
    """
    rows = []
    for name, given in entries.items():
        columns = given if isinstance(given, dict) else {"value": given}
        value = columns["value"]
        text = json.dumps(value) if isinstance(value, list) else str(value)
        decimals = len(text.partition(".")[2]) if not isinstance(value, (str, list)) else ""
        kind = "count" if decimals == 0 else "percent" if decimals else "ordering"
        row = dict.fromkeys(REGISTER_COLUMNS, "")
        row |= {"published_id": name.replace("__", "."), "printed": text, "decimals": str(decimals), "kind": kind}
        row |= {key: json.dumps(cell) if isinstance(cell, list) else str(cell) for key, cell in columns.items()}
        rows.append(row)
    return read_register(rows)
