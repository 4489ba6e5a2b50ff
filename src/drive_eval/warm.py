"""One process per run that has loaded what jobs need: a job is a fork of it, so that libraries are loaded once.

Otherwise every job loads pandas, pandera and scipy anew, which costs more than most jobs compute. The process and those
who ask it share a pair of sockets: Snakemake and its jobs hold one end, the process the other, so it ends with the last
of them, however they end. Each job is a fork of a process that has computed nothing, and is killed when the one who
asked for it is. Where there is no such process (a call by hand, another node of a cluster), or it does not
answer, a job runs by itself; what comes out is the same.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

VARIABLE = "DRIVE_EVAL_WARM"
"""Descriptor of the end that jobs inherit, and its inode, which tells it from another file of that number.

Set to `no` when a run begins, there is no warm process."""

FIRST = (
    "drive_eval.cli",
    "pyarrow.parquet",
    "pandera.pandas",
    "drive_eval.ingest.extract",
    "drive_eval.report.html",
)
"""Loaded before the first job."""

LATER = (
    "drive_eval.chapter",
    "scipy.stats",
    "statsmodels.stats.contingency_tables",
    "drive_eval.drawing",
)
"""Loaded while nobody asks. What one job alone needs (StepMix, pingouin, OR-tools, Word) is left to that job."""

NO_THREADS = {"OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Environment in which these libraries start no thread when loaded: a fork of a process with threads may hang."""

_LARGEST = 1 << 18
_STREAMS = (0, 1, 2)
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def begin_run(folders: Sequence[Path]) -> tuple[int, ...]:
    """Begin a run in this folder: claim it and start the warm process; end with a message where that may not be.

    Returns
    -------
    tuple of int
        Descriptors that jobs must inherit.
    """
    from drive_eval.errors import UserError
    from drive_eval.ingest.run import claim, job_environment

    try:
        held = claim(folders, Path(".snakemake/run.lock"))
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    return start(held, job_environment())


def start(inherited: Sequence[int], environment: Mapping[str, str]) -> tuple[int, ...]:
    """Start the warm process of a run and say in the environment how jobs reach it.

    Parameters
    ----------
    inherited : sequence of int
        Descriptors that every job holds: the claim on the folder among them, so that no job outlives it.
    environment : mapping of str to str
        Environment of jobs.

    Returns
    -------
    tuple of int
        Descriptors that jobs must inherit: those given and one more; those given where there is no warm process,
        because `VARIABLE` says so or the system is too old.
    """
    if os.environ.get(VARIABLE) == "no":
        return tuple(inherited)
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return tuple(inherited)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(  # noqa: S603 (this program)
            [sys.executable, "-c", f"from {__name__} import serve; serve({theirs.fileno()})"],
            pass_fds=[*inherited, theirs.fileno()],
            env={**environment, **NO_THREADS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    os.environ[VARIABLE] = f"{ours.fileno()}:{os.fstat(ours.fileno()).st_ino}"
    return *inherited, ours.detach()


def hand_over(arguments: Sequence[str]) -> int | None:
    """Have a command run by the warm process; its exit code, or None if there is none and the caller must run it."""
    link = _link()
    if link is None:
        return None
    ours, theirs = socket.socketpair()
    request = json.dumps({"arguments": list(arguments), "folder": str(Path.cwd()), "environment": dict(os.environ)})
    with link, ours:
        with theirs:
            try:
                socket.send_fds(link, [request.encode()], [theirs.fileno(), *_STREAMS])
            except OSError:  # it has ended, or the environment is too large for one message
                return None
        try:
            code = ours.recv(4)
        except KeyboardInterrupt:  # the job is killed with this process
            return 128 + signal.SIGINT
    if code:
        return int(code)
    sys.stderr.write("error: the process that runs the jobs of this run was killed; run again\n")
    return 1


def _link() -> socket.socket | None:
    descriptor, _, inode = os.environ.get(VARIABLE, "").partition(":")
    with contextlib.suppress(ValueError, OSError):
        if os.fstat(int(descriptor)).st_ino == int(inode):
            return socket.socket(fileno=os.dup(int(descriptor)))
    return None


def serve(descriptor: int) -> NoReturn:
    """Run jobs until nobody is left who could ask for one."""
    from drive_eval.cli import app

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for Snakemake and its jobs
    Warm(socket.socket(fileno=descriptor), app).serve(FIRST, LATER)
    os._exit(0)


class Warm:
    """The warm process: one thread, which waits for requests, for the ends of jobs, and for the ends of who asked.

    Parameters
    ----------
    listener : socket
        The end that Snakemake and its jobs do not hold.
    run : callable
        The command line; it reads `sys.argv`.
    """

    def __init__(self, listener: socket.socket, run: Callable[[], object]) -> None:
        self.listener, self.run = listener, run
        self.waiting = select.poll()
        self.jobs: dict[int, tuple[int, socket.socket]] = {}
        """Process and asker of a job, by a descriptor that becomes readable when the process has ended."""

    def serve(self, first: Sequence[str], later: Sequence[str]) -> None:
        """Load modules, serve, and load more whenever nobody asks; return when nobody is left."""
        for name in first:
            _load(name)
        pending = list(later)
        self.waiting.register(self.listener, select.POLLIN)
        while True:
            events = self.waiting.poll(0 if pending else None)
            if not events:
                _load(pending.pop(0))
                continue
            descriptor = events[0][0]  # one at a time: what is done for it may close the descriptor of the next
            if descriptor in self.jobs:
                self._tell(descriptor)
            elif descriptor != self.listener.fileno():
                self._stop(descriptor)
            elif not self._accept():
                return

    def _accept(self) -> bool:
        request, descriptors, *_ = socket.recv_fds(self.listener, _LARGEST, 1 + len(_STREAMS))
        if not request:
            return False
        asker = socket.socket(fileno=descriptors[0])
        gc.freeze()
        process = os.fork()
        if not process:
            self.listener.close()
            asker.close()
            _become(json.loads(request), descriptors[1:], self.run)
        for stream in descriptors[1:]:
            os.close(stream)
        end = os.pidfd_open(process)
        self.jobs[end] = process, asker
        self.waiting.register(end, select.POLLIN)
        self.waiting.register(asker, select.POLLRDHUP)
        return True

    def _tell(self, end: int) -> None:
        """Tell who asked how the job ended."""
        process, asker = self.jobs.pop(end)
        self.waiting.unregister(end)
        os.close(end)
        with asker:
            with contextlib.suppress(KeyError):
                self.waiting.unregister(asker)
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            with contextlib.suppress(OSError):  # who asked may be gone
                asker.send(str(code if code >= 0 else 128 - code).encode())

    def _stop(self, descriptor: int) -> None:
        """Kill the job of an asker that is gone."""
        self.waiting.unregister(descriptor)
        for process, asker in self.jobs.values():
            if asker.fileno() == descriptor:
                os.kill(process, signal.SIGKILL)


def _load(name: str) -> None:
    """Load a module; that one cannot be loaded is for the job to tell that needs it."""
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _become(request: Mapping[str, Any], streams: Sequence[int], run: Callable[[], object]) -> NoReturn:
    """In a fork: take the place of the process that asked, run the command and end."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in zip(_STREAMS, streams, strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["drive-eval", *request["arguments"]]
    code = 0
    try:
        run()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 120  # as Python ends where the last of its output cannot be written
    os._exit(code)
