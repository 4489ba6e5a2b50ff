"""The report as one self-contained HTML page: nothing is fetched, every picture and style is inside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@dataclass(frozen=True)
class Shown:
    """One exhibit as the page shows it."""

    id: str
    chapter: str
    kind: str
    title: str
    base: str
    alt: str
    footnotes: Sequence[str]
    method: Sequence[str]
    svg: str
    table: pd.DataFrame
    published: Sequence[Mapping[str, Any]]


def render(
    *,
    title: str,
    chapters: Mapping[str, str],
    exhibits: Sequence[Shown],
    summary: Mapping[str, Any],
    assumed: Mapping[str, int],
    findings: Sequence[Mapping[str, str]],
    warnings: Sequence[Mapping[str, Any]],
    synthetic: bool,
    version: str,
) -> str:
    """Render the report.

    Parameters
    ----------
    title : str
    chapters : mapping of chapter key to heading
    exhibits : sequence of Shown
    summary : mapping
        Counts per verdict over the whole register, as in ``reproduction/summary.json``.
    assumed : mapping
        How many assumed values `held` and `moved`.
    findings : sequence of mapping
        Published entries that the audit finds impossible or in tension, one per entry and check.
    warnings : sequence of mapping
        Validation warnings, one per fault.
    synthetic : bool
        Whether any input is synthetic; the page then says so at its top.
    version : str

    Returns
    -------
    str
        HTML, UTF-8.
    """
    environment = Environment(
        loader=PackageLoader("drive_eval.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["inline_svg"] = inline_svg
    return environment.get_template("index.html.j2").render(
        title=title,
        chapters=[(key, words) for key, words in chapters.items() if any(shown.chapter == key for shown in exhibits)],
        exhibits=exhibits,
        summary=summary,
        assumed=assumed,
        findings=findings,
        warnings=warnings,
        synthetic=synthetic,
        version=version,
    )


def inline_svg(shown: Shown) -> Markup:
    """An SVG file as an element of the page: no XML header, ids made unique, described by its alt text."""
    body = shown.svg[shown.svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{shown.id}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{shown.id}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{shown.id}-\1"', body)
    head = f'<svg role="img" aria-labelledby="{shown.id}-alt" '
    return Markup(body.replace("<svg ", head, 1))  # noqa: S704 (our own figure, no outside text but escaped labels)


def validation_page(extract: str, report: Mapping[str, Any]) -> str:
    """The failure report of one extract as a page."""
    environment = Environment(loader=PackageLoader("drive_eval.report"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("validation.html.j2").render(extract=extract, report=report)
