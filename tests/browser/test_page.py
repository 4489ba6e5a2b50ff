"""The report in Debian's headless Chromium: nothing is fetched, everybody can use it, everything is found."""

import csv
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const part of document.querySelectorAll(".picture")) part.style.contentVisibility = "visible";
}"""
FOCUSED = "() => document.activeElement.id || document.activeElement.textContent.trim()"
TOP = "id => document.getElementById(id).getBoundingClientRect().top"


def violations(page, **rules):
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(OPEN_ALL)
    switched = {name.replace("_", "-"): {"enabled": state} for name, state in rules.items()}
    options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": switched}
    found = Axe().run(page, options=options).response
    assert len(found["passes"]) > 20  # axe has looked at something
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]


def search(page, words):
    page.locator("#wanted").fill(words)
    return page.locator("#results > li").all_inner_texts()


def test_nothing_is_fetched_and_nothing_is_refused(visit, whole):
    page = visit(whole)
    page.evaluate(OPEN_ALL)
    page.wait_for_load_state("load")
    search(page, "2.86")
    assert page.requested == [whole.as_uri()]
    assert page.complaints == []


def test_the_policy_of_the_page_stops_what_gets_in(visit, short):
    page = visit(short)
    page.evaluate("""() => {
      document.body.insertAdjacentHTML("beforeend", '<img src="https://example.org/x.png">');
      const script = document.createElement("script");
      script.textContent = "document.title = 'taken'";
      document.body.append(script);
    }""")
    assert page.title() != "taken"
    assert sum("Content Security Policy" in words for words in page.complaints) == 2


def test_the_page_is_ready_in_a_second_and_small(visit, browser, whole):
    context = browser.new_context(offline=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # time of the processor: others may be at work
    page.goto(whole.as_uri(), wait_until="domcontentloaded")
    assert search(page, "figure 9")
    spent = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    assert 0 < spent["TaskDuration"] < 1
    assert whole.stat().st_size < 5_000_000


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("figure 9", "Figure 9."),
        ("FIGURE_9", "Figure 9."),
        ("figure 1", "Figure 1."),
        ("2.86", "Abuse experienced at exit, control against Drive (Mantel-Haenszel)"),
        ("insights.dva.physical.exit.ci_low", "Abuse experienced at exit, control against Drive (Mantel-Haenszel)"),
        ("odds_ratio physical 2.86", "Abuse experienced at exit, control against Drive (Mantel-Haenszel)"),
    ],
)
def test_search_finds(reader, words, first):
    assert search(reader, words)[0].startswith(first)


def test_search_takes_a_number_as_a_whole_and_in_either_spelling(reader):
    assert search(reader, "figure 9")[1:] == [
        line for line in search(reader, "figure 9")[1:] if "Figure 19" not in line
    ]
    assert not any("Mantel-Haenszel" in line for line in search(reader, "2.8"))  # 2.86 is another number
    assert search(reader, "0.042") == search(reader, ".042") != []
    assert search(reader, "1048.5") == []
    assert reader.locator("#found").inner_text() == "0 results"
    assert search(reader, "  ") == []
    assert reader.locator("#found").inner_text() == ""


def test_a_result_opens_the_row_it_names(visit, whole):
    page = visit(whole)
    row = "appendix_2-insights.appendix2.control.ethnicity.asian_asian_british.n"
    assert not page.locator(f'[id="{row}"]').is_visible()
    search(page, "insights.appendix2.control.ethnicity.asian_asian_british.n")
    page.locator("#results a").first.click()
    page.wait_for_function("id => document.getElementById(id).checkVisibility()", arg=row)
    page.wait_for_function(f"id => {{ const top = ({TOP})(id); return top >= 0 && top < innerHeight; }}", arg=row)


def test_an_older_browser_opens_the_row_too(visit, whole):
    """One that does not open a closed part by itself when an address leads into it."""
    page = visit(whole)
    row = "appendix_2-insights.appendix2.control.ethnicity.asian_asian_british.n"
    page.evaluate("row => history.replaceState(null, '', '#' + row)", row)
    page.evaluate("dispatchEvent(new Event('hashchange'))")
    assert page.locator(f'[id="{row}"]').is_visible()


def test_the_keyboard_reaches_everything(visit, short):
    page = visit(short)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "content"
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "wanted"
    page.keyboard.type("figure 9")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED).startswith("Figure 9.")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "figure_9"
    stops = []
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            page.keyboard.press("Enter")
            stops.append(page.evaluate("document.activeElement.parentElement.open"))
        if not page.evaluate("document.getElementById('figure_9').contains(document.activeElement)"):
            break
    assert stops == [True, True]  # both tables of the figure were opened on the way out of it


def test_the_shortcut_can_be_switched_off_and_never_takes_a_typed_character(visit, short):
    page = visit(short)
    page.locator("#wanted").focus()
    page.keyboard.type("1/2")
    assert page.locator("#wanted").input_value() == "1/2"
    page.locator("#shortcut").uncheck()
    page.locator("#content").focus()
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "content"


def test_focus_is_seen(visit, short):
    page = visit(short)
    for _ in range(6):
        page.keyboard.press("Tab")
        style = page.evaluate("""() => {
          const style = getComputedStyle(document.activeElement);
          return [style.outlineStyle, parseFloat(style.outlineWidth)];
        }""")
        assert style[0] == "solid"
        assert style[1] >= 2


def test_axe_finds_nothing_on_the_whole_page(visit, whole):
    assert violations(visit(whole), color_contrast=False) == []  # contrast: below, on every kind of part


@pytest.mark.parametrize(
    "window",
    [
        pytest.param({}, id="desktop"),
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="reflow_at_320_pixels"),
        pytest.param({"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}, id="zoom_of_200_per_cent"),
        pytest.param({"color_scheme": "dark"}, id="dark"),
    ],
)
def test_axe_finds_nothing_and_nothing_is_cut_off(visit, short, window):
    page = visit(short, **window)
    search(page, "2.86")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_would_find_faint_words(visit, short):
    page = visit(short)
    page.evaluate("document.querySelector('.alt').style.color = '#bbb'")
    assert [rule for rule, _ in violations(page)] == ["color-contrast"]


def test_every_figure_is_named_by_its_finding(visit, whole, content):
    page = visit(whole)
    page.evaluate(OPEN_ALL)
    names = page.evaluate("""() => [...document.querySelectorAll("svg[role=img]")].map((figure) =>
      [figure.closest("section").id, document.getElementById(figure.getAttribute("aria-labelledby")).textContent])""")
    figures = {shown.id: shown for shown in content.exhibits if shown.kind == "figure"}
    assert [name for name, _ in names] == list(figures)
    for name, words in names:
        assert len(words) > 40
        assert words.strip() == figures[name].alt
    image = page.locator("#figure_9").get_by_role("img", name=re.compile("physical abuse fell from 82% to 6%"))
    assert image.count() == 1
    box = image.bounding_box()
    assert box["width"] > 600
    assert box["height"] > 300


def test_a_figure_is_drawn_as_its_file_is(visit, content, tmp_path):
    """Letters from the common stock and attributes in place of styles must not change the picture."""
    import numpy as np
    from PIL import Image

    from drive_eval.report.svg import glyphs, inline

    shown = next(shown for shown in content.exhibits if shown.id == "figure_9")
    drawings = {"page": glyphs([shown]) + inline(shown), "file": shown.svg[shown.svg.index("<svg") :]}
    for name, drawing in drawings.items():
        page = tmp_path / f"{name}.html"
        page.write_text(f'<!doctype html><meta charset="utf-8">{drawing}', encoding="utf-8")
        visit(page).locator("svg").last.screenshot(path=tmp_path / f"{name}.png")
    pictures = [np.asarray(Image.open(path).convert("L"), dtype=int) for path in tmp_path.glob("*.png")]
    assert pictures[0].std() > 20  # there is a picture
    assert np.mean(np.abs(pictures[0] - pictures[1]) > 60) < 0.001


def test_a_download_holds_the_numbers_of_the_exhibit(visit, short, content):
    page = visit(short)
    with page.expect_download() as started:
        page.locator("#figure_9 .download a").click()
    assert started.value.suggested_filename == "figure_9.csv"
    rows = list(csv.reader(Path(started.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    table = next(shown.table for shown in content.exhibits if shown.id == "figure_9")
    assert rows[0] == [*table.columns, "data_origin"]
    assert len(rows) == len(table) + 1
    assert page.requested[0] == short.as_uri()
    assert all(url.startswith(("file:", "data:")) for url in page.requested)


def test_without_script_the_page_still_tells_everything(visit, short):
    page = visit(short, java_script_enabled=False)
    assert not page.locator("#search").is_visible()
    assert page.get_by_role("link", name=re.compile("^Figure 9")).first.is_visible()
    summary = page.locator("#figure_9 summary").first
    summary.click()
    assert page.locator("#figure_9 .numbers").is_visible()


def test_print_opens_every_table_and_says_synthetic_on_every_sheet(visit, short, tmp_path):
    page = visit(short)
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)  # what is hidden on the screen is laid out
    page.emulate_media(media="print")
    shown = (
        "() => getComputedStyle(document.querySelector('details:not([open])'), '::details-content').contentVisibility"
    )
    assert page.evaluate(shown) == "visible"
    page.emulate_media(media="screen")
    assert page.evaluate(shown) == "hidden"
    page.emulate_media(media="print")
    assert not page.locator("#search").is_visible()
    assert page.evaluate("getComputedStyle(document.body).page") == "synthetic"
    sheets = dict(
        page.evaluate("""() => [...document.styleSheets[0].cssRules]
      .filter((rule) => rule instanceof CSSPageRule).map((rule) => [rule.selectorText, rule.cssText])""")
    )
    assert all("Synthetic data" in sheets[name] for name in ("synthetic", "synthetic-wide"))
    assert "landscape" in sheets["synthetic-wide"]


def test_ids_are_unique_and_every_link_leads_somewhere(reader):
    ids = reader.evaluate("""() => [...document.querySelectorAll("[id]")].map((one) => one.id)""")
    assert len(ids) == len(set(ids))
    wanted = reader.evaluate("""() => [...document.querySelectorAll("[href], [aria-labelledby], [clip-path], [fill]")]
      .flatMap((one) => [one.getAttribute("href"), one.getAttribute("aria-labelledby")?.replace(/^/, "#"),
        ...["clip-path", "fill"].map((name) => one.getAttribute(name)?.match(/^url\\((#.*)\\)$/)?.[1])])
      .filter((target) => target?.startsWith("#")).map((target) => decodeURIComponent(target.slice(1)))""")
    assert len(wanted) > 1000
    assert set(wanted) - set(ids) == set()


def test_links_lead_into_the_page_or_to_the_web(reader):
    links = reader.evaluate("""() => [...document.querySelectorAll("a")].map((one) => one.getAttribute("href"))""")
    assert all(link.startswith(("#", "https://", "http://", "data:text/csv")) for link in links)


@pytest.mark.parametrize("name", ["figure_25", "table_contacts", "method-mcnemar"])
def test_a_link_lands_on_its_target_though_parts_are_drawn_when_reached(visit, whole, name):
    page = visit(whole)
    page.evaluate("name => { location.hash = name; }", name)
    page.wait_for_function(f"id => Math.abs(({TOP})(id)) < 5", arg=name)


def test_the_printed_odds_ratio_stands_beside_the_computed_one(reader):
    row = reader.locator('[id="table_mantel_haenszel-insights.dva.physical.exit.odds_ratio"]')
    cells = row.locator("td").all_text_contents()
    assert cells[0] == "2.86"
    assert round(float(cells[1]), 2) == 2.86
    assert cells[2] == "match"
