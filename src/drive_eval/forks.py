"""Do the same for many things on forks of this process: what is loaded stays loaded, and only answers are copied."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from drive_eval.errors import UserError

Given = TypeVar("Given")
Answer = TypeVar("Answer")

_function: list[Callable[[Any], Any]] = []
"""The function of a forked process, set once in it: it comes by the fork, with the frames it holds, not by a pipe."""


def each(function: Callable[[Given], Answer], things: Iterable[Given], *, jobs: int) -> Iterator[Answer]:
    """Call a function with each of some things and give its answers in their order.

    Parameters
    ----------
    function : callable
        May hold any state; its answers must be picklable, as must the things.
    things : iterable
    jobs : int
        Processes; with one, all is done in this process.

    Raises
    ------
    UserError
        If one of the processes is killed.
    """
    if jobs == 1:
        yield from map(function, things)
        return
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=fork, initializer=_begin, initargs=(function,)) as pool:
        try:
            yield from pool.map(_call, things)
        except BrokenProcessPool:
            raise UserError("a process of this job was killed, perhaps for want of memory; run again") from None


def _begin(function: Callable[[Any], Any]) -> None:
    """Take the function, and end with the process that gave it: a killed one cannot end those it forked."""
    _function.append(function)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.raise_signal(signal.SIGKILL)


def _call(thing: Any) -> Any:
    return _function[0](thing)
