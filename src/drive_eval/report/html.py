"""The report as one self-contained HTML page: nothing is fetched, every picture and style is inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from drive_eval.report.content import Report, Shown


def render(report: Report) -> str:
    """Render the report as HTML, UTF-8."""
    environment = Environment(
        loader=PackageLoader("drive_eval.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["inline_svg"] = inline_svg
    return environment.get_template("index.html.j2").render(report=report)


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
