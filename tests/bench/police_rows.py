"""A police extract of any size with planted faults: the shipped rows again and again under new ids, faults counted."""

import csv
import random
from collections import Counter, defaultdict
from itertools import cycle
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "data/raw/year2/police_extract.csv"
LAST_DAY, DAY_AFTER = "30/06/2019", "01/07/2019"
TWICE, BOTH_ARMS = ("Event key", "given more than once"), ("Group", "id in both arms")
SHORT, LONG = ("", "fewer cells than headers"), ("", "more cells than headers")
CELLS = {
    ("Recorded date", "blank cell"): {"Recorded date": ""},
    ("Recorded date", "not a date"): {"Recorded date": "31/02/2017"},
    ("Outcome date", "above 2019-06-30"): {"Outcome date": DAY_AFTER},
    ("Event key", "not of the agreed form"): {"Event key": "EV-{number}x"},
    ("Person key", "blank cell"): {"Person key": " "},
    ("DVA flag", "unknown code"): {"DVA flag": "Maybe"},
    ("Record type", "unknown code"): {"Record type": "crime", "Criminal": "N", "Outcome": ""},
    ("Offence to", "offence ends before it begins"): {"Offence from": "02/01/2015", "Offence to": "01/01/2015"},
    ("Recorded date", "recorded before it happened"): {"Offence from": LAST_DAY, "Offence to": LAST_DAY},
    ("Record type", "criminal flag does not agree with the record type"): {
        "Record type": "Crime",
        "Criminal": "N",
        "Outcome": "",
    },
}
"""Column and rule of a fault, and the cells that make it."""


def write(path: Path, rows: int, *, share: float, seed: int) -> Counter:
    """Write the extract; return how many rows must be reported for each column and rule.

    Parameters
    ----------
    path : Path
    rows : int
    share : float
        Of the rows that get a fault. Each fault is as frequent as another, and no two are in neighbouring rows.
    seed : int
    """
    with SHIPPED.open(newline="") as stream:
        shipped = list(csv.DictReader(stream))
    chosen = random.Random(seed).sample(range(1, rows, 2), round(rows * share))
    faulty = dict(zip(chosen, cycle([*CELLS, TWICE, BOTH_ARMS, SHORT, LONG]), strict=False))
    planted, keys, arms, previous = Counter(), Counter(), defaultdict(Counter), {}
    with path.open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(shipped[0])
        for number in range(rows):
            row = dict(shipped[number % len(shipped)])
            row["Event key"] = f"EV-{number:09d}"
            row["Person key"] = f"PS-{number // len(shipped):04d}{row['Person key'][3:]}"
            cells = list(_spoilt(row, number, faulty.get(number), previous, planted))
            out.writerow(cells)
            keys[row["Event key"]] += 1
            if row["Person key"].strip():
                arms[row["Person key"]][row["Group"]] += 1
            previous = row
    planted[TWICE] = sum(times for times in keys.values() if times > 1)
    planted[BOTH_ARMS] = sum(sum(found.values()) for found in arms.values() if len(found) > 1)
    return +planted


def _spoilt(row, number, fault, previous, planted):
    """The cells of a row with its fault; the row itself says what was written under each header."""
    if fault in CELLS:
        row.update({header: text.format(number=number) for header, text in CELLS[fault].items()})
    elif fault == TWICE:
        row["Event key"] = previous["Event key"]
    elif fault == BOTH_ARMS:
        row["Group"] = "Control" if row["Group"] == "Drive" else "Drive"
    planted[fault] += fault is not None
    yield from list(row.values())[: -1 if fault == SHORT else None]
    if fault == LONG:
        yield "beyond"
