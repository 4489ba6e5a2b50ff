"""Can a set of statements about whole numbers be true together? If not: the smallest correction and the conflict.

A small layer on OR-tools CP-SAT. Each statement carries the id of the published entry that makes it. Statements can
be dropped, structure cannot. The smallest correction is the lightest set of statements whose removal leaves the rest
possible; the conflict of a statement is a set of which each member is needed for the contradiction (deletion filter).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ortools.sat.python import cp_model

from drive_eval.errors import UserError

GIVEN_WEIGHT = 3
"""How many ordinary statements one is worth that is taken as it stands (a count against the share made of it)."""

_LARGE = 10**9


@dataclass(frozen=True)
class Linear:
    """``low <= sum of coefficient times variable <= high``; a limit may be None."""

    terms: tuple[tuple[str, int], ...]
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Cross:
    """``factor * left[0] * left[1] - other * right[0] * right[1] >= least``, each of the four a linear sum."""

    left: tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]
    right: tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]
    factor: int = 1
    other: int = 1
    least: int = 0


Constraint = Linear | Cross


@dataclass(frozen=True)
class Statement:
    """What one published entry says; `given` if other statements are judged by it rather than it by them."""

    published_id: str
    constraints: tuple[Constraint, ...]
    given: bool = False


@dataclass(frozen=True)
class Problem:
    """Unknown whole numbers, what always holds of them, alternatives of which one holds, and the statements."""

    unknowns: Mapping[str, tuple[int, int]]
    structure: tuple[Constraint, ...]
    statements: tuple[Statement, ...]
    either: tuple[tuple[tuple[Constraint, ...], ...], ...] = ()
    squares: tuple[tuple[str, str], ...] = field(default=())
    """Pairs (square, root) of unknowns."""


@dataclass(frozen=True)
class Conflict:
    """A statement that must go, the statements that contradict it, and whether only this choice is the smallest."""

    dropped: Statement
    against: tuple[Statement, ...]
    is_forced: bool


class Undecided(UserError):
    """The solver gave up before it found or excluded a solution."""


def conflicts(problem: Problem) -> list[Conflict]:
    """The smallest correction of a problem with the conflict behind each of its members; empty if all can hold.

    Raises
    ------
    Undecided
        If the solver gives up.
    UserError
        If the structure alone cannot hold.
    """
    whole = range(len(problem.statements))
    if _Model(problem, whole).is_possible:
        return []
    kept, weight = _Model(problem, whole).largest_kept()
    if kept is None:
        raise UserError("the structure of a set contradicts itself, whatever is printed")
    dropped = [place for place in whole if place not in kept]
    forced = not _Model(problem, whole).has_another(dropped, weight)
    found = []
    for place in dropped:
        core = _conflict_of(problem, place, kept)
        against = tuple(problem.statements[other] for other in core if other != place)
        found.append(Conflict(problem.statements[place], against, forced))
    return found


def solution(problem: Problem) -> Mapping[str, int] | None:
    """One solution in which all statements hold, or None."""
    model = _Model(problem, range(len(problem.statements)))
    return model.values() if model.is_possible else None


def is_only_solution(problem: Problem, found: Mapping[str, int]) -> bool:
    """Whether no other solution differs from the one found."""
    return not _Model(problem, range(len(problem.statements)), apart_from=found).is_possible


def _conflict_of(problem: Problem, place: int, kept: Iterable[int]) -> list[int]:
    candidates = [place, *sorted(kept)]
    core = _Model(problem, candidates).core()
    for other in sorted(set(core) - {place}, reverse=True):
        fewer = [member for member in core if member != other]
        if not _Model(problem, fewer).is_possible:
            core = fewer
    return sorted(core)


class _Model:
    """One CP-SAT model of the statements at some places, each behind a switch."""

    def __init__(self, problem: Problem, places: Sequence[int], *, apart_from: Mapping[str, int] | None = None) -> None:
        self._problem = problem
        self._places = list(places)
        self._model = cp_model.CpModel()
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.random_seed = 2019
        self._solver.parameters.max_deterministic_time = 60
        if any(isinstance(constraint, Cross) for constraint in self._considered()):
            self._solver.parameters.linearization_level = 0  # products: a third of the time, the answer is the same
        self._variables = {
            name: self._model.new_int_var(low, high, name) for name, (low, high) in problem.unknowns.items()
        }
        self._switches = {place: self._model.new_bool_var("") for place in self._places}
        self._build()
        if apart_from is not None:
            differs = []
            for name, variable in self._variables.items():
                switch = self._model.new_bool_var("")
                self._model.add(variable != apart_from[name]).only_enforce_if(switch)
                differs.append(switch)
            self._model.add_bool_or(differs)

    def _considered(self) -> Iterator[Constraint]:
        yield from self._problem.structure
        for place in self._places:
            yield from self._problem.statements[place].constraints

    def _build(self) -> None:
        for constraint in self._problem.structure:
            self._add(constraint, None)
        for square, root in self._problem.squares:
            self._model.add_multiplication_equality(self._variables[square], [self._variables[root]] * 2)
        for options in self._problem.either:
            switches = [self._model.new_bool_var("") for _ in options]
            self._model.add_bool_or(switches)
            for switch, option in zip(switches, options, strict=True):
                for constraint in option:
                    self._add(constraint, switch)
        for place, switch in self._switches.items():
            for constraint in self._problem.statements[place].constraints:
                self._add(constraint, switch)

    def _add(self, constraint: Constraint, switch: cp_model.IntVar | None) -> None:
        if isinstance(constraint, Cross):
            left, right = self._product(constraint.left), self._product(constraint.right)
            bounds = [self._model.add(constraint.factor * left - constraint.other * right >= constraint.least)]
        else:
            total = self._sum(constraint.terms)
            bounds = [] if constraint.low is None else [self._model.add(total >= constraint.low)]
            bounds += [] if constraint.high is None else [self._model.add(total <= constraint.high)]
        if switch is not None:
            for bound in bounds:
                bound.only_enforce_if(switch)

    def _sum(self, terms: tuple[tuple[str, int], ...]) -> cp_model.LinearExprT:
        return sum(coefficient * self._variables[name] for name, coefficient in terms)

    def _product(self, factors: tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]) -> cp_model.IntVar:
        product = self._model.new_int_var(0, _LARGE, "")
        self._model.add_multiplication_equality(product, [self._whole(terms) for terms in factors])
        return product

    def _whole(self, terms: tuple[tuple[str, int], ...]) -> cp_model.IntVar:
        high = sum(coefficient * self._problem.unknowns[name][1] for name, coefficient in terms)
        variable = self._model.new_int_var(0, high, "")
        self._model.add(variable == self._sum(terms))
        return variable

    @cached_property
    def is_possible(self) -> bool:
        """Whether the statements can hold together."""
        for switch in self._switches.values():
            self._model.add(switch == 1)
        return self._solve() in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    def core(self) -> list[int]:
        """Places of statements that cannot all hold, perhaps not yet the fewest; the first is always among them."""
        self._model.add_assumptions(list(self._switches.values()))
        if self._solve() != cp_model.INFEASIBLE:
            raise UserError("no conflict among statements that can hold together")
        literals = set(self._solver.sufficient_assumptions_for_infeasibility())
        first, *others = self._places
        return [first, *(place for place in others if self._switches[place].index in literals)]

    def largest_kept(self) -> tuple[set[int] | None, int]:
        """The heaviest set of statements that can hold together, and the weight that is left out."""
        self._model.maximize(sum(self._weight(place) * switch for place, switch in self._switches.items()))
        if self._solve() == cp_model.INFEASIBLE:
            return None, 0
        kept = {place for place, switch in self._switches.items() if self._solver.boolean_value(switch)}
        return kept, sum(self._weight(place) for place in self._places if place not in kept)

    def has_another(self, dropped: Sequence[int], weight: int) -> bool:
        """Whether another correction of the same weight exists."""
        left_out = sum(self._weight(place) * (1 - switch) for place, switch in self._switches.items())
        self._model.add(left_out <= weight)
        self._model.add_bool_or([self._switches[place] for place in dropped])
        return self._solve() in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    def values(self) -> dict[str, int]:
        """The values of the unknowns in the solution found."""
        return {name: self._solver.value(variable) for name, variable in self._variables.items()}

    def _weight(self, place: int) -> int:
        return GIVEN_WEIGHT if self._problem.statements[place].given else 1

    def _solve(self) -> cp_model.CpSolverStatus:
        status = self._solver.solve(self._model)
        if status in (cp_model.UNKNOWN, cp_model.MODEL_INVALID):
            raise Undecided(f"the solver ended with {self._solver.status_name(status)}")
        return status
