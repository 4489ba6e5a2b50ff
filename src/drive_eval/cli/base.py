"""What every command uses: the typer application, the folder it works in, and how it tells what it found."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from drive_eval.errors import UserError

ROOT = Path()
STEPS = "Steps of the pipeline"


class _Grouped(TyperGroup):
    """Help that lists the steps of the pipeline below the commands that people call."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[Any]] = {"Commands": [], STEPS: []}
        for command in self.commands.values():
            panel = command.rich_help_panel  # type: ignore[attr-defined]
            panels[panel if panel in panels else "Commands"].append(command)
        limit = formatter.width - 6 - max(map(len, self.commands))
        for heading, listed in panels.items():
            with formatter.section(heading):
                formatter.write_dl([(command.name, command.get_short_help_str(limit)) for command in listed])


commands = typer.Typer(
    cls=_Grouped, add_completion=True, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
)


def examples(*calls: str) -> str:
    """The epilog of a command: calls that work in the folder of the shipped study, each on its line."""
    return "\b\nExamples:\n" + "\n".join(f"  {call}" for call in calls)


def _study_names(incomplete: str) -> list[str]:
    return [
        path.parent.name for path in sorted(ROOT.glob("config/*/study.yaml")) if path.parent.name.startswith(incomplete)
    ]


StudyName = Annotated[
    str, typer.Option("--study", help="Name of the study folder under config/.", autocompletion=_study_names)
]
AnyStudy = Annotated[
    str | None,
    typer.Option("--study", help="Study folder; that of config/config.yaml if not given.", autocompletion=_study_names),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def chosen_study(study: str | None) -> str:
    """The study named, or that of ``config/config.yaml``.

    Raises
    ------
    UserError
        If this folder holds no evaluation, or no study of this name.
    """
    from drive_eval.ingest.files import read_yaml

    path = ROOT / "config" / "config.yaml"
    if not path.is_file():
        raise UserError(
            "config/config.yaml: file not found; run this in the folder of an evaluation (drive-eval init makes one)"
        )
    name = study or str(read_yaml(path)["study"])
    if name not in _study_names(""):
        raise UserError(f"config/{name}/study.yaml: file not found; studies here are {', '.join(_study_names(''))}")
    return name


def print_json(document: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=str))


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]], plain: Callable[[Sequence[str]], str]) -> None:
    """Print rows: a table on a terminal, one line each as `plain` writes it where the output goes elsewhere."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo(plain(row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headers, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def print_heading(words: str) -> None:
    """Print a heading, bold on a terminal."""
    if not sys.stdout.isatty():
        typer.echo(words)
        return
    from rich.console import Console
    from rich.text import Text

    Console().print(Text(words, style="bold"), soft_wrap=True)


@contextmanager
def working(words: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that work goes on; the function given says what it has come to. Nothing is shown elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words)
        yield lambda now: progress.update(task, description=now)
