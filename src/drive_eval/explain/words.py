"""The document of an explanation as plain text: headed sections of short lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Section = tuple[str, list[str]]
AT_MOST = 40
"""Lines of a long list; the rest is counted, and is whole with ``--json``."""


def sections(document: Mapping[str, Any]) -> list[Section]:
    """The sections of a document, in the order in which a reader asks."""
    writers = {"exhibit": _exhibit, "result": _result, "published": _published}
    return [(heading, lines) for heading, lines in writers[document["kind"]](document) if lines]


def _result(document: Mapping[str, Any]) -> Iterator[Section]:
    yield from _number_and_rows(document)
    yield from _made_by(document["calls"])
    yield "Shown by", [f"{entry['id']}: {entry['title']}" for entry in document["exhibits"]]
    yield "Published", _cut([_compared(entry) for entry in document["published"]]) or ["no published entry names it"]


def _number_and_rows(document: Mapping[str, Any]) -> Iterator[Section]:
    value, method = document["value"], document["method"] or document["analysis"]
    counted = [f"{key} {document[key]:g}" for key in ("n", "denominator", "n_missing") if document[key] is not None]
    yield (
        document["name"],
        [
            f"value        {value!r}" + (f" ({document['unit']})" if document["unit"] else ""),
            f"printed      {document['printed']}",
            f"method       {method} ({document['layer']}; {document['method_page']})",
            f"rule         {_options(document['options'])}",
            f"counts       {', '.join(counted) or 'none stated'}",
            *([f"note         {document['note']}"] if document["note"] else []),
            f"data         {document['data_origin']}",
        ],
    )
    for call in document["calls"]:
        yield "Rows used and left out", _rows(call)


def _exhibit(document: Mapping[str, Any]) -> Iterator[Section]:
    head = [
        document["title"],
        f"chapter {document['chapter']}, form {document['form']}, {document['n_numbers']} numbers computed",
        f"base: {document['base']}",
    ]
    yield document["name"], head
    yield "Methods", list(document["methods"])
    for call in _distinct(document["calls"], lambda call: call["population"]["name"]):
        yield f"Rows of population {call['population']['name']}", _rows(call)
    yield from _made_by(document["calls"])
    yield "As shown", [" | ".join(row.values()) for row in _headed(document["table"])]
    yield "Numbers drawn", _cut([_number(row) for row in document["numbers"]])
    verdicts = [entry["verdict"] for entry in document["published"]]
    counted = [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
    lines = [", ".join(counted), *_cut([_compared(entry) for entry in document["published"]])]
    yield "Published", lines if counted else ["no published entry is answered by it"]


def _published(document: Mapping[str, Any]) -> Iterator[Section]:
    head = [
        f"printed      {document['printed']} ({document['sort']})",
        f"verdict      {document['verdict'] or 'no comparison yet: run snakemake'}",
        f"computed     {document['computed'] or 'nothing'}",
        f"source       {document['document']}, section {document['section']}: {document['locator']}",
    ]
    further = ("difference", "reason", "op", "alpha", "range", "issue", "expected", "same_as")
    head += [f"{key:12} {document[key]}" for key in further if document[key]]
    yield document["name"], head
    yield (
        "Audit of the printed figure",
        [f"{row['verdict']} [{row['check']}] {row['detail']}" for row in document["audit"]],
    )
    yield "Not in the registry", list(document["not_computed"])
    for result in document["results"]:
        yield from _number_and_rows(result)
    yield from _made_by([call for result in document["results"] for call in result["calls"]])
    shown = {entry["id"]: entry["title"] for result in document["results"] for entry in result["exhibits"]}
    yield "Shown by", [f"{name}: {title}" for name, title in shown.items()]


def _made_by(calls: Iterable[Mapping[str, Any]]) -> Iterator[Section]:
    calls = list(calls)
    settings = [f"{call['analysis']} {json.dumps(call['settings'], ensure_ascii=False)}" for call in calls]
    yield "Settings of the call", list(dict.fromkeys(settings))
    derived = [
        f"{step['set']} ({_count(step['rows'])}) by derive/{step['module']}.py from {', '.join(step['tables'])}"
        for call in calls
        for step in call["derivations"]
    ]
    tables = [f"{name} ({_count(rows)})" for call in calls for name, rows in call["tables"].items()]
    yield "Derived", list(dict.fromkeys([*derived, *tables]))
    inputs = {source["file"]: source for call in calls for source in call["inputs"]}
    yield "Inputs", [line for source in inputs.values() for line in _input(source)]
    used = [library for call in calls for library in (call, *call["derivations"])]
    packages = {name: package for library in used for name, package in library["libraries"].items()}
    taken: dict[str, set[str]] = {}
    for library in used:
        for name, package in library["libraries"].items():
            taken.setdefault(name, set()).update(package["uses"])
    yield (
        "Libraries (versions as installed now)",
        [f"{name} {packages[name]['version']}: {', '.join(sorted(taken[name]))}" for name in sorted(packages)],
    )


def _input(source: Mapping[str, Any]) -> Iterator[str]:
    yield f"{source['file']} ({source['extract']}), sha256 {source['sha256'] or 'none'}: {source['state']}"
    for warning in source["warnings"]:
        yield f"  warning, {_count(warning['n_rows'])}: {warning['rule']}; {warning['advice']}"


def _rows(call: Mapping[str, Any]) -> list[str]:
    label = f"{call['population']['name']}: {call['population']['label']}"
    if call["rows"] is None:
        return [label, "not known: data/processed does not hold the analysis set; run snakemake"]
    steps = [f"{'-' if step['left_out'] else ' '}{step['rows']:>8,}  {step['what']}" for step in call["rows"]["steps"]]
    remark = call["rows"]["remark"]
    return [label, *steps, *([remark] if remark else [])]


def _options(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in options.items()) or "no choice to be made"


def _compared(entry: Mapping[str, str]) -> str:
    issue = f", issue {entry['issue']}" if entry["issue"] else ""
    computed = f", computed {entry['computed']}" if entry["computed"] else ""
    return (
        f"{entry['verdict']}: {entry['published_id']} printed {entry['printed']}{computed}{issue} ({entry['source']})"
    )


def _number(row: Mapping[str, Any]) -> str:
    counted = [f"{key} {row[key]:g}" for key in ("n", "denominator", "n_missing") if row[key] is not None]
    return (
        f"{row['result_id']} = {row['value']!r} ({', '.join(counted)})"
        if counted
        else f"{row['result_id']} = {row['value']!r}"
    )


def _headed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{key: key for key in rows[0]}, *rows] if rows else []


def _count(rows: int | None) -> str:
    return "not there" if rows is None else f"{rows:,} row{'' if rows == 1 else 's'}"


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - AT_MOST
    return [*lines[:AT_MOST], f"and {more:,} more; --json gives all"] if more > 0 else lines


def _distinct(calls: Iterable[Mapping[str, Any]], key: Any) -> list[Mapping[str, Any]]:
    return list({key(call): call for call in calls}.values())
