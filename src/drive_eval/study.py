"""Typed configuration of a study: what a study folder under ``config/`` says, checked against closed schemas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drive_eval.errors import UserError
from drive_eval.phrases import banned_in


class ConfigurationError(UserError):
    """A configuration file breaks its schema; the message names file, place and rule."""


@dataclass(frozen=True)
class Exhibit:
    """One entry of ``exhibits.yaml``: what is computed, for whom, and how it is shown."""

    id: str
    chapter: str
    kind: str
    title: str
    alt: str
    base: str
    footnotes: tuple[str, ...]
    calls: tuple[Mapping[str, Any], ...]
    form: str
    display: Mapping[str, Any]


@dataclass(frozen=True)
class Study:
    """A study: its labels, extracts, derivations, populations, exhibits and, where it has such a file, findings."""

    name: str
    title: str
    extracts: Mapping[str, Mapping[str, Any]]
    derivations: Mapping[str, Mapping[str, Any]]
    populations: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, str]
    exhibits: tuple[Exhibit, ...]
    window: Mapping[str, str]
    findings: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)

    def chapter(self, name: str) -> tuple[Exhibit, ...]:
        """The exhibits of one chapter, in the order of the file."""
        return tuple(exhibit for exhibit in self.exhibits if exhibit.chapter == name)

    def label(self, key: str) -> str:
        """The words for a key, or the key itself where the study gives none."""
        return self.labels.get(key, key)

    @property
    def chapters(self) -> list[str]:
        """The chapters, in the order in which the exhibits name them."""
        return list(dict.fromkeys(exhibit.chapter for exhibit in self.exhibits))

    def sets_of(self, chapter: str) -> list[str]:
        """The analysis sets that the populations of a chapter are taken from."""
        calls = [call for exhibit in self.chapter(chapter) for call in exhibit.calls]
        return sorted({self.populations[call["population"]]["table"] for call in calls})

    def settings_of(self, chapter: str) -> str:
        """Exactly the settings that the numbers of a chapter depend on, as `plain` text."""
        return plain([{exhibit.id: exhibit.calls for exhibit in self.chapter(chapter)}, self.populations])


def plain(settings: Any) -> str:
    """Settings as sorted JSON, so that an edit of them, and nothing else, runs a job again."""
    return json.dumps(settings, sort_keys=True, default=str)


def modules_of(exhibits: Iterable[Exhibit]) -> list[str]:
    """The modules whose source decides the numbers of these exhibits, for the digest of a job."""
    return sorted({"chapter", *(f"analyses.{call['analysis']}" for entry in exhibits for call in entry.calls)})


def exhibit_files(exhibits: Iterable[Exhibit]) -> list[str]:
    """The files of these exhibits below the results folder: pictures and data of a figure, data of a table."""
    kinds = {"figure": ("svg", "png", "csv"), "table": ("csv",)}
    return [f"{entry.kind}s/{entry.id}.{kind}" for entry in exhibits for kind in kinds[entry.kind]]


def raw_files(entry: Mapping[str, Any]) -> list[str]:
    """The names of the files of an extract, from its entry in ``study.yaml``."""
    return list(entry.get("files", [entry["file"]] if "file" in entry else []))


def check_closed(document: Any, schema: Mapping[str, Any], *, file: str) -> None:
    """Check a configuration document against its JSON Schema and name every fault at once.

    Raises
    ------
    ConfigurationError
        With one line per fault: file, place in the file, and what is wrong.
    """
    from jsonschema import Draft202012Validator

    faults = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda fault: list(map(str, fault.path)))
    if faults:
        lines = [
            f"{file}, {'/'.join(str(step) for step in fault.path) or 'top level'}: {fault.message}" for fault in faults
        ]
        raise ConfigurationError("\n".join(lines))


def build_study(
    study: Mapping[str, Any], exhibits: Mapping[str, Any], findings: Mapping[str, Any] | None = None
) -> Study:
    """Build a study from its checked ``study.yaml``, ``exhibits.yaml`` and, where there is one, ``findings.yaml``.

    Raises
    ------
    ConfigurationError
        If an exhibit names a population that the study does not define, or a finding names an exhibit that it does not
        have, gives words that do not go with its numbers, or uses a phrase that a finding must not use.
    """
    entries = tuple(_exhibit(name, entry) for name, entry in exhibits.items())
    unknown = sorted(
        f"exhibits.yaml, {entry.id}: population {call['population']!r} is not defined in study.yaml"
        for entry in entries
        for call in entry.calls
        if call["population"] not in study["populations"]
    )
    faults = unknown + _finding_faults(findings or {}, entries)
    if faults:
        raise ConfigurationError("\n".join(faults))
    return Study(
        name=study["study"],
        title=study["title"],
        extracts=study["extracts"],
        derivations=study["derivations"],
        populations=study["populations"],
        labels=study["labels"],
        exhibits=entries,
        window={key: str(day) for key, day in study.get("window", {}).items()},
        findings=findings or {},
        limits=study.get("limits", {}),
    )


def schema_page(schemas: Iterable[Mapping[str, Any]]) -> str:
    """Markdown page that lists every key of the configuration files, from their schemas."""
    parts = [
        "# Configuration\n",
        "Generated from `schemas/*.schema.yaml` by `drive-eval document`; do not edit by hand.\n",
    ]
    for schema in schemas:
        parts.append(f"## {schema['title']}\n\n{schema['description']}\n")
        parts.append("| key | must be given | type | meaning |\n| --- | --- | --- | --- |")
        parts += [
            "| " + " | ".join(text.replace("|", "\\|") for text in (f"`{key}`", must, kind, words)) + " |"
            for key, must, kind, words in _keys(schema, "")
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _keys(schema: Mapping[str, Any], above: str) -> Iterator[tuple[str, str, str, str]]:
    for key, inner in schema.get("properties", {}).items():
        name = f"{above}{key}"
        must = "yes" if key in schema.get("required", ()) else "no"
        kind = " or ".join(inner["enum"]) if "enum" in inner else inner.get("type", "name")
        kind = " or ".join(kind) if isinstance(kind, list) else kind
        yield name, must, kind, inner.get("description", "")
        yield from _keys(inner, f"{name}.")
        yield from _keys(inner.get("items", {}), f"{name}[].")
        if isinstance(inner.get("additionalProperties"), Mapping):
            yield from _keys(inner["additionalProperties"], f"{name}.*.")
    if not above and isinstance(schema.get("additionalProperties"), Mapping):
        yield from _keys(schema["additionalProperties"], "*.")


def _exhibit(name: str, entry: Mapping[str, Any]) -> Exhibit:
    first = {key: entry[key] for key in ("analysis", "population", "settings")}
    return Exhibit(
        id=name,
        chapter=entry["chapter"],
        kind=entry["kind"],
        title=entry["title"],
        alt=entry["alt"],
        base=entry["base"],
        footnotes=tuple(entry["footnotes"]),
        calls=(first, *entry.get("also", ())),
        form=entry["form"],
        display=entry["display"],
    )


_PAIRED = {"shares": "were", "terms": "terms", "classes": "classes", "ranks": "times", "pairs": "pairs"}
"""Slots of a finding that are lists, and the list of words that goes with each."""


def _finding_faults(findings: Mapping[str, Any], exhibits: tuple[Exhibit, ...]) -> list[str]:
    chapters = {entry.id: entry.chapter for entry in exhibits}
    faults = []
    for name, entry in findings.get("findings", {}).items():
        place, words, slots = f"findings.yaml, {name}", entry["words"], entry.get("slots", {})
        faults += [f"{place}: no exhibit {shown!r}" for shown in entry["exhibits"] if shown not in chapters]
        if entry["chapter"] not in chapters.values():
            faults.append(f"{place}: no chapter {entry['chapter']!r}")
        faults += [
            f"{place}: {len(slots[slot])} {slot}, but {len(words[said])} words for them in {said}"
            for slot, said in _PAIRED.items()
            if slot in slots and len(slots[slot]) != len(words[said])
        ]
        faults += [
            f"{place}, {key}: {phrase!r} is not said in fixed words; the code says what the numbers show"
            for key, given in words.items()
            for text in ([given] if isinstance(given, str) else given)
            for phrase in banned_in(text)
        ]
    return faults
