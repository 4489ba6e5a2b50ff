"""What a report says, before it has a form: page, Word file and workbook are written from the same content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

DASH = "–"
"""Printed in a table where there is no number."""
NOTICE = (
    "Synthetic data: the extracts are reconstructed from published figures and describe nobody. Only published values "
    "that are checked below carry meaning."
)


@dataclass(frozen=True)
class Shown:
    """One exhibit as a reader sees it: every number is printed text.

    `table` holds the rows of a table, or the numbers drawn in a figure. `published` are the rows of
    ``comparison.csv`` that the exhibit answers. `svg` and `png` are empty for a table. `analyses` are the methods
    (module names, as in ``docs/methods``) behind its numbers.
    """

    id: str
    chapter: str
    kind: str
    title: str
    base: str
    alt: str
    footnotes: Sequence[str]
    method: Sequence[str]
    analyses: Sequence[str]
    svg: str
    png: bytes
    table: pd.DataFrame
    published: Sequence[Mapping[str, Any]]

    @property
    def row_headers(self) -> int:
        """How many columns from the left name a row: until they tell all rows apart, or numbers begin."""
        for n in range(1, self.table.shape[1]):
            numbers_begin = self.table.iloc[:, n].astype(str).str.contains(r"^[-<]?[ \d.,]*\d%?$").any()
            if numbers_begin or not self.table.iloc[:, :n].duplicated().any():
                return n
        return 1


@dataclass(frozen=True)
class Finding:
    """One sentence of the report, its numbers filled from the registry rows named in `result_ids`."""

    id: str
    chapter: str
    text: str
    result_ids: Sequence[str]
    exhibits: Sequence[str]


@dataclass(frozen=True)
class Report:
    """The whole content of a report.

    `chapters` maps a chapter key to its heading, in order; `summary` is ``reproduction/summary.json``; `audit` lists
    the published entries found impossible or in tension; `warnings` the validation warnings; `methods` maps a method
    to its page (Markdown).
    """

    title: str
    chapters: Mapping[str, str]
    exhibits: Sequence[Shown]
    findings: Sequence[Finding]
    summary: Mapping[str, Any]
    audit: Sequence[Mapping[str, str]]
    warnings: Sequence[Mapping[str, Any]]
    methods: Mapping[str, str]
    synthetic: bool
    version: str

    def of(self, chapter: str) -> list[Shown]:
        """The exhibits of one chapter, in the order of the study."""
        return [shown for shown in self.exhibits if shown.chapter == chapter]

    @property
    def outcome(self) -> str:
        """How many published numbers came out as printed, in one sentence."""
        verdicts = self.summary["verdicts"]
        return (
            f"Of {self.summary['entries']} published entries in the register, {verdicts['match']} match, "
            f"{verdicts['misprint']} are misprints whose corrected value matches, {verdicts['differs']} differ, "
            f"{verdicts['context']} are context, and {verdicts['not yet computed']} are not yet computed."
        )


def remark(row: Mapping[str, Any]) -> str:
    """What is to be said of a published number: the code of its fault, the reason of its verdict."""
    return "; ".join(row[key] for key in ("issue", "reason") if row[key])
