"""The numbers of one finding as words: each is read from a registry row, remembered, and printed as tables print it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drive_eval.errors import UserError
from drive_eval.exhibits.wording import half_up, show

_MEANS = ("mean", "mean_proportion", "mean_difference")
_SHARES = ("proportion", "share")


class FindingNotMade(UserError):
    """A finding cannot be written from this registry; the message names the finding and the number."""


@dataclass(frozen=True)
class Number:
    """One row of the registry as far as a sentence needs it."""

    value: float
    unit: str
    method: str


@dataclass
class Numbers:
    """What one finding reads of the registry.

    An estimate is named by its seven keys, joined by dots; a number of it by those and its own name. `alpha` is the
    level below which a p-value counts, `small_base` the size below which a base is named as small.
    """

    finding: str
    registry: Mapping[str, Number]
    alpha: float
    small_base: int
    used: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)

    def number(self, estimate: str, *names: str) -> Number:
        """The first of these numbers that the estimate has.

        Raises
        ------
        FindingNotMade
            If it has none of them.
        """
        for name in names:
            result_id = f"{estimate}.{name}"
            if result_id in self.registry:
                if result_id not in self.used:
                    self.used.append(result_id)
                return self.registry[result_id]
        raise FindingNotMade(
            f"findings.yaml, {self.finding}: the registry has no number {estimate}.{'|'.join(names)}; "
            "correct the slot or take the finding out"
        )

    def value(self, estimate: str, *names: str) -> float:
        """The same as a float."""
        return self.number(estimate, *names).value

    def share(self, estimate: str) -> float:
        """The share that the estimate is of."""
        return self.value(estimate, *_SHARES)

    def mean(self, estimate: str) -> Number:
        """The mean, or mean change, that the estimate is of, with its unit."""
        return self.number(estimate, *_MEANS)

    def size(self, estimate: str, name: str = "n") -> str:
        """A number of people, cases or events; a base (`denominator`) below `small_base` is remembered."""
        value = self.value(estimate, name)
        printed = show(value, "count")
        if value < self.small_base and name == "denominator" and printed not in self.small:
            self.small.append(printed)
        return printed

    def part(self, estimate: str) -> str:
        """`59 of 72 (81.9%)`."""
        return (
            f"{self.size(estimate)} of {self.size(estimate, 'denominator')} ({show(self.share(estimate), 'percent1')})"
        )

    def average(self, estimate: str) -> str:
        """`285.0 days (n = 68)`; a mean share as a percentage, a mean change of a share in percentage points."""
        number = self.number(estimate, *_MEANS)
        points = f"{estimate}.mean_difference" in self.registry
        return f"{amount(number.value, number.unit, points=points)} (n = {self.size(estimate)})"

    def effect(self, estimate: str, *names: str) -> str:
        """`141.9 days`, with its interval after it by `interval`; a difference of shares in percentage points."""
        number = self.number(estimate, *names)
        return amount(number.value, number.unit, points=True)

    def interval(self, estimate: str, *, style: str = "") -> str:
        """`95% CI 1.00 to 8.21`, in the unit of the estimate; in a named style where one is given."""
        level = show(self.value(estimate, "ci_level"), "percent")
        low, high = self.number(estimate, "ci_low"), self.number(estimate, "ci_high")
        shown = [show(limit.value, style or _style(limit.unit, points=True)) for limit in (low, high)]
        return f"{level} CI {unsigned_zero(shown[0])} to {unsigned_zero(shown[1])}"

    def p(self, estimate: str, name: str = "p_value") -> str:
        """`p = .042` or `p < .001`."""
        printed = show(self.value(estimate, name), "p")
        return f"p {printed}" if printed.startswith("<") else f"p = {printed}"

    def method(self, estimate: str) -> str:
        """How the p-value was found, in the words of the registry."""
        return self.number(estimate, "p_value").method

    def shows(self, estimate: str, name: str = "p_value") -> bool:
        """Whether the test finds something at `alpha`."""
        return self.value(estimate, name) < self.alpha

    def leaves_out(self, estimate: str, null: float) -> bool:
        """Whether the interval leaves out the value that would mean nothing moved."""
        low, high = self.value(estimate, "ci_low"), self.value(estimate, "ci_high")
        return not low <= null <= high


def amount(value: float, unit: str, *, points: bool) -> str:
    """A number with its unit: `141.9 days`, `62.0%`, or `-25.9 percentage points` for a difference of shares."""
    printed = unsigned_zero(show(value, _style(unit, points=points)))
    if unit == "share":
        return f"{printed} percentage points" if points else printed
    return f"{printed} {unit}".strip()


def unsigned_zero(printed: str) -> str:
    """The same, but `0.0` where rounding left `-0.0`."""
    return printed[1:] if printed.startswith("-") and not printed.strip("-0.%") else printed


def direction(before: float, after: float, *, share: bool) -> int:
    """The sign of a change as a reader sees it, to one decimal (of a percentage for a share): -1, 0 or 1."""
    scale = 100 if share else 1
    first, second = half_up(scale * before, 1), half_up(scale * after, 1)
    return (second > first) - (second < first)


def _style(unit: str, *, points: bool) -> str:
    if unit == "share":
        return "points" if points else "percent1"
    return "ratio" if unit == "ratio" else "decimal1"
