"""From raw numbers to the words that are printed: rounding half up, units, and sentences filled from the registry."""

from __future__ import annotations

import calendar
import math
import re
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

_SLOT = re.compile(r"\{([^{}|]+)\|([a-z0-9_]+)\}")
_DASH = "–"


def half_up(value: float, decimals: int) -> Decimal:
    """Round as a table prints: ties away from zero, on the shortest decimal that names the float."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def show(value: float, style: str) -> str:
    """Write one number in a named style.

    `count`, `percent` and `percent1` (of a share), `points` (a share difference in percentage points), `p`,
    `ratio` and `statistic` (two decimals), `decimal1` and `decimal3` (one, three decimals),
    `holds` (a statement that holds, 1, or does not), `day` (of yyyymmdd) and `month` (of yyyymm).

    Raises
    ------
    ValueError
        If the style is not known.
    """
    if value is None or math.isnan(value):
        return _DASH
    if math.isinf(value):
        return "infinite"
    if style == "count":
        return f"{int(value):,}"
    if style in ("percent", "percent1", "points"):
        decimals = 0 if style == "percent" else 1
        return f"{half_up_percent(value, decimals)}{'' if style == 'points' else '%'}"
    if style == "p":
        return "< .001" if value < 0.001 else f"{half_up(value, 3)}".replace("0.", ".", 1)
    if style in ("ratio", "statistic"):
        return f"{half_up(value, 2):,}"
    if style in ("decimal1", "decimal3"):
        return f"{half_up(value, int(style[-1])):,}"
    if style in ("day", "month"):
        return _date(int(value) if style == "day" else int(value) * 100)
    if style == "holds":
        return "yes" if value == 1 else "no"
    raise ValueError(f"no number style {style!r}")


def _date(number: int) -> str:
    """`20180331` as 31 March 2018; day 0 stands for the whole month."""
    year, month, day = number // 10000, number // 100 % 100, number % 100
    return f"{f'{day} ' if day else ''}{calendar.month_name[month]} {year}"


def half_up_percent(share: float, decimals: int) -> Decimal:
    """A share as a percentage, multiplied in decimal so that a printed tie stays a tie."""
    exact = Decimal(repr(float(share))) * 100
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def slots_of(template: str) -> list[str]:
    """The slots of a sentence, without their styles."""
    return [slot[1] for slot in _SLOT.finditer(template)]


def fill(template: str, rows: pd.DataFrame) -> str:
    """Fill ``{slot|style}`` in a sentence from registry rows.

    A slot is a result id, or as much of its end as names one number of the exhibit, for example
    ``physical.drive.exit.all.yes.proportion``.

    Raises
    ------
    KeyError
        If a slot names no number, or more than one.
    """
    dotted = "." + rows["result_id"]

    def number(slot: re.Match[str]) -> str:
        found = rows.loc[dotted.str.endswith(f".{slot[1]}"), "value"]
        if len(found) != 1:
            raise KeyError(f"{slot[1]} names {len(found)} numbers of this exhibit")
        return show(float(found.iloc[0]), slot[2])

    return _SLOT.sub(number, template)
