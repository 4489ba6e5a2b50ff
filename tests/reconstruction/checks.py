"""The check of each published number: published id -> function from the raw tables to the value it should print."""

from collections.abc import Callable
from functools import reduce

from . import (
    check_behaviour,
    check_casework,
    check_classes,
    check_insights,
    check_interviews,
    check_needs,
    check_people,
    check_police,
)
from .raw import Raw
from .register import Value, read_register, read_unconstrained

PARTS = (
    check_people,
    check_needs,
    check_behaviour,
    check_classes,
    check_casework,
    check_insights,
    check_police,
    check_interviews,
)
REGISTER = read_register()
UNCONSTRAINED = read_unconstrained()


def _add(found: dict, part: dict) -> dict:
    assert not set(found) & set(part), f"checked twice: {sorted(set(found) & set(part))}"
    return found | part


# Loops over groups, areas and statistics also make checks of figures that were not printed: those are left out.
CHECKS: dict[str, Callable[[Raw], Value]] = {
    published_id: check
    for published_id, check in reduce(_add, (part.CHECKS for part in PARTS), {}).items()
    if published_id in REGISTER
}


def find_check(published_id: str) -> Callable[[Raw], Value] | None:
    """The check of an entry, or of the entry that it repeats."""
    return CHECKS.get(published_id) or CHECKS.get(REGISTER[published_id].same_as)
