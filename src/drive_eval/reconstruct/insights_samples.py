"""Several samples whose printed figures must hold one by one and taken together, and the t-tests between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.insights_moments import Moments, Window, printed
from drive_eval.reconstruct.samples import Band, roughen, solve_sample
from drive_eval.reference.register import Published, Register

LogDensity = Callable[[float], float]
EFFORT = 0.3
UNEVEN = 0.25
SAFE = 0.85
"""Part of the critical value that a test printed as not significant may reach."""


def _gamma(mean: float, spread: float) -> LogDensity:
    power, scale = mean**2 / spread, spread / mean
    return lambda away: (power - 1) * math.log(away) - away / scale


def _long(mean: float, spread: float) -> LogDensity:
    """Log-normal: the same mean and variance as a gamma density from more small and a few very large values."""
    square = math.log(1 + spread / mean**2)
    centre = math.log(mean) - square / 2
    return lambda away: -((math.log(away) - centre) ** 2) / (2 * square) - math.log(away)


def _even(mean: float, spread: float) -> LogDensity:
    return lambda away: 0.0


FORMS: dict[str, Callable[[float, float], LogDensity]] = {"gamma": _gamma, "long": _long, "even": _even}


@dataclass(frozen=True)
class Sample:
    """What one sample must show; `median` is exact where given, `form` the shape that its figures then tilt."""

    name: str
    moments: Moments
    low: int
    high: int
    median: float | None = None
    form: str = "gamma"

    def solve(self, bands: Sequence[Band] = ()) -> list[int]:
        """Whole numbers in ascending order that show it."""
        n, total = self.moments.n, self.moments.total
        weights = roughen(self._shape(), range(self.low, self.high + 1), amount=UNEVEN, random_seed=n)
        return solve_sample(
            n=n,
            minimum=self.low,
            maximum=self.high,
            mean=((total - 0.25) / n, (total + 0.25) / n),
            sd=self.moments.sd_limits(),
            median=self.median,
            shape=weights,
            bands=bands,
            effort=EFFORT,
            name=self.name,
        )

    def _shape(self) -> list[float]:
        """The density of the form, its foot opposite the longer tail, for all but one person at each end."""
        n, low, high = self.moments.n, self.low, self.high
        mean = (self.moments.total - low - high) / (n - 2)
        spread = (sum(self.moments.squares) / 2 - low**2 - high**2) / (n - 2) - mean**2
        left_skewed = self.median is not None and self.median > self.moments.total / n
        foot, step = (high, -1) if left_skewed else (low, 1)
        density = FORMS[self.form](max(step * (mean - foot), 0.5) + 0.5, max(spread, 0.25))
        logs = [density(step * (value - foot) + 0.5) for value in range(low, high + 1)]
        weights = [math.exp(part - max(logs)) for part in logs]
        weights = [(n - 2) * weight / sum(weights) for weight in weights]
        weights[0] += 1
        weights[-1] += 1
        return weights


def solve_samples(samples: Mapping[str, Sample], together: Mapping[float, Sequence[str]]) -> dict[str, list[int]]:
    """Solve each sample, then those again whose common median is not as printed.

    Parameters
    ----------
    samples : mapping of name to Sample
    together : mapping of a median to the names of the samples that have it when taken together
    """
    found = {name: sample.solve() for name, sample in samples.items()}
    for middle, names in together.items():
        bands = _bands({name: samples[name] for name in names}, {name: found[name] for name in names}, int(middle))
        for name, band in bands.items():
            found[name] = samples[name].solve(band)
    return found


def _bands(samples: Mapping[str, Sample], found: Mapping[str, list[int]], middle: int) -> dict[str, list[Band]]:
    """Counts below and at a whole median for the samples that must give some up so that it is the common one."""
    size = sum(len(values) for values in found.values())
    first, last = (size + 1) // 2, size // 2 + 1
    below = {name: sum(value < middle for value in values) for name, values in found.items()}
    at = {name: values.count(middle) for name, values in found.items()}
    moves = {
        -1: sum(below.values()) - (first - 1),
        1: last - sum(below.values()) - sum(at.values()),
    }
    changed: set[str] = set()
    for side, count in moves.items():
        for _ in range(max(count, 0)):
            name = max(samples, key=lambda name: (_spare(samples[name], below[name], at[name], middle, side), name))
            below[name] += min(side, 0)
            at[name] += 1
            changed.add(name)
    return {
        name: [(samples[name].low, middle - 1, below[name]), (middle, middle, at[name])] for name in sorted(changed)
    }


def _spare(sample: Sample, below: int, at: int, middle: int, side: int) -> float:
    """Share of a sample that can move to the common median from one side without moving its own median."""
    n = sample.moments.n
    if not sample.low < middle < sample.high:
        return -1.0
    beyond = below if side < 0 else n - below - at
    own = sample.median if sample.median is not None else middle
    needed = n // 2 + 2 if (own < middle and side < 0) or (own > middle and side > 0) else 0
    return (beyond - needed) / n


def t_window(register: Register, prefix: str, sizes: Sequence[int]) -> Window:
    """Values of t that print as the t and the p of an entry do; about 0 where only "not significant" is printed."""
    from scipy.stats import t as student

    p = register.get(f"{prefix}.p")
    if f"{prefix}.t" not in register:
        safe = SAFE * float(student.isf(0.025, sum(sizes) - 2))
        return -safe, safe
    low, high = printed(register[f"{prefix}.t"])
    df = register[f"{prefix}.df"].number
    if p is not None and not p.op:
        smallest, largest = (float(student.isf(edge / 2, df)) for edge in reversed(printed(p)))
        low, high = max(low, smallest), min(high, largest)
    if low >= high:
        raise Infeasible(f"{prefix}: the printed t and p exclude each other")
    return low, high


@dataclass(frozen=True)
class TTest:
    """Both forms of a two-sample t-test and Levene's test (centre: mean) that chooses between them."""

    pooled_t: float
    pooled_df: float
    pooled_p: float
    welch_t: float
    welch_df: float
    welch_p: float
    levene_p: float


def compare(first: Sequence[float], second: Sequence[float]) -> TTest:
    """Compare two samples as SPSS prints it."""
    from scipy.stats import t as student

    t, df, welch_t, welch_df = _t_tests(first, second)
    away = [[abs(value - fmean(group)) for value in group] for group in (first, second)]
    levene, levene_df, _, _ = _t_tests(*away)

    def p(statistic: float, degrees: float) -> float:
        return 2 * float(student.sf(abs(statistic), degrees))

    return TTest(t, df, p(t, df), welch_t, welch_df, p(welch_t, welch_df), p(levene, levene_df))


def _t_tests(first: Sequence[float], second: Sequence[float]) -> tuple[float, float, float, float]:
    """Pooled t and df, Welch t and df."""
    n = (len(first), len(second))
    spread = (variance(first), variance(second))
    difference = fmean(first) - fmean(second)
    parts = (spread[0] / n[0], spread[1] / n[1])
    error = sum(parts)
    df = sum(n) - 2
    pooled = ((n[0] - 1) * spread[0] + (n[1] - 1) * spread[1]) / df * (1 / n[0] + 1 / n[1])
    welch_df = error**2 / (parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1))
    return difference / math.sqrt(pooled), df, difference / math.sqrt(error), welch_df


def shows(value: float, entry: Published) -> bool:
    """Whether a value prints as an entry does, or lies on the side that its sign names."""
    if entry.op == "<":
        return value < entry.number
    if entry.op == ">":
        return value > entry.number
    low, high = printed(entry)
    return low <= value < high
