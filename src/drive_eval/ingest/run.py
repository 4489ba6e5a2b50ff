"""Beginning a run: one at a time in a folder, on a disk that takes what it writes, without what a killed run left."""

from __future__ import annotations

import fcntl
import logging
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from drive_eval.errors import UserError
from drive_eval.ingest.files import UNFINISHED, reason

ROOM = 100_000_000
"""Free bytes that a run asks for before it begins; it writes some 60 MB, half of them records of Snakemake."""

PATIENCE = 120.0
"""Seconds to wait for jobs that a killed run left at work."""

_FOR_JOBS = {"OMP_NUM_THREADS": "1", "MPLCONFIGDIR": f"{sys.prefix}/.matplotlib"}

SOON = 1.0
"""Seconds that the processes of a run may take to end after Snakemake has, before anything is said of it."""


def claim(folders: Iterable[Path], lock: Path) -> tuple[int, ...]:
    """Claim the folder for this run, see that it can write, and remove unfinished files of a killed run.

    The claim is a lock of the system, held by this process and by every job that inherits the descriptor: it ends
    with the last of them however they end. So a killed run leaves nothing to unlock, and a job it left at
    work is waited for.

    Parameters
    ----------
    folders : iterable of Path
        Folders that the run writes to.
    lock : Path
        The file to lock; it names the process that holds it.

    Returns
    -------
    tuple of int
        File descriptors that jobs must inherit: the lock, and the console for what a log cannot take.

    Raises
    ------
    UserError
        If another run is at work, or a folder cannot be written.
    """
    held = _locked(lock)
    _check(lock.parent)
    for folder in folders:
        _check(folder)
        for left in folder.rglob(f".*{UNFINISHED}"):
            left.unlink(missing_ok=True)
    console = os.dup(2)
    os.environ["DRIVE_EVAL_CONSOLE"] = str(console)
    return held, console


def job_environment() -> dict[str, str]:
    """The environment of jobs: programs of this environment first, one thread, fonts of the setup, byte code kept."""
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **_FOR_JOBS, "PATH": path}


def shell_prefix() -> str:
    """The same as commands before that of a job, for the shell that starts it, here or on another node."""
    exported = " ".join(f"{name}={shlex.quote(text)}" for name, text in _FOR_JOBS.items())
    folder = shlex.quote(str(Path(sys.executable).parent))
    return f"export PATH={folder}:$PATH {exported}; unset PYTHONDONTWRITEBYTECODE; "


def _locked(lock: Path) -> int:
    try:
        held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UserError(f"{lock}: cannot be written: {reason(error)}") from error
    begun, told = time.monotonic(), False
    while not _taken(held):
        owner, waited = os.pread(held, 20, 0).decode().strip(), time.monotonic() - begun
        if _alive(owner) or waited > PATIENCE:
            raise UserError(
                f"another run is at work in this folder (process {owner or 'unknown'}); "
                "wait until it has ended, or end it, then run again"
            )
        if not told and waited > SOON:
            told = True
            logging.getLogger(__name__).warning("waiting for jobs that a killed run left at work")
        time.sleep(0.1)
    os.ftruncate(held, 0)
    os.pwrite(held, str(os.getpid()).encode(), 0)
    return held


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(process: str) -> bool:
    """Whether a process runs; one of another person counts."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _check(folder: Path) -> None:
    """See that a folder takes a file and its disk has room."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {reason(error)}") from error
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise UserError(
            f"{folder}: the disk is nearly full ({free // 1_000_000} MB are free, {ROOM // 1_000_000} MB are needed); "
            "free some space on it, then run again"
        )
