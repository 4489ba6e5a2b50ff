"""One run at a time in a folder; what holds the claim, what it is refused for, what it sweeps away."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from drive_eval.errors import UserError
from drive_eval.ingest import run
from drive_eval.ingest.run import claim

HOLDER = """
import sys, subprocess
from pathlib import Path
from drive_eval.ingest.run import claim
kept = claim([], Path(sys.argv[1]))
job = subprocess.Popen(["sleep", sys.argv[2]], pass_fds=kept, stdout=subprocess.DEVNULL)
print(job.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that claims a folder, and its job that lasts some seconds."""
    started = []

    def start(seconds):
        command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock"), str(seconds)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append((process, int(process.stdout.readline())))
        return started[-1]

    yield start
    for process, job in started:
        process.kill()
        process.communicate()
        subprocess.run(["kill", str(job)], check=False, capture_output=True)


@pytest.fixture
def begin(tmp_path):
    """Claim the same folder in this process; what was opened is closed at the end."""
    opened = []

    def begin(*folders):
        opened.extend(claim(folders, tmp_path / "lock"))
        return opened

    yield begin
    for descriptor in opened:
        os.close(descriptor)


def ended(process):
    """Whether a process has ended; nobody may have asked how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_live_run_is_named_and_a_killed_one_leaves_nothing_to_unlock(holder, begin):
    process, job = holder(60)
    with pytest.raises(UserError, match=rf"another run is at work in this folder \(process {process.pid}\)"):
        begin()
    process.kill()
    process.communicate()
    subprocess.run(["kill", str(job)], check=True)
    assert begin()


def test_a_job_that_outlives_its_run_is_waited_for(holder, begin, caplog, tmp_path):
    process, job = holder(2)
    process.kill()
    process.communicate()
    begin()
    assert "waiting for jobs that a killed run left at work" in caplog.text
    assert ended(job)
    assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_nothing_is_said_of_jobs_that_end_at_once(holder, begin, caplog):
    process, job = holder(0.4)
    process.kill()
    process.communicate()
    begin()
    assert caplog.text == ""
    assert ended(job)


def test_patience_ends(holder, begin, monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", 0.3)
    process, _ = holder(60)
    process.kill()
    process.communicate()
    with pytest.raises(UserError, match="another run is at work"):
        begin()


def test_unfinished_files_are_swept_away_and_no_others(begin, tmp_path):
    folder = tmp_path / "results" / "figures"
    folder.mkdir(parents=True)
    for name in (".figure.svg.12.part", "figure.svg", ".hidden", "left.part"):
        (folder / name).touch()
    begin(tmp_path / "results")
    assert sorted(path.name for path in folder.iterdir()) == [".hidden", "figure.svg", "left.part"]


def test_a_disk_without_room_is_refused(begin, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 99_000_000))
    with pytest.raises(UserError, match=r"nearly full \(99 MB are free, 100 MB are needed\)"):
        begin()


def test_a_folder_that_cannot_be_made_is_named(begin, tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(UserError, match="results/year2: cannot be written: not a directory"):
        begin(tmp_path / "results" / "year2")
