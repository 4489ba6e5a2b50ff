"""The page from made-up content: what it says, and that nothing in it can act."""

import base64
import csv
import hashlib
import io
import re
from dataclasses import replace
from urllib.parse import unquote

import pandas as pd
import pytest

from drive_eval.contracts.faults import Fault, report_document
from drive_eval.report.content import Finding
from drive_eval.report.download import csv_text, data_uri
from drive_eval.report.html import notes, numeric_columns, render, validation_page, verdicts_in_words
from drive_eval.report.method_pages import method_pages
from drive_eval.report.svg import glyphs, inline

from .pages import SVG, published, report, shown

EVIL = '<script>alert("1")</script><img src=x onerror=alert(2)>'


def text_of(page):
    """What a person reads: the body without style, script and tags."""
    body = re.sub(r"<(style|script)\b.*?</\1>", "", page[page.index("<body") :], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_words_from_outside_stay_words():
    table = pd.DataFrame({EVIL: [EVIL]})
    row = published(published_id=EVIL, printed=EVIL, computed=EVIL, issue=EVIL, reason=EVIL)
    exhibit = shown(title=EVIL, alt=EVIL, base=EVIL, footnotes=(EVIL,), method=(EVIL,), table=table, published=(row,))
    summary = {**report().summary, "context": {EVIL: EVIL}, "differs": [EVIL]}
    warning = dict.fromkeys(("file", "sheet", "column", "rule", "n_rows", "advice"), EVIL)
    page = render(
        report(
            exhibit,
            title=EVIL,
            chapters={"risk": EVIL},
            findings=(Finding("one", "risk", EVIL, (), ("table_1",)),),
            summary=summary,
            audit=({"published_id": EVIL, "verdict": EVIL, "detail": EVIL, "code": EVIL},),
            warnings=(warning,),
            methods={"counts": f"# {EVIL}\n\n{EVIL}\n\n[link](javascript:alert(3)) {EVIL}"},
        )
    )
    assert page.count("<script") == 1  # our own
    assert "<img" not in page
    assert "javascript:" not in re.sub(r"\[link\]\(javascript:alert\(3\)\)", "", page)
    assert not re.search(r"<[^>]*\son[a-z]+=", re.sub(r'"[^"]*"', '""', page))


def test_the_policy_allows_this_style_sheet_and_this_script_and_nothing_else():
    page = render(report())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not re.search(r'\bstyle="', page)


def test_the_same_content_gives_the_same_page():
    assert render(report(synthetic=True)) == render(report(synthetic=True))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+1 and more", "'+1 and more"),
        ("-cmd", "'-cmd"),
        ("@home", "'@home"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("-0.35", "-0.35"),
        ("+12%", "+12%"),
        ("-.042", "-.042"),
        ("-1,200", "-1,200"),
        ("–", "–"),
        ("a, b", "a, b"),
    ],
)
def test_a_downloaded_cell_is_never_a_formula(cell, written):
    text = csv_text(pd.DataFrame({"=Head": [cell]}), synthetic=False)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["'=Head"], [written]]


def test_a_download_of_synthetic_data_says_so_in_every_row():
    rows = list(csv.reader(io.StringIO(csv_text(shown().table, synthetic=True))))
    assert rows == [["Group", "Number", "data_origin"], ["Drive", "1,012", "synthetic"], ["Control", "–", "synthetic"]]


def test_the_download_lies_in_the_page_under_the_name_of_the_exhibit():
    page = render(report())
    found = re.search(r'<a download="table_1\.csv" href="data:text/csv;charset=utf-8,([^"]+)">', page)
    assert unquote(found[1]) == '\ufeffGroup,Number\r\nDrive,"1,012"\r\nControl,–\r\n'
    assert data_uri("a\r\nb") == "data:text/csv;charset=utf-8,%EF%BB%BFa%0D%0Ab"


def test_a_misprint_is_told_with_what_was_expected_and_the_shortest_reason():
    row = published(printed="4.6", expected="27.4", computed="27.43", verdict="misprint", issue="Y02")
    found = [("a.b", "4.6 cannot hold together with many others"), ("a.b", "48 of 175 is 27.43"), ("a.c", "x")]
    audit = [{"published_id": name, "detail": detail} for name, detail in found]
    (note,) = notes([row], audit)
    assert (note.code, note.words) == (
        "Y02",
        "printed 4.6, expected 27.4 from its own parts, computed 27.43: misprint. The audit: 48 of 175 is 27.43.",
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        pytest.param({"issue": "Y16"}, "printed 12, computed 12: match.", id="issue_without_a_finding"),
        pytest.param({"verdict": "differs", "computed": "9"}, "printed 12, computed 9: differs.", id="differs"),
        pytest.param(
            {"verdict": "context", "computed": "", "reason": "a plan"},
            "printed 12, not computed: context. A plan.",
            id="context",
        ),
    ],
)
def test_other_doubts_are_told_too(columns, words):
    assert [note.words for note in notes([published(**columns)], [])] == [words]


def test_a_plain_match_has_no_note():
    assert list(notes([published(reason="alpha 0.05")], [])) == []


def test_note_and_published_number_lead_to_each_other():
    rows = [published(), published(published_id="c.d", issue="Y01", verdict="misprint", expected="3")]
    page = render(report(shown(published=rows)))
    assert '<li id="table_1-note-1"><strong>Y01</strong> <a href="#table_1-c.d">' in page
    assert '<tr id="table_1-c.d"' in page
    assert '<a href="#table_1-note-1">Y01</a>' in page


def test_verdicts_are_counted_commonest_first():
    rows = [published(verdict=verdict) for verdict in ("misprint", "match", "match")]
    assert verdicts_in_words(rows) == "2 match, 1 misprint"


def test_only_columns_of_numbers_are_set_flush_right():
    table = pd.DataFrame({"a": ["Drive"], "b": ["1,012"], "c": ["–"], "d": ["< .001"], "e": ["3 to 4"], "f": ["-.5%"]})
    assert numeric_columns(shown(table=table)) == [False, True, True, True, False, True]


def test_findings_open_the_report_and_their_chapter_and_lead_to_their_exhibits():
    finding = Finding("fell", "risk", "Risk fell.", (), ("table_1", "not_shown"))
    page = render(report(findings=(finding,)))
    summary, chapter = page.split('id="reproduction"')
    assert '<a href="#summary">Executive summary</a>' in summary
    link = 'Risk fell. <span class="see">See <a href="#table_1">Table 1. People</a>.</span>'
    assert link in summary
    assert link in chapter
    assert 'id="summary"' not in render(report())


def test_methods_are_linked_where_they_have_a_page_and_named_where_not():
    page = render(report(shown(analyses=("counts", "chi_square")), methods={"counts": "# Counts of people\n\nText."}))
    assert '<a href="#method-counts">Counts of people</a>; chi square.' in page
    assert '<section class="method" id="method-counts"' in page


def test_method_pages_keep_their_links_inside_the_report():
    text = "# One\n\n[two](two.md#top) [three](../methods/three.md) [code](../x.py) [web](https://x.org/) ![p](p.png)"
    body = method_pages({"one": text, "two": "# Two"})["one"].body
    assert body == '<p><a href="#method-two">two</a> three code <a href="https://x.org/">web</a> </p>\n'


def test_method_pages_put_headings_below_their_own_and_tables_in_a_frame():
    page = method_pages({"one": "# One *way*\n\n## How\n\n| a |\n| --- |\n| 1 |"})["one"]
    assert page.title == "One way"
    assert "<h4>How</h4>" in page.body
    assert re.search(r'<div class="scroll" tabindex="0"[^>]*><table>.*</table></div>', page.body, re.DOTALL)


def test_a_figure_keeps_its_looks_without_style_attributes():
    figure = shown(id="figure_1", kind="figure", svg=SVG)
    body = inline(figure)
    assert 'fill="#12436d" stroke-linejoin="miter"' in body
    assert body.startswith('<svg role="img" aria-labelledby="figure_1-alt" stroke-linejoin="round" ')
    for gone in ("style", "<title", "<metadata", "<!--", "xlink:href", 'id="DejaVu', "text_1"):
        assert gone not in body
    for kept in (
        'href="#DejaVuSans-47"',
        'href="#figure_1-m1"',
        'id="figure_1-m1"',
        "url(#figure_1-p1)",
        'id="figure_1-p1"',
    ):
        assert kept in body


def test_the_place_of_a_figure_has_its_shape():
    drawing = SVG.replace('viewBox="0 0 9 9"', 'viewBox="0 0 691.2 345.6"')
    page = render(report(shown(id="figure_1", kind="figure", svg=drawing)))
    assert 'data-width="691.2pt" data-shape="2.0"' in page


def test_letters_of_all_figures_stand_in_the_page_once():
    figures = [shown(id=name, kind="figure", svg=SVG) for name in ("figure_1", "figure_2")]
    assert glyphs(figures).count('id="DejaVuSans-47"') == 1
    page = render(report(*figures))
    assert page.count('id="DejaVuSans-47"') == 1
    assert page.count('href="#DejaVuSans-47"') == 2


def test_the_page_says_that_data_are_synthetic_and_that_warnings_stand():
    warning = {"file": "a.csv", "sheet": "", "column": "Age", "rule": "age of 0", "n_rows": 1, "advice": "enter it"}
    page = text_of(render(report(synthetic=True, warnings=(warning,))))
    assert "Synthetic data: the extracts are reconstructed" in page
    assert "left 1 warning." in page
    assert "a.csv, column Age: age of 0 (1 row); enter it" in page
    assert "Synthetic data" not in text_of(render(report()))


def test_context_and_numbers_that_differ_are_listed():
    summary = {**report().summary, "context": {"design.years": "a plan"}, "differs": ["a.b"]}
    page = text_of(render(replace(report(), summary=summary)))
    assert re.search(r"design\.years\s*: a plan", page)
    assert "Differing: a.b" in page


def test_a_failure_report_escapes_and_carries_the_same_policy():
    fault = Fault(EVIL, EVIL, (3,), EVIL, EVIL, EVIL, quoted=(EVIL,))
    page = validation_page("cms", report_document([fault], file=EVIL, sha256="", files={}, rows={}))
    assert "<script" not in page
    assert "default-src 'none'" in page
