"""The steps of the pipeline, as the rules of the workflow call them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from drive_eval.cli.base import ROOT, STEPS, AsJson, StudyName, chosen_study, commands, examples, print_json, working
from drive_eval.cli.delivery import examine, hold_together, stop, write_report

Examples = Annotated[int, typer.Option(min=1, help="Rows named per fault; counts are always full.")]


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples(
        "drive-eval validate insights --study year2 --raw data/raw/year2/insights_extract.xlsx"
        " --out data/processed/year2 --report results/year2/validation/insights.json"
    ),
)
def validate(
    extract: Annotated[str, typer.Argument(help="Extract as named in study.yaml, for example insights.")],
    study: StudyName,
    raw: Annotated[list[Path], typer.Option(help="A file as delivered; repeat.")],
    out: Annotated[Path, typer.Option(help="Folder for the typed tables.")],
    report: Annotated[Path, typer.Option(help="Failure report to write, .json; a page is written beside it.")],
    examples: Examples = 20,
) -> None:
    """Check one extract against its contract; write typed tables if it has no error."""
    from drive_eval.ingest.files import write_parquet

    tables, document = examine(raw, study, extract, examples=examples)
    write_report(report, extract, document)
    stop(document)
    for name, table in tables.items():
        write_parquet(out / f"{name}.parquet", table)


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples(
        "drive-eval derive --study year2 --table data/processed/year2/cms_cases.parquet ... --out data/processed/year2"
    ),
)
def derive(
    study: StudyName,
    table: Annotated[list[Path], typer.Option(help="A typed table, named as its file; repeat.")],
    out: Annotated[Path, typer.Option(help="Folder for the analysis sets.")],
    report: Annotated[
        Path | None,
        typer.Option(help="Failure report of the rules across extracts, .json; a page is written beside it."),
    ] = None,
    examples: Examples = 20,
) -> None:
    """Hold the typed tables of all extracts against each other; make the analysis sets in the order of study.yaml."""
    from drive_eval.chapter import run_derivation
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_parquet, write_parquet

    chosen, tables = load_study(ROOT, study, findings=False), {path.stem: read_parquet(path) for path in table}
    document = hold_together(chosen, tables, examples=examples)
    if report:
        write_report(report, "links", document)
    stop(document)
    for frame in tables.values():
        frame.attrs.clear()
    for name in chosen.derivations:
        tables[name] = run_derivation(chosen, name, tables)
        write_parquet(out / f"{name}.parquet", tables[name])


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples(
        "drive-eval chapter victims --study year2 --table data/processed/year2/insights_dva.parquet ..."
        " --out results/year2/chapters/victims.parquet"
    ),
)
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
    write_parquet(out, run_chapter(load_study(ROOT, study, findings=False), name, tables))


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples("drive-eval register results/year2/chapters/*.parquet --out results/year2/registry.parquet"),
)
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


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples(
        "drive-eval exhibits results/year2/chapters/*.parquet --study year2 --out results/year2 --kept data/drawn"
    ),
)
def exhibits(
    part: Annotated[list[Path], typer.Argument(help="Registry rows of the chapters, .parquet.")],
    study: StudyName,
    out: Annotated[Path, typer.Option(help="Results folder; figures/ and tables/ are below it.")],
    kept: Annotated[Path, typer.Option(help="Folder of pictures kept from earlier runs.")],
    jobs: Annotated[int, typer.Option(help="Processes to draw with.")] = 1,
) -> None:
    """Draw figures and lay out tables; one that fails does not stop the others and is named at the end."""
    from functools import cache

    from drive_eval.drawing import KINDS, draw
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.digest import source_digest
    from drive_eval.ingest.files import read_parquet, write_bytes, write_csv
    from drive_eval.ingest.kept import Kept
    from drive_eval.results import join_parts

    chosen, pictures, failures = load_study(ROOT, study, findings=False), Kept(kept), []
    for drawn in draw(
        chosen.exhibits,
        join_parts(read_parquet(path) for path in part),
        chosen,
        code=cache(lambda form: source_digest(["exhibits.make", f"exhibits.{form}"])),
        find=lambda exhibit, key: pictures.get(exhibit, key, KINDS),
        jobs=jobs,
    ):
        if drawn.failure:
            failures.append(drawn.failure)
            continue
        folder, name = out / f"{drawn.exhibit.kind}s", drawn.exhibit.id
        for kind, content in drawn.pictures.items():
            write_bytes(folder / f"{name}.{kind}", content)
        if drawn.pictures:
            pictures.put(name, drawn.key, drawn.pictures)
        write_csv(folder / f"{name}.csv", drawn.data)
    if failures:
        typer.echo("exhibits that could not be made:\n" + "\n".join(failures), err=True)
        raise typer.Exit(1)


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples(
        "drive-eval reproduce --study year2 --registry results/year2/registry.parquet --out results/year2/reproduction"
    ),
)
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


@commands.command(
    epilog=examples("drive-eval audit year2", "drive-eval audit year2 --json", "drive-eval audit year2 --out audit")
)
def audit(
    study: Annotated[str, typer.Argument(help="Name of the study folder under config/.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to; results/<study>/audit where not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every published number whether it can be true together with the others."""
    from drive_eval.ingest.config import load_audit
    from drive_eval.ingest.files import read_rows, write_csv, write_json
    from drive_eval.reference.audit import audit as examine
    from drive_eval.reference.audit import summarise
    from drive_eval.reference.register import read_register

    chosen_study(study)
    known = read_register(read_rows(ROOT / "config" / study / "reference.csv"))
    with working("examining the published numbers"):
        table = examine(known, load_audit(ROOT, study))
    folder = out or ROOT / "results" / study / "audit"
    write_csv(folder / "audit.csv", table)
    write_json(folder / "summary.json", summarise(table, known))
    if as_json:
        print_json(table.to_dict("records"))
        return
    for row in table.itertuples():
        typer.echo(f"{row.verdict}: {row.published_id} [{row.check}] {row.detail}")


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples("drive-eval verdict results/year2/reproduction/summary.json"),
)
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


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples(
        "drive-eval report --study year2 --results results/year2 --validation results/year2/validation/insights.json"
        " --out results/year2/report"
    ),
)
def report(
    study: StudyName,
    results: Annotated[Path, typer.Option(help="Results folder of the study.")],
    validation: Annotated[list[Path], typer.Option(help="Validation report of an extract, .json; repeat.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    jobs: Annotated[int, typer.Option(help="Processes to write with.")] = 1,
) -> None:
    """Write the report as one self-contained page, as a Word file and as a workbook."""
    from drive_eval.forks import each
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_bytes, read_json, read_parquet, read_rows, read_texts, write_bytes
    from drive_eval.publish import assemble
    from drive_eval.report import docx, html, workbook

    content = assemble(
        load_study(ROOT, study),
        read_parquet(results / "registry.parquet"),
        comparison=read_rows(results / "reproduction" / "comparison.csv"),
        summary=read_json(results / "reproduction" / "summary.json"),
        audit=read_rows(results / "audit" / "audit.csv"),
        faults=[fault for path in validation for fault in read_json(path)["faults"]],
        methods=read_texts(ROOT / "docs" / "methods", ".md"),
        picture=lambda name, kind: read_bytes(results / "figures" / f"{name}.{kind}"),
    )
    forms: dict[str, Callable[[], bytes]] = {
        "tables.xlsx": lambda: workbook.render(content),
        "report.docx": lambda: docx.render(content),
        "index.html": lambda: html.render(content).encode(),
    }
    for name, written in zip(forms, each(lambda name: forms[name](), forms, jobs=jobs), strict=True):
        write_bytes(out / name, written)
