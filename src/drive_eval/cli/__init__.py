"""The statistical pipeline behind an evaluation: extracts in, every table, figure and test out, each number traced.

Begin with ``drive-eval init DIR`` or in the folder of an evaluation; ``snakemake --cores 4`` runs everything there,
``drive-eval COMMAND --help`` gives examples of a command.

Exit codes: 0 done; 1 the work was done but a check failed (faults in an extract, numbers that differ);
2 a wrong call or a broken configuration; 3 an error of the program.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import typer

from drive_eval.cli import ask, begin, bring, delivery, doctor, pipeline, produce, trace
from drive_eval.cli.base import commands
from drive_eval.errors import UserError

__all__ = ["app", "ask", "begin", "bring", "delivery", "doctor", "pipeline", "produce", "trace"]

commands.info.help = __doc__.replace("``", "")


def app() -> None:
    """Run the command line; known faults end in one clear message, others without any value of a case."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        commands()
    except UserError as error:
        _say(f"error: {error}")
        raise SystemExit(2) from None
    except Exception as error:
        if os.environ.get("DRIVE_EVAL_TRACEBACK"):
            raise
        if isinstance(error, OSError) and error.filename is not None:
            from drive_eval.ingest.files import reason

            _say(f"error: {error.filename}: {reason(error)}")
            raise SystemExit(2) from None
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else "drive_eval"
        if not missing.startswith("drive_eval"):
            _say(f"error: the package {missing} is not installed; drive-eval doctor says what is needed")
            raise SystemExit(2) from None
        _say(_internal(error))
        raise SystemExit(3) from None


def _say(words: str) -> None:
    """Print to the error stream; where that is a log on a full disk, to the console of the run that began this job."""
    try:
        typer.echo(words, err=True)
    except OSError:
        os.write(int(os.environ.get("DRIVE_EVAL_CONSOLE", 2)), f"{words}\n".encode())


def _internal(error: Exception) -> str:
    """Type and place of an unexpected error; its text may quote a case and is left out."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "drive_eval" in frame.filename]
    place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else "unknown place"
    return f"internal error: {type(error).__name__} at {place}; set DRIVE_EVAL_TRACEBACK=1 to see all of it"
