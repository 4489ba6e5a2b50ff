"""Values the report does not print (its figures were images), chosen to agree with its text.

Each stands in ``config/<study>/assumed.csv`` with its reason and is never counted as reproduced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Assumed(Mapping[str, int]):
    """Assumed counts by id, remembering which were used so that none stays without effect."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._values = {row["id"]: int(row["value"]) for row in rows}
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> int:
        self.used.add(name)
        return self._values[name]

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def unused(self) -> list[str]:
        """Ids that nothing read."""
        return sorted(set(self._values) - self.used)
