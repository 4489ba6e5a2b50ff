"""Run the exhibit entries of one chapter: pick the population, call the method, register the numbers."""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from drive_eval.results import REGISTRY_COLUMNS, check_results, merge_registries, to_registry
from drive_eval.study import Exhibit, Study

logger = logging.getLogger(__name__)


def run_derivation(study: Study, name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Make one analysis set as the study describes it."""
    entry = study.derivations[name]
    module = importlib.import_module(f"drive_eval.derive.{entry['module']}")
    derived: pd.DataFrame = module.derive({table: tables[table] for table in entry["tables"]}, **entry["settings"])
    logger.info("%s: %s rows derived from %s", name, f"{len(derived):,}", ", ".join(entry["tables"]))
    return derived


def run_chapter(study: Study, chapter: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compute every exhibit of a chapter.

    Parameters
    ----------
    study : Study
    chapter : str
    tables : mapping of analysis set to DataFrame
        With `data_origin` in every row.

    Returns
    -------
    DataFrame, registry columns
        One row per number; a number that two exhibits of the chapter share is there once.
    """
    parts, frames = [pd.DataFrame(columns=list(REGISTRY_COLUMNS))], []
    for call, exhibits in _distinct_calls(study.chapter(chapter)):
        cases = population_of(study, call["population"], tables)
        results = run_method(call, cases)
        origin = "synthetic" if (cases["data_origin"] == "synthetic").any() else "delivered"
        frames.append(results)
        parts.append(to_registry(results, study=study.name, chapter=chapter, exhibit=exhibits, data_origin=origin))
        logger.info("%s: %s of %s rows", exhibits, call["analysis"], f"{len(cases):,}")
    check_results(frames)
    return merge_registries(parts)


def _distinct_calls(exhibits: Iterable[Exhibit]) -> list[tuple[Mapping[str, Any], str]]:
    """Each call once, with the exhibits that ask for it, so that a number is computed once."""
    asked: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for exhibit in exhibits:
        for call in exhibit.calls:
            key = json.dumps(call, sort_keys=True, default=str)
            asked.setdefault(key, (call, []))[1].append(exhibit.id)
    return [(call, " ".join(dict.fromkeys(names))) for call, names in asked.values()]


def population_of(study: Study, name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of an analysis set that belong to a population of the study."""
    population = study.populations[name]
    cases = tables[population["table"]]
    flag = population["flag"]
    return cases[cases[flag]].reset_index(drop=True) if flag else cases


def run_method(call: Mapping[str, Any], cases: pd.DataFrame) -> pd.DataFrame:
    """Call a method (a module of `analyses`) with its settings and write the population into its results."""
    method = importlib.import_module(f"drive_eval.analyses.{call['analysis']}")
    results: pd.DataFrame = method.analyse(cases, **call["settings"])
    return results.assign(population=call["population"])
