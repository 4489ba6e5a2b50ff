"""Reading the published register, and judging whether a computed value prints as printed.

Nothing here comes from `drive_eval`, so that an error shared by generator and pipeline shows.
"""

import csv
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from math import isnan
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config" / "year2"
DOCUMENTS = ("year2_report", "executive_summary")
EXTRACTS = ("cms", "insights", "police", "interviews")
ABOUT_EQUAL = 0.10  # "~" allows a difference of a tenth of the larger value
NOISE = 9  # decimals kept before a tie is rounded half up (R1), so that 0.5 stored as 0.49999999999 is a tie


@dataclass(frozen=True)
class Claim:
    """A worded statement, or a setting that the data must respect: whether it holds, and what shows it."""

    holds: bool
    shown: str


Value = float | str | Claim | Mapping[str, float] | Collection[str]


@dataclass(frozen=True)
class Entry:
    """One row of the published register; `target` is what a computed value is compared with."""

    id: str
    kind: str
    printed: str
    target: str
    decimals: int | None
    op: str
    band: tuple[float, float] | None
    alpha: float | None
    unranked: bool
    same_as: str
    issue: str
    unit: str
    n: int | None
    count: int | None


def read_register() -> dict[str, Entry]:
    """The entries of the report and its summary that case data can answer, by published id."""
    with (CONFIG / "reference.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["document"] in DOCUMENTS and row["extract"] in EXTRACTS]
    return {row["published_id"]: _read_entry(row) for row in rows}


def read_unconstrained() -> dict[str, str]:
    """Reason by published id of the entries that were not turned into a constraint."""
    whole = CONFIG / "unconstrained.csv"
    parts = [whole] if whole.exists() else sorted(CONFIG.glob("unconstrained_*.csv"))
    found: dict[str, str] = {}
    for part in parts:
        with part.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert row["published_id"] not in found, f"{part.name}: {row['published_id']} is listed twice"
                found[row["published_id"]] = row["reason"]
    return found


def judge(entry: Entry, value: Value) -> tuple[bool, str]:
    """Whether a computed value agrees with a printed one, and the value in words."""
    if isinstance(value, Claim):
        return value.holds, value.shown
    if entry.kind == "significance":
        return _judge_significance(entry, value)
    if entry.kind == "ordering":
        return _judge_ordering(entry, value)
    if isinstance(value, str):
        return value == entry.target, value
    return _judge_number(entry, float(value))


def agreeing(*values: float, decimals: int) -> Value:
    """The first of several readings of one figure when all print alike; else a claim that fails and shows them."""
    if not any(map(isnan, values)) and len({round_half_up(value, decimals) for value in values}) == 1:
        return values[0]
    return Claim(False, "readings differ: " + ", ".join(f"{value:.6g}" for value in values))


def round_half_up(value: float, decimals: int) -> Decimal:
    """Round with ties away from zero, as the report prints (R1)."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-NOISE), ROUND_HALF_UP)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _read_entry(row: Mapping[str, str]) -> Entry:
    low_high = json.loads(row["range"]) if row["range"] else None
    count = row["numerator"] or row["implied_count"]
    return Entry(
        id=row["published_id"],
        kind=row["kind"],
        printed=row["printed"],
        target=row["expected"] or row["value"],
        decimals=int(row["decimals"]) if row["decimals"] else None,
        op=row["op"],
        band=tuple(low_high) if low_high else None,
        alpha=float(row["alpha"]) if row["alpha"] else None,
        unranked=row["unranked"] == "true",
        same_as=row["same_as"],
        issue=row["issue"],
        unit=row["unit"],
        n=int(row["n"]) if row["n"] else None,
        count=int(count) if count else None,
    )


def _judge_number(entry: Entry, value: float) -> tuple[bool, str]:
    shown = f"{value:.6g}"
    if isnan(value):
        return False, shown
    if entry.printed == "None":  # a cell left blank in a table of counts
        return value == 0, shown
    if entry.band is not None:
        return entry.band[0] - 1e-9 <= value <= entry.band[1] + 1e-9, shown
    if entry.op in _RELATIONS:
        return _RELATIONS[entry.op](value, float(entry.target)), shown
    assert entry.decimals is not None, f"{entry.id}: the register does not say how to compare"
    return round_half_up(value, entry.decimals) == round_half_up(float(entry.target), entry.decimals), shown


_RELATIONS = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _judge_significance(entry: Entry, value: Value) -> tuple[bool, str]:
    """All p-values must be on the printed side of alpha."""
    found = dict(value) if isinstance(value, Mapping) else {"p": float(value)}
    shown = ", ".join(f"{name} {p:.4g}" for name, p in found.items())
    assert entry.alpha is not None
    wanted = entry.target == "significant"
    return bool(found) and all((p < entry.alpha) == wanted for p in found.values()), shown


def _judge_ordering(entry: Entry, value: Value) -> tuple[bool, str]:
    wanted = [str(item) for item in json.loads(entry.target)]
    if not isinstance(value, Mapping):
        return entry.unranked and set(value) == set(wanted), ", ".join(sorted(value))
    assert not entry.unranked, f"{entry.id}: a set is wanted"
    shown = ", ".join(f"{name} {number:.5g}" for name, number in value.items())
    pairs = [item.split() for item in wanted if " > " in item or " ~ " in item]
    if pairs:
        return all(_holds(value[left], relation, value[right]) for left, relation, right in pairs), shown
    others = [number for name, number in value.items() if name not in wanted]
    ranked = [value[name] for name in wanted]
    falling = all(first > second for first, second in pairwise(ranked))
    return falling and all(ranked[-1] > other for other in others), shown


def _holds(left: float, relation: str, right: float) -> bool:
    if relation == ">":
        return left > right
    return abs(left - right) <= ABOUT_EQUAL * max(abs(left), abs(right))
