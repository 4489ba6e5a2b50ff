"""Runs that do not break: killed anywhere, out of disk, two at once, elsewhere set up, the bytes are the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from .project import PROCESSED, RESULTS, Project

pytestmark = pytest.mark.slow

HERE = {
    "LC_ALL": "tr_TR.UTF-8",
    "TZ": "America/St_Johns",
    "PYTHONHASHSEED": "1",
    "HOME": None,
    "DRIVE_EVAL_WARM": "no",  # each job loads its libraries itself
}
ELSEWHERE = {
    "LC_ALL": "C",
    "TZ": "Pacific/Kiritimati",
    "PYTHONHASHSEED": "2",
    "HOME": "/dev/null",
    "TMPDIR": "/nowhere",
}
NEW = f"{RESULTS}/registry.csv"
PATIENCE = 900
SHORT = {"verdict": 0, "reproduce": 0.1, "provenance": 0.1}
"""Seconds within which to kill jobs that last no longer; others have time for a kill at any moment."""


@pytest.fixture(scope="module")
def done(tmp_path_factory, root):
    """A project in which one undisturbed run has ended well, on one core."""
    project = Project(tmp_path_factory.mktemp("done"), root, settings=HERE, cores=1)
    code, output = project.run()
    assert code == 0, output
    return project


@pytest.fixture
def copy(done, tmp_path):
    """A copy of that project, with its results but for the registry, which is to be made."""
    project = done.copy(tmp_path / "copy")
    for path in (NEW, NEW.replace(".csv", ".parquet"), f"{RESULTS}/logs/registry.log"):
        (project.folder / path).unlink()
    return project


def same(project, done):
    """Names of files that are not in both projects with the same bytes."""
    first, second = done.digests(processed=True), project.digests(processed=True)
    return [name for name in sorted(first | second) if first.get(name) != second.get(name)]


def jobs_of(session):
    """Job -> its processes, of those at work in a session of processes."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(state[3]) == session and state[0] not in "ZX" and words[1:3] == ["-m", "drive_eval"]:
            takes_name = words[3] in ("validate", "chapter")
            found.setdefault(" ".join(words[3 : 4 + takes_name]), []).append(int(folder.name))
    return found


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def disturb(process, faced, luck):
    """Kill each new job of a run alone; at its second coming kill the whole run, or Snakemake only, at that moment."""
    touched = set()
    while process.poll() is None:
        for job in sorted(jobs_of(process.pid).keys() - touched):
            if faced[job] == 2:
                continue
            time.sleep(luck.uniform(0, SHORT.get(job, 0.3)))
            if not (pids := jobs_of(process.pid).get(job)):
                continue
            touched.add(job)
            faced[job] += 1
            if faced[job] == 1:
                os.kill(luck.choice(pids), signal.SIGKILL)
            else:
                whole = sum(count == 2 for count in faced.values()) % 2
                (os.killpg if whole else os.kill)(process.pid, signal.SIGKILL)
                process.wait()
        time.sleep(0.005)
    return process.returncode


def test_a_run_killed_at_forty_moments_elsewhere_ends_with_the_same_bytes(tmp_path, root, done):
    folder = tmp_path / "tief" / "Ordner mit Leerzeichen" / "äé"
    project = Project(folder, root, settings=ELSEWHERE, umask=0o077, cores=4)
    faced, luck, code = Counter(), random.Random(2019), None
    with (tmp_path / "output").open("w") as output:
        while code != 0:
            before = faced.total()
            code = disturb(project.start(stdout=output), faced, luck)
            if faced.total() == before:
                break
    words = (tmp_path / "output").read_text()
    assert code == 0, words[-5000:]
    assert "Traceback" not in words
    rules = {path.stem.replace("validate_", "validate ") for path in (folder / RESULTS / "logs").iterdir()}
    rules = {name.replace("chapter_", "chapter ").replace("registry", "register") for name in rules}
    assert set(faced) == rules
    assert sum(faced.values()) >= 40
    assert same(project, done) == []


@pytest.mark.parametrize("whole", [True, False], ids=["its jobs too", "Snakemake only"])
def test_a_second_run_is_refused_while_the_first_is_at_work_and_goes_on_after_it_is_killed(copy, done, whole, tmp_path):
    with (tmp_path / "first").open("w") as output:
        first = copy.start(NEW, stdout=output)
    wait_for(lambda: jobs_of(first.pid))
    os.killpg(first.pid, signal.SIGSTOP)
    before = copy.digests(processed=True)
    code, words = copy.run(NEW)
    assert code == 2
    assert f"error: another run is at work in this folder (process {first.pid})" in words
    assert "Traceback" not in words
    assert copy.digests(processed=True) == before
    (os.killpg if whole else os.kill)(first.pid, signal.SIGKILL)
    first.wait()
    with (tmp_path / "third").open("w") as output:
        third = copy.start(NEW, stdout=output)
    if not whole:
        said = tmp_path / "third"
        wait_for(lambda: third.poll() is not None or "waiting for jobs that a killed run left" in said.read_text())
        assert third.poll() is None, said.read_text()
        os.killpg(first.pid, signal.SIGCONT)
    assert third.wait(PATIENCE) == 0, (tmp_path / "third").read_text()
    assert same(copy, done) == []


@pytest.fixture(scope="module")
def mounts():
    """The command that gives a process file systems of its own."""
    for command in (["unshare", "-rm"], ["unshare", "-m"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
        ):
            return command
    if os.environ.get("CI"):
        pytest.fail("unshare cannot make a mount namespace")
    return pytest.skip("unshare cannot make a mount namespace")


def in_script(mounts, script):
    """A command that runs Snakemake, given as "$@", in a script in a mount namespace."""
    return [*mounts, "bash", "-euc", script, "script"]


ON_SMALL_DISK = """
cp -a {results} kept; mount -t tmpfs -o size={megabytes}m tmpfs {results}; cp -a kept/. {results}; rm -r kept
{body}
"""
FILLS = """
(until [ -e {results}/logs/registry.log ]; do sleep 0.02; done; cat /dev/zero > {results}/filler || true) 2> /dev/null &
"$@" && exit 9; cp -a {results} failed; rm failed/filler {results}/filler
"$@"; cp -a {results} after
"""


def test_a_disk_that_fills_up_during_a_run_is_named_and_a_later_run_completes(copy, done, mounts):
    body = FILLS.format(results=RESULTS)
    before = copy.digests()
    code, words = copy.run(
        NEW, within=in_script(mounts, ON_SMALL_DISK.format(results=RESULTS, megabytes=140, body=body))
    )
    assert code == 0, words
    said = [line for line in words.splitlines() if line.startswith("error: ")]
    assert said == [
        f"error: {RESULTS}/registry.parquet: cannot be written: no space left on device; "
        "free some space on that disk, then run again"
    ]
    assert "Traceback" not in words
    for folder, wanted in (("failed", before), ("after", done.digests())):
        shutil.rmtree(copy.folder / RESULTS)
        (copy.folder / folder).rename(copy.folder / RESULTS)
        assert copy.digests() == wanted


def test_a_nearly_full_disk_is_refused_before_anything_is_touched(copy, mounts):
    script = ON_SMALL_DISK.format(
        results=RESULTS, megabytes=60, body=f'code=0; "$@" || code=$?; cp -a {RESULTS} after; exit $code'
    )
    before = copy.digests()
    code, words = copy.run(NEW, within=in_script(mounts, script))
    assert code == 2
    assert f"error: {RESULTS}: the disk is nearly full" in words
    assert "Traceback" not in words
    shutil.rmtree(copy.folder / RESULTS)
    (copy.folder / "after").rename(copy.folder / RESULTS)
    assert copy.digests() == before


READ_ONLY = 'mount --bind {0} {0}; mount -o remount,bind,ro {0}; ! touch {0}/x 2> /dev/null; exec "$@"'


def test_a_results_folder_that_may_only_be_read_is_named(copy, mounts):
    code, words = copy.run(NEW, within=in_script(mounts, READ_ONLY.format(RESULTS)))
    assert code == 2
    assert f"error: {RESULTS}: cannot be written: read-only file system; make the folder writable" in words
    assert "Traceback" not in words


def test_raw_extracts_that_may_only_be_read_are_enough(copy, mounts):
    table = PROCESSED / "police_subjects.parquet"
    before = (copy.folder / table).read_bytes()
    (copy.folder / table).unlink()
    code, words = copy.run(str(table), within=in_script(mounts, READ_ONLY.format("data/raw/year2")))
    assert code == 0, words
    assert (copy.folder / table).read_bytes() == before
