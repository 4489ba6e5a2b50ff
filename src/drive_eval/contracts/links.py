"""Rules across extracts: the typed tables of a study held against each other and against its window of days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from drive_eval.contracts.faults import Fault, collect
from drive_eval.contracts.parts import places_of
from drive_eval.contracts.rules import broken_rules


def check_links(
    rules: Iterable[Mapping[str, Any]], tables: Mapping[str, pd.DataFrame], *, window: Mapping[str, str]
) -> list[Fault]:
    """Apply the rules of ``links.yaml`` to the typed tables of all extracts.

    Parameters
    ----------
    rules : iterable of mapping
        Places are written ``table.column``; a rule ``within`` may list several in `left`.
    tables : mapping of name to DataFrame
        Typed tables with `excel_row`; their attributes say which file and header a cell comes from.
    window : mapping
        First and last day of the study, for rules of the kind `within` that give no days of their own.
    """
    single = [
        {**window, **rule, "left": place} if rule["kind"] == "within" else rule
        for rule in rules
        for place in ([rule["left"]] if isinstance(rule["left"], str) else rule["left"])
    ]
    bounded = [rule for rule in single if rule["kind"] != "within" or {"first", "last"} <= set(rule)]
    frames = {name: table.reset_index(drop=True) for name, table in tables.items()}
    return collect(broken_rules(bounded, frames, {name: places_of(table, name) for name, table in tables.items()}))
