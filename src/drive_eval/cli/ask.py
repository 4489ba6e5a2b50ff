"""Commands that answer a question about a study and its results, and write nothing."""

from __future__ import annotations

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
    print_heading,
    print_json,
    print_table,
)
from drive_eval.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


@commands.command(
    name="list",
    epilog=examples("drive-eval list", "drive-eval list --study year2 --json", "drive-eval list | grep police"),
)
def list_exhibits(study: AnyStudy = None, as_json: AsJson = False) -> None:
    """List the exhibits of a study: id, chapter and title."""
    from drive_eval.ingest.config import load_study

    entries = load_study(ROOT, chosen_study(study)).exhibits
    if as_json:
        keys = ("id", "chapter", "kind", "title")
        print_json([{key: getattr(entry, key) for key in keys} for entry in entries])
        return
    rows = [(entry.id, entry.chapter, entry.title) for entry in entries]
    print_table(("Exhibit", "Chapter", "Title"), rows, lambda row: f"{row[0]:38} {row[1]:13} {row[2]}")


def _names(incomplete: str) -> list[str]:
    """Exhibits and published entries of the study in config.yaml, for completion in the shell."""
    from drive_eval.ingest.files import read_rows, read_yaml

    folder = ROOT / "config" / chosen_study(None)
    published = (row["published_id"] for row in read_rows(folder / "reference.csv"))
    return [name for name in (*read_yaml(folder / "exhibits.yaml"), *published) if name.startswith(incomplete)]


@commands.command(
    epilog=examples(
        "drive-eval explain figure_9",
        "drive-eval explain insights.dva.physical.exit.odds_ratio",
        "drive-eval explain mcnemar.intake_and_exit.physical.drive.intake_to_exit.all.spss_rule.p_value",
        "drive-eval explain table_mantel_haenszel --json",
    )
)
def explain(
    name: Annotated[
        str,
        typer.Argument(
            help="An exhibit, a result_id (or an end of it that names one) or a published_id.", autocompletion=_names
        ),
    ],
    study: AnyStudy = None,
    as_json: AsJson = False,
) -> None:
    """Say where a number comes from: rows used and left out, rule, options, inputs, libraries, published value."""
    from drive_eval.cli.evidence import gather
    from drive_eval.explain.document import explain as put_together
    from drive_eval.explain.names import find
    from drive_eval.explain.words import sections
    from drive_eval.ingest.config import load_study

    evidence = gather(ROOT, load_study(ROOT, chosen_study(study)))
    kind, found = find(
        name,
        exhibits=[entry.id for entry in evidence.study.exhibits],
        results=list(evidence.registry["result_id"]),
        published=evidence.published,
    )
    document = put_together(kind, found, evidence)
    if as_json:
        print_json(document)
        return
    for heading, lines in sections(document):
        print_heading(heading)
        typer.echo("\n".join(f"  {line}" for line in lines) + "\n")


@commands.command(
    epilog=examples(
        "drive-eval compare results/year2 /archive/2024-05/results/year2",
        "drive-eval compare old/registry.csv results/year2 --tolerance 1e-9 --json",
    )
)
def compare(
    run_a: Annotated[Path, typer.Argument(help="Results folder, or its registry (.parquet or .csv): the earlier run.")],
    run_b: Annotated[Path, typer.Argument(help="The same of the later run.")],
    tolerance: Annotated[float, typer.Option(min=0, help="Relative difference up to which numbers are the same.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say which numbers changed between two runs; exit code 1 if any did, or was computed another way."""
    from drive_eval.compare import compare_runs

    found = compare_runs(_registry(run_a), _registry(run_b), tolerance=tolerance)
    if as_json:
        print_json(found)
    else:
        _tell_changes(found)
    if found["differ"]:
        raise typer.Exit(1)


def _tell_changes(found: dict[str, Any]) -> None:
    for what in ("gone", "added"):
        for name in found[what]:
            typer.echo(f"{what}: {name}")
    for row in found["changed"]:
        relative = "" if row["relative"] is None else f" ({row['relative']:+.3g} of the earlier value)"
        typer.echo(f"changed: {row['result_id']}: {row['before']!r} -> {row['after']!r}{relative}")
    for row in found["described"]:
        typer.echo(f"{row['what']}: {row['result_id']}: {row['before']!r} -> {row['after']!r}")
    counted = ", ".join(f"{len(found[key]):,} {key}" for key in ("changed", "added", "gone"))
    typer.echo(f"{found['same']:,} numbers the same, {counted}, {len(found['described']):,} other differences")


def _registry(run: Path) -> pd.DataFrame:
    """The registry of a run, from its folder or from one of its two files."""
    import pandas as pd

    from drive_eval.ingest.files import read_parquet, read_rows

    path = run / "registry.parquet" if run.is_dir() else run
    if not path.is_file():
        raise UserError(f"{path}: file not found; give a results folder or its registry")
    try:
        frame = read_parquet(path) if path.suffix == ".parquet" else pd.DataFrame(read_rows(path))
        numbers = {name: pd.to_numeric(frame[name]).astype("float64") for name in ("value", "n", "denominator")}
        return frame.assign(**numbers).astype({"result_id": "str"})
    except (KeyError, ValueError, OSError) as error:
        raise UserError(f"{path}: is not a registry of results ({type(error).__name__})") from error
