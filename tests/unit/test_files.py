"""Writes are whole or not at all, whatever ends them, and say why they could not be made."""

import errno
import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drive_eval import cli
from drive_eval.ingest.files import NotWritten, write_bytes

WRITER = """
import sys
from pathlib import Path
from drive_eval.ingest.files import write_bytes
print("ready", flush=True)
while True:
    for letter in b"ab":
        write_bytes(Path(sys.argv[1]), bytes([letter]) * 3_000_000)
"""


def test_a_writer_killed_at_any_moment_leaves_the_old_file_or_the_new(tmp_path):
    path, luck = tmp_path / "file", random.Random(7)
    whole = {letter * 3_000_000 for letter in (b"a", b"b")}
    unfinished = 0
    for _ in range(6):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            while not path.exists():
                time.sleep(0.001)
            seen = set()
            for _ in range(10):
                time.sleep(luck.uniform(0, 0.01))
                process.send_signal(signal.SIGSTOP)
                seen.add(path.read_bytes())
                process.send_signal(signal.SIGCONT)
            process.kill()
        assert seen | {path.read_bytes()} <= whole
        unfinished += len(list(tmp_path.glob(".file.*.part")))
    assert unfinished > 0


@pytest.fixture
def full_disk(monkeypatch):
    def refuse(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)


def test_a_full_disk_is_named_with_the_file_and_the_old_file_stays(tmp_path, full_disk):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(NotWritten) as caught:
        write_bytes(path, b"new")
    assert str(caught.value) == (
        f"{path}: cannot be written: no space left on device; free some space on that disk, then run again"
    )
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == {"file": b"old"}


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(NotWritten, match=r"file: cannot be written: is a directory$"):
        write_bytes(tmp_path / "file", b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_the_umask_decides_who_may_read_a_file(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_bytes(tmp_path / "file", b"content")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def run_app(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["drive-eval", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    return ended.value.code


def test_a_file_that_is_not_there_is_one_line(monkeypatch, capsys, tmp_path):
    missing = tmp_path / "chapter.parquet"
    assert run_app(monkeypatch, "register", missing, "--out", tmp_path / "registry.parquet") == 2
    assert capsys.readouterr().err == f"error: {missing}: no such file or directory\n"


def test_what_a_log_on_a_full_disk_cannot_take_goes_to_the_console(monkeypatch, tmp_path):
    read, console = os.pipe()
    missing = tmp_path / "chapter.parquet"
    with Path("/dev/full").open("wb", buffering=0) as full, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", io.TextIOWrapper(full, write_through=True))
        patch.setenv("DRIVE_EVAL_CONSOLE", str(console))
        assert run_app(patch, "register", missing, "--out", tmp_path / "registry.parquet") == 2
    os.close(console)
    assert os.read(read, 1000).decode() == f"error: {missing}: no such file or directory\n"
