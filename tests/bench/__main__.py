"""``python -m tests.bench [--rows N]``: a large police extract with planted faults, the whole run; within limits."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .police_rows import write
from .whole_run import measure

SECONDS, GIGABYTES, EXAMPLES = 20, 2, 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.01, help="rows that get a fault")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planted = write(folder / "police.csv", chosen.rows, share=chosen.share, seed=2019)
        command = ["-m", "drive_eval", "validate", "police", "--study", "year2", "--examples", str(EXAMPLES)]
        command += ["--raw", folder / "police.csv", "--out", folder, "--report", folder / "report.json"]
        start = time.monotonic()
        done = subprocess.run([sys.executable, *command], capture_output=True, check=False)
        wall = time.monotonic() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        faults = json.loads((folder / "report.json").read_text(encoding="utf-8"))["faults"]
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2
    sys.stdout.write(
        f"{chosen.rows:,} rows, {sum(planted.values()):,} to be reported: {wall:.1f} s, {cpu:.1f} s of one core,"
        f" {peak:.2f} GB at most\n"
    )
    failed = {
        "counts differ from those planted": {(f["column"], f["rule"]): f["n_rows"] for f in faults} != dict(planted),
        "more examples than asked for": any(len(f["rows"]) > EXAMPLES for f in faults),
        "exit code": done.returncode != (1 if planted else 0),
        f"more than {SECONDS} s": wall > SECONDS,
        f"more than {GIGABYTES} GB": peak > GIGABYTES,
    }
    found = [*(words for words, failed_so in failed.items() if failed_so), *measure()]
    sys.stdout.writelines(f"{words}\n" for words in found)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
