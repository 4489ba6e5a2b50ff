"""The report as one self-contained HTML page: nothing is fetched, every picture, style and script is inside."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from drive_eval.report import svg
from drive_eval.report.content import Report, Shown
from drive_eval.report.download import csv_text, data_uri

_NUMERIC = re.compile(r"–|[<>~]? ?[+-]?[\d,]*\.?\d+%?")


@dataclass(frozen=True)
class Note:
    """What is wrong or in doubt about one printed number, in words."""

    published_id: str
    code: str
    words: str


def render(report: Report) -> str:
    """Render the report as HTML, UTF-8."""
    from drive_eval.report.method_pages import method_pages

    environment = _environment()
    environment.filters |= {"inline_svg": svg.inline, "size": svg.size}
    environment.filters["csv_uri"] = lambda shown: data_uri(csv_text(shown.table, synthetic=report.synthetic))
    environment.filters["numeric"] = numeric_columns
    environment.filters["notes"] = lambda shown: list(notes(shown.published, report.audit))
    environment.filters["verdicts"] = verdicts_in_words
    return environment.get_template("index.html.j2").render(
        report=report,
        pages=method_pages(report.methods),
        glyphs=svg.glyphs(report.exhibits),
        titles={shown.id: shown.title for shown in report.exhibits},
    )


def validation_page(extract: str, report: Mapping[str, Any]) -> str:
    """The failure report of one extract as a page."""
    return _environment().get_template("validation.html.j2").render(extract=extract, report=report)


def notes(published: Sequence[Mapping[str, Any]], audit: Sequence[Mapping[str, str]]) -> Iterator[Note]:
    """One note for each printed number of an exhibit that is a misprint, differs, or carries an issue.

    The shortest finding of the audit on that number tells why.
    """
    for row in published:
        if not row["issue"] and row["verdict"] not in ("misprint", "differs", "context"):
            continue
        words = f"printed {row['printed']}"
        if row["verdict"] == "misprint":
            words += f", expected {row['expected']} from its own parts"
        words += f", computed {row['computed']}" if row["computed"] else ", not computed"
        words += f": {row['verdict']}."
        why = [found["detail"] for found in audit if found["published_id"] == row["published_id"]]
        if why:
            words += f" The audit: {min(why, key=len)}."
        elif row["reason"]:
            words += f" {row['reason'].capitalize()}."
        yield Note(row["published_id"], row["issue"] or row["verdict"], words)


def verdicts_in_words(published: Sequence[Mapping[str, Any]]) -> str:
    """How many published numbers have which verdict, commonest first, for example ``8 match, 1 misprint``."""
    counts = Counter(row["verdict"] for row in published).most_common()
    return ", ".join(f"{count} {verdict}" for verdict, count in counts)


def numeric_columns(shown: Shown) -> list[bool]:
    """Whether each column of a table holds nothing but printed numbers, which are set flush right."""
    return [all(_NUMERIC.fullmatch(str(cell)) for cell in shown.table.iloc[:, i]) for i in range(shown.table.shape[1])]


def _environment() -> Environment:
    """Templates with everything escaped; style sheet and script stand in the page with their digests in its policy."""
    loader = PackageLoader("drive_eval.report")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name in ("style.css", "search.js"):
        text = loader.get_source(environment, name)[0]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        key = name.partition(".")[0]
        environment.globals |= {key: Markup(text), f"{key}_digest": f"'sha256-{digest}'"}  # noqa: S704 (our own files)
    return environment
