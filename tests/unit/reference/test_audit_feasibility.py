"""The solver layer: smallest corrections and conflicts on sets small enough to enumerate by hand."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drive_eval.errors import UserError
from drive_eval.reference.audit.feasibility import (
    Cross,
    Linear,
    Problem,
    Statement,
    conflicts,
    is_only_solution,
    solution,
)


def says(name, *terms, equals, given=False):
    return Statement(name, (Linear(terms, equals, equals),), given)


def sum_of_two(x, y, total, *, given_total=False):
    statements = (
        says("x", ("x", 1), equals=x),
        says("y", ("y", 1), equals=y),
        says("total", ("x", 1), ("y", 1), equals=total, given=given_total),
    )
    return Problem({"x": (0, 20), "y": (0, 20)}, (), statements)


def test_a_sum_that_holds_has_no_conflict():
    assert conflicts(sum_of_two(4, 6, 10)) == []
    assert solution(sum_of_two(4, 6, 10)) == {"x": 4, "y": 6}


def test_a_sum_that_fails_needs_all_its_members_and_forces_none():
    (conflict,) = conflicts(sum_of_two(4, 7, 10))
    names = {conflict.dropped.published_id, *(other.published_id for other in conflict.against)}
    assert names == {"x", "y", "total"}
    assert not conflict.is_forced


def test_statements_that_do_not_matter_are_not_named():
    problem = sum_of_two(4, 7, 10)
    more = (*problem.statements, says("other", ("z", 1), equals=3))
    (conflict,) = conflicts(Problem({**problem.unknowns, "z": (0, 9)}, (), more))
    assert "other" not in {other.published_id for other in conflict.against}


def test_an_entry_in_two_conflicts_is_the_one_that_must_go():
    """x = 4 contradicts x = 5 and x = 5 again: dropping it alone restores the set."""
    statements = (says("a", ("x", 1), equals=4), says("b", ("x", 1), equals=5), says("c", ("x", 1), equals=5))
    (conflict,) = conflicts(Problem({"x": (0, 9)}, (), statements))
    assert conflict.dropped.published_id == "a"
    assert conflict.is_forced
    assert len(conflict.against) == 1


def test_a_given_statement_weighs_more_than_one_judged_by_it():
    statements = (says("given", ("x", 1), equals=4, given=True), says("judged", ("x", 1), equals=5))
    (conflict,) = conflicts(Problem({"x": (0, 9)}, (), statements))
    assert conflict.dropped.published_id == "judged"
    assert conflict.is_forced


def test_two_separate_conflicts_are_both_found():
    statements = tuple(says(f"{name}{value}", (name, 1), equals=value) for name in "xy" for value in (1, 2))
    found = conflicts(Problem({"x": (0, 9), "y": (0, 9)}, (), statements))
    assert sorted(conflict.dropped.published_id[0] for conflict in found) == ["x", "y"]


def test_alternatives_need_one_member():
    options = ((Linear((("x", 1),), 3, 3),), (Linear((("x", 1),), 7, 7),))
    for value, is_possible in ((3, True), (7, True), (5, False)):
        problem = Problem({"x": (0, 9)}, (), (says("x", ("x", 1), equals=value),), either=(options,))
        assert (conflicts(problem) == []) is is_possible


def test_products_compare_shares():
    """3 of 4 is more than 2 of 3, and 2 of 4 is not."""
    more = Cross(((("a", 1),), (("n", 1),)), ((("b", 1),), (("m", 1),)), least=1)
    for a, is_possible in ((3, True), (2, False)):
        values = {"a": a, "m": 4, "b": 2, "n": 3}
        statements = tuple(says(name, (name, 1), equals=value) for name, value in values.items())
        problem = Problem(dict.fromkeys(values, (0, 9)), (), (*statements, Statement("more", (more,))))
        assert (conflicts(problem) == []) is is_possible


def test_only_solution():
    problem = Problem({"x": (0, 9)}, (), (Statement("at least 9", (Linear((("x", 1),), 9, None),)),))
    assert is_only_solution(problem, {"x": 9})
    wider = Problem({"x": (0, 9)}, (), (Statement("at least 8", (Linear((("x", 1),), 8, None),)),))
    assert not is_only_solution(wider, {"x": 9})


def test_a_structure_that_contradicts_itself_is_refused():
    with pytest.raises(UserError, match="structure"):
        conflicts(Problem({"x": (0, 9)}, (Linear((("x", 1),), 10, None),), ()))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 6)), min_size=1, max_size=4))
def test_agrees_with_enumeration(rows):
    """Statements a x + b y = c over x, y of 0 to 4: smallest correction and conflict as found by trying all."""
    statements = tuple(says(str(place), ("x", a), ("y", b), equals=c) for place, (a, b, c) in enumerate(rows))
    problem = Problem({"x": (0, 4), "y": (0, 4)}, (), statements)

    def can_hold(places):
        return any(
            all(rows[place][0] * x + rows[place][1] * y == rows[place][2] for place in places)
            for x, y in itertools.product(range(5), repeat=2)
        )

    places = range(len(rows))
    most = max(size for size in range(len(rows) + 1) if any(map(can_hold, itertools.combinations(places, size))))
    found = conflicts(problem)
    assert len(found) == len(rows) - most
    for conflict in found:
        core = [int(each.published_id) for each in (conflict.dropped, *conflict.against)]
        assert not can_hold(core)
        assert all(can_hold([other for other in core if other != place]) for place in core)
