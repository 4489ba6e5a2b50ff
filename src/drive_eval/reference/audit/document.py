"""``audit.yaml`` as typed checks: placeholders filled in, ids looked up in the register."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from drive_eval.errors import UserError
from drive_eval.reference.audit.expressions import ids_in, parse_comparison, parse_expression
from drive_eval.reference.audit.findings import Code
from drive_eval.reference.audit.relations import Reading, Relation
from drive_eval.reference.audit.sets import SetOfNumbers, SetReading
from drive_eval.reference.audit.shares import Complete
from drive_eval.reference.register import Register

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SUM = re.compile(r"sum\((\w+): ([^()]+)\)")

Item = Mapping[str, Any]

_ID_KEYS = frozenset({"id", "about", "first", "second", "at_most", "samples", "effect", "pairs", "intake"}) | {
    "odds_ratio",
    "ci_low",
    "ci_high",
    "level",
    "significance",
    "likelihoods",
}
_EXPRESSION_KEYS = frozenset({"exact", "like", "own", "bases"})

SECTIONS = (
    "orders",
    "listed",
    "opposite",
    "copies",
    "worded",
    "bases",
    "tests",
    "pooled",
    "rank_tests",
    "odds_ratios",
    "equal_overall",
)
"""Sections whose items are read by their checks as they stand."""


@dataclass(frozen=True)
class AuditDocument:
    """Everything that ``audit.yaml`` declares; sections without a class of their own stay as they are, filled in."""

    relations: tuple[Relation, ...]
    complete: tuple[Complete, ...]
    sets: tuple[SetOfNumbers, ...]
    sections: Mapping[str, tuple[Item, ...]]
    settings: Item
    codes: tuple[Code, ...]


def build_document(document: Item, register: Register) -> AuditDocument:
    """Type a document that has passed its schema.

    Raises
    ------
    UserError
        If an id is not in the register or an expression cannot be read; all unknown ids at once.
    """
    relations = tuple(_relation(item) for item in _filled(document["relations"]))
    complete = tuple(_complete(item, register) for item in _filled(document["complete"]))
    sets = tuple(_set(item) for item in _filled(document["sets"]))
    sections = {name: tuple(_filled(document[name])) for name in SECTIONS}
    codes = tuple(Code(item["code"], item["id"], item["check"]) for item in _filled(document["codes"]))
    built = AuditDocument(relations, complete, sets, sections, document["settings"], codes)
    unknown = sorted({name for name in _all_ids(built) if name not in register} | _unknown_prefixes(built, register))
    if unknown:
        raise UserError(f"audit.yaml names entries that are not in the register: {', '.join(unknown)}")
    return built


def _relation(item: Item) -> Relation:
    readings = tuple(Reading(other["reading"], parse_comparison(other["says"])) for other in item.get("otherwise", []))
    return Relation(item["id"], item["check"], parse_comparison(item["says"]), readings, item.get("unless", ""))


def _complete(item: Item, register: Register) -> Complete:
    found = {pattern: matching(pattern, register) for pattern in item["parts"]}
    unknown = [pattern for pattern, names in found.items() if not names]
    if unknown:
        raise UserError(f"audit.yaml, complete, {item['about']}: no entry fits {', '.join(unknown)}")
    return Complete(item["about"], item["check"], tuple(name for names in found.values() for name in names))


def matching(pattern: str, register: Register) -> list[str]:
    """Ids that fit a pattern, in which ``*`` stands for one part between dots."""
    parts = pattern.split(".")
    return [
        name for name in register if len(split := name.split(".")) == len(parts) and all(map(fnmatchcase, split, parts))
    ]


def _set(item: Item) -> SetOfNumbers:
    lists = item.get("lists", {})
    common = {"structure": item.get("structure", []), "statements": item.get("statements", [])}
    readings = item.get("readings", [{"reading": ""}])
    return SetOfNumbers(
        check=item["check"],
        limit=item["limit"],
        structure=tuple(_texts(common["structure"], lists)),
        either=tuple(
            tuple(tuple(_texts(option, lists)) for option in options["options"]) for options in item.get("either", [])
        ),
        statements=tuple(_each(common["statements"], lists)),
        readings=tuple(
            SetReading(
                reading["reading"],
                tuple(_texts(reading.get("structure", []), lists)),
                tuple(_each(reading.get("statements", []), lists)),
            )
            for reading in readings
        ),
        names_solution=bool(item.get("names_solution", False)),
    )


def _texts(items: Sequence[Any], lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    wrapped = [item if isinstance(item, Mapping) else {"holds": item} for item in items]
    for item in _each(wrapped, lists):
        yield item["holds"]


def _each(items: Sequence[Item], lists: Mapping[str, Sequence[str]]) -> Iterator[Item]:
    """Repeat each item for every combination of the lists named under ``each``, and write out its sums."""
    for item in items:
        names = item.get("each", [])
        for combination in itertools.product(*(lists[name] for name in names)):
            filled = fill(item, dict(zip(names, combination, strict=True)))
            yield _with_sums({key: value for key, value in filled.items() if key != "each"}, lists)


def _with_sums(value: Any, lists: Mapping[str, Sequence[str]]) -> Any:
    if isinstance(value, str):
        return _SUM.sub(
            lambda match: " + ".join(match[2].replace(f"<{match[1]}>", member) for member in lists[match[1]]), value
        )
    if isinstance(value, Mapping):
        return {key: _with_sums(part, lists) for key, part in value.items()}
    return [_with_sums(part, lists) for part in value] if isinstance(value, list) else value


def _filled(items: Sequence[Item]) -> Iterator[Item]:
    """Repeat each item for every mapping under ``for``, with its placeholders filled in."""
    for item in items:
        for values in item.get("for", [{}]):
            lists = {name: value for name, value in values.items() if isinstance(value, list)}
            words = {name: value for name, value in values.items() if not isinstance(value, list)}
            filled = fill({key: value for key, value in item.items() if key != "for"}, words)
            yield {**filled, "lists": {**filled.get("lists", {}), **lists}} if lists else filled


def fill(value: Any, words: Mapping[str, str]) -> Any:
    """Put words in the place of ``{name}``, everywhere in a document; names without a word stay."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: str(words.get(match[1], match[0])), value)
    if isinstance(value, Mapping):
        return {key: fill(part, words) for key, part in value.items()}
    return [fill(part, words) for part in value] if isinstance(value, list) else value


def _all_ids(document: AuditDocument) -> Iterator[str]:
    for relation in document.relations:
        yield relation.published_id
        for says in (relation.says, *(reading.says for reading in relation.otherwise)):
            yield from says.ids
    for complete in document.complete:
        yield complete.about
    for numbers in document.sets:
        for statement in (*numbers.statements, *(item for reading in numbers.readings for item in reading.statements)):
            yield statement["id"]
    for code in document.codes:
        yield code.published_id
    for item in itertools.chain.from_iterable(document.sections.values()):
        yield from _ids_of(item)


def _unknown_prefixes(document: AuditDocument, register: Register) -> set[str]:
    """Prefixes of tests and areas under which no entry stands."""
    used = {item["test"] for name in ("tests", "pooled", "rank_tests") for item in document.sections[name]}
    used |= {part for item in document.sections["pooled"] for part in item["parts"]}
    used |= {area for item in document.sections["equal_overall"] for area in (*item["areas"], *item["groups"])}
    return {prefix for prefix in used if not any(name.startswith(f"{prefix}.") for name in register)}


def _ids_of(item: Item) -> Iterator[str]:
    for key, value in item.items():
        listed = value if isinstance(value, list) else [value]
        texts = [part for part in listed if isinstance(part, str)]
        if key in _ID_KEYS:
            yield from texts
        elif key in _EXPRESSION_KEYS:
            for text in texts:
                yield from ids_in(parse_expression(text))
        for part in listed:
            if isinstance(part, Mapping):
                yield from _ids_of(part)
