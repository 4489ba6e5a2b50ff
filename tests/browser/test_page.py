"""The report in Debian's headless Chromium, in a network namespace without any network."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--virtual-time-budget=5000",
]


@pytest.fixture(scope="module")
def page(content, tmp_path_factory):
    from drive_eval.report.html import render

    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium")
    if not found:
        assert not os.environ.get("CI"), "CI installs Chromium and must run this"
        pytest.skip("Chromium is not installed here; CI runs it")
    return found


def test_the_page_renders_without_network(page, browser, tmp_path, study):
    apart = ["unshare", "-rn"] if subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0 else []
    command = [*apart, browser, *FLAGS, f"--user-data-dir={tmp_path}", "--dump-dom", f"file://{page}"]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert dom.count('role="img"') == sum(exhibit.kind == "figure" for exhibit in study.exhibits)
    assert "Figure 9" in dom
    assert re.search(r"exec\.vs\.physical\.exit\.odds_ratio.*?2\.86", dom, re.DOTALL)
    for figure in re.findall(r'aria-labelledby="(figure_\d+-alt)"', dom):
        assert len(re.search(rf'id="{figure}">([^<]+)<', dom)[1]) > 80


def test_a_picture_of_the_page_is_not_blank(page, browser, tmp_path):
    shot = tmp_path / "page.png"
    command = [browser, *FLAGS, f"--user-data-dir={tmp_path}", "--window-size=1100,3000", f"--screenshot={shot}"]
    subprocess.run([*command, f"file://{page}"], capture_output=True, timeout=120, check=True)
    assert shot.stat().st_size > 100_000


def test_ids_of_the_page_are_unique(page: Path):
    ids = re.findall(r'\bid="([^"]+)"', page.read_text())
    assert len(ids) == len(set(ids))


def test_every_reference_inside_the_page_leads_somewhere(page: Path):
    text = page.read_text()
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    wanted = set(re.findall(r'(?:href="#|url\(#|aria-labelledby=")([^")]+)', text))
    assert wanted - ids == set()
