"""Run the command line with ``python -m drive_eval``."""

from drive_eval.cli import app

app()
