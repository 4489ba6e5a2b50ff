"""Comparisons between published ids, such as ``a.total = a.part + b.part``, read from ``audit.yaml``.

An id stands for its printed number. Of one id: ``count`` is the whole numbers whose share of its base prints as it
does, ``n`` its base, ``digits`` what rounds to its printed digits (where a band is declared too), ``error`` the
standard error of a percentage, ``months`` the months of a window, both ends included. ``least`` and ``most`` choose
a term.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from drive_eval.errors import UserError
from drive_eval.reference.audit.printed import (
    Interval,
    exact,
    interval_of,
    point,
    rounding_interval,
    unit_scale,
    whole_counts,
)
from drive_eval.reference.register import Published, Register

_SIGNS = re.compile(r"<=|>=|<|>|=")
_OPERATIONS: Mapping[type[ast.operator], Callable[[Interval, Interval], Interval]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_CHOICES = ("least", "most")


@dataclass(frozen=True)
class Comparison:
    """Two expressions and the sign between them."""

    text: str
    left: ast.expr
    sign: str
    right: ast.expr

    @property
    def ids(self) -> tuple[str, ...]:
        """Published ids in the order in which they stand."""
        return tuple(dict.fromkeys([*ids_in(self.left), *ids_in(self.right)]))


def parse_comparison(text: str) -> Comparison:
    """Read ``expression sign expression``.

    Raises
    ------
    UserError
        If there is not exactly one sign or a side is no expression.
    """
    signs = _SIGNS.findall(text)
    if len(signs) != 1:
        raise UserError(f"{text!r}: one sign of comparison is needed")
    left, right = _SIGNS.split(text)
    return Comparison(text, parse_expression(left), signs[0], parse_expression(right))


def parse_expression(text: str) -> ast.expr:
    """Read sums, differences, products, quotients and calls over published ids and numbers.

    Raises
    ------
    UserError
        If anything else occurs.
    """
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise UserError(f"{text!r} is not an expression") from error
    list(ids_in(node))
    return node


def ids_in(node: ast.expr) -> Iterator[str]:
    """Published ids of an expression, in the order in which they stand."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            yield from ids_in(left)
            yield from ids_in(right)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _OF_ENTRY:
            yield _id_of(argument)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _CHOICES and arguments:
            for argument in arguments:
                yield from ids_in(argument)
        case ast.Attribute() | ast.Name():
            yield _id_of(node)
        case ast.Constant(value=value) if isinstance(value, (int, float)):
            return
        case _:
            raise UserError(f"{ast.unparse(node)!r} cannot stand in an expression")


def range_of(node: ast.expr, register: Register) -> Interval:
    """Every value that an expression can have, given what is printed."""
    return _evaluate(node, register, interval_of)


def value_of(node: ast.expr, register: Register) -> Interval:
    """The value of an expression with the printed numbers put in as they are; one number unless a band is printed."""
    return _evaluate(node, register, _as_printed)


def _evaluate(node: ast.expr, register: Register, read: Callable[[Published], Interval]) -> Interval:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_evaluate(left, register, read), _evaluate(right, register, read))
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _OF_ENTRY:
            return _OF_ENTRY[name](register[_id_of(argument)])
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _chosen(name, [_evaluate(argument, register, read) for argument in arguments])
        case ast.Constant(value=value):
            return point(exact(value))  # type: ignore[arg-type]
    return read(register[_id_of(node)])


def _as_printed(entry: Published) -> Interval:
    return interval_of(entry) if entry.range is not None else point(exact(entry.number) * unit_scale(entry))


def _chosen(name: str, terms: list[Interval]) -> Interval:
    choose = min if name == "least" else max
    low = choose(terms, key=lambda term: term.low)
    high = choose(terms, key=lambda term: term.high)
    return Interval(low.low, high.high, low.low_closed, high.high_closed)


def _counts(entry: Published) -> Interval:
    counts = whole_counts(interval_of(entry), _base(entry))
    return Interval(Fraction(counts.start), Fraction(counts.stop - 1))


def _base(entry: Published) -> int:
    if entry.n is None:
        raise UserError(f"{entry.published_id} is printed without a base")
    return entry.n


def _digits(entry: Published) -> Interval:
    value = exact(entry.number)
    decimals = next(places for places in range(20) if (value * 10**places).denominator == 1)
    return rounding_interval(value, decimals)


def _error(entry: Published) -> Interval:
    return point(Fraction(math.sqrt(entry.number * (100 - entry.number) / _base(entry))))


def _months(entry: Published) -> Interval:
    if not isinstance(entry.value, tuple) or len(entry.value) != 2:
        raise UserError(f"{entry.published_id} is not a window of two months")
    (first_year, first), (last_year, last) = ([int(part) for part in str(end).split("-")[:2]] for end in entry.value)
    return point(12 * (last_year - first_year) + last - first + 1)


_OF_ENTRY: Mapping[str, Callable[[Published], Interval]] = {
    "count": _counts,
    "n": lambda entry: point(_base(entry)),
    "digits": _digits,
    "error": _error,
    "months": _months,
}


def _id_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_id_of(value)}.{name}"
    raise UserError(f"{ast.unparse(node)!r} is not a published id")


def can_hold(sign: str, left: Interval, right: Interval) -> bool:
    """Whether a comparison holds for some values of both sides."""
    match sign:
        case "=":
            return not left.meet(right).is_empty
        case "<=" | "<":
            return left.low < right.high or (
                sign == "<=" and left.low == right.high and left.low_closed and right.high_closed
            )
    return can_hold({">=": "<=", ">": "<"}[sign], right, left)
