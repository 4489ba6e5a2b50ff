"""Figures as elements of the page: one stock of glyphs for all, no style attributes, so that a strict policy holds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from drive_eval.report.content import Shown

_GLYPH = re.compile(r'<path id="(DejaVu[^"]+)"[^>]*/>\s*')
_LEFT_OUT = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<title>.*?</title>|<style\b.*?</style>", re.DOTALL)
_STYLE = re.compile(r'\bstyle="([^"]*)"')


def inline(shown: Shown) -> Markup:
    """An SVG file as an element of the page, named by its alt text; ids are made unique in the page.

    Letters are taken from `glyphs`. Style attributes become presentation attributes, and the one style sheet that
    matplotlib writes becomes attributes of the outermost element.
    """
    body = shown.svg[shown.svg.index("<svg") :]
    body = _GLYPH.sub("", _LEFT_OUT.sub("", body))
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r"<defs>\s*</defs>", "", body)
    body = _STYLE.sub(_presentation, body)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{shown.id}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{shown.id}-\1)", body)
    body = re.sub(r'\bxlink:href="#(?!DejaVu)([^"]+)"', rf'href="#{shown.id}-\1"', body)
    body = body.replace('xlink:href="#', 'href="#')
    body = re.sub(r"\s*\n\s*", "\n", body)
    head = f'<svg role="img" aria-labelledby="{shown.id}-alt" stroke-linejoin="round" '
    return Markup(body.replace("<svg ", head, 1))  # noqa: S704 (our own figure; its words are drawn as paths)


def size(shown: Shown) -> tuple[float, float]:
    """Width and height of a figure in points, as matplotlib writes them."""
    _, _, width, height = re.findall(r"[\d.]+", shown.svg[shown.svg.index("viewBox") :].split('"')[1])
    return float(width), float(height)


def glyphs(exhibits: Iterable[Shown]) -> Markup:
    """The letters of all figures, each once, as an element of the page that is not seen."""
    found = {glyph[1]: glyph[0].strip() for shown in exhibits for glyph in _GLYPH.finditer(shown.svg)}
    paths = "".join(re.sub(r"\s*\n\s*", " ", path) for _, path in sorted(found.items()))
    return Markup(f'<svg width="0" height="0" aria-hidden="true" class="glyphs"><defs>{paths}</defs></svg>')  # noqa: S704


def _presentation(style: re.Match[str]) -> str:
    pairs = (part.split(":", 1) for part in style[1].split(";") if part.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in pairs)
