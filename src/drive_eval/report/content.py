"""What a report says, before it has a form: page, Word file and workbook are written from the same content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


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
