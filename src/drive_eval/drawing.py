"""Make many exhibits at once: import once, then fork; a picture whose numbers, words and code stand is not redrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from drive_eval.errors import UserError
from drive_eval.exhibits.make import data_of, files, identity, make
from drive_eval.forks import each
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
    yield from each(_Task(study, registry, code, find).do, exhibits, jobs=jobs)
