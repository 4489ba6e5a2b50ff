"""Read the skeleton of a sheet's XML: how far its cells reach, and which of them are formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from drive_eval.ingest.grid import Unreadable


@dataclass
class Sheet:
    """Formula cells of a sheet: rows by letters of the column, with and without a saved value."""

    title: str
    with_value: dict[str, list[int]] = field(default_factory=dict)
    without_value: dict[str, list[int]] = field(default_factory=dict)


class _Reach:
    """How far filled cells reach; too far is an error, since a reader lays out every cell between."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.rows = self.columns = 0

    def to(self, row: int, column: int) -> None:
        if row > self.rows or column > self.columns:
            self.rows, self.columns = max(row, self.rows), max(column, self.columns)
            if self.rows * self.columns > self.limit:
                advice = (
                    f"a sheet reaches over more than {self.limit:,} cells (limits in study.yaml); delete what stands"
                    " far to the right or below, or deliver it as CSV"
                )
                raise Unreadable("more cells than the limit", advice)


class XlsxSheet:
    """A worksheet of an .xlsx file."""

    def __init__(self, title: str, limit: int) -> None:
        self.sheet, self.reach = Sheet(title), _Reach(limit)
        self.row = self.column = 0
        self.formula = self.filled = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, tag: str, given: dict[str, str]) -> None:
        """Follow rows and cells; a cell counts once it has content."""
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            place = given.get("r")
            if place:
                letters = place.rstrip("0123456789")
                self.row, self.column = int(place[len(letters) :] or 0), number_of(letters)
            else:
                self.column += 1
            self.formula = self.filled = False
        elif tag == "row":
            self.row, self.column = int(given.get("r", self.row + 1)), 0
        elif tag in ("v", "is"):
            self.reach.to(self.row, self.column)
            if self.formula:
                self.parser.CharacterDataHandler = self.value
        elif tag == "f":
            self.reach.to(self.row, self.column)
            self.formula = True

    def value(self, _: str) -> None:
        """A saved value of a formula."""
        self.filled = True

    def end(self, tag: str) -> None:
        """Note a formula at the end of its cell."""
        if self.formula and (tag == "c" or tag.endswith(":c")):
            kind = self.sheet.with_value if self.filled else self.sheet.without_value
            kind.setdefault(letters_of(self.column), []).append(self.row)
            self.formula = False
            self.parser.CharacterDataHandler = None

    def sheets(self) -> Iterator[Sheet]:
        """The one sheet."""
        yield self.sheet


def is_plain(content: bytes, limit: int) -> bool:
    """Whether the text of a worksheet alone shows that it has no formula and reaches over no more cells than the limit.

    Several times faster than reading its XML; what is written in an unusual way is not plain.
    """
    unusual = (b"<f", b":c ", b":c>", b":row", b"<c>", b"<c/", b"<c\t", b"<c\n", b"<c\r")
    if any(text in content for text in unusual) or content.count(b"<c ") != content.count(b'<c r="'):
        return False
    columns = {number_of(letters.decode()) for letters in set(re.findall(rb'<c r="([A-Z]+)', content))}
    rows = {int(digits) for digits in set(re.findall(rb'<c r="[A-Z]+(\d+)', content))}
    return max(rows, default=0) * max(columns, default=0) <= limit


class OdsSheets:
    """The sheets of an .ods file; empty cells and rows are written once with a number of repeats."""

    def __init__(self, limit: int) -> None:
        self.found: list[Sheet] = []
        self.limit = limit
        self.comments: set[str] = set()
        self.row = self.column = self.rows = self.cells = 0
        self.note: list[str] | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, tag: str, given: dict[str, str]) -> None:
        """Follow rows and cells with their repeats."""
        if tag == "table:table":
            self.found.append(Sheet(given.get("table:name", "")))
            self.reach = _Reach(self.limit)
            self.row = self.rows = 0
        elif tag == "table:table-row":
            self.row, self.column = self.row + self.rows, 0
            self.rows, self.cells = int(given.get("table:number-rows-repeated", 1)), 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.column += self.cells
            self.cells = int(given.get("table:number-columns-repeated", 1))
            if "office:value-type" in given or "table:formula" in given:
                self.reach.to(self.row + self.rows, self.column + self.cells)
            if "table:formula" in given and self.found:
                valued = any(key.startswith("office:") and key.endswith("value") for key in given)
                valued |= given.get("office:value-type") == "string"
                kind = self.found[-1].with_value if valued else self.found[-1].without_value
                kind.setdefault(letters_of(self.column + 1), []).append(self.row + 1)
        elif tag == "office:annotation":
            self.note = []
            self.parser.CharacterDataHandler = self.note.append

    def end(self, tag: str) -> None:
        """Keep a comment."""
        if tag == "office:annotation" and self.note is not None:
            self.comments.add(" ".join(" ".join(self.note).split()))
            self.note, self.parser.CharacterDataHandler = None, None

    def sheets(self) -> list[Sheet]:
        """All sheets."""
        return self.found


def number_of(letters: str) -> int:
    """The number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def letters_of(number: int) -> str:
    """The letters of a column from its number."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
