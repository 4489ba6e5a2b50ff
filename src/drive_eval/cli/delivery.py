"""Check extracts before a run, all at once, and write nothing unless asked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drive_eval.cli.base import (
    ROOT,
    AnyStudy,
    AsJson,
    chosen_study,
    commands,
    examples,
    print_json,
    print_table,
    working,
)
from drive_eval.errors import UserError
from drive_eval.study import raw_files

if TYPE_CHECKING:
    from pandas import DataFrame

    from drive_eval.study import Study


def examine(
    paths: Sequence[Path], study: str, extract: str, *, examples: int
) -> tuple[Mapping[str, DataFrame], dict[str, Any]]:
    """Read and check one extract: its typed tables, none if it has an error, and its failure report."""
    from drive_eval.contracts.faults import report_document
    from drive_eval.contracts.parts import origin
    from drive_eval.ingest.config import load_delivery
    from drive_eval.ingest.extract import check_files
    from drive_eval.ingest.files import sha256

    checked = check_files(paths, *load_delivery(ROOT, study, extract))
    names = ", ".join(path.name for path in paths)
    digests = {path.name: sha256(path) for path in paths if checked.rows and path.is_file()}
    for name, table in checked.tables.items():
        table.attrs["origin"] = origin(checked.places[name])
    return checked.tables, report_document(
        checked.faults, examples=examples, file=names, sha256=digests.get(names, ""), files=digests, rows=checked.rows
    )


def hold_together(study: Study, tables: Mapping[str, DataFrame], *, examples: int) -> dict[str, Any]:
    """The failure report of the rules across extracts."""
    from drive_eval.contracts.faults import report_document
    from drive_eval.contracts.links import check_links
    from drive_eval.ingest.config import load_links

    faults = check_links(load_links(ROOT, study.name), tables, window=study.window)
    rows = {name: len(frame) for name, frame in tables.items()}
    return report_document(faults, examples=examples, file="all extracts", sha256="", files={}, rows=rows)


def write_report(path: Path, name: str, report: Mapping[str, Any]) -> None:
    """Write a failure report as JSON and as a page beside it, and tell its faults."""
    from drive_eval.ingest.files import write_json, write_text
    from drive_eval.report.html import validation_page

    write_json(path, report)
    write_text(path.with_suffix(".html"), validation_page(name, report))
    for fault in report["faults"]:
        typer.echo(fault["sentence"], err=True)


def stop(report: Mapping[str, Any]) -> None:
    """End with exit code 1 if a failure report holds an error."""
    if report["n_errors"]:
        words = f"{report['file']}: {report['n_errors']} errors; nothing was analysed, earlier results are unchanged"
        typer.echo(words, err=True)
        raise typer.Exit(1)


@commands.command(
    epilog=examples(
        "drive-eval check",
        "drive-eval check insights police",
        "drive-eval check --raw ~/delivery --out ~/delivery/faults",
        "drive-eval check --json",
    )
)
def check(
    extract: Annotated[
        list[str] | None, typer.Argument(help="Extracts as named in study.yaml; all of them if none is given.")
    ] = None,
    study: AnyStudy = None,
    raw: Annotated[Path | None, typer.Option(help="Folder of the files; data/raw/<study> if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write a failure report per extract to.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the extracts of a study against their contracts, without running anything; exit code 1 with errors."""
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_yaml

    shown = int(read_yaml(ROOT / "config" / "config.yaml")["examples"])
    chosen = load_study(ROOT, chosen_study(study))
    wanted = _known(extract or list(chosen.extracts), list(chosen.extracts))
    folder, reports = raw or ROOT / "data" / "raw" / chosen.name, {}
    tables: dict[str, DataFrame] = {}
    with working("checking") as now_at:
        for place, name in enumerate(wanted, 1):
            paths = [folder / file for file in raw_files(chosen.extracts[name])]
            now_at(f"checking {', '.join(path.name for path in paths)} ({place} of {len(wanted)})")
            found, reports[name] = examine(paths, chosen.name, name, examples=shown)
            tables |= found
        if set(wanted) == set(chosen.extracts) and not any(report["n_errors"] for report in reports.values()):
            now_at("holding the extracts against each other")
            reports["links"] = hold_together(chosen, tables, examples=shown)
    for name, report in reports.items() if out else ():
        write_report(Path(out or "") / f"{name}.json", name, report)
    if as_json:
        print_json(reports)
    else:
        _tell_faults(reports)
    if any(report["n_errors"] for report in reports.values()):
        raise typer.Exit(1)


def _known(names: Sequence[str], extracts: Sequence[str]) -> list[str]:
    for name in names:
        if name not in extracts:
            near = difflib.get_close_matches(name, extracts, n=1)
            hint = f"is it {near[0]!r}? " if near else ""
            raise UserError(f"no extract is called {name!r}; {hint}study.yaml has {', '.join(extracts)}")
    return list(dict.fromkeys(names))


def _tell_faults(reports: Mapping[str, Mapping[str, Any]]) -> None:
    faults = [fault for report in reports.values() for fault in report["faults"]]
    rows = [
        (
            fault["severity"],
            fault["file"],
            fault["sheet"],
            _rows(fault),
            fault["column"],
            fault["rule"] + (f" (found: {', '.join(map(repr, fault['found']))})" if fault["found"] else ""),
            fault["advice"],
        )
        for fault in faults
    ]
    headers = ("Severity", "File", "Sheet", "Rows", "Column", "Rule", "What to do")
    if rows:
        print_table(headers, rows, _line)
    for report in reports.values():
        read = ", ".join(f"{sheet} {number:,}" for sheet, number in report["rows"].items()) or "nothing"
        typer.echo(f"{report['file']}: {report['n_errors']} errors, {report['n_warnings']} warnings; rows read: {read}")


def _line(row: Sequence[str]) -> str:
    severity, file, sheet, rows, column, rule, advice = row
    place = [file]
    place += [f"sheet {sheet}"] if sheet else []
    place += [f"rows {rows}"] if rows else []
    place += [f"column {column!r}"] if column else []
    return f"{severity}: {', '.join(place)}: {rule}; {advice}"


def _rows(fault: Mapping[str, Any]) -> str:
    named = ", ".join(map(str, fault["rows"]))
    more = fault["n_rows"] - len(fault["rows"])
    return f"{named} and {more:,} more" if more > 0 else named
