"""Run the command line with ``python -m drive_eval``; a job of a run is handed to the warm process of the run."""

import sys

from drive_eval.warm import hand_over

if (code := hand_over(sys.argv[1:])) is not None:
    sys.exit(code)

# here, since it loads much that a job handed over does not need
from drive_eval.cli import app

app()
