"""The report as a Word file, with headings, numbered captions, alternative texts and repeated header rows.

A caption has the outline level below its chapter, so that a screen reader and the navigation pane find each exhibit.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as File
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Length, Pt, RGBColor
from docx.text.paragraph import Paragraph

from drive_eval.report import docx_parts as parts
from drive_eval.report.content import NOTICE, Report, Shown, remark

_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_SHORT, _LONG, _MARGIN, _TALLEST = Cm(21), Cm(29.7), Cm(2), Cm(20)
_INK = RGBColor(0x12, 0x43, 0x6D)
_FONT = "Arial"
_STYLES = (  # name, points, space before and after, with the next paragraph, outline level
    ("Notice", 11, 6, 6, False, None),
    ("Caption", 11, 14, 4, True, 1),
    ("Above", 10, 8, 4, True, None),
    ("Below", 9, 2, 2, False, None),
    ("Figure", 9, 2, 2, True, None),
    ("table of figures", 10, 0, 2, False, None),
    *((f"Table {size}", size, 1, 1, False, None) for size in parts.SIZES),
)
_PUBLISHED = ("Published number", "Printed", "Computed", "Verdict", "Remark")
_AUDIT = ("Published entry", "Verdict", "Why", "Code")
_COMPATIBLE = (
    f'<w:compat {nsdecls("w")}><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
)


def render(report: Report) -> bytes:
    """Render the report as a Word file (.docx); the same content gives the same bytes."""
    file = Document()
    _set_up(file, report)
    _say(file, report.title, "Title")
    if report.synthetic:
        _say(file, NOTICE, "Notice")
    numbers = {shown.id: number for number, shown in enumerate(report.exhibits, 1)}
    if report.findings:
        file.add_heading("Executive summary", 1)
    for chapter, words in report.chapters.items():
        _findings(file, report, chapter, numbers, heading=words)
    file.add_heading("Published numbers and verdicts", 1)
    file.add_paragraph(report.outcome)
    file.add_paragraph(
        "The numbers that a figure draws are in tables.xlsx, on the sheet with the number of the exhibit."
    )
    file.add_heading("List of exhibits", 1)
    _list_of_exhibits(file, report.exhibits)
    for chapter, words in report.chapters.items():
        _turn(file, wide=_grid(report.of(chapter)[0]).wide)
        file.add_heading(words, 1)
        _findings(file, report, chapter, numbers)
        for shown in report.of(chapter):
            _exhibit(file, shown, numbers[shown.id])
    _closing(file, report)
    return _same_bytes(file)


def _findings(file: File, report: Report, chapter: str, numbers: dict[str, int], *, heading: str = "") -> None:
    findings = [finding for finding in report.findings if finding.chapter == chapter]
    if findings and heading:
        file.add_heading(heading, 2)
    for finding in findings:
        paragraph = _say(file, f"{finding.text} ", "List Bullet")
        for number in (numbers[name] for name in finding.exhibits):
            paragraph._p.append(parts.link(parts.anchor(number), f"[Exhibit {number}]"))


def _list_of_exhibits(file: File, exhibits: Sequence[Shown]) -> None:
    """Links to the exhibits, in a field that Word fills anew, with page numbers, when its reader asks for it."""
    paragraphs = [_say(file, "", "table of figures")._p for _ in exhibits]
    paragraphs[0].extend(parts.field_start(r'TOC \h \z \c "Exhibit"'))
    for number, (paragraph, shown) in enumerate(zip(paragraphs, exhibits, strict=True), 1):
        paragraph.append(parts.link(parts.anchor(number), f"Exhibit {number}. {shown.title}"))
    paragraphs[-1].append(parts.field_end())


def _exhibit(file: File, shown: Shown, number: int) -> None:
    grid = _grid(shown)
    _turn(file, wide=grid.wide)
    _say(file, "", "Caption")._p.extend(parts.caption(number, shown.title))
    if shown.kind == "figure":
        _picture(file, shown)
    else:
        _say(file, shown.alt, "Above")
        _append(file, parts.table(grid, title=shown.title, description=shown.alt))
    below = [shown.alt] if shown.kind == "figure" else []
    for words in (*below, shown.base, *shown.footnotes, f"Method: {'; '.join(shown.method)}"):
        _say(file, words, "Below")
    if shown.published:
        _say(file, f"Published numbers that exhibit {number} answers", "Above")
        keys = ("published_id", "printed", "computed", "verdict")
        rows = [[*(row[key] for key in keys), remark(row)] for row in shown.published]
        words = "Each published number as printed and as computed, with its verdict."
        _append(
            file, parts.table(parts.words_only(_PUBLISHED, rows), title=f"Published: {shown.title}", description=words)
        )


def _grid(shown: Shown) -> parts.Grid:
    if shown.kind == "figure":
        return parts.words_only([], [])
    return parts.arrange(list(shown.table.columns), shown.table.to_numpy().tolist(), shown.row_headers)


def _picture(file: File, shown: Shown) -> None:
    width = Length(_SHORT - 2 * _MARGIN)
    picture = _say(file, "", "Figure").add_run().add_picture(io.BytesIO(shown.png), width=width)
    if picture.height > _TALLEST:
        picture.width, picture.height = Length(width * _TALLEST // picture.height), _TALLEST
    parts.describe(picture._inline, title=shown.title, words=shown.alt)


def _closing(file: File, report: Report) -> None:
    _turn(file, wide=False)
    if report.audit:
        file.add_heading("Audit of the published figures", 1)
        file.add_paragraph(
            "Arithmetic alone, without any record: can each printed figure be true together with the others?"
        )
        rows = [[row[key] for key in ("published_id", "verdict", "detail", "code")] for row in report.audit]
        words = "Each published entry found impossible or in tension, and why."
        _append(file, parts.table(parts.words_only(_AUDIT, rows), title="Findings of the audit", description=words))
    if report.warnings:
        file.add_heading("Validation warnings", 1)
    for warning in report.warnings:
        place = ", ".join(filter(None, (warning["file"], warning["sheet"], warning["column"])))
        words = f"{place}: {warning['rule']} ({warning['n_rows']} rows); {warning['advice']}"
        _say(file, words, "List Bullet")
    _say(file, f"drive-eval {report.version}. Every number stands in registry.csv.", "Below")


def _say(file: File, words: str, style: str) -> Paragraph:
    """Add a paragraph; its style is set by its id, because a look-up by name costs more than all the rest."""
    paragraph = file.add_paragraph(words)
    paragraph._p.style = style.replace(" ", "")
    return paragraph


def _append(file: File, element: Any) -> None:
    """Put an element at the end of the text, before the settings of the last section."""
    file.element.body.sectPr.addprevious(element)


def _turn(file: File, *, wide: bool) -> None:
    """Go on with pages of this orientation, on a new page if the last one is of the other."""
    turned = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    if file.sections[-1].orientation != turned:
        section = file.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = turned
        section.page_width, section.page_height = (_LONG, _SHORT) if wide else (_SHORT, _LONG)


def _set_up(file: File, report: Report) -> None:
    """Page, styles, header and footer, language and properties."""
    section = file.sections[0]
    section.page_width, section.page_height = _SHORT, _LONG
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    _set_styles(file)
    if report.synthetic:
        section.header.paragraphs[0].text = NOTICE.split(".")[0]
    section.footer.paragraphs[0]._p.extend(parts.page_number())
    file.settings.element.append(parse_xml(_COMPATIBLE))
    said = file.core_properties
    said.title, said.author, said.language, said.comments = report.title, "drive-eval", "en-GB", ""
    said.created = said.modified = _EPOCH
    said.last_modified_by, said.revision = "drive-eval", 1


def _set_styles(file: File) -> None:
    styles = file.styles
    styles.element.xpath("w:docDefaults//w:lang")[0].set(qn("w:val"), "en-GB")
    for name, points in (
        ("Normal", 11),
        ("Header", 8),
        ("Footer", 8),
        ("Title", 24),
        ("Heading 1", 18),
        ("Heading 2", 14),
        ("Heading 3", 12),
    ):
        _face(styles[name], points, _INK if name.startswith(("Title", "Heading")) else None)
    for name, points, before, after, keep, level in _STYLES:
        style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        _face(style, points, None)
        form = style.paragraph_format
        form.space_before, form.space_after, form.keep_with_next = Pt(before), Pt(after), keep
        if level is not None:
            style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="{level}"/>'))
    styles["Caption"].font.bold = styles["Notice"].font.bold = True


def _face(style: Any, points: int, colour: RGBColor | None) -> None:
    """Set the typeface of a style for all scripts, not that of the theme."""
    style.font.size, style.font.name, style.font.color.rgb = Pt(points), _FONT, colour or RGBColor(0x1D, 0x1D, 0x1F)
    fonts = style.element.rPr.rFonts
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]


def _same_bytes(file: File) -> bytes:
    """The file with the time stamps of its members fixed; pictures, compressed already, are stored."""
    first, last = io.BytesIO(), io.BytesIO()
    file.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(last, "w") as copy:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            copy.writestr(member, source.read(name))
    return last.getvalue()
