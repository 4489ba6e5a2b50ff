"""Find what a person means by a name: an exhibit, a result or a published entry."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from drive_eval.errors import UserError

NAMED = 8
"""Names listed in a message at most."""


class UnknownName(UserError):
    """No exhibit, result or published entry has this name, or several have; the message lists the nearest."""


def find(name: str, *, exhibits: Iterable[str], results: Sequence[str], published: Iterable[str]) -> tuple[str, str]:
    """The kind (`exhibit`, `published`, `result`) and the full id that a name stands for.

    Parameters
    ----------
    name : str
        An id; for an exhibit also as printed (``Figure 9``), for a result also as much of its end as names one.

    Raises
    ------
    UnknownName
        If nothing or more than one result has the name.
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    exhibits, published = list(exhibits), list(published)
    if plain in exhibits:
        return "exhibit", plain
    if name in published:
        return "published", name
    ending = [result for result in results if f".{result}".endswith(f".{name}")]
    if name in results or len(ending) == 1:
        return "result", name if name in results else ending[0]
    if ending:
        raise UnknownName(f"{name!r} is the end of {len(ending)} results: {_some(ending)}; give more of the one meant")
    near = _nearest(name, plain, exhibits, published, results)
    advice = f"nearest: {_some(near)}" if near else "drive-eval list names the exhibits"
    raise UnknownName(f"no exhibit, result or published entry is called {name!r}; {advice}")


def _nearest(
    name: str, plain: str, exhibits: Sequence[str], published: Sequence[str], results: Sequence[str]
) -> list[str]:
    """The nearest names of each kind; names that hold the words as they are come first."""
    holding = [known for known in (*exhibits, *published, *results) if name in known][: NAMED // 2]
    near = difflib.get_close_matches(plain, exhibits, n=2, cutoff=0.7)
    near += difflib.get_close_matches(name, published, n=3, cutoff=0.7)
    if name.count(".") > 2:
        near += difflib.get_close_matches(name, results, n=3, cutoff=0.7)
    return list(dict.fromkeys([*holding, *near]))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
