"""Sets of published numbers that must be true together: statements about unknown counts in ``audit.yaml``."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from drive_eval.errors import UserError
from drive_eval.reference.audit.feasibility import (
    Conflict,
    Constraint,
    Cross,
    Linear,
    Problem,
    Statement,
    Undecided,
    conflicts,
    is_only_solution,
    solution,
)
from drive_eval.reference.audit.findings import Finding
from drive_eval.reference.audit.printed import Interval, exact, interval_of
from drive_eval.reference.audit.shares import is_number
from drive_eval.reference.register import Register

BLANK = "None"
"""How the register holds a cell that is left blank or shows a dash."""

_TERM = re.compile(r"([+-]?)\s*(?:(\d+)\s*\*\s*)?([a-z][a-z0-9_]*|\d+)\s*")
_SIGN = re.compile(r"<=|>=|<|>|=")

Terms = dict[str, int]
"""Coefficient per unknown; the constant stands under the empty name."""


@dataclass(frozen=True)
class SetReading:
    """One reading of a set: what it adds to the structure and the statements common to all readings."""

    reading: str
    structure: tuple[str, ...]
    statements: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class SetOfNumbers:
    """A set of statements; the first reading is the one that the words suggest."""

    check: str
    limit: int
    structure: tuple[str, ...]
    either: tuple[tuple[tuple[str, ...], ...], ...]
    statements: tuple[Mapping[str, Any], ...]
    readings: tuple[SetReading, ...]
    names_solution: bool


def check_set(numbers: SetOfNumbers, register: Register) -> list[Finding]:
    """Whether the statements of a set can hold together, in any of its readings.

    An entry that must go in every reading is impossible, one that must go in the first only is a tension.
    """
    problems = [problem_of(numbers, reading, register) for reading in numbers.readings]
    ids = list(dict.fromkeys(statement.published_id for statement in problems[0].statements))
    try:
        found = [conflicts(problem) for problem in problems]
        detail = _when_possible(numbers, problems[0]) if not found[0] else ""
    except Undecided as error:
        return [Finding(name, numbers.check, "not testable", str(error)) for name in ids]
    at_fault = [_at_fault(listed) for listed in found]
    findings = []
    for name in ids:
        others = tuple(other for other in ids if other != name)
        if name not in at_fault[0]:
            text = detail or f"can hold with the rest of the set once {_named(at_fault[0])} is left out"
            findings.append(Finding(name, numbers.check, "holds", text, others if not detail else ()))
            continue
        conflict, against = at_fault[0][name]
        saving = [
            reading.reading for reading, fault in zip(numbers.readings, at_fault, strict=True) if name not in fault
        ]
        verdict = "tension" if saving else "impossible"
        text = _conflict_in_words(name, conflict, against, numbers.readings[0].reading, register)
        text += f"; possible if read as {saving[0]}" if saving else ""
        findings.append(Finding(name, numbers.check, verdict, text, against))
    return findings


def _at_fault(found: Sequence[Conflict]) -> dict[str, tuple[Conflict, tuple[str, ...]]]:
    """Entries at fault with the conflict that shows it: the one that must go, or all that could."""
    fault: dict[str, tuple[Conflict, tuple[str, ...]]] = {}
    for conflict in found:
        candidates = [conflict.dropped]
        if not conflict.is_forced:
            candidates += [statement for statement in conflict.against if not statement.given]
        whole = [conflict.dropped, *conflict.against]
        for statement in candidates:
            name = statement.published_id
            against = tuple(dict.fromkeys(other.published_id for other in whole if other.published_id != name))
            fault.setdefault(name, (conflict, against))
    return fault


def _conflict_in_words(name: str, conflict: Conflict, against: Sequence[str], reading: str, register: Register) -> str:
    listed = ", ".join(f"{other} ({register[other].printed})" for other in against)
    choice = "only without it can the rest hold" if conflict.is_forced else "one of them must go"
    start = f"read as {reading}: " if reading else ""
    return f"{start}{register[name].printed} cannot hold together with {listed}; {choice}"


def _named(names: Mapping[str, Any]) -> str:
    return ", ".join(names)


def _when_possible(numbers: SetOfNumbers, problem: Problem) -> str:
    text = f"can hold together with the {len(problem.statements) - 1} other statements of the set"
    if not numbers.names_solution:
        return text
    found = solution(problem)
    if found is not None and is_only_solution(problem, found):
        return f"{text}, with one solution in whole counts only"
    return text


def problem_of(numbers: SetOfNumbers, reading: SetReading, register: Register) -> Problem:
    """The problem that one reading of a set poses."""
    statements = [
        _statement(item, register)
        for item in (*numbers.statements, *reading.statements)
        if register[item["id"]].value != BLANK
    ]
    structure = [linear(text) for text in (*numbers.structure, *reading.structure)]
    either = tuple(tuple(tuple(linear(text) for text in option) for option in options) for options in numbers.either)
    used: list[Constraint] = [*structure]
    used += [constraint for options in either for option in options for constraint in option]
    used += [constraint for statement in statements for constraint in statement.constraints]
    names = sorted({name for constraint in used for name in _names(constraint)})
    return Problem(dict.fromkeys(names, (0, numbers.limit)), tuple(structure), tuple(statements), either)


def _names(constraint: Constraint) -> set[str]:
    if isinstance(constraint, Linear):
        return {name for name, _ in constraint.terms}
    return {name for side in (constraint.left, constraint.right) for terms in side for name, _ in terms}


def _statement(item: Mapping[str, Any], register: Register) -> Statement:
    entry = register[item["id"]]
    if not is_number(entry) and "between" not in item and not {"more", "highest", "descending"} & set(item):
        raise UserError(f"{entry.published_id} is not a number; give the band that its words allow as `between`")
    if "between" in item:
        low, high = item["between"]
        band = Interval(exact(low), exact(high))
    elif is_number(entry):
        band = interval_of(entry)
    else:
        band = Interval(-math.inf, math.inf)
    return Statement(entry.published_id, tuple(_constraints(item, band)), bool(item.get("given", False)))


def _constraints(item: Mapping[str, Any], band: Interval) -> list[Constraint]:
    if "count" in item:
        terms = terms_of(item["count"])
        return [_linear(terms, int(band.low), int(band.high))]
    if "share" in item:
        return share_within(terms_of(item["share"]["of"]), terms_of(item["share"]["in"]), band)
    if "fall" in item:
        start, end = terms_of(item["fall"]["from"]), terms_of(item["fall"]["to"])
        return [*share_within(_minus(start, end), start, band), _linear(start, 1, None)]
    if "share_fall" in item:
        return _share_fall(item["share_fall"], band)
    if "more" in item:
        first, second = item["more"]
        return [_compare(first, second, least=1)]
    if "highest" in item:
        first, *others = item["highest"]
        return [_compare(first, other, least=0) for other in others]
    if "descending" in item:
        listed = [terms_of(text) for text in item["descending"]]
        return [_linear(_minus(one, two), 1, None) for one, two in itertools.pairwise(listed)]
    raise UserError(f"{item['id']}: no statement is made of it")


def share_within(of: Terms, base: Terms, percentage: Interval) -> list[Constraint]:
    """``100 * of / base`` lies in an interval, for a base above 0."""
    found: list[Constraint] = []
    if not math.isinf(percentage.low):
        low = Fraction(percentage.low)
        terms = _minus(_scaled(of, 100 * low.denominator), _scaled(base, low.numerator))
        found.append(_linear(terms, 0 if percentage.low_closed else 1, None))
    if not math.isinf(percentage.high):
        high = Fraction(percentage.high)
        terms = _minus(_scaled(base, high.numerator), _scaled(of, 100 * high.denominator))
        found.append(_linear(terms, 0 if percentage.high_closed else 1, None))
    return found


def _share_fall(item: Mapping[str, Any], band: Interval) -> list[Constraint]:
    start, end = item["from"], item["to"]
    left = (_pairs(terms_of(end["of"])), _pairs(terms_of(start["in"])))
    right = (_pairs(terms_of(start["of"])), _pairs(terms_of(end["in"])))
    most, fewest = 1 - Fraction(band.low) / 100, 1 - Fraction(band.high) / 100
    return [
        Cross(left, right, factor=fewest.denominator, other=fewest.numerator),
        Cross(right, left, factor=most.numerator, other=most.denominator),
        _linear(terms_of(start["of"]), 1, None),
        _linear(terms_of(end["in"]), 1, None),
    ]


def _compare(first: Mapping[str, str], second: Mapping[str, str], *, least: int) -> Cross:
    left = (_pairs(terms_of(first["of"])), _pairs(terms_of(second["in"])))
    return Cross(left, (_pairs(terms_of(second["of"])), _pairs(terms_of(first["in"]))), least=least)


def linear(text: str) -> Linear:
    """Read ``sum sign sum`` over unknowns and whole numbers.

    Raises
    ------
    UserError
        If it is not of that form.
    """
    sides, signs = _SIGN.split(text), _SIGN.findall(text)
    if len(signs) != 1:
        raise UserError(f"{text!r}: one sign of comparison is needed")
    difference = _minus(terms_of(sides[0]), terms_of(sides[1]))
    low = {"=": 0, ">=": 0, ">": 1}.get(signs[0])
    high = {"=": 0, "<=": 0, "<": -1}.get(signs[0])
    return _linear(difference, low, high)


def terms_of(text: str) -> Terms:
    """Read a sum of unknowns, each with a whole coefficient if any, and whole numbers.

    Raises
    ------
    UserError
        If anything else stands in it.
    """
    found: Terms = {}
    place, stripped = 0, text.strip()
    while place < len(stripped):
        match = _TERM.match(stripped, place)
        if match is None or (place and not match[1]):
            raise UserError(f"{text!r} is not a sum of unknowns")
        size = int(match[2] or 1) * (-1 if match[1] == "-" else 1)
        name, size = ("", size * int(match[3])) if match[3].isdigit() else (match[3], size)
        found[name] = found.get(name, 0) + size
        place = match.end()
    return found


def _linear(terms: Terms, low: int | None, high: int | None) -> Linear:
    constant = terms.get("", 0)
    return Linear(
        _pairs({name: size for name, size in terms.items() if name}),
        None if low is None else low - constant,
        None if high is None else high - constant,
    )


def _pairs(terms: Terms) -> tuple[tuple[str, int], ...]:
    return tuple(terms.items())


def _scaled(terms: Terms, factor: int) -> Terms:
    return {name: factor * size for name, size in terms.items()}


def _minus(first: Terms, second: Terms) -> Terms:
    return {name: first.get(name, 0) - second.get(name, 0) for name in dict.fromkeys([*first, *second])}
