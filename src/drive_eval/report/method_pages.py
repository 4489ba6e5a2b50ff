"""Method pages (Markdown) as sections of the report; links between them stay inside the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_HEADING = re.compile(r"^# +(.+?)\s*$", re.MULTILINE)
_PAGE = re.compile(r"^(?:\.?\./)*(?:methods/)?([a-z0-9_]+)\.md(?:#.*)?$")
_OUTSIDE = re.compile(r"^https?://", re.IGNORECASE)


@dataclass(frozen=True)
class MethodPage:
    """One method: the heading of its page and, as HTML, what stands below it."""

    title: str
    body: Markup


def method_pages(methods: Mapping[str, str]) -> dict[str, MethodPage]:
    """Render the pages; raw HTML in them is shown as text.

    A link to another page of `methods` leads to its section, one to the web stays, any other becomes plain text.
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return {name: _page(reader, name, text, methods) for name, text in methods.items()}


def _page(reader: MarkdownIt, name: str, text: str, methods: Mapping[str, str]) -> MethodPage:
    heading = _HEADING.search(text)
    title = re.sub("[*`]", "", heading[1]) if heading else name.replace("_", " ")
    tokens = reader.parse(_HEADING.sub("", text, count=1))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        if token.children:
            token.children = _inside(token.children, methods)
    html = reader.renderer.render(tokens, reader.options, {})
    opening = f'<div class="scroll" tabindex="0" role="group" aria-label="Table of {Markup.escape(title)}"><table>'
    html = html.replace("<table>", opening).replace("</table>", "</table></div>")
    return MethodPage(title, Markup(html))  # noqa: S704 (markdown-it escapes all text; raw HTML is off)


def _inside(tokens: list[Token], methods: Mapping[str, str]) -> list[Token]:
    """Point links at sections of the report; drop the tags of links that lead nowhere, and all pictures."""
    kept, dropped = [], 0
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrGet("href"))
            page = _PAGE.match(target)
            if page and page[1] in methods:
                token.attrSet("href", f"#method-{page[1]}")
            elif not _OUTSIDE.match(target):
                dropped += 1
                continue
        if token.type == "link_close" and dropped:
            dropped -= 1
            continue
        if token.type != "image":
            kept.append(token)
    return kept
