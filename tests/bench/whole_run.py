"""The whole run from nothing, with the process that has loaded the libraries and without it, in alternation."""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ..workflow.project import Project

SECONDS, ROUNDS = 30, 3
ROOT = Path(__file__).resolve().parents[2]
WAYS = {"jobs as forks of one process": None, "jobs by themselves": "no"}


def measure() -> list[str]:
    """Print the median seconds of each way and their ratio; what fails."""
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name:
        for number in range(ROUNDS):
            for way, told in WAYS.items():
                project = Project(Path(name) / str(number), ROOT, settings={"DRIVE_EVAL_WARM": told}, cores=4)
                start = time.monotonic()
                code, output = project.run()
                taken[way].append(time.monotonic() - start)
                if code:
                    return [output]
                shutil.rmtree(project.folder)
    forked, alone = (statistics.median(seconds) for seconds in taken.values())
    for way, seconds in taken.items():
        sys.stdout.write(f"whole run, {way}: {', '.join(f'{each:.1f}' for each in seconds)} s\n")
    sys.stdout.write(f"ratio of the medians: {forked / alone:.2f}\n")
    return [f"more than {SECONDS} s"] if forked > SECONDS else []
