"""The numbers of the report as an accessible workbook, in the layout of the Government Analysis Function.

Cover, contents, notes, then one table a sheet with its title in A1. A cell is a number, as precise as printed in value
and format, where the printed text is a plain number or percentage; all else (`< .001`, `infinite`) is text.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from gptables import Cover, GPTable, GPWorkbook, Theme, gptheme, produce_workbook

from drive_eval.report.content import DASH, NOTICE, Report, Shown, remark

NOT_AVAILABLE, NOT_APPLICABLE = "[x]", "[z]"
_LEGEND = {NOT_AVAILABLE: "[x] = not available or not computed", NOT_APPLICABLE: "[z] = not applicable"}
_PLAIN = re.compile(r"-?(?=[\d.])(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d+))?(%?)")
_SENTENCES = re.compile(r"(?<=[.;]) (?=[A-Z])")
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_WIDE = 1.2
"""Width of a character of 12 points, in characters of the default font."""
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_ABOUT = [
    "A cell holds the number as printed: rounded half up, percentages as shares in a percentage format.",
    "[x] stands where a number is not available or not computed, [z] where a cell does not apply.",
    "An exhibit's sheet is named by its number in report.docx and its name in registry.csv.",
    "The sheet of a figure holds the numbers that it draws. Published_numbers compares each with the printed one.",
]


def render(report: Report) -> bytes:
    """Render the tables of the report as a workbook (.xlsx); the same content gives the same bytes."""
    notes = {text: f"note{number}" for number, text in enumerate(_footnotes(report), 1)}
    sheets = _findings(report)
    for number, shown in enumerate(report.exhibits, 1):
        sheets[f"{number}_{shown.id}"[:31]] = _exhibit(number, shown, notes)
    sheets |= _published(report)
    cover, stream = _cover(report), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a study without footnotes has no notes sheet
        workbook = produce_workbook(
            stream,
            sheets,
            theme=_theme(),
            cover=cover,
            contentsheet_options={"title": "Contents", "column_names": ["Sheet", "Table"]},
            notes_table=pd.DataFrame({"reference": notes.values(), "Note": notes.keys()}) if notes else None,
            auto_width=False,
            workbook_options=_OPTIONS,
        )
    _fit(workbook, "Cover", [cover.width], [[text] for text in ("", "", *cover.intro, "", *cover.about)])
    _fit(workbook, "Notes", [16, 100], [["", text] for text in ("", "", "", *notes)])
    _fit(workbook, "Contents", [40, 100], [])
    for label, made in sheets.items():
        rows = [[]] * made.data_range[0] + [list(made.table.columns), *made.table.to_numpy().tolist()]
        _fit(workbook, label, [_width(made.table[column]) for column in made.table], rows)
    workbook.set_properties({"title": report.title, "author": "drive-eval", "created": _EPOCH})
    workbook.close()
    return stream.getvalue()


def cell_of(printed: str) -> tuple[float | str, str]:
    """The value of a cell and its number format, from printed text; the format of text is empty."""
    if printed == DASH:
        return NOT_AVAILABLE, ""
    found = _PLAIN.fullmatch(printed)
    if not found:
        return printed or NOT_APPLICABLE, ""
    whole, decimals, percent = found.groups()
    number = Decimal(printed.rstrip("%").replace(",", "")) / (100 if percent else 1)
    ones = "#,##0" if "," in whole else "0" if whole else ""
    return float(number) + 0.0, ones + (f".{'0' * len(decimals)}" if decimals else "") + percent  # + 0.0: no minus zero


def _footnotes(report: Report) -> dict[str, None]:
    """Every footnote once, in order."""
    return dict.fromkeys(note for shown in report.exhibits for note in shown.footnotes)


def _cover(report: Report) -> Cover:
    intro = [NOTICE] if report.synthetic else []
    made = f"Made by drive-eval {report.version}. Every number stands in registry.csv."
    return Cover(title=f"{report.title}: tables", intro=[*intro, report.outcome], about=[*_ABOUT, made])


def _exhibit(number: int, shown: Shown, notes: dict[str, str]) -> GPTable:
    references = "".join(f"$${notes[note]}$$" for note in dict.fromkeys(shown.footnotes))
    return _table(
        shown.table,
        name=f"exhibit_{number}",
        title=f"{shown.title} {references}".rstrip(),
        index=shown.row_headers,
        subtitles=[*_SENTENCES.split(shown.alt), *(f"Method: {method}" for method in shown.method)],
        scope=shown.base,
    )


def _findings(report: Report) -> dict[str, GPTable]:
    rows = [
        {"Chapter": report.chapters[finding.chapter], "Finding": finding.text, "Exhibits": ", ".join(finding.exhibits)}
        for finding in report.findings
    ]
    return {"Findings": _table(pd.DataFrame(rows), name="findings", title="Executive summary")} if rows else {}


def _published(report: Report) -> dict[str, GPTable]:
    rows = [
        {
            "Exhibit": shown.id,
            "Published number": row["published_id"],
            "Printed": row["printed"],
            "Computed": row["computed"],
            "Verdict": row["verdict"],
            "Remark": remark(row),
        }
        for shown in report.exhibits
        for row in shown.published
    ]
    title = "Published numbers and verdicts"
    table = _table(pd.DataFrame(rows), name="published_numbers", title=title, index=2) if rows else None
    return {"Published_numbers": table} if table else {}


def _table(printed: pd.DataFrame, *, name: str, title: str, index: int = 1, **words: Any) -> GPTable:
    """A table with its printed text turned into cells, numbers on the right."""
    columns = _distinct(list(printed.columns))
    cells = [[cell_of(text) for text in printed.iloc[:, n]] for n in range(len(columns))]
    values = {column: pd.Series([value for value, _ in cells[n]], dtype=object) for n, column in enumerate(columns)}
    index = min(index, 3)  # levels that the layout knows
    looks = [look for n in range(index, len(columns)) for look in _looks(n, [form for _, form in cells[n]])]
    used = {value for column in cells for value, _ in column}
    return GPTable(
        table=pd.DataFrame(values),
        table_name=name,
        title=title,
        index_columns={level + 1: level for level in range(index)} if index > 1 else {2: 0},
        additional_formatting=looks,
        legend=[words for mark, words in _LEGEND.items() if mark in used],
        **words,
    )


def _looks(column: int, forms: list[str]) -> list[dict[str, Any]]:
    """Number formats of a column: the usual one for all, then each cell that differs; a column of words has none."""
    if not any(forms):
        return []
    usual = Counter(form for form in forms if form).most_common(1)[0][0]
    look = {"num_format": usual, "align": "right"}
    others = [(row, form) for row, form in enumerate(forms, 1) if form not in ("", usual)]
    return [
        {"column": {"columns": [column], "format": look}},
        *({"cell": {"cells": (row, column), "format": {"num_format": form}}} for row, form in others),
    ]


def _distinct(headers: list[str]) -> list[str]:
    """Headers told apart, as a worksheet table asks, without regard to case."""
    seen: Counter[str] = Counter()
    distinct = []
    for header in headers:
        seen[header.casefold()] += 1
        times = seen[header.casefold()]
        distinct.append(header if times == 1 else f"{header} ({times})")
    return distinct


def _theme() -> Theme:
    """The government theme, with the sentences under a title in the size of text and cells that start at the top."""
    theme = deepcopy(gptheme)
    theme.subtitle_format["font_size"] = 12
    for look in (theme.index_1_format, theme.index_2_format, theme.index_3_format, theme.data_format):
        look["valign"] = "top"
    return theme


def _width(column: pd.Series) -> float:
    """Width in characters of a column whose cells and header may wrap."""
    words = max(len(word) for word in str(column.name).split())
    return min(max(words, *(len(str(value)) for value in column), 8) * _WIDE + 2, 60)


def _fit(workbook: GPWorkbook, label: str, widths: Sequence[float], rows: Sequence[Sequence[Any]]) -> None:
    """Set the widths of columns, the heights of rows whose text wraps, and a page of A4 across."""
    sheet = workbook.get_worksheet_by_name(label)
    if sheet is None:
        return
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for number, row in enumerate(rows):
        texts = zip(row, widths, strict=False)
        lines = max((math.ceil(len(str(text)) * _WIDE / (width - 1)) for text, width in texts), default=0)
        if lines:
            sheet.set_row(number, 16 * lines)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
