"""Compare the registry with the published register: one verdict per published number.

`match`: equal at the printed precision (ties half up), or the statement holds. `misprint`: the printed value
cannot follow from its own parts and the `expected` one matches. `differs`: neither. `context`: cannot be computed
from case data, with the reason. `not yet computed`: no result answers it so far.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from drive_eval.reference.register import NUMERIC_KINDS, Published, Register

VERDICTS = ("match", "misprint", "differs", "context", "not yet computed")
COMPARISON_COLUMNS = (
    "published_id",
    "result_id",
    "printed",
    "expected",
    "computed",
    "difference",
    "verdict",
    "issue",
    "source",
    "kind",
    "document",
    "extract",
    "reason",
)
ABOUT_EQUAL = 0.10
"""Two values are about equal (`~`) when they differ by at most this share of the larger one."""

_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_RELATION = re.compile(r"^(.+?) ([>~]) (.+)$")


@dataclass(frozen=True)
class _Found:
    """Outcome for one entry: the computed value in words, the difference where there is one, and whether it holds."""

    computed: str
    difference: float | None
    holds: bool
    reason: str = ""


def compare(register: Register, registry: pd.DataFrame) -> pd.DataFrame:
    """The verdict on every entry of the register, in its order.

    Parameters
    ----------
    register : Register
    registry : DataFrame
        Uses `result_id`, `value` and `unit`.

    Returns
    -------
    DataFrame with `COMPARISON_COLUMNS`
    """
    columns = registry[["result_id", "value", "unit"]].itertuples(index=False)
    results = {name: {"value": value, "unit": unit} for name, value, unit in columns}
    return pd.DataFrame(
        [_row(register, register[name], results) for name in register], columns=list(COMPARISON_COLUMNS)
    )


def summarise(comparison: pd.DataFrame) -> dict[str, Any]:
    """Counts per verdict, and per verdict within kind, document and extract; ids of the entries that differ."""

    def counts(frame: pd.DataFrame) -> dict[str, int]:
        found = Counter(frame["verdict"])
        return {verdict: found.get(verdict, 0) for verdict in VERDICTS}

    return {
        "entries": len(comparison),
        "verdicts": counts(comparison),
        **{
            f"by_{column}": {str(key): counts(part) for key, part in comparison.groupby(column)}
            for column in ("kind", "document", "extract")
        },
        "differs": sorted(comparison.loc[comparison["verdict"] == "differs", "published_id"]),
        "context": dict(
            comparison.loc[comparison["verdict"] == "context", ["published_id", "reason"]].itertuples(index=False)
        ),
    }


def compare_assumed(assumed: list[dict[str, str]], registry: pd.DataFrame) -> pd.DataFrame:
    """Whether the values that the reconstruction assumed still come out; never counted as reproduced.

    Returns
    -------
    DataFrame
        `id`, `result_id`, `assumed`, `computed`, `verdict` (`held`, `moved`), one row per assumed value that names
        a result.
    """
    values = registry.set_index("result_id")["value"]
    rows = []
    for entry in assumed:
        if not entry["result_id"]:
            continue
        computed = values.get(entry["result_id"])
        held = computed is not None and Decimal(repr(float(computed))) == Decimal(entry["value"])
        shown = "" if computed is None else f"{computed:.10g}"
        rows.append((entry["id"], entry["result_id"], entry["value"], shown, "held" if held else "moved"))
    return pd.DataFrame(rows, columns=["id", "result_id", "assumed", "computed", "verdict"])


def _row(register: Register, entry: Published, results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    result_id = register.result_of(entry)
    row: dict[str, Any] = {name: getattr(entry, name, None) for name in COMPARISON_COLUMNS}
    expected = "" if entry.expected is None else f"{entry.expected:.{entry.decimals or 0}f}"
    row |= {
        "result_id": result_id,
        "expected": expected,
        "computed": "",
        "difference": None,
        "reason": entry.reason,
    }
    if entry.reason:
        return row | {"verdict": "context"}
    if not result_id:
        return row | {"verdict": "not yet computed"}
    missing = [name for name in results_named(result_id) if name not in results]
    if missing:
        return row | {"verdict": "differs", "reason": f"not in the registry: {', '.join(missing)}"}
    judge = _judge_of(entry)
    if judge is None:
        return row | {"verdict": "differs", "reason": f"no rule compares a {entry.kind} entry of this form"}
    found = judge(entry, result_id, results)
    verdict = "differs" if not found.holds else "misprint" if entry.expected is not None else "match"
    return row | {
        "computed": found.computed,
        "difference": found.difference,
        "verdict": verdict,
        "reason": found.reason,
    }


_Judge = Callable[[Published, str, Mapping[str, Mapping[str, Any]]], _Found]


def _judge_of(entry: Published) -> _Judge | None:
    if entry.kind == "ordering":
        return _holds if entry.unranked else _ordering
    if entry.kind == "significance":
        return _significance
    if entry.kind == "approx":
        return _within if entry.range else _holds
    if entry.kind == "threshold":
        return _settings
    return _number if entry.kind in NUMERIC_KINDS else None


def _number(entry: Published, result_id: str, results: Mapping[str, Mapping[str, Any]]) -> _Found:
    """Equal at the printed precision; ``p < .001`` and ``p > .05`` are relations, not roundings."""
    computed = _printed_scale(entry, results[result_id])
    target = Decimal(repr(entry.number if entry.expected is None else entry.expected))
    decimals = entry.decimals or 0
    if entry.kind == "p_value" and entry.op in ("<", ">"):
        holds = computed < target if entry.op == "<" else computed > target
        return _Found(f"{float(computed):.6g}", None, holds)
    rounded = computed.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return _Found(f"{float(computed):.10g}", float(computed - target), rounded == target)


def _settings(entry: Published, result_id: str, results: Mapping[str, Mapping[str, Any]]) -> _Found:
    """Settings in use: as many results as printed values, equal one by one; a date counts as its digits (20180331)."""
    stated = entry.value if isinstance(entry.value, tuple) else (entry.value,)
    printed = [Decimal(str(value).replace("-", "")) for value in stated]
    used = [_printed_scale(entry, results[name]) for name in results_named(result_id)]
    step = Decimal(1).scaleb(-(entry.decimals or 0))
    rounded = [value.quantize(step, rounding=ROUND_HALF_UP) for value in used]
    return _Found("; ".join(f"{float(value):.10g}" for value in used), None, rounded == printed, "setting in use")


def _holds(entry: Published, result_id: str, results: Mapping[str, Mapping[str, Any]]) -> _Found:
    """A worded statement: every result named must say that it holds (measure `holds`, value 1)."""
    values = [float(results[name]["value"]) for name in results_named(result_id)]
    holds = all(value == 1 for value in values)
    return _Found("holds" if holds else "does not hold", None, holds, "definition on the method page")


def _within(entry: Published, result_id: str, results: Mapping[str, Mapping[str, Any]]) -> _Found:
    """A worded number must fall in its range, ends included; with several results, each of them."""
    low, high = entry.range or (0.0, 0.0)
    values = [_printed_scale(entry, results[name]) for _, name in _assignments(result_id)]
    holds = all(Decimal(repr(low)) <= value <= Decimal(repr(high)) for value in values)
    return _Found("; ".join(f"{float(value):.6g}" for value in values), None, holds, f"range {low:g} to {high:g}")


def _significance(entry: Published, result_id: str, results: Mapping[str, Mapping[str, Any]]) -> _Found:
    """Every p value named must lie on the stated side of alpha."""
    values = [float(results[name]["value"]) for _, name in _assignments(result_id)]
    below = [value < (entry.alpha or 0.05) for value in values]
    holds = all(below) if entry.value == "significant" else not any(below)
    return _Found("; ".join(f"p = {value:.4g}" for value in values), None, holds, f"alpha {entry.alpha:g}")


def _ordering(entry: Published, result_id: str, results: Mapping[str, Mapping[str, Any]]) -> _Found:
    """Every stated relation must hold, in every set of alternatives."""
    if not isinstance(entry.value, tuple):
        return _Found("", None, False, "an ordering needs a list")
    shown, holds = [], True
    for named in _sets(result_id):
        values = {name: float(results[result]["value"]) for name, result in named.items()}
        shown.append(", ".join(f"{name} {value:.4g}" for name, value in values.items()))
        holds = holds and all(_relation_holds(str(text), values) for text in _relations(entry.value, values))
    return _Found("; ".join(shown), None, holds)


def _relations(stated: tuple[str | float, ...], values: Mapping[str, float]) -> Iterator[str]:
    """Pairwise relations as stated; a ranking, highest first, becomes neighbours, its last above all unnamed."""
    if any(_RELATION.match(str(text)) for text in stated):
        yield from (str(text) for text in stated)
        return
    ranked = [str(name) for name in stated]
    yield from (f"{high} > {low}" for high, low in itertools.pairwise(ranked))
    yield from (f"{ranked[-1]} > {name}" for name in values if name not in ranked)


def _relation_holds(text: str, values: Mapping[str, float]) -> bool:
    parts = _RELATION.match(text)
    if not parts or parts[1] not in values or parts[3] not in values:
        return False
    left, right = values[parts[1]], values[parts[3]]
    if parts[2] == ">":
        return left > right
    return abs(left - right) <= ABOUT_EQUAL * max(abs(left), abs(right))


def _printed_scale(entry: Published, result: Mapping[str, Any]) -> Decimal:
    """The computed value on the printed scale: shares as percentages, multiplied in decimal so that ties stay ties."""
    value = Decimal(repr(float(result["value"])))
    in_percent = entry.kind == "percent" or entry.unit == "percent"
    return value * 100 if in_percent and result["unit"] == "share" else value


def _sets(result_id: str) -> list[dict[str, str]]:
    """``a=x.{p|q};b=y.{p|q}`` as one mapping per alternative, in step: ``[{a: x.p, b: y.p}, {a: x.q, b: y.q}]``."""
    expanded = []
    for part in result_id.split(";"):
        name, _, pattern = part.rpartition("=")
        expanded.append([(name, text) for text in _expand(pattern)])
    longest = max(len(options) for options in expanded)
    return [dict(options[k % len(options)] for options in expanded) for k in range(longest)]


def results_named(result_id: str) -> list[str]:
    """Every result id that the `result_id` cell of an entry names; none for an empty cell."""
    return [name for _, name in _assignments(result_id)] if result_id else []


def _assignments(result_id: str) -> list[tuple[str, str]]:
    found = []
    for part in result_id.split(";"):
        name, _, pattern = part.rpartition("=")
        found += [(name, text) for text in _expand(pattern)]
    return found


def _expand(pattern: str) -> list[str]:
    slot = _ALTERNATIVES.search(pattern)
    if not slot:
        return [pattern]
    head, tail = pattern[: slot.start()], pattern[slot.end() :]
    return [text for option in slot[1].split("|") for text in _expand(head + option + tail)]
