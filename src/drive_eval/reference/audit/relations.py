"""Relations that ``audit.yaml`` declares between published numbers: sums, equal quantities, parts of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from drive_eval.reference.audit import expressions
from drive_eval.reference.audit.expressions import Comparison, can_hold, range_of, value_of
from drive_eval.reference.audit.findings import Finding, members
from drive_eval.reference.audit.printed import Interval, exact, shown
from drive_eval.reference.audit.shares import counts_can_agree, is_number
from drive_eval.reference.register import Published, Register

_OTHER_UNIT = {"GBP million": "GBP billion", "GBP billion": "GBP million"}


@dataclass(frozen=True)
class Reading:
    """Another reading of the words, under which the relation is another one."""

    reading: str
    says: Comparison


@dataclass(frozen=True)
class Relation:
    """What must hold of an entry as it is worded.

    `otherwise` are readings under which another comparison must hold; `unless` is a circumstance without a printed
    number under which the relation need not hold.
    """

    published_id: str
    check: str
    says: Comparison
    otherwise: tuple[Reading, ...] = ()
    unless: str = ""


def check_relations(relations: Sequence[Relation], register: Register) -> list[Finding]:
    """Every relation, with exchanged labels named where two equalities fail that would hold the other way round."""
    findings = []
    swapped = _swapped(relations, register)
    for relation in relations:
        finding, confirmed = check_relation(relation, register)
        if relation.published_id in swapped and finding.verdict == "impossible":
            other = swapped[relation.published_id]
            finding = replace(finding, detail=f"{finding.detail}; the labels of this entry and {other} are exchanged")
        others = [name for name in relation.says.ids if name != relation.published_id]
        findings += [finding, *members(finding, others, confirmed=confirmed)]
    return findings


def check_relation(relation: Relation, register: Register) -> tuple[Finding, bool]:
    """One relation: as printed, before rounding, under another reading, or not at all.

    Returns
    -------
    Finding, bool
        The finding on the relation's subject, and whether the other entries of the relation are confirmed by it.
    """
    says = relation.says
    related = tuple(name for name in says.ids if name != relation.published_id)
    text = _in_words(says, register)

    def finding(verdict: str, *, because: str = "", confirmed: bool = False) -> tuple[Finding, bool]:
        return Finding(relation.published_id, relation.check, verdict, text + because, related), confirmed

    if _as_printed(says, register):
        return finding("holds", confirmed=True)
    if _before_rounding(says, register):
        counts = _common_counts(says, register)
        if counts == "":
            return finding("impossible", because="; no whole count fits all")
        because = f"only {counts} fits all" if counts else "possible before rounding"
        return finding("tension", because=f"; rounding explains it: {because}", confirmed=True)
    for reading in relation.otherwise:
        if _as_printed(reading.says, register) or _before_rounding(reading.says, register):
            return finding(
                "tension", because=f"; true if read as {reading.reading}: {_in_words(reading.says, register)}"
            )
    if relation.unless:
        return finding("tension", because=f"; unless {relation.unless}")
    return finding("impossible", because=_unit_hint(relation, register))


def _as_printed(says: Comparison, register: Register) -> bool:
    return can_hold(says.sign, range_of(says.left, register), value_of(says.right, register))


def _before_rounding(says: Comparison, register: Register) -> bool:
    return can_hold(says.sign, range_of(says.left, register), range_of(says.right, register))


def _in_words(says: Comparison, register: Register) -> str:
    left, right = (_shown(value_of(side, register)) for side in (says.left, says.right))
    return f"{says.text}: {left} {says.sign} {right}" + ("" if _as_printed(says, register) else " fails")


def _shown(interval: Interval) -> str:
    if interval.low == interval.high:
        return shown(interval.low)
    return f"({shown(interval.low)} to {shown(interval.high)})"


def _common_counts(says: Comparison, register: Register) -> str | None:
    """Whole counts that reconcile a percentage with the sum of others on the same base; None if it is no such sum."""
    parts = [register[name] for name in expressions.ids_in(says.right)]
    left = [register[name] for name in expressions.ids_in(says.left)]
    entries = [*left, *parts]
    plain_sum = says.sign == "=" and len(left) == 1 and not set("*/-(") & set(says.text)
    if not plain_sum or any(entry.kind != "percent" or entry.n is None for entry in entries):
        return None
    return counts_can_agree(left[0], parts) if len({entry.n for entry in entries}) == 1 else None


def _unit_hint(relation: Relation, register: Register) -> str:
    entry = register[relation.published_id]
    if entry.unit not in _OTHER_UNIT:
        return ""
    other = _OTHER_UNIT[entry.unit]
    factor = Fraction(1, 1000) if entry.unit == "GBP billion" else Fraction(1000)
    rescaled = _with_value(register, entry, float(exact(entry.number) * factor))
    return f"; it holds in {other}" if _as_printed(relation.says, rescaled) else ""


def _with_value(register: Register, entry: Published, number: float) -> Register:
    changed = replace(entry, value=number)
    return Register(changed if name == entry.published_id else register[name] for name in register)


def _swapped(relations: Sequence[Relation], register: Register) -> dict[str, str]:
    """Pairs of failing equalities ``a = x``, ``b = y`` of which ``a = y``, ``b = x`` would hold."""
    failing = [
        (relation.published_id, target)
        for relation in relations
        if relation.says.sign == "="
        and len(relation.says.ids) == 2
        and not _before_rounding(relation.says, register)
        and (target := next((name for name in relation.says.ids if name != relation.published_id), ""))
        and is_number(register[target])
        and is_number(register[relation.published_id])
    ]
    return {
        name: other
        for name, target in failing
        for other, other_target in failing
        if name != other
        and target != other_target
        and register[name].number == register[other_target].number
        and register[other].number == register[target].number
    }
