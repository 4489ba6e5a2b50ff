"""What is said in words against the numbers: repeats, orders, directions, vague quantities, significance, copies."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from drive_eval.reference.audit.expressions import can_hold, ids_in, parse_expression, range_of, value_of
from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import Interval, exact, half_up, interval_of, point, shown, unit_scale
from drive_eval.reference.audit.shares import is_number
from drive_eval.reference.register import Published, Register

REPEAT = "repeats another entry"
ORDER = "order of its numbers"
SIGNIFICANCE = "significance from p"
WORDED = "word for a share"

_STATEMENT = re.compile(r"^(\w+) ([>~]) (\w+)$")

Item = Mapping[str, Any]


def check_repeats(register: Register) -> Iterator[Finding]:
    """Entries that repeat another one: the same value, or the other one's at fewer digits."""
    for entry in register.values():
        if not entry.same_as:
            continue
        other = register[entry.same_as]
        same = _repeats(entry, other)
        text = f"{entry.printed} where {other.published_id} has {other.printed}"
        finding = Finding(entry.published_id, REPEAT, "holds" if same else "impossible", text, (other.published_id,))
        yield finding
        yield from members(finding, finding.related, confirmed=same)


def _repeats(entry: Published, other: Published) -> bool:
    if not (is_number(entry) and is_number(other)):
        return entry.value == other.value
    if entry.kind == other.kind and (entry.decimals or 0) >= (other.decimals or 0):
        return entry.number == other.number
    return exact(other.number) * unit_scale(other) in interval_of(entry)


def check_significance(register: Register) -> Iterator[Finding]:
    """Statements of significance with a p-value beside them (the same id with ``p`` in the last place)."""
    for entry in register.values():
        beside = f"{entry.published_id.rpartition('.')[0]}.p"
        if entry.kind != "significance" or entry.alpha is None or beside not in register:
            continue
        p, alpha = register[beside], point(exact(entry.alpha))
        sign = "<" if entry.value == "significant" else ">="
        verdict = "holds" if can_hold(sign, interval_of(p), alpha) else "impossible"
        text = f"{str(entry.value).replace('_', ' ')} at {entry.alpha}, p {p.printed}"
        yield Finding(entry.published_id, SIGNIFICANCE, verdict, text, (beside,))


def check_orders(orders: Sequence[Item], register: Register) -> Iterator[Finding]:
    """Orders whose members have printed numbers; `values` is an expression with ``{}`` for the member's name."""
    for item in orders:
        entry = register[item["id"]]
        broken, related = [], []
        for one, sign, two in _statements(entry):
            sides = [parse_expression(item["values"].replace("{}", name)) for name in (one, two)]
            left, right = (range_of(side, register) for side in sides)
            related += [name for side in sides for name in _ids(side)]
            if not can_hold("=" if sign == "~" else sign, left, right):
                broken.append(f"{one} {sign} {two} fails: {_about(left)} against {_about(right)}")
        verdict = "impossible" if broken else "holds"
        text = "; ".join(broken) or f"{entry.printed} agrees with the numbers"
        yield Finding(entry.published_id, ORDER, verdict, text, tuple(dict.fromkeys(related)))


def _statements(entry: Published) -> list[tuple[str, str, str]]:
    values = [str(value) for value in entry.value] if isinstance(entry.value, tuple) else [str(entry.value)]
    if any(_STATEMENT.match(value) for value in values):
        return [match.groups() for value in values if (match := _STATEMENT.match(value))]  # type: ignore[misc]
    return [(one, ">", two) for one, two in itertools.pairwise(values)]


def check_listed(lists: Sequence[Item], register: Register) -> Iterator[Finding]:
    """Numbers that a text lists with the largest first; a smaller one before a larger one is a tension of both."""
    for item in lists:
        names = list(item["id"])
        wrong = [
            pair
            for pair in itertools.pairwise(names)
            if can_hold("<", interval_of(register[pair[0]]), interval_of(register[pair[1]]))
            and not can_hold(">=", interval_of(register[pair[0]]), interval_of(register[pair[1]]))
        ]
        numbers = ", ".join(register[name].printed for name in names)
        for name in names:
            pairs = [pair for pair in wrong if name in pair]
            related = tuple(other for pair in pairs for other in pair if other != name)
            text = f"listed as {numbers}" + ("; a smaller one stands before a larger one" if pairs else "")
            yield Finding(name, item["check"], "tension" if pairs else "holds", text, related)


def check_opposite(items: Sequence[Item], register: Register) -> Iterator[Finding]:
    """Two measures that are said to point the same way between two groups."""
    for item in items:
        directions = [_direction([register[name] for name in item[key]]) for key in ("first", "second")]
        agree = directions[0] == directions[1]
        numbers = " and ".join(
            " against ".join(register[name].printed for name in item[key]) for key in ("first", "second")
        )
        text = f"{numbers}: {'the same way' if agree else 'opposite ways'}; {item['claim']}"
        for name in item["about"]:
            yield Finding(name, item["check"], "holds" if agree else "tension", text, (*item["first"], *item["second"]))


def _direction(pair: Sequence[Published]) -> int:
    first, second = (exact(entry.number) for entry in pair)
    return (first > second) - (first < second)


def check_copies(items: Sequence[Item], register: Register) -> Iterator[Finding]:
    """A profile that is said to be of one sample and shows the figures of another one.

    Each figure is compared, at its own digits, with the other sample (`like`) and with its own sample as given
    elsewhere (`own`). If all equal the other's and at least `at_least` differ from their own, all are a tension.
    """
    for item in items:
        pairs = [(register[pair["id"]], pair) for pair in item["pairs"]]
        like = [_equals(entry, pair["like"], register) for entry, pair in pairs]
        own = [_equals(entry, pair["own"], register) for entry, pair in pairs]
        differing = own.count(False)
        is_copy = all(like) and differing >= item["at_least"]
        for (entry, pair), same in zip(pairs, own, strict=True):
            names = tuple(_ids(parse_expression(pair["like"])))
            text = f"equals {_shown_value(pair['like'], register)} of {item['other']}; "
            text += f"{item['sample']} shows {_shown_value(pair['own'], register)}{'' if same else ', which differs'}; "
            text += f"all {len(pairs)} figures equal, {differing} differ from their own sample"
            plain = f"compared with {item['other']} and {item['sample']}: no sign of a copy"
            yield Finding(
                entry.published_id, item["check"], "tension" if is_copy else "holds", text if is_copy else plain, names
            )


def _equals(entry: Published, text: str, register: Register) -> bool:
    value = value_of(parse_expression(text), register)
    return half_up(Fraction(value.low), entry.decimals or 0) == exact(entry.number)


def _shown_value(text: str, register: Register) -> str:
    return shown(Fraction(value_of(parse_expression(text), register).low))


def check_worded(items: Sequence[Item], words: Mapping[str, Sequence[float]], register: Register) -> Iterator[Finding]:
    """A word for a share against the exact share, with the band that each word allows."""
    for item in items:
        entry = register[item["id"]]
        low, high = words[str(entry.value)]
        share = value_of(parse_expression(item["exact"]), register)
        fits = not share.meet(Interval(exact(low), exact(high))).is_empty
        related = tuple(_ids(parse_expression(item["exact"])))
        text = f"{entry.value} stands for {_about(share)} per cent; the word is read as {low} to {high}"
        finding = Finding(entry.published_id, WORDED, "holds" if fits else "tension", text, related)
        yield finding
        yield from members(finding, related, confirmed=True) if fits else ()


def _ids(node: ast.expr) -> list[str]:
    return list(dict.fromkeys(ids_in(node)))


def _about(interval: Interval) -> str:
    if interval.low == interval.high:
        return shown(interval.low)
    return f"{shown(interval.low)} to {shown(interval.high)}"
