"""The command line: parse, read, call, write. Run ``drive-eval --help``.

Exit codes: 0 done; 1 the work was done but a check failed (faults in an extract, numbers that differ);
2 a wrong call or a broken configuration; 3 an error of the program.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drive_eval.errors import UserError

if TYPE_CHECKING:
    from drive_eval.exhibits.make import Made
    from drive_eval.report.html import Shown

commands = typer.Typer(
    add_completion=True, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, help=__doc__
)
StudyName = Annotated[str, typer.Option("--study", help="Name of the study folder under config/.")]
ROOT = Path()


@commands.command(name="list")
def list_exhibits(
    study: Annotated[
        str | None, typer.Option("--study", help="Study folder; that of config.yaml if not given.")
    ] = None,
) -> None:
    """List the exhibits of a study: id, chapter and title."""
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_yaml

    chosen = load_study(ROOT, study or read_yaml(ROOT / "config" / "config.yaml")["study"])
    for entry in chosen.exhibits:
        typer.echo(f"{entry.id:38} {entry.chapter:13} {entry.title}")


@commands.command()
def reconstruct(
    study: Annotated[str, typer.Argument(help="Name of the study folder under config/.")],
    seed: Annotated[int, typer.Option(help="Seed of the people; the published numbers do not depend on it.")] = 2019,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; data/raw/<study> where not given.")] = None,
) -> None:
    """Make synthetic extracts that carry the published numbers."""
    from drive_eval.ingest.config import load_contract, load_study
    from drive_eval.ingest.files import read_rows, write_bytes
    from drive_eval.reconstruct.assumed import Assumed
    from drive_eval.reconstruct.study import reconstruct as make_extracts
    from drive_eval.reference.register import read_register

    folder = ROOT / "config" / study
    contracts = {
        name: load_contract(ROOT, entry["contract"]) for name, entry in load_study(ROOT, study).extracts.items()
    }
    register = read_register(read_rows(folder / "reference.csv"))
    files = make_extracts(register, Assumed(read_rows(folder / "assumed.csv")), contracts, seed=seed)
    for name, content in files.items():
        write_bytes((out or ROOT / "data" / "raw" / study) / name, content)


@commands.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to; one that holds other extracts is refused.")],
    n_drive: Annotated[int, typer.Option(help="People in the Drive arm.")] = 200,
    n_control: Annotated[int, typer.Option(help="People in the control arm.")] = 200,
    effect: Annotated[list[str] | None, typer.Option(help="null, moderate, or NAME=NUMBER; repeat.")] = None,
    extract: Annotated[list[str] | None, typer.Option(help="Only this extract; repeat.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the people.")] = 2019,
) -> None:
    """Make the extracts of a trial with known effects, and truth.json that states them."""
    from drive_eval.ingest.config import load_contract
    from drive_eval.ingest.files import write_bytes
    from drive_eval.reconstruct.simulate import FILES, Effects
    from drive_eval.reconstruct.simulate import simulate as draw_trial

    unknown = sorted(set(extract or ()) - set(FILES))
    if unknown:
        raise UserError(f"cannot simulate {', '.join(unknown)}; extracts are {', '.join(FILES)}")
    if any((out / name).exists() for name in FILES.values()) and not (out / "truth.json").exists():
        raise UserError(f"{out} holds extracts that were not simulated; choose another folder")
    contracts = {name: load_contract(ROOT, name) for name in extract or FILES}
    effects = Effects.from_text(effect or ["moderate"])
    files = draw_trial(contracts, n_drive=n_drive, n_control=n_control, effects=effects, seed=seed)
    for name, content in files.items():
        write_bytes(out / name, content)


@commands.command()
def validate(
    extract: Annotated[str, typer.Argument(help="Extract as named in study.yaml, for example insights.")],
    study: StudyName,
    raw: Annotated[Path, typer.Option(help="The file as delivered.")],
    out: Annotated[Path, typer.Option(help="Folder for the typed tables.")],
    report: Annotated[Path, typer.Option(help="Failure report to write, .json; a page is written beside it.")],
) -> None:
    """Check one extract against its contract; write typed tables if it has no error."""
    from drive_eval.contracts.check import check_extract
    from drive_eval.contracts.faults import failure_report
    from drive_eval.ingest.config import load_contract, load_study
    from drive_eval.ingest.extract import read_extract
    from drive_eval.ingest.files import sha256, write_json, write_parquet, write_text
    from drive_eval.report.html import validation_page

    contract = load_contract(ROOT, load_study(ROOT, study).extracts[extract]["contract"])
    frames, read_faults = read_extract(raw, contract)
    checked = check_extract(contract, frames, file=raw.name, read_faults=read_faults)
    n_errors = sum(fault.severity == "error" for fault in checked.faults)
    document = {
        "file": raw.name,
        "sha256": sha256(raw) if frames else "",
        "rows": {name: len(frame) for name, frame in frames.items()},
        "n_errors": n_errors,
        "n_warnings": len(checked.faults) - n_errors,
        "faults": failure_report(checked.faults),
    }
    write_json(report, document)
    write_text(report.with_suffix(".html"), validation_page(extract, document))
    for fault in checked.faults:
        typer.echo(fault.sentence(), err=True)
    if checked.failed:
        typer.echo(f"{raw.name}: {n_errors} errors; nothing was analysed, earlier results are unchanged", err=True)
        raise typer.Exit(1)
    for name, table in checked.tables.items():
        write_parquet(out / f"{name}.parquet", table)


@commands.command()
def derive(
    study: StudyName,
    table: Annotated[list[Path], typer.Option(help="A typed table, named as its file; repeat.")],
    out: Annotated[Path, typer.Option(help="Folder for the analysis sets.")],
) -> None:
    """Make the analysis sets of a study from its typed tables, in the order of study.yaml."""
    from drive_eval.chapter import run_derivation
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_parquet, write_parquet

    chosen, tables = load_study(ROOT, study), {path.stem: read_parquet(path) for path in table}
    for name in chosen.derivations:
        tables[name] = run_derivation(chosen, name, tables)
        write_parquet(out / f"{name}.parquet", tables[name])


@commands.command()
def chapter(
    name: Annotated[str, typer.Argument(help="Chapter of the report, for example victims.")],
    study: StudyName,
    table: Annotated[list[Path], typer.Option(help="An analysis set, named as its file; repeat.")],
    out: Annotated[Path, typer.Option(help="Registry rows of the chapter to write, .parquet.")],
) -> None:
    """Compute every number of one chapter."""
    from drive_eval.chapter import run_chapter
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_parquet, write_parquet

    tables = {path.stem: read_parquet(path) for path in table}
    write_parquet(out, run_chapter(load_study(ROOT, study), name, tables))


@commands.command()
def register(
    part: Annotated[list[Path], typer.Argument(help="Registry rows of the chapters.")],
    out: Annotated[Path, typer.Option(help="Registry to write, .parquet; a .csv is written beside it.")],
) -> None:
    """Join the chapters into the results registry."""
    from drive_eval.ingest.files import read_parquet, write_csv, write_parquet
    from drive_eval.results import merge_registries

    registry = merge_registries(read_parquet(path) for path in part)
    write_parquet(out, registry)
    write_csv(out.with_suffix(".csv"), registry)


@commands.command()
def exhibits(
    name: Annotated[list[str], typer.Argument(help="Exhibits as named in exhibits.yaml.")],
    study: StudyName,
    registry: Annotated[Path, typer.Option(help="Registry rows that hold the exhibits, .parquet.")],
    out: Annotated[Path, typer.Option(help="Results folder; figures/ and tables/ are below it.")],
) -> None:
    """Draw figures and lay out tables; one that fails does not stop the others and is named at the end."""
    from drive_eval.exhibits.make import data_of, files, make
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_parquet, write_bytes, write_csv

    chosen, rows = load_study(ROOT, study), read_parquet(registry)
    failed = []
    for exhibit in (entry for entry in chosen.exhibits if entry.id in name):
        try:
            made = make(exhibit, rows, chosen)
            pictures = files(made, chosen)
        except UserError as error:
            failed.append(str(error))
            continue
        folder = out / f"{exhibit.kind}s"
        for kind, content in pictures.items():
            write_bytes(folder / f"{exhibit.id}.{kind}", content)
        write_csv(folder / f"{exhibit.id}.csv", data_of(made))
    if failed:
        typer.echo("exhibits that could not be made:\n" + "\n".join(failed), err=True)
        raise typer.Exit(1)


@commands.command()
def reproduce(
    study: StudyName,
    registry: Annotated[Path, typer.Option(help="The results registry, .parquet.")],
    out: Annotated[Path, typer.Option(help="Folder for comparison.csv, assumed.csv and summary.json.")],
) -> None:
    """Compare the registry with the published register."""
    from drive_eval.ingest.files import read_parquet, read_rows, write_csv, write_json
    from drive_eval.reference.register import read_register
    from drive_eval.reference.verdicts import compare, compare_assumed, summarise

    rows, folder = read_parquet(registry), ROOT / "config" / study
    comparison = compare(read_register(read_rows(folder / "reference.csv")), rows)
    synthetic = bool((rows["data_origin"] == "synthetic").any())
    assumed = compare_assumed(read_rows(folder / "assumed.csv") if synthetic else [], rows)
    write_csv(out / "comparison.csv", comparison)
    write_csv(out / "assumed.csv", assumed)
    moved = sorted(assumed.loc[assumed["verdict"] == "moved", "id"])
    held = {"held": len(assumed) - len(moved), "moved": len(moved), "ids_moved": moved}
    write_json(out / "summary.json", {**summarise(comparison), "assumed": held})


@commands.command()
def audit(
    study: Annotated[str, typer.Argument(help="Name of the study folder under config/.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to; results/<study>/audit where not given.")] = None,
) -> None:
    """Say of every published number whether it can be true together with the others."""
    from drive_eval.ingest.config import load_audit
    from drive_eval.ingest.files import read_rows, write_csv, write_json
    from drive_eval.reference.audit import audit as examine
    from drive_eval.reference.audit import summarise
    from drive_eval.reference.register import read_register

    known = read_register(read_rows(ROOT / "config" / study / "reference.csv"))
    table = examine(known, load_audit(ROOT, study))
    folder = out or ROOT / "results" / study / "audit"
    write_csv(folder / "audit.csv", table)
    write_json(folder / "summary.json", summarise(table, known))
    for row in table.itertuples():
        typer.echo(f"{row.verdict}: {row.published_id} [{row.check}] {row.detail}")


@commands.command()
def verdict(
    summary: Annotated[Path, typer.Argument(help="reproduction/summary.json")],
    out: Annotated[Path | None, typer.Option(help="File to write when every number holds.")] = None,
) -> None:
    """Fail, naming them, if published numbers differ or assumed values moved."""
    from drive_eval.ingest.files import read_json, write_text

    found = read_json(summary)
    differs, moved = found["differs"], found["assumed"]["ids_moved"]
    for words, ids in (("published numbers differ", differs), ("assumed values moved", moved)):
        if ids:
            typer.echo(f"{len(ids)} {words}: {', '.join(ids)}", err=True)
    if differs or moved:
        raise typer.Exit(1)
    counts = ", ".join(f"{number} {name}" for name, number in found["verdicts"].items())
    typer.echo(f"{found['entries']} published entries: {counts}")
    if out:
        write_text(out, counts + "\n")


@commands.command()
def report(
    study: StudyName,
    results: Annotated[Path, typer.Option(help="Results folder of the study.")],
    validation: Annotated[list[Path], typer.Option(help="Validation report of an extract, .json; repeat.")],
    audit: Annotated[Path, typer.Option(help="Audit of the published figures, .csv.")],
    out: Annotated[Path, typer.Option(help="Page to write, .html.")],
) -> None:
    """Write the report as one self-contained page."""
    from drive_eval import __version__
    from drive_eval.exhibits.make import make
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_json, read_parquet, read_rows, write_text
    from drive_eval.reference.verdicts import results_named
    from drive_eval.report.html import render

    chosen, rows = load_study(ROOT, study), read_parquet(results / "registry.parquet")
    summary = read_json(results / "reproduction" / "summary.json")
    comparison = read_rows(results / "reproduction" / "comparison.csv")
    answers = [frozenset(results_named(row["result_id"])) for row in comparison]
    faults = [fault for path in validation for fault in read_json(path)["faults"]]
    chapters = {entry.chapter: chosen.label(entry.chapter) for entry in chosen.exhibits}
    page = render(
        title=chosen.title,
        chapters=chapters,
        exhibits=[_shown(make(entry, rows, chosen), comparison, answers, results) for entry in chosen.exhibits],
        summary=summary,
        assumed=summary["assumed"],
        findings=[row for row in read_rows(audit) if row["verdict"] in ("impossible", "tension")],
        warnings=[fault for fault in faults if fault["severity"] == "warning"],
        synthetic=bool((rows["data_origin"] == "synthetic").any()),
        version=__version__,
    )
    write_text(out, page)


@commands.command()
def document(
    out: Annotated[Path, typer.Option(help="Folder of the project; docs/ and config/ are below it.")] = ROOT,
) -> None:
    """Write the data dictionary and the configuration reference from their sources."""
    from drive_eval.contracts.dictionary import data_dictionary
    from drive_eval.ingest.config import contract_names, load_contract
    from drive_eval.ingest.files import read_yaml, write_text
    from drive_eval.study import schema_page

    contracts = [load_contract(ROOT, name) for name in contract_names(ROOT)]
    schemas = [read_yaml(ROOT / "schemas" / f"{name}.schema.yaml") for name in ("config", "study", "exhibits")]
    write_text(out / "docs" / "data_dictionary.md", data_dictionary(contracts))
    write_text(out / "config" / "README.md", schema_page(schemas))


def _shown(made: Made, comparison: list[dict[str, str]], answers: list[frozenset[str]], results: Path) -> Shown:
    """An exhibit for the page; `answers` are the result ids that each row of the comparison names."""
    from drive_eval.ingest.files import read_text
    from drive_eval.report.html import Shown

    exhibit = made.exhibit
    return Shown(
        id=exhibit.id,
        chapter=exhibit.chapter,
        kind=exhibit.kind,
        title=exhibit.title,
        base=made.base,
        alt=made.alt,
        footnotes=exhibit.footnotes,
        method=made.methods,
        svg=read_text(results / "figures" / f"{exhibit.id}.svg") if exhibit.kind == "figure" else "",
        table=made.printed,
        published=[row for row, named in zip(comparison, answers, strict=True) if made.answers & named],
    )


def app() -> None:
    """Run the command line; known faults end in one clear message, others without any value of a case."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        commands()
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    except Exception as error:
        if os.environ.get("DRIVE_EVAL_TRACEBACK"):
            raise
        typer.echo(_internal(error), err=True)
        raise SystemExit(3) from None


def _internal(error: Exception) -> str:
    """Type and place of an unexpected error; its text may quote a case and is left out."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "drive_eval" in frame.filename]
    place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else "unknown place"
    return f"internal error: {type(error).__name__} at {place}; set DRIVE_EVAL_TRACEBACK=1 to see all of it"
