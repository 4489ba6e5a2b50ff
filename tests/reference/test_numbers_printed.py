"""Every number of page, Word file and workbook is a number of the registry, in one of the forms in which it is printed.

The three are parsed as a reader gets them. A number may also be part of the words of the study (titles, footnotes,
labels) or of the published entries beside it. Allowed besides, each for its reason: the number of an exhibit or note
(its place in the file), the counts of published entries and verdicts (rows below it), and the 100% of a whole stack.
"""

import io
import math
import re
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree
from lxml import html as markup
from openpyxl import load_workbook

from drive_eval.exhibits.make import files, make
from drive_eval.exhibits.wording import show
from drive_eval.publish import assemble
from drive_eval.report import docx, html, workbook

STYLES = ("count", "percent", "percent1", "points", "p", "ratio", "decimal1", "decimal3", "holds", "day", "month")
NUMBER = re.compile(r"(?:\d[\d,]*(?:\.\d+)?|\.\d+)%?")
KEYS = ["outcome", "group", "time", "stratum", "term"]
WHOLE = ("100%",)
PUBLISHED = ("published_id", "printed", "computed", "expected", "verdict", "issue", "reason")


def numbers_of(text):
    """The numbers of a text; a comma that ends a clause and a full stop that ends a sentence are no part of them."""
    return [found.rstrip(",") for found in NUMBER.findall(text)]


def forms_of(value):
    for style in STYLES:
        if style == "count" and value != int(value):
            continue
        try:
            yield show(value, style)
        except (IndexError, OverflowError):  # no date
            continue


def words_of(node):
    """Every text of a part of exhibits.yaml, without the slots that are filled from the registry."""
    if isinstance(node, dict):
        return [text for key, inner in node.items() for text in (str(key), *words_of(inner))]
    if isinstance(node, list | tuple):
        return [text for inner in node for text in words_of(inner)]
    return [re.sub(r"\{[^{}]*\}", " ", str(node))]


class Printed:
    """What may be printed with one exhibit."""

    def __init__(self, shown, exhibit, study, rows):
        finite = [rows[column].dropna() for column in ("value", "n", "denominator")]
        values = {float(number) for column in finite for number in column if abs(number) != float("inf")}
        self.forms = {form for value in values for form in forms_of(value)}
        labels = {**study.labels, **exhibit.display.get("words", {})}
        keys = {key for column in KEYS for key in rows[column].unique()}
        self.words = {labels.get(key, key) for key in keys} | set(words_of(exhibit.display))
        static = [
            exhibit.title,
            exhibit.alt,
            exhibit.base,
            exhibit.footnotes,
            exhibit.display,
            exhibit.calls[0]["settings"],
        ]
        self.static = Counter(number for text in words_of(static) for number in numbers_of(text))
        self.static.update(number for text in self.words for number in numbers_of(text))
        self.numbers = {number for form in self.forms for number in numbers_of(form)}
        self.beside = {number for row in shown.published for key in PUBLISHED for number in numbers_of(row[key])}
        self.beside |= {number for text in (*shown.method, *shown.analyses, shown.id) for number in numbers_of(text)}
        verdicts = Counter(row["verdict"] for row in shown.published)
        self.beside |= {str(number) for number in (len(shown.published), *verdicts.values())}

    def wrong_cell(self, text):
        """Whether a cell that is a number is not one of the registry, or words hold a number of nowhere."""
        if NUMBER.fullmatch(text.lstrip("-")):
            return text not in self.forms and text not in self.words
        return self.wrong(text)

    def wrong(self, text, more=()):
        return [n for n in numbers_of(text) if n not in self.numbers and n not in self.static and n not in more]


@pytest.fixture(scope="module")
def printed(content, study, registry):
    found = {}
    for shown, exhibit in zip(content.exhibits, study.exhibits, strict=True):
        asking = registry["exhibit"].map(lambda names, wanted=exhibit.id: wanted in names.split())
        found[shown.id] = Printed(shown, exhibit, study, registry[asking])
    return found


@pytest.fixture(scope="module")
def page(content):
    return markup.fromstring(html.render(content))


@pytest.fixture(scope="module")
def word(content):
    return word_parts(docx.render(content))


@pytest.fixture(scope="module")
def book(content):
    return book_parts(workbook.render(content))


def text_of(element):
    return "".join(node.text or "" for node in element.iter(qn("w:t")))


def word_parts(file):
    """By the number of the exhibit, the texts and tables that follow its caption, and the alternative texts."""
    parts = defaultdict(list)
    captions, place = 0, 0
    for element in Document(io.BytesIO(file)).element.body:
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = "" if style is None else style.get(qn("w:val"))
        captions += name == "Caption"
        place = captions if name == "Caption" else 0 if name.startswith("Heading") else place
        if element.tag == qn("w:tbl"):
            rows = [[text_of(cell) for cell in row.iter(qn("w:tc"))] for row in element.iter(qn("w:tr"))]
            parts[place].append(rows)
        else:
            parts[place] += [text_of(element), *(node.get("descr") for node in element.iter(qn("wp:docPr")))]
    return parts


def as_shown(cell):
    """A cell as its number format shows it, for the formats of the workbook."""
    if not isinstance(cell.value, int | float):
        return "–" if cell.value == "[x]" else cell.value
    form = cell.number_format
    decimals = len(form.rstrip("%").partition(".")[2])
    number = f"{cell.value * (100 if form.endswith('%') else 1):{',' if ',' in form else ''}.{decimals}f}"
    bare = number.replace("0.", ".", 1) if form.startswith(".") and number.startswith("0.") else number
    return bare + ("%" if form.endswith("%") else "")


def book_parts(file):
    """By sheet, the texts above its table and the cells of the table as shown."""
    parts = {}
    for sheet in load_workbook(io.BytesIO(file)):
        rows = [[as_shown(cell) for cell in row if cell.value is not None] for row in sheet.iter_rows()]
        ends = [table.ref.split(":")[0] for table in sheet.tables.values()]
        start = sheet[ends[0]].row if ends else len(rows) + 1
        parts[sheet.title] = ([row[0] for row in rows[: start - 1] if row], rows[start:])
    return parts


def test_the_page_prints_numbers_of_the_registry(page, content, printed):
    wrong = []
    for shown in content.exhibits:
        section = page.get_element_by_id(shown.id)
        for text in section.itertext():
            for row in [part.strip() for part in text.split("\n")]:
                wrong += [(shown.id, n) for n in printed[shown.id].wrong(row, printed[shown.id].beside)]
    assert wrong == []


def test_cells_of_the_page_are_numbers_of_the_registry(page, content, printed):
    wrong = []
    for shown in content.exhibits:
        tables = page.get_element_by_id(shown.id).findall(".//table")
        own = next(
            table
            for table in tables
            if [th.text_content() for th in table.find("thead").iter("th")] == list(shown.table.columns)
        )
        cells = [cell.text_content() for row in own.find("tbody").iter("tr") for cell in row]
        assert len(cells) == shown.table.size
        wrong += [(shown.id, cell) for cell in cells if printed[shown.id].wrong_cell(cell)]
    assert wrong == []


def test_figures_of_the_page_draw_numbers_of_the_registry(content, printed):
    """The text that a figure was drawn from stands beside its outlines; axes count in steps of their own."""
    wrong = []
    for shown in (shown for shown in content.exhibits if shown.kind == "figure"):
        drawn = re.sub(r'<g id="[xy]tick_\d+">.*?</g>\s*</g>\s*</g>', "", shown.svg, flags=re.DOTALL)
        texts = re.findall(r"<!-- (.*?) -->", drawn, re.DOTALL)
        wrong += [(shown.id, n) for text in texts for n in printed[shown.id].wrong(text, WHOLE)]
    assert wrong == []


def test_the_word_file_prints_numbers_of_the_registry(word, content, printed):
    wrong = []
    assert max(word) == len(content.exhibits)
    for number, shown in enumerate(content.exhibits, 1):
        allowed = printed[shown.id]
        own = {*allowed.beside, str(number)}
        tables = [part for part in word[number] if isinstance(part, list)]
        if shown.kind == "table":
            cells = [cell for row in tables.pop(0) for cell in row]
            assert len(cells) >= shown.table.size
            wrong += [(shown.id, cell) for cell in cells if allowed.wrong_cell(cell)]
        assert len(tables) == bool(shown.published)
        texts = [part for part in word[number] if isinstance(part, str)]
        texts += [cell for table in tables for row in table for cell in row]
        wrong += [(shown.id, n) for text in texts for n in allowed.wrong(text, own)]
    assert wrong == []


def test_the_workbook_prints_numbers_of_the_registry(book, content, printed):
    wrong = []
    for number, shown in enumerate(content.exhibits, 1):
        texts, rows = next(parts for name, parts in book.items() if name.startswith(f"{number}_"))
        cells = [cell for row in rows for cell in row]
        assert len(cells) == shown.table.size
        wrong += [(shown.id, cell) for cell in cells if printed[shown.id].wrong_cell(cell)]
        allowed = printed[shown.id].beside | set(re.findall(r"\[note (\d+)\]", " ".join(texts)))
        wrong += [(shown.id, n) for text in texts for n in printed[shown.id].wrong(text, allowed)]
    assert wrong == []


def test_findings_print_numbers_of_the_results_that_they_name(content, registry):
    values = registry.set_index("result_id")
    for finding in content.findings:
        rows = values.loc[list(finding.result_ids), ["value", "n", "denominator"]].to_numpy().ravel()
        numbers = {n for value in rows if math.isfinite(value) for form in forms_of(value) for n in numbers_of(form)}
        assert [n for n in numbers_of(finding.text) if n not in numbers and n != "95%"] == [], finding.id


def rendered(content, study, registry):
    """The words of page, Word file and workbook, made anew from a registry; the figures are drawn anew too."""
    pictures = {exhibit.id: files(make(exhibit, registry, study), study) for exhibit in study.exhibits}
    made = assemble(
        study, registry, comparison=[], summary=content.summary, audit=[], faults=[], methods={},
        picture=lambda name, kind: pictures[name][kind],
    )  # fmt: skip
    page = markup.fromstring(html.render(made))
    yield "\n".join([*page.itertext(), *(comment.text for comment in page.iter(etree.Comment))])
    yield repr(sorted(word_parts(docx.render(made)).items()))
    yield repr(book_parts(workbook.render(made)))


@pytest.mark.parametrize(
    ("exhibit", "result", "value", "old", "new"),
    [
        (
            "table_mcnemar",
            "mcnemar.intake_and_exit.physical.drive.intake_to_exit.all.spss_rule.statistic",
            50.27,
            "49.16",
            "50.27",
        ),
        (
            "figure_9",
            "proportions.intake_and_exit.physical.drive.exit.all.yes.proportion",
            0.123,
            "from 82% to 6%",
            "from 82% to 12%",
        ),
    ],
    ids=["a cell of a table", "a bar and its sentence"],
)
def test_a_changed_number_changes_in_all_three(content, study, registry, exhibit, result, value, old, new):
    small = replace(study, exhibits=tuple(entry for entry in study.exhibits if entry.id == exhibit), findings={})
    before = list(rendered(content, small, registry))
    assert [(old in text, new in text) for text in before] == [(True, False)] * 3
    assert (registry["result_id"] == result).sum() == 1
    changed = registry.assign(value=registry["value"].mask(registry["result_id"] == result, value))
    after = list(rendered(content, small, changed))
    assert [(old in text, new in text) for text in after] == [(False, True)] * 3
