"""The kinds of damage: each changes a delivery and claims what must come of it."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ..deliveries import Delivery
from ..judge import columns_of, text


@dataclass
class Claim:
    """What must come of a case.

    `must` is `refused`, `visible` (accepted with a warning), `told` (a warning, whatever else), `same` (the tables as
    without the damage), `judged` (what the oracle says of the sheet) or `harmless or refused`. `at` is what one fault
    must say, `quiet` what no message may repeat.
    """

    must: str
    sheet: str = ""
    at: dict = field(default_factory=dict)
    quiet: tuple[str, ...] = ()


class NotHere(Exception):
    """The kind does not apply to this extract; another is drawn."""


KINDS: dict[str, tuple[str, Callable]] = {}
"""For each kind, where it applies (`any`, `workbook` or `delimited`) and what does it."""


def kind(where: str = "any"):
    def register(change: Callable) -> Callable:
        KINDS[change.__name__] = (where, change)
        return change

    return register


class Case:
    """A delivery with the sheet that is to be damaged, and draws from it."""

    def __init__(self, rng: random.Random, delivery: Delivery):
        self.rng, self.delivery = rng, delivery
        self.sheet = rng.choice(list(delivery.sheets))
        self.columns = columns_of(delivery.extract, self.sheet)

    @property
    def place(self) -> str:
        """The sheet as a message names it."""
        return self.sheet if self.delivery.is_workbook else ""

    def rows(self) -> list[list]:
        return self.delivery.edit(self.sheet)

    def judged(self, *quiet: str) -> Claim:
        return Claim("judged", self.sheet, quiet=quiet)

    def same(self) -> Claim:
        return Claim("same", self.sheet)

    def refused(self, **at) -> Claim:
        return Claim("refused", self.sheet, {"sheet": self.place} | at)

    def header(self, *types: str, without: str = "Data origin", **wanted) -> str:
        """A column of one of these types with these properties."""
        fitting = [
            header
            for header, column in self.columns.items()
            if (not types or column["type"] in types)
            and header != without
            and all(column.get(key, False) == wish for key, wish in wanted.items())
        ]
        if not fitting:
            raise NotHere
        return self.rng.choice(fitting)

    def at(self, header: str) -> int:
        return self.delivery.sheets[self.sheet][0].index(header)

    def cell(self, header: str, change: Callable, *, filled: bool = True) -> tuple[int, str]:
        """Change one cell of a column; its row in the file and what it said."""
        rows, place = self.rows(), self.at(header)
        fitting = [number for number, row in enumerate(rows) if number and (not filled or text(row[place]))]
        if not fitting:
            raise NotHere
        number = self.rng.choice(fitting)
        before, rows[number][place] = rows[number][place], change(rows[number][place])
        return number + 1, text(before)

    def date(self, day: dt.date):
        """A date as this kind of file holds it."""
        return day if self.delivery.is_workbook else day.isoformat()

    def bad(self, header: str, word) -> Claim:
        """Put a word that breaks the contract into a cell."""
        row, _ = self.cell(header, lambda _: word)
        quiet = () if self.columns[header].get("quotable") else (text(word),)
        return Claim("refused", self.sheet, {"sheet": self.place, "column": header, "rows": row}, quiet)
