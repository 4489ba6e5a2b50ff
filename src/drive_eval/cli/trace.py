"""The record of a run, made after everything else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drive_eval.cli.base import ROOT, STEPS, StudyName, commands, examples
from drive_eval.errors import UserError
from drive_eval.study import raw_files

if TYPE_CHECKING:
    from drive_eval.provenance import Recorded

NOT_OUTPUTS = ("logs", "provenance")
VERDICT = Path("reproduction/passed.txt")
"""The mark of the verdict, which may come after the record; what it says is the status of the run there."""


@commands.command(
    rich_help_panel=STEPS,
    epilog=examples("drive-eval provenance --study year2 --results results/year2 ... --out results/year2/provenance"),
)
def provenance(
    study: StudyName,
    results: Annotated[Path, typer.Option(help="Results folder of the study.")],
    raw: Annotated[list[Path], typer.Option(help="An extract as delivered, in the order of study.yaml; repeat.")],
    table: Annotated[list[Path], typer.Option(help="A typed table of each extract, in the same order; repeat.")],
    workflow: Annotated[list[Path], typer.Option(help="A file of the workflow, the main file first; repeat.")],
    settings: Annotated[list[Path], typer.Option(help="A configuration file, schema or lock; repeat.")],
    out: Annotated[Path, typer.Option(help="Folder to write the record to.")],
) -> None:
    """Record a run as a Workflow Run RO-Crate: inputs by digest, settings, program, and every file that came out."""
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_bytes, read_json, read_text, write_bytes, write_json
    from drive_eval.ingest.surroundings import date_of_state, git_revision, installed, machine, package_digest
    from drive_eval.provenance import Revision, Run, describe, seeds_of

    chosen, revision = load_study(ROOT, study), git_revision(ROOT)
    compared = read_json(results / "reproduction" / "summary.json")
    origins = dict(zip(chosen.extracts, map(_origin, table), strict=True))
    files = [(name, file) for name, entry in chosen.extracts.items() for file in raw_files(entry)]
    names = [name if len(raw_files(chosen.extracts[name])) == 1 else f"{name} ({file})" for name, file in files]
    extracts = zip(names, _recorded(raw), (origins[name] for name, _ in files), strict=True)
    record = Run(
        study=study,
        title=chosen.title,
        date=date_of_state(revision, raw),
        revision=Revision(*revision) if revision else None,
        source_digest=package_digest(),
        extracts={name: (file, origin) for name, file, origin in extracts},
        workflow=_recorded(workflow),
        settings=_recorded(settings),
        outputs=_recorded(_outputs(results)),
        seeds=seeds_of(chosen),
        packages=installed(read_text(ROOT / "requirements.lock")) if (ROOT / "requirements.lock").is_file() else {},
        system=machine(),
        differing=[*compared["differs"], *compared["assumed"]["ids_moved"]],
    )
    for path in workflow:
        write_bytes(out / path, read_bytes(path))
    write_json(out / "ro-crate-metadata.json", describe(record))


def _outputs(results: Path) -> list[Path]:
    found = (path for path in sorted(results.rglob("*")) if path.is_file() and not path.name.startswith("."))
    inside = ((path, path.relative_to(results)) for path in found)
    return [path for path, name in inside if name.parts[0] not in NOT_OUTPUTS and name != VERDICT]


def _recorded(paths: Iterable[Path]) -> list[Recorded]:
    from drive_eval.ingest.files import sha256
    from drive_eval.provenance import Recorded

    return [Recorded(_name(path), path.stat().st_size, sha256(path)) for path in paths]


def _name(path: Path) -> str:
    """The path in the project folder, links not followed; a record names no place outside it."""
    try:
        return (path.relative_to(ROOT.absolute()) if path.is_absolute() else path).as_posix()
    except ValueError:
        raise UserError(f"{path.name} lies outside the project folder; run in it and give paths below it") from None


def _origin(table: Path) -> str:
    from drive_eval.ingest.files import read_parquet

    return "synthetic" if (read_parquet(table)["data_origin"] == "synthetic").any() else "delivered"
