"""Put together what is known of an exhibit, a result or a published entry, as one plain document."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from drive_eval.exhibits.wording import show
from drive_eval.explain.rows import columns_needed, population_rows, rows_used
from drive_eval.reference.verdicts import results_named
from drive_eval.results import KEYS
from drive_eval.study import Study


@dataclass(frozen=True)
class Evidence:
    """What a run left behind, and how to ask for the rest.

    `published` are the rows of ``reference.csv`` by id, `comparison` those of ``comparison.csv``, `audit` those of
    ``audit.csv``. `sources` says of each typed table which extract it comes from. `cases` gives columns of an analysis
    set, `rows` the length of a table, `libraries` the packages of a module; the first two give None where
    ``data/processed`` lacks the table. `shown` gives the data written beside an exhibit.
    """

    study: Study
    registry: pd.DataFrame
    published: Mapping[str, Mapping[str, str]]
    comparison: Sequence[Mapping[str, str]]
    audit: Sequence[Mapping[str, str]]
    sources: Mapping[str, Mapping[str, Any]]
    cases: Callable[[str, Sequence[str]], pd.DataFrame | None]
    rows: Callable[[str], int | None]
    libraries: Callable[[str], Mapping[str, Mapping[str, Any]]]
    shown: Callable[[str], list[dict[str, str]]]


def explain(kind: str, name: str, evidence: Evidence) -> dict[str, Any]:
    """The document of an `exhibit`, a `result` or a `published` entry; every value in it can be written as JSON."""
    makers = {"exhibit": _of_exhibit, "result": _of_result, "published": _of_published}
    return {"kind": kind, "name": name, "study": evidence.study.name, **makers[kind](name, evidence)}


def calls_behind(result: Mapping[str, Any], study: Study) -> list[Mapping[str, Any]]:
    """The calls of `exhibits.yaml` behind a registry row: one, unless several differ in nothing that the row shows."""
    exhibits = {entry.id: entry for entry in study.exhibits}
    calls = [
        call
        for name in result["exhibit"].split()
        for call in exhibits[name].calls
        if (call["analysis"], call["population"]) == (result["analysis"], result["population"])
    ]
    for key, value in (("outcome", result["outcome"]), ("outcomes", result["outcome"]), ("groups", result["group"])):
        calls = [call for call in calls if _may_hold(call["settings"].get(key), value)] or calls
    return list({json.dumps(call, sort_keys=True, default=str): call for call in calls}.values())


def style_of(statistic: str, unit: str) -> str:
    """The number style in which the house prints a statistic of a unit."""
    if statistic in ("p_value", "p_adjusted"):
        return "p"
    if statistic == "holds":
        return "holds"
    if unit in ("share", "day", "month"):
        return "percent1" if unit == "share" else unit
    whole = statistic in ("n", "denominator", "n_missing", "count", "setting")
    return "count" if whole else "statistic"


def _may_hold(stated: Any, value: str) -> bool:
    if stated is None:
        return False
    if isinstance(stated, str):
        return stated == value
    return value in stated or (isinstance(stated, Mapping) and "_v_".join(stated) == value)


def _of_result(name: str, evidence: Evidence) -> dict[str, Any]:
    row = _records(evidence.registry[evidence.registry["result_id"] == name])[0]
    row |= {"n_missing": _missing_of(row, evidence.registry)}
    calls = calls_behind(row, evidence.study)
    numbers = {key: _number(row[key]) for key in ("value", "n", "denominator", "n_missing")}
    texts = {key: row[key] for key in ("statistic", "unit", "layer", "method", "note", "data_origin", "chapter")}
    style = style_of(row["statistic"], row["unit"])
    return {
        **numbers,
        "printed": show(row["value"], style if style != "count" or float(row["value"]).is_integer() else "statistic"),
        **texts,
        **{key: row[key] for key in KEYS},
        "options": json.loads(row["options"]) if row["options"] else {},
        "method_page": f"docs/methods/{row['analysis']}.md",
        "calls": [_call(call, evidence) | {"rows": _rows(row, call, evidence)} for call in calls],
        "exhibits": _exhibits(row["exhibit"].split(), evidence),
        "published": [entry for entry in evidence.comparison if name in results_named(entry["result_id"])],
    }


def _of_exhibit(name: str, evidence: Evidence) -> dict[str, Any]:
    exhibit = next(entry for entry in evidence.study.exhibits if entry.id == name)
    asking = evidence.registry["exhibit"].map(lambda names: name in names.split())
    own = evidence.registry[asking]
    shown = evidence.shown(name)
    drawn = {row["result_id"] for row in shown if "result_id" in row}
    ids = set(own["result_id"])
    return {
        "title": exhibit.title,
        "chapter": exhibit.chapter,
        "form": exhibit.form,
        "base": exhibit.base,
        "n_numbers": len(own),
        "methods": sorted(set(own["method"]) - {""}),
        "calls": [_call(call, evidence) | {"rows": _population(call, evidence)} for call in exhibit.calls],
        "table": [] if drawn else shown,
        "numbers": [_brief(row, evidence.registry) for row in _records(own) if row["result_id"] in drawn],
        "published": [entry for entry in evidence.comparison if ids & set(results_named(entry["result_id"]))],
    }


def _of_published(name: str, evidence: Evidence) -> dict[str, Any]:
    entry = evidence.published[name]
    compared = next((row for row in evidence.comparison if row["published_id"] == name), {})
    known = set(evidence.registry["result_id"])
    answers = results_named(compared.get("result_id", ""))
    stated = ("printed", "value", "op", "alpha", "range", "issue", "expected", "same_as", "document")
    return {
        **{key: entry[key] for key in (*stated, "section", "locator")},
        "sort": entry["kind"],
        **{key: compared.get(key, "") for key in ("computed", "difference", "verdict", "reason")},
        "audit": [row for row in evidence.audit if row["published_id"] == name],
        "results": [explain("result", answer, evidence) for answer in answers if answer in known],
        "not_computed": [answer for answer in answers if answer not in known],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _missing_of(row: Mapping[str, Any], registry: pd.DataFrame) -> float:
    stem = row["result_id"].removesuffix(row["statistic"])
    found = registry.loc[registry["result_id"] == f"{stem}n_missing", "value"]
    return float(found.iloc[0]) if len(found) else math.nan


def _rows(row: Mapping[str, Any], call: Mapping[str, Any], evidence: Evidence) -> dict[str, Any] | None:
    population = evidence.study.populations[row["population"]]
    cases = evidence.cases(population["table"], columns_needed(population, call["settings"]))
    return None if cases is None else rows_used(row, population, call["settings"], cases)


def _population(call: Mapping[str, Any], evidence: Evidence) -> dict[str, Any] | None:
    name = call["population"]
    population = evidence.study.populations[name]
    cases = evidence.cases(population["table"], columns_needed(population, {}))
    return None if cases is None else {"steps": population_rows(name, population, cases), "remark": ""}


def _call(call: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    population = evidence.study.populations[call["population"]]
    derivations, tables = _made_from(population["table"], evidence)
    return {
        "analysis": call["analysis"],
        "settings": call["settings"],
        "population": {"name": call["population"], **population},
        "derivations": derivations,
        "tables": tables,
        "inputs": list({source["file"]: source for source in map(evidence.sources.get, tables) if source}.values()),
        "libraries": evidence.libraries(f"analyses.{call['analysis']}"),
    }


def _made_from(table: str, evidence: Evidence) -> tuple[list[dict[str, Any]], dict[str, int | None]]:
    """The derivations behind an analysis set, last first, and the typed tables at their foot with their rows."""
    steps: list[dict[str, Any]] = []
    tables, pending = dict[str, int | None](), [table]
    while pending:
        name = pending.pop(0)
        entry = evidence.study.derivations.get(name)
        if entry is None:
            tables.setdefault(name, evidence.rows(name))
        elif all(step["set"] != name for step in steps):
            made = {"set": name, "module": entry["module"], "tables": list(entry["tables"])}
            steps.append(
                made | {"rows": evidence.rows(name), "libraries": evidence.libraries(f"derive.{entry['module']}")}
            )
            pending += entry["tables"]
    return steps, tables


def _brief(row: Mapping[str, Any], registry: pd.DataFrame) -> dict[str, Any]:
    numbers = {key: _number(row[key]) for key in ("value", "n", "denominator")}
    missing = _number(_missing_of(row, registry))
    return {"result_id": row["result_id"], **numbers, "n_missing": missing, "method": row["method"]}


def _exhibits(names: Sequence[str], evidence: Evidence) -> list[dict[str, str]]:
    titles = {entry.id: entry.title for entry in evidence.study.exhibits}
    return [{"id": name, "title": titles[name]} for name in names]


def _number(value: float) -> float | str | None:
    """A number for JSON, which knows neither NaN nor infinity."""
    if math.isnan(value):
        return None
    return ("infinite" if value > 0 else "-infinite") if math.isinf(value) else value
