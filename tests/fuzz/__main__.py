"""``python -m tests.fuzz [NUMBER...] [--cases N] [--write]``: run cases on all cores and say what came of them."""

import argparse
import csv
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .runner import OUTCOMES, run, table

CASES = 5000
COMMITTED = Path(__file__).with_name("outcomes.csv")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("number", type=int, nargs="*", help="cases to run alone")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--ci", type=int, default=300, help="how many of the first cases the column of CI counts")
    parser.add_argument("--write", action="store_true", help="write the table of outcomes instead of comparing with it")
    chosen = parser.parse_args()
    numbers = chosen.number or range(chosen.cases)
    with ProcessPoolExecutor(min(len(numbers), os.cpu_count() or 1)) as pool:
        outcomes = []
        for told in pool.map(run, numbers, chunksize=1 if chosen.number else 10):
            outcomes.append(told)
            if told.defect or chosen.number:
                sys.stdout.write(f"{told}\n")
                sys.stdout.flush()
    defects = sum(bool(told.defect) for told in outcomes)
    counts = Counter(told.outcome for told in outcomes)
    moved = sum(told.moved > 0 for told in outcomes)
    sys.stdout.write(
        f"{len(outcomes)} cases: {dict(counts)}; numbers moved in {moved} of those analysed; {defects} defects\n"
    )
    if chosen.number:
        return int(defects > 0)
    if chosen.write and not defects:
        write(table(outcomes), table(outcomes[: chosen.ci]))
        return 0
    differs = compared(table(outcomes), "") if chosen.cases == CASES else []
    if differs:
        sys.stdout.write(f"other outcomes than {COMMITTED.name} has: {', '.join(differs)}\n")
    return int(defects > 0 or bool(differs))


def write(found: list[dict], first: list[dict]) -> None:
    """Write the table of outcomes: all cases, and the first ones that CI runs."""
    with COMMITTED.open("w", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["kind", *OUTCOMES, *(f"{outcome}_ci" for outcome in OUTCOMES)])
        out.writerows([*row.values(), *list(few.values())[1:]] for row, few in zip(found, first, strict=True))


def compared(found: list[dict], part: str) -> list[str]:
    """The kinds whose outcomes are not those of the committed table."""
    with COMMITTED.open(newline="") as stream:
        known = {row["kind"]: row for row in csv.DictReader(stream)}
    return [row["kind"] for row in found if any(str(row[one]) != known[row["kind"]][one + part] for one in OUTCOMES)]


if __name__ == "__main__":
    sys.exit(main())
