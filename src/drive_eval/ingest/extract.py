"""Read an extract in whatever formats and layouts it was delivered, and check it against its contract."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from drive_eval.contracts.check import Checked, check_parts
from drive_eval.contracts.faults import Fault
from drive_eval.contracts.mapping import FileMapping, Source, identity
from drive_eval.contracts.model import Contract
from drive_eval.contracts.parts import Part
from drive_eval.ingest.delimited import open_delimited
from drive_eval.ingest.gate import Layout, examine, is_alarm
from drive_eval.ingest.grid import LIMITS, Book, Limits, Unreadable
from drive_eval.ingest.mapped import parts_of
from drive_eval.ingest.passwords import password_of
from drive_eval.ingest.statistical import open_statistical
from drive_eval.ingest.workbook import open_workbook

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
DELIMITED = (".csv", ".txt", ".tsv")
STATISTICAL = (".sav", ".zsav", ".dta")

Parts = Mapping[str, list[Part]]


def check_files(
    paths: Sequence[Path], contract: Contract, mapping: FileMapping | None = None, limits: Limits = LIMITS
) -> Checked:
    """Read the files of one extract with their mapping and check them against the contract; nothing is written.

    Parameters
    ----------
    paths : sequence of Path
        The files as delivered.
    contract : Contract
    mapping : FileMapping, optional
        How the files differ from the contract; not given where they do not.
    limits : Limits
        What may be read at most.
    """
    with _no_collection():
        parts, faults = read_parts(paths, contract, mapping, limits)
    return check_parts(contract, parts, read_faults=faults)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector from walking the rows of a large file again and again; lists of text form no cycles."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def read_extract(path: Path, contract: Contract) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Read one file that is as the contract says.

    Returns
    -------
    frames : dict, sheet name to DataFrame
        All cells as stripped text, missing where the cell is empty; columns are the headers as delivered,
        the index is the row in the file. Wholly empty rows are left out.
    faults : list of Fault
        Identifiers, unreadable file, missing, unexpected and empty sheets, ragged rows. An unreadable file gives no
        frame, nor does a file that holds identifiers.
    """
    parts, faults = read_parts([path], contract)
    return {name: found[0].cells for name, found in parts.items()}, faults


def read_parts(
    paths: Sequence[Path], contract: Contract, mapping: FileMapping | None = None, limits: Limits = LIMITS
) -> tuple[Parts, list[Fault]]:
    """Read the parts of every sheet of a contract from one or more files, and say what could not be read.

    While any file holds an identifier there are no parts, and no faults but those of the gate and of unreadable files.
    """
    chosen = mapping or identity(contract)
    reader = _Reader(contract, chosen, limits)
    parts: dict[str, list[Part]] = {}
    for name, sources in chosen.sources.items():
        for source in sources:
            delivered = [path for path in paths if fnmatchcase(path.name, source.file)]
            if not delivered:
                advice = f"deliver it and name it in study.yaml, or correct {chosen.name}"
                reader.faults.append(Fault(source.file, "", (), "", "file not delivered", advice))
            for path in delivered:
                found = reader.parts(path, name, source)
                if found:
                    parts.setdefault(name, []).extend(found)
    alarms = reader.alarms()
    if any(map(is_alarm, alarms)):
        return {}, [*reader.unreadable, *alarms]
    reader.unread(paths)
    return parts, [*reader.unreadable, *alarms, *reader.faults]


class _Reader:
    """Opens every file once and collects the faults of reading."""

    def __init__(self, contract: Contract, mapping: FileMapping, limits: Limits) -> None:
        self.contract, self.mapping, self.limits = contract, mapping, limits
        self.faults: list[Fault] = []
        self.unreadable: list[Fault] = []
        self.layouts: dict[Path, dict[str, list[Layout]]] = {}
        self.books: dict[tuple[Path, str, str], Book | None] = {}
        self.read: dict[Path, set[str]] = {}

    def parts(self, path: Path, name: str, source: Source) -> list[Part]:
        """The parts of sheet `name` of the contract that a source finds in a file."""
        self.read.setdefault(path, set())
        book = self.book(path, name, source)
        if book is None:
            return []
        wanted = source.sheet or name
        if book.names and wanted not in book.names:
            advice = f"deliver it under this name; the workbook has: {', '.join(book.names)}"
            self.faults.append(Fault(path.name, wanted, (), "", "missing sheet", advice))
            return []
        self.read[path].add(wanted)
        sheet = self.contract.sheets[name]
        shown = wanted if book.names else ""
        part = Part(path.name, shown, sheet, pd.DataFrame(), self.mapping.name)
        try:
            grid = book.grid(wanted)
        except Unreadable as error:
            self.unreadable.append(Fault(path.name, shown, error.rows, "", error.rule, error.advice))
            return []
        self.layouts.setdefault(path, {}).setdefault(shown, []).append(Layout.of(grid, source, sheet))
        found, faults = parts_of(grid, source, sheet, part)
        self.faults += faults
        return found

    def book(self, path: Path, name: str, source: Source) -> Book | None:
        """The opened file; nothing, and one fault, if it cannot be read."""
        key = (path, source.encoding, source.delimiter)
        if key not in self.books:
            try:
                self.books[key] = open_file(path, self.contract, name, source, self.limits)
                self.faults += self.books[key].faults  # type: ignore[union-attr]
            except Unreadable as error:
                self.books[key] = None
                self.unreadable.append(Fault(path.name, "", error.rows, "", error.rule, error.advice))
        return self.books[key]

    def alarms(self) -> list[Fault]:
        """What the identifier gate says of every opened file, sheets that nothing reads included."""
        unread = {*self.contract.other_sheets, *self.mapping.ignore_sheets}
        faults: list[Fault] = []
        for (path, _, _), book in self.books.items():
            if book:
                try:
                    faults += examine(book, self.contract, self.layouts.get(path, {}), unread=unread)
                except Unreadable as error:
                    self.unreadable.append(Fault(path.name, "", error.rows, "", error.rule, error.advice))
        return faults

    def unread(self, paths: Iterable[Path]) -> None:
        """Report files and sheets that nothing reads."""
        for path in paths:
            if path not in self.read:
                advice = f"name it as the file of a sheet in {self.mapping.name}, or take it out of study.yaml"
                self.faults.append(Fault(path.name, "", (), "", "file that nothing reads", advice))
        known = {*self.contract.other_sheets, *self.mapping.ignore_sheets}
        advice = "remove it or add it to the contract"
        if self.mapping.name:
            advice = f"name it under sheets or ignore_sheets in {self.mapping.name}"
        for (path, _, _), book in self.books.items():
            for name in book.names if book else ():
                if name not in known | self.read[path]:
                    if name in self.contract.sheets and not self.mapping.name:
                        continue
                    self.faults.append(Fault(path.name, name, (), "", "unexpected sheet", advice, "warning"))


def open_file(path: Path, contract: Contract, name: str, source: Source, limits: Limits = LIMITS) -> Book:
    """Open a file by the ending of its name.

    Raises
    ------
    Unreadable
        If it cannot be read, or the ending is of no format that is read.
    """
    ending = path.suffix.lower()
    if ending in WORKBOOKS:
        return open_workbook(path, password_of(contract.extract), limits)
    if ending in DELIMITED:
        sheet = contract.sheets[name]
        return open_delimited(
            path,
            source.headers(sheet),
            header_row=source.header_row or sheet.header_row,
            encoding=source.encoding,
            delimiter=source.delimiter,
            limits=limits,
        )
    if ending in STATISTICAL:
        return open_statistical(path, limits)
    raise Unreadable("unknown format", f"deliver it as one of: {', '.join((*WORKBOOKS, *DELIMITED, *STATISTICAL))}")
