"""Pieces of a Word file that python-docx has no words for, as XML: tables, captions with a field, links, alt text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from drive_eval.report.content import DASH

_TWIPS_PORTRAIT, _TWIPS_LANDSCAPE = 9638, 14570
_CHARACTER, _BOLD = 0.62 * 20, 1.25
"""Width of a character in twips by points of size, with room for a substitute typeface; how much wider bold is."""
_PADDING, _LONGEST_WORD, _LONGEST_NAME = 160, 24, 14
_NUMBER = re.compile(rf"[-<\d.,% ]*\d[\d.,%]*|{DASH}|yes|no")
SIZES = (9, 8, 7)


@dataclass(frozen=True)
class Grid:
    """A table laid out for the page: `heads` columns name a row; widths in twips; `wide` needs a page on its side."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    heads: int
    size: int
    widths: Sequence[int]
    wide: bool


def arrange(header: Sequence[str], rows: Sequence[Sequence[str]], heads: int) -> Grid:
    """Lay out a table as it is, else turned (columns as rows), else on a wide page, in the largest type that fits."""
    names = [", ".join(row[:heads]) for row in rows]
    turned_rows = [[name, *cells] for name, *cells in zip(header[heads:], *(row[heads:] for row in rows), strict=True)]
    turned = ([", ".join(header[:heads]), *names], turned_rows, 1)
    forms = [(header, rows, heads, size, False) for size in SIZES[:2]]
    if len(set(names)) == len(names) and len(rows) < len(turned_rows):
        forms += [(*turned, size, False) for size in SIZES[:2]]
    forms += [(header, rows, heads, size, True) for size in SIZES]
    for words, cells, first, size, wide in forms:
        widths, fits = _widths([words, *cells], size, _TWIPS_LANDSCAPE if wide else _TWIPS_PORTRAIT)
        grid = Grid(words, cells, first, size, widths, wide)
        if fits:
            break
    return grid


def words_only(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    """Lay out a table of words on an upright page in small type; long names in it may break."""
    widths, _ = _widths([header, *rows], SIZES[1], _TWIPS_PORTRAIT, longest_word=_LONGEST_NAME)
    return Grid(header, rows, len(header), SIZES[1], widths, wide=False)


def _widths(
    rows: Sequence[Sequence[str]], size: int, room: int, *, longest_word: int = _LONGEST_WORD
) -> tuple[list[int], bool]:
    """Widths that fill the room, and whether the longest word of each column fits; the first row is the header."""
    least, wished = [], []
    for header, *cells in zip(*rows, strict=True):
        words = [len(header_word) * _BOLD for header_word in header.split()] + [
            len(word) for text in cells for word in _whole(text)
        ]
        longest = min(max(words, default=1), longest_word)
        usual = 2 * sum(map(len, cells)) / max(len(cells), 1)
        whole = max(longest, min(max(map(len, [header, *cells])), usual))
        least.append(round(longest * _CHARACTER * size) + _PADDING)
        wished.append(round(whole * _CHARACTER * size) + _PADDING)
    spare, more = room - sum(least), sum(wished) - sum(least)
    if spare < 0:
        return [round(width * room / sum(least)) for width in least], False
    share = min(spare / more, 1) if more else 0
    return [round(a + (b - a) * share) for a, b in zip(least, wished, strict=True)], True


def _whole(text: str) -> list[str]:
    """What a cell should not break: a number with its sign, else each word."""
    return [text] if _NUMBER.fullmatch(text) else text.split()


def table(grid: Grid, *, title: str, description: str) -> Any:
    """A table whose header row repeats, whose rows stay whole and which says what it holds."""
    numeric = [_holds_numbers(column) for column in zip(*grid.rows, strict=True)]
    right = [n >= grid.heads and numbers for n, numbers in enumerate(numeric)]
    head = _row(grid.header, grid, right, header=True)
    body = "".join(_row(row, grid, right, header=False) for row in grid.rows)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in grid.widths)
    lines = "".join(f'<w:{side} w:val="single" w:sz="{width}" w:color="{colour}"/>' for side, width, colour in _LINES)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(grid.widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(title)}/><w:tblDescription w:val={quoteattr(description)}/></w:tblPr>"
        f"<w:tblGrid>{columns}</w:tblGrid>{head}{body}</w:tbl>"
    )


_LINES = (("top", 8, "1D1D1F"), ("bottom", 8, "1D1D1F"), ("insideH", 4, "C9CCD1"))


def _holds_numbers(column: Sequence[str]) -> bool:
    return 2 * sum(_NUMBER.fullmatch(text) is not None for text in column) >= len(column)


def _row(cells: Sequence[str], grid: Grid, right: Sequence[bool], *, header: bool) -> str:
    """A row; the header stays on the page of the row after it."""
    bold, shade = ("<w:rPr><w:b/></w:rPr>", '<w:shd w:val="clear" w:fill="F3F5F8"/>') if header else ("", "")
    stay = "<w:keepNext/>" if header else ""
    sides = ['<w:jc w:val="right"/>' if to_right else "" for to_right in right]
    written = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="Table{grid.size}"/>{stay}'
        f"{side}</w:pPr><w:r>{bold}{_words(text)}</w:r></w:p></w:tc>"
        for text, width, side in zip(cells, grid.widths, sides, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if header else ''}</w:trPr>{written}</w:tr>"


def anchor(number: int) -> str:
    """The bookmark of an exhibit."""
    return f"exhibit_{number}"


def caption(number: int, title: str) -> list[Any]:
    """The content of a caption: the exhibit's number as a sequence field, its title, and a bookmark around both."""
    name, space = quoteattr(anchor(number)), nsdecls("w")
    return [
        parse_xml(f'<w:bookmarkStart {space} w:id="{number}" w:name={name}/>'),
        _text("Exhibit "),
        parse_xml(
            f'<w:fldSimple {space} w:instr=" SEQ Exhibit \\* ARABIC "><w:r><w:t>{number}</w:t></w:r></w:fldSimple>'
        ),
        _text(f". {title}"),
        parse_xml(f'<w:bookmarkEnd {space} w:id="{number}"/>'),
    ]


def link(name: str, words: str) -> Any:
    """A link to a bookmark of the file."""
    return parse_xml(
        f'<w:hyperlink {nsdecls("w")} w:anchor={quoteattr(name)} w:history="1"><w:r><w:rPr><w:color w:val="12436D"/>'
        f'<w:u w:val="single"/></w:rPr>{_words(words)}</w:r></w:hyperlink>'
    )


def field_start(instruction: str) -> list[Any]:
    """The runs that open a field; what follows, up to `field_end`, is shown until its reader updates it."""
    kinds = [_character("begin"), f'<w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText>']
    return [parse_xml(f"<w:r {nsdecls('w')}>{inner}</w:r>") for inner in [*kinds, _character("separate")]]


def field_end() -> Any:
    """The run that closes a field."""
    return parse_xml(f"<w:r {nsdecls('w')}>{_character('end')}</w:r>")


def page_number() -> list[Any]:
    """The number of the page, as Word counts it."""
    return [parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')]


def describe(inline: Any, *, title: str, words: str) -> None:
    """Give a picture its alternative text."""
    inline.docPr.set("title", title)
    inline.docPr.set("descr", words)


def _text(words: str) -> Any:
    return parse_xml(f"<w:r {nsdecls('w')}>{_words(words)}</w:r>")


def _words(words: str) -> str:
    return f'<w:t xml:space="preserve">{escape(words)}</w:t>'


def _character(kind: str) -> str:
    return f'<w:fldChar w:fldCharType="{kind}"/>'
