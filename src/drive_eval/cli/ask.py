"""Commands that answer a question and write nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from drive_eval.cli.base import ROOT, commands


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
