"""Gather what a run left behind for `drive-eval explain`; small files whole, tables by the columns needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drive_eval.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from drive_eval.explain.document import Evidence
    from drive_eval.study import Study


class NoResults(UserError):
    """The study has no results yet."""


def gather(root: Path, study: Study) -> Evidence:
    """Gather the evidence on a study.

    Raises
    ------
    NoResults
        If there is no registry.
    """
    from drive_eval.explain.document import Evidence
    from drive_eval.ingest.digest import libraries_of
    from drive_eval.ingest.files import read_parquet

    results, processed = root / "results" / study.name, root / "data" / "processed" / study.name
    if not (results / "registry.parquet").is_file():
        raise NoResults(f"{results / 'registry.parquet'}: file not found; run snakemake --cores 4 first")
    cases, rows = _tables_in(processed)

    @cache
    def libraries(module: str) -> Mapping[str, Mapping[str, Any]]:
        return {name: {"version": _version(name), "uses": uses} for name, uses in libraries_of(module).items()}

    def shown(name: str) -> list[dict[str, str]]:
        return [row for kind in ("figures", "tables") for row in _rows_if_there(results / kind / f"{name}.csv")]

    return Evidence(
        study=study,
        registry=read_parquet(results / "registry.parquet"),
        published={row["published_id"]: row for row in _rows_if_there(root / "config" / study.name / "reference.csv")},
        comparison=_rows_if_there(results / "reproduction" / "comparison.csv"),
        audit=_rows_if_there(results / "audit" / "audit.csv"),
        sources=_sources(root, study, results),
        cases=cases,
        rows=rows,
        libraries=libraries,
        shown=shown,
    )


def _tables_in(
    folder: Path,
) -> tuple[Callable[[str, Sequence[str]], pd.DataFrame | None], Callable[[str], int | None]]:
    """How to read columns and lengths of the tables in a folder; None for a table that is not there."""
    from drive_eval.ingest.files import parquet_columns, parquet_rows, read_parquet

    @cache
    def read(name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        path = folder / f"{name}.parquet"
        known = parquet_columns(path)
        return read_parquet(path, [column for column in columns if column in known])

    def cases(name: str, columns: Sequence[str]) -> pd.DataFrame | None:
        there = (folder / f"{name}.parquet").is_file()
        return read(name, ("data_origin", *dict.fromkeys(columns))) if there else None

    @cache
    def rows(name: str) -> int | None:
        path = folder / f"{name}.parquet"
        return parquet_rows(path) if path.is_file() else None

    return cases, rows


def _sources(root: Path, study: Study, results: Path) -> dict[str, dict[str, Any]]:
    """The extract behind each typed table: file, digest now, whether that is the file the run validated, warnings."""
    from drive_eval.ingest.config import load_contract

    found = {}
    for extract, entry in study.extracts.items():
        source = {"extract": extract, **input_state(root, study.name, extract, entry["file"], results)}
        for sheet in load_contract(root, entry["contract"]).sheets.values():
            found[sheet.table] = source
    return found


def input_state(root: Path, study: str, extract: str, file: str, results: Path) -> dict[str, Any]:
    """A raw extract against the validation report of the last run."""
    from drive_eval.ingest.files import read_json, sha256

    path, report = root / "data" / "raw" / study / file, results / "validation" / f"{extract}.json"
    digest = sha256(path) if path.is_file() else ""
    document = read_json(report) if report.is_file() else {}
    validated = document.get("sha256", "")
    if not digest:
        state = "the file is not there"
    elif not validated:
        state = "no validation report"
    else:
        state = "as validated" if digest == validated else "changed since it was validated; run snakemake"
    warnings = [fault for fault in document.get("faults", []) if fault["severity"] == "warning"]
    return {
        "file": path.as_posix(),
        "sha256": digest,
        "validated_sha256": validated,
        "state": state,
        "warnings": warnings,
    }


def _rows_if_there(path: Path) -> list[dict[str, str]]:
    from drive_eval.ingest.files import read_rows

    return read_rows(path) if path.is_file() else []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
