"""What every command uses: the typer application and the folder it works in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer(add_completion=True, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
StudyName = Annotated[str, typer.Option("--study", help="Name of the study folder under config/.")]
ROOT = Path()
