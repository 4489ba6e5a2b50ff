"""Values the report does not print (its figures were images), chosen to agree with its text.

Each stands in ``config/<study>/assumed.csv`` with its reason and is never counted as reproduced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from drive_eval.errors import UserError


class Assumed(Mapping[str, float]):
    """Assumed values by id, remembering which were used so that none stays without effect."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._values = {row["id"]: _number(row["value"]) for row in rows}
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> float:
        self.used.add(name)
        return self._values[name]

    def count(self, name: str) -> int:
        """An assumed whole number.

        Raises
        ------
        UserError
            If the value is not whole.
        """
        value = self[name]
        if not isinstance(value, int):
            raise UserError(f"assumed value {name} is {value}, a whole number is needed")
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def unused(self) -> list[str]:
        """Ids that nothing read."""
        return sorted(set(self._values) - self.used)


def _number(text: str) -> float:
    return int(text) if text.lstrip("-").isdigit() else float(text)
