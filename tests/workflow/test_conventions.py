"""What reviewers expect of a workflow and its documentation: lint, graph, a site without network, checklists."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .test_tutorial import without_network

pytestmark = pytest.mark.slow


def snakemake(root, *arguments):
    command = [sys.executable, "-m", "snakemake", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)


def test_lint_finds_only_that_there_is_no_conda_environment(root):
    told = snakemake(root, "--lint").stderr
    found = set(re.findall(r"^ +\* (.+)$", told, re.MULTILINE))
    assert found == {"Specify a conda environment or container for each rule.:"}  # why: docs/reference/workflow.md


def test_the_rule_graph_of_the_documentation_is_current(root):
    graph = snakemake(root, "--rulegraph", "mermaid-js").stdout
    drawn = subprocess.run(
        [sys.executable, "docs/rulegraph.py"], cwd=root, input=graph, capture_output=True, text=True, check=True
    ).stdout
    assert drawn == (root / "docs/rulegraph.svg").read_text(), "run `make rulegraph`"


def test_the_drawing_leaves_out_only_arrows_that_others_imply(root):
    sys.path.insert(0, str(root / "docs"))
    try:
        rulegraph = importlib.import_module("rulegraph")
    finally:
        sys.path.pop(0)
    text = (
        "flowchart TB\n\tid0[all]\n\tid1[report]\n\tid2[derive]\n\tid3[validate_a]\n\tid4[validate_b]\n\tid5[chapter]\n"
    )
    text += "\tid1 --> id0\n\tid5 --> id1\n\tid2 --> id5\n\tid3 --> id2\n\tid4 --> id2\n\tid3 --> id1\n\tid2 --> id1\n"
    boxes, arrows = rulegraph.parse(text)
    assert boxes == {"all": 1, "report": 1, "derive": 1, "validate": 2, "chapter": 1}
    assert arrows == {("validate", "derive"), ("derive", "chapter"), ("chapter", "report"), ("report", "all")}


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    """The documentation, built strictly in a network namespace without any network."""
    folder = tmp_path_factory.mktemp("site")
    command = [*without_network(), sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_fetches_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        text = page.read_text()
        loaded = re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]+)"', text)
        loaded += re.findall(r'<link\b(?![^>]*rel="canonical")[^>]*\bhref="([^"]+)"', text)
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == [], page.name
    for style in site.rglob("*.css"):
        assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*|@import[^;]*//[^;]*", style.read_text()) == [], style.name


def test_search_works_from_the_file_system(site):
    assert "mcnemar" in (site / "search/search_index.js").read_text().lower()
    assert 'src="assets/iframe-worker.js"' in (site / "index.html").read_text()


def test_every_method_has_a_page_in_the_navigation(root):
    modules = [path for path in (root / "src/drive_eval/analyses").glob("*.py") if "\ndef analyse(" in path.read_text()]
    listed = set(re.findall(r"methods/(\w+)\.md", (root / "mkdocs.yml").read_text()))
    assert len(modules) > 25
    assert {path.stem for path in modules} <= listed


CHECKLISTS = ("docs/checklists/rap.md", "docs/checklists/consort.md")


@pytest.mark.parametrize("name", CHECKLISTS)
def test_what_a_checklist_names_as_evidence_exists(root, name, study):
    exhibits = {exhibit.id for exhibit in study.exhibits}
    named = {text for text in re.findall(r"`([^`\n]+)`", (root / name).read_text()) if "<" not in text}
    places = {text for text in named if "/" in text or re.search(r"\.(md|toml|lock|cff)$", text)}
    assert len(places) >= 5
    assert [text for text in places if not (root / text).exists()] == []
    assert {text for text in named if re.match(r"(figure|table|appendix)_", text)} <= exhibits
    targets = re.findall(r"^([\w-]+):.*## ", (root / "Makefile").read_text(), re.MULTILINE)
    assert {text.removeprefix("make ") for text in named if text.startswith("make ")} <= set(targets)


def test_the_checklist_of_consort_counts_its_30_items(root):
    text = (root / "docs/checklists/consort.md").read_text()
    rows = re.findall(r"^\| (\d+)\w?[^|]*\|[^|]*\| (\w+) \|", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 31))
    said = re.search(r"Of the 30: (\d+) met, (\d+) partly, (\d+) unmet, (\d+) text", text)
    states = [state for _, state in rows]
    assert [int(count) for count in said.groups()] == [states.count(s) for s in ("met", "partly", "unmet", "text")]


def test_a_level_is_said_to_be_reached_only_if_all_its_lines_are_met(root):
    text = (root / "docs/checklists/rap.md").read_text()
    levels = {part.split("\n")[0]: part for part in text.split("\n## ")[1:4]}
    unmet = [name for name, part in levels.items() if re.search(r"\| \*\*(unmet|partly)\*\* \|", part)]
    assert unmet == ["Baseline (bronze)", "Gold"]  # and silver stands on baseline
    assert "none in full" in text


def test_ci_builds_the_documentation(root):
    assert "make docs" in (root / ".ci/run").read_text().splitlines()


def test_the_profile_keeps_what_a_failed_run_needs(root):
    profile = yaml.safe_load(Path(root / "workflow/profiles/default/profile.yaml").read_text())
    assert profile["show-failed-logs"] is True
    assert profile["keep-going"] is True


def test_a_run_with_nothing_to_do_does_not_wait_for_pandas(root):
    text = (root / "workflow/rules/common.smk").read_text()
    imports = text[: text.index("check_config(")] + "\nassert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", "import sys\n" + imports], check=True)
