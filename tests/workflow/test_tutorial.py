"""The tutorial as a reader follows it: each of its commands, in order, in an empty folder, without network."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r'^```console(?: title="ends with exit code (\d)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
MARK = "@@ command"


def commands():
    """Each command of the tutorial with the exit code that it is said to end with."""
    found = []
    for code, body in BLOCK.findall((ROOT / "docs/tutorial.md").read_text()):
        lines = body.splitlines()
        assert all(line.startswith("$ ") for line in lines), lines
        found += [(line[2:], int(code or 0)) for line in lines]
    return found


COMMANDS = commands()


def without_network():
    apart = ["unshare", "-rn"]
    return apart if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode == 0 else []


class Followed:
    """What a reader has after typing every command: the evaluation, and each command's exit code and output."""

    def __init__(self, folder: Path) -> None:
        project = folder / "project"
        project.mkdir()
        for name in ("Makefile", "requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, project)
            os.utime(project / name, (0, 0))  # the environment is set up: `make setup` finds nothing to do
        (project / ".venv").symlink_to(sys.prefix)
        script = [f"echo '{MARK}'; {command}; echo \"{MARK} $?\"" for command, _ in COMMANDS]
        done = subprocess.run(
            [*without_network(), "bash", "-c", "\n".join(script)],
            cwd=project,
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
            check=False,
        )
        parts = re.findall(rf"{MARK}\n(.*?){MARK} (\d+)\n", done.stdout, re.DOTALL)
        self.folder = folder / "my-evaluation"
        self.ended = {
            command: (int(code), output) for (command, _), (output, code) in zip(COMMANDS, parts, strict=True)
        }

    def output(self, command):
        return self.ended[command][1]


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    return Followed(tmp_path_factory.mktemp("tutorial"))


@pytest.mark.parametrize(("command", "code"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_the_command_ends_as_the_tutorial_says(followed, command, code):
    ended, output = followed.ended[command]
    assert ended == code, output
    assert "Traceback" not in output


def test_no_command_is_written_twice_so_that_none_hides_another():
    assert len({command for command, _ in COMMANDS}) == len(COMMANDS)
    assert {shlex.split(command)[0] for command, _ in COMMANDS} >= {"make", "drive-eval", "snakemake"}


def test_the_planted_fault_is_named_by_file_row_column_and_rule(followed):
    told = followed.output("drive-eval check police")
    for part in ("police_2024.csv", "rows 2", "'Record type'", "unknown code"):
        assert part in told


def test_the_report_is_of_this_study_and_says_that_it_is_synthetic(followed):
    page = (followed.folder / "results/croydon/report/index.html").read_text()
    assert "Croydon: first evaluation" in page
    assert "synthetic" in page.lower()
    assert (followed.folder / "results/croydon/figures/figure_9.svg").is_file()


def test_one_line_per_job_and_nothing_else_on_the_console(followed):
    first, rest = "snakemake --cores 4 results/croydon/figures/figure_9.svg", "snakemake --cores 4"
    lines = [line for command in (first, rest) for line in followed.output(command).splitlines()]
    jobs = [line for line in lines if re.fullmatch(r" *\d+/\d+  [\w ]+ \(\d+\.\d s\)", line)]
    assert len(jobs) > 10
    assert len(lines) - len(jobs) <= 10, [line for line in lines if line not in jobs]


def test_only_the_chapters_that_use_the_setting_run_again(followed):
    told = followed.output("snakemake --cores 4 results/croydon/registry.parquet")
    assert set(re.findall(r"chapter (\w+)", told)) == {"victims", "behaviour"}
    assert "validate" not in told


def test_compare_names_what_the_change_moved_and_nothing_of_other_methods(followed):
    told = followed.output("drive-eval compare results/before results/croydon")
    changed = re.findall(r"^changed: (\w+)\.", told, re.MULTILINE)
    assert changed
    assert set(changed) == {"mcnemar"}


def test_the_record_of_the_run_shows_every_exhibit_and_fetches_nothing(followed):
    page = (followed.folder / "run.html").read_text()
    exhibits = yaml.safe_load((followed.folder / "config/croydon/exhibits.yaml").read_text())
    assert {"figure_9", "table_mcnemar"} <= exhibits.keys()
    assert [name for name, entry in exhibits.items() if entry["title"] not in page] == []
    assert "Each printed number beside the computed one" in page
    assert "Drawn from rows of the results registry" in page
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:[^"]*"', page) == []
