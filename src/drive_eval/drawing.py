"""Make many exhibits at once: import once, then fork; a picture whose numbers, words and code stand is not redrawn."""

from __future__ import annotations

import hashlib
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

import pandas as pd

from drive_eval.errors import UserError
from drive_eval.exhibits.make import data_of, files, identity, make
from drive_eval.study import Exhibit, Study

KINDS = ("svg", "png")


@dataclass(frozen=True)
class Drawn:
    """An exhibit as files: its data, its pictures (none for a table), the key they are kept under, or what failed."""

    exhibit: Exhibit
    data: pd.DataFrame
    pictures: Mapping[str, bytes]
    key: str
    failure: str = ""


@dataclass(frozen=True)
class _Task:
    study: Study
    registry: pd.DataFrame
    code: Callable[[str], str]
    find: Callable[[str, str], Mapping[str, bytes] | None]

    def do(self, exhibit: Exhibit) -> Drawn:
        try:
            made = make(exhibit, self.registry, self.study)
            if exhibit.kind == "table":
                return Drawn(exhibit, data_of(made), {}, "")
            decides = f"{self.code(exhibit.form)}\0{identity(made, self.study)}"
            key = hashlib.sha256(decides.encode()).hexdigest()[:20]
            return Drawn(exhibit, data_of(made), self.find(exhibit.id, key) or files(made, self.study), key)
        except UserError as error:
            return Drawn(exhibit, pd.DataFrame(), {}, "", str(error))


_task: list[_Task] = []
"""The task of a forked process, set once in it: frames go to it by the fork, not by a pipe."""


def draw(
    exhibits: Sequence[Exhibit],
    registry: pd.DataFrame,
    study: Study,
    *,
    code: Callable[[str], str],
    find: Callable[[str, str], Mapping[str, bytes] | None],
    jobs: int,
) -> Iterator[Drawn]:
    """Make exhibits, in their order, on `jobs` processes.

    Parameters
    ----------
    exhibits : sequence of Exhibit
    registry : DataFrame, registry columns
    study : Study
    code : callable
        Digest of the code behind a form.
    find : callable
        Gives the pictures of an exhibit kept under a key, or nothing.
    jobs : int
        Processes; with one, all is done in this process. The files do not depend on it.
    """
    task = _Task(study, registry, code, find)
    if jobs == 1:
        yield from map(task.do, exhibits)
        return
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=fork, initializer=_begin, initargs=(task,)) as pool:
        try:
            yield from pool.map(_do, exhibits)
        except BrokenProcessPool:
            raise UserError("a process that draws was killed, perhaps for want of memory; run again") from None


def _begin(task: _Task) -> None:
    """Take the task, and end with the process that gave it: a killed one cannot end those it forked."""
    _task.append(task)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.raise_signal(signal.SIGKILL)


def _do(exhibit: Exhibit) -> Drawn:
    return _task[0].do(exhibit)
