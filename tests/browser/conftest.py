"""Debian's headless Chromium, driven by Playwright without any network, and the report that it opens."""

import os
import shutil
from dataclasses import replace

import pytest


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium")
    if not found:
        assert not os.environ.get("CI"), "CI installs Chromium and must run this"
        pytest.skip("Chromium is not installed here; CI runs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def whole(content, tmp_path_factory):
    """The report of the shipped extracts, as a file."""
    from drive_eval.report.html import render

    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def short(content, tmp_path_factory):
    """The same with three exhibits, some methods, a finding and a warning: every part of the page, each small."""
    from drive_eval.report.content import Finding
    from drive_eval.report.html import render

    kept = [shown for shown in content.exhibits if shown.id in ("table_2", "figure_9", "table_mantel_haenszel")]
    warning = {"file": "a.csv", "sheet": "", "column": "Age", "rule": "age of 0", "n_rows": 1, "advice": "enter it"}
    path = tmp_path_factory.mktemp("short") / "index.html"
    part = replace(
        content,
        exhibits=kept,
        findings=[Finding("fell", "victims", "Physical abuse fell.", (), ("figure_9",))],
        warnings=[warning],
        methods={name: content.methods[name] for name in ("proportions", "mantel_haenszel")},
    )
    path.write_text(render(part), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def reader(browser, whole):
    """The report, opened once for the tests that only read and search it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(whole.as_uri(), wait_until="domcontentloaded")
    yield page
    page.close()


@pytest.fixture
def visit(browser):
    """Open a page offline in a window of its own; what the page asks for and complains about is kept with it."""
    contexts = []

    def visited(path, **window):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "offline": True, **window})
        contexts.append(context)
        page = context.new_page()
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        return page

    yield visited
    for context in contexts:
        context.close()
