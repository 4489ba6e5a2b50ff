"""The Word file as Word reads it: its XML, and LibreOffice's rendering."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn

from drive_eval.report import docx, docx_parts
from drive_eval.report.content import NOTICE, Finding


@pytest.fixture(scope="module")
def made(content):
    return docx.render(content)


@pytest.fixture(scope="module")
def file(made):
    return Document(io.BytesIO(made))


@pytest.fixture(scope="module")
def small(content):
    """Two exhibits and a finding, quick to render."""
    shown = [shown for shown in content.exhibits if shown.id in ("figure_9", "table_mcnemar")]
    chapter = shown[0].chapter
    finding = Finding("one", chapter, "Fell from 82% to 6%.", (), ("figure_9",))
    return replace(content, exhibits=shown, chapters={chapter: content.chapters[chapter]}, findings=[finding], audit=[])


def paragraphs(file, style):
    return [paragraph for paragraph in file.paragraphs if paragraph.style.name == style]


def words(element):
    return "".join(node.text or "" for node in element.iter(qn("w:t")))


def test_every_picture_has_its_alternative_text(file, content):
    pictures = list(file.element.body.iter(qn("wp:inline")))
    figures = [shown for shown in content.exhibits if shown.kind == "figure"]
    assert len(pictures) == len(list(file.element.body.iter(qn("pic:pic")))) == len(figures) > 0
    described = [picture.find(qn("wp:docPr")) for picture in pictures]
    assert [(each.get("title"), each.get("descr")) for each in described] == [(f.title, f.alt) for f in figures]
    assert min(len(each.get("descr")) for each in described) > 40


def test_every_table_repeats_its_header_row_and_says_what_it_holds(file, content):
    tables = list(file.element.body.iter(qn("w:tbl")))
    assert len(tables) == sum((s.kind == "table") + bool(s.published) for s in content.exhibits) + bool(content.audit)
    for table in tables:
        rows = table.findall(qn("w:tr"))
        flags = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
        assert flags == [True] + [False] * (len(rows) - 1)
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        assert all(words(cell) for cell in rows[0].findall(qn("w:tc")))
        for name in ("w:tblCaption", "w:tblDescription"):
            assert len(table.find(f"{qn('w:tblPr')}/{qn(name)}").get(qn("w:val"))) > 10


def test_no_table_is_wider_than_its_page(file):
    rooms, tables = [], []
    for element in file.element.body.iter(qn("w:tbl"), qn("w:sectPr")):
        if element.tag == qn("w:tbl"):
            tables.append(sum(int(column.get(qn("w:w"))) for column in element.iter(qn("w:gridCol"))))
            continue
        size, margin = element.find(qn("w:pgSz")), element.find(qn("w:pgMar"))
        room = int(size.get(qn("w:w"))) - int(margin.get(qn("w:left"))) - int(margin.get(qn("w:right")))
        assert max(tables, default=0) <= room + 5
        rooms.append(room)
        tables = []
    assert len(set(rooms)) == 2  # upright and on its side
    assert not tables


def test_headings_are_headings(file, content):
    assert [p.text for p in paragraphs(file, "Heading 1")] == [
        "Executive summary",
        "Published numbers and verdicts",
        "List of exhibits",
        *content.chapters.values(),
        "Audit of the published figures",
    ]


def test_captions_are_numbered_by_a_field_and_listed_with_a_link(file, content):
    captions = paragraphs(file, "Caption")
    wanted = [f"Exhibit {number}. {shown.title}" for number, shown in enumerate(content.exhibits, 1)]
    assert [words(caption._p) for caption in captions] == wanted
    fields = [caption._p.find(qn("w:fldSimple")) for caption in captions]
    assert {field.get(qn("w:instr")).split()[:2] == ["SEQ", "Exhibit"] for field in fields} == {True}
    listed = paragraphs(file, "table of figures")
    assert [words(entry._p) for entry in listed] == wanted
    links = [entry._p.find(qn("w:hyperlink")).get(qn("w:anchor")) for entry in listed]
    assert links == [caption._p.find(qn("w:bookmarkStart")).get(qn("w:name")) for caption in captions]
    kinds = [node.get(qn("w:fldCharType")) for node in file.element.body.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]


def test_language_title_and_notice(file, content):
    language = file.styles.element.xpath("w:docDefaults//w:lang")[0].get(qn("w:val"))
    assert (language, file.core_properties.language) == ("en-GB", "en-GB")
    assert file.core_properties.title == content.title == file.paragraphs[0].text
    assert file.core_properties.comments == ""
    assert file.paragraphs[1].text == NOTICE
    assert all(section.header.paragraphs[0].text.startswith("Synthetic data") for section in file.sections)


def test_real_data_carry_no_notice(small):
    file = Document(io.BytesIO(docx.render(replace(small, synthetic=False))))
    text = "".join(p.text for p in [*file.paragraphs, *file.sections[0].header.paragraphs])
    assert "ynthetic data" not in text


def test_the_same_content_gives_the_same_bytes_at_any_time(small, monkeypatch):
    first = docx.render(small)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert docx.render(small) == first
    assert {member.date_time[0] for member in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {1980}


def test_findings_open_the_file_and_their_chapter_with_links(small):
    file = Document(io.BytesIO(docx.render(small)))
    said = paragraphs(file, "List Bullet")
    assert [words(each._p) for each in said] == ["Fell from 82% to 6%. [Exhibit 1]"] * 2
    assert {each._p.find(qn("w:hyperlink")).get(qn("w:anchor")) for each in said} == {"exhibit_1"}
    assert file.paragraphs[2].text == "Executive summary"
    assert [p.text for p in paragraphs(file, "Heading 2")] == list(small.chapters.values())


def test_words_are_never_markup(small):
    hostile = '<w:p> & "quoted" <script>'
    shown = replace(
        small.exhibits[1], title=hostile, alt=hostile, table=small.exhibits[1].table.assign(**{hostile: "<b>"})
    )
    file = Document(io.BytesIO(docx.render(replace(small, exhibits=[small.exhibits[0], shown]))))
    assert paragraphs(file, "Caption")[1].text.endswith(hostile)
    assert any(words(cell) == hostile for cell in file.element.body.iter(qn("w:tc")))


COLUMNS = ["Type", "Group", *(f"Column {number}" for number in range(30))]


@pytest.mark.parametrize(
    ("rows", "columns", "turned", "wide"),
    [(5, 5, False, False), (5, 28, True, False), (20, 14, False, True)],
    ids=["fits as it is", "many columns of few rows", "many of both"],
)
def test_a_table_is_turned_or_given_a_wide_page_only_where_it_must(rows, columns, turned, wide):
    cells = [["Physical", f"Row {n}", *(f"{n}{k}.5%" for k in range(columns - 2))] for n in range(rows)]
    grid = docx_parts.arrange(COLUMNS[:columns], cells, 2)
    assert (grid.wide, grid.header[0] == "Type, Group") == (wide, turned)
    kept = sorted(text for row in grid.rows for text in row if text.endswith("%"))
    assert kept == sorted(text for row in cells for text in row[2:])
    if turned:
        assert grid.header[1] == "Physical, Row 0"
        assert grid.rows[0] == ["Column 0", *(f"{n}0.5%" for n in range(rows))]


@pytest.mark.slow
def test_libreoffice_opens_it_and_makes_pages(made, content, tmp_path):
    office = shutil.which("soffice")
    if not office:
        assert not os.environ.get("CI"), "CI installs LibreOffice and must run this"
        pytest.skip("LibreOffice is not installed here; CI runs it")
    (tmp_path / "report.docx").write_bytes(made)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "report.docx"]
    subprocess.run(command, capture_output=True, timeout=180, check=True)
    pdf = (tmp_path / "report.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= len(content.exhibits)
    assert len(re.findall(rb"/Subtype\s*/Link", pdf)) >= len(content.exhibits)
