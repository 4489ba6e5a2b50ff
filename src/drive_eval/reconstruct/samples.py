"""Whole-number samples with printed figures: n, mean, SD, percentiles, range and band counts, in a believable shape.

With the count of each value as the unknown, everything but the square of the total is linear, and that is one
product. The cumulative counts are held close to those of a smooth target, so that a sample has neither the spikes
nor the holes that figures alone would leave.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reference.register import Published

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel

Shape = Sequence[float] | Callable[[int], float]
Figure = float | tuple[float, float]
Limits = tuple[Fraction, Fraction] | None
Band = tuple[int, int, float]

WINDOWS = (2, 4, 8, 16, 32)
"""How far cumulative counts may stray from the target, in people; the first that allows the figures is taken."""
EFFORT = 1.0
"""Deterministic time per window (the solver's own count of work, the same on every machine)."""
LAST_EFFORT = 30.0
WIDEST_GAP = 12
NEWTON_STEPS = 60
_SCALE = 10


@dataclass(frozen=True)
class _Wanted:
    """What a sample must show."""

    n: int
    values: range
    mean: Limits
    sd: Limits
    bands: tuple[Band, ...]
    percentiles: tuple[tuple[Fraction, Fraction], ...]


def solve_sample(
    *,
    n: int,
    minimum: int,
    maximum: int,
    mean: Figure | None = None,
    sd: Figure | None = None,
    median: float | None = None,
    decimals: Mapping[str, int] | int = 0,
    shape: Shape,
    bands: Sequence[Band] = (),
    percentiles: Mapping[float, float] | None = None,
    random_seed: int = 0,
    effort: float = EFFORT,
    name: str = "sample",
) -> list[int]:
    """Whole numbers in ascending order that print as given.

    Parameters
    ----------
    n, minimum, maximum : int
        Size, smallest and largest value; both ends occur.
    mean, sd : float or (low, high), optional
        As printed, half up at their `decimals`; or the half-open interval in which the exact figure must lie.
        The SD divides by n - 1.
    median : float, optional
        Exact (mean of the middle two when `n` is even).
    decimals : mapping or int
        Decimals of `mean` and `sd` by name, or of both.
    shape : sequence of float or callable
        Weight of each value from `minimum` to `maximum`; tilted to the other figures first, so only its form matters.
    bands : sequence of (low, high, count)
        Exact counts of values from `low` to `high`, ends included.
    percentiles : mapping of share to value, optional
        Exact percentiles as SPSS has them: position share x (n + 1), interpolated (numpy: ``method="weibull"``).
    random_seed : int
        Of the solver.
    effort : float
        Deterministic time to spend on closeness to the shape; the figures hold whatever it is.
    name : str
        What the sample is, for the message.

    Returns
    -------
    list of int

    Raises
    ------
    Infeasible
        If no sample prints so; the message has `name` and the figures.
    """
    shares = {**(percentiles or {}), **({} if median is None else {0.5: median})}
    wanted = _Wanted(
        n=n,
        values=range(minimum, maximum + 1),
        mean=_limits(mean, decimals if isinstance(decimals, int) else decimals.get("mean", 0)),
        sd=_limits(sd, decimals if isinstance(decimals, int) else decimals.get("sd", 0)),
        bands=tuple(bands),
        percentiles=tuple((Fraction(str(share)), Fraction(str(figure))) for share, figure in sorted(shares.items())),
    )
    target = _target(wanted, _weights(shape, wanted.values))
    for window in (*(window for window in WINDOWS if window < n), n):
        counts = _solve(wanted, target, window, random_seed, effort if window < n else max(effort, LAST_EFFORT))
        if counts:
            return [value for value, count in zip(wanted.values, counts, strict=True) for _ in range(count)]
    figures = f"n {n}, {minimum} to {maximum}, mean {mean}, SD {sd}, percentiles {shares}, bands {list(bands)}"
    raise Infeasible(f"{name}: no whole numbers found with {figures}")


def count_for(entry: Published, *bases: int) -> int:
    """The count nearest to a printed percentage of the first base that prints so on every base given.

    A count that the register recovered for that base (`implied_count`) goes before the nearest.

    Raises
    ------
    Infeasible
        If there is none.
    """
    exact = Fraction(str(entry.number)) * bases[0] / 100
    if entry.implied_count is not None and entry.n == bases[0]:
        exact = Fraction(entry.implied_count)
    nearest = sorted(range(min(bases) + 1), key=lambda count: abs(count - exact))
    for count in nearest:
        if all(prints_as(100 * count / base, entry) for base in bases):
            return count
    raise Infeasible(f"{entry.published_id}: no count of {' and '.join(map(str, bases))} prints as {entry.printed}")


def roughen(shape: Shape, values: range, *, amount: float, random_seed: int) -> list[float]:
    """The weights of a shape with the unevenness of a real sample: each times a random factor, `amount` its log SD."""
    random = Random(f"roughen {random_seed}")
    return [weight * math.exp(random.gauss(0, amount)) for weight in _weights(shape, values)]


def _limits(figure: Figure | None, decimals: int) -> Limits:
    """The half-open interval of what prints, half up, as the figure."""
    if figure is None:
        return None
    if isinstance(figure, tuple):
        return Fraction(str(figure[0])), Fraction(str(figure[1]))
    half = Fraction(1, 2 * 10**decimals)
    return Fraction(str(figure)) - half, Fraction(str(figure)) + half


def _weights(shape: Shape, values: range) -> list[float]:
    weights = [float(shape(value)) for value in values] if callable(shape) else [float(weight) for weight in shape]
    if len(weights) != len(values) or min(weights) < 0 or not any(weights):
        raise ValueError(f"a shape needs {len(values)} weights, none negative, not all zero")
    return weights


def _target(wanted: _Wanted, weights: Sequence[float]) -> list[float]:
    """Expected counts: the shape tilted to mean, SD and bands; a percentile becomes a band where it needs to."""
    bands = list(wanted.bands)
    first, last = wanted.values[0], wanted.values[-1]
    expected = _tilted(wanted, weights, bands)
    for share, figure in wanted.percentiles:
        rank = math.floor(share * (wanted.n + 1))
        below = sum(count for value, count in zip(wanted.values, expected, strict=True) if value < figure)
        above = sum(count for value, count in zip(wanted.values, expected, strict=True) if value > figure)
        if figure != int(figure):
            bands.append((first, math.floor(figure), rank))
        elif below > rank - 1 and figure > first:
            bands.append((first, int(figure) - 1, rank - 1))
        elif above > wanted.n - rank - 1 and figure < last:
            bands.append((int(figure) + 1, last, wanted.n - rank - 1))
    return _tilted(wanted, weights, bands)


def _tilted(wanted: _Wanted, weights: Sequence[float], bands: Sequence[Band]) -> list[float]:
    """Expected counts nearest to the weights (least relative entropy) with the middle of the limits and the bands.

    Damped Newton steps on the exponents of the value, its square and the band indicators. Where no counts fit,
    the last step stands: the target guides, it does not bind.
    """
    features, aims = _features(wanted, bands)
    with np.errstate(divide="ignore"):
        base = np.log(np.array(weights) / sum(weights))

    def fitted(exponents: np.ndarray) -> tuple[np.ndarray, float]:
        scores = base + exponents @ features
        raw = np.exp(scores - scores.max())
        return raw / raw.sum(), float(scores.max() + np.log(raw.sum()) - exponents @ aims)

    exponents = np.zeros(len(aims))
    share, height = fitted(exponents)
    for _ in range(NEWTON_STEPS if len(aims) else 0):
        moments = features @ share
        spread = (features * share) @ features.T - np.outer(moments, moments)
        step = np.linalg.solve(spread + 1e-8 * np.eye(len(aims)), moments - aims)
        for length in (1.0, 0.5, 0.2, 0.05, 0.01):
            new_share, new_height = fitted(exponents - length * step)
            if new_height < height:
                exponents, share, height = exponents - length * step, new_share, new_height
                break
        else:
            break
    return [float(count) for count in wanted.n * share]


def _features(wanted: _Wanted, bands: Sequence[Band]) -> tuple[np.ndarray, np.ndarray]:
    """What a target is tilted on, in units of about one, and what each must come to per person."""
    values = np.arange(wanted.values[0], wanted.values[-1] + 1, dtype=float)
    centre = float(sum(wanted.mean)) / 2 if wanted.mean else (values[0] + values[-1]) / 2
    unit = max(1.0, (values[-1] - values[0]) / 4)
    rows, aims = [], []
    if wanted.mean:
        rows.append((values - centre) / unit)
        aims.append(0.0)
    if wanted.sd:
        rows.append(((values - centre) / unit) ** 2)
        aims.append((float(sum(wanted.sd)) / 2 / unit) ** 2)
    for low, high, size in bands:
        rows.append(((values >= low) & (values <= high)).astype(float))
        aims.append(size / wanted.n)
    return np.array(rows).reshape(len(rows), len(values)), np.array(aims)


def _solve(wanted: _Wanted, target: Sequence[float], window: int, random_seed: int, effort: float) -> list[int] | None:
    """Counts of the values within a window around the target, or None if there are none or none were found."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    first, last = wanted.values[0], wanted.values[-1]
    below: dict[int, Any] = {first - 1: 0}
    expected, gaps = 0.0, []
    for value, count in zip(wanted.values, target, strict=True):
        expected += count
        low, high = max(0, math.floor(expected) - window), min(wanted.n, math.ceil(expected) + window)
        below[value] = model.new_int_var(low, high, f"up to {value}")
        model.add(below[value] - below[value - 1] >= int(value in (first, last)))
        model.add_hint(below[value], round(expected))
        gaps.append(model.new_int_var(0, _SCALE * (wanted.n + 1), f"gap at {value}"))
        model.add_abs_equality(gaps[-1], _SCALE * below[value] - round(_SCALE * expected))
    model.add(below[last] == wanted.n)
    counts = {value: below[value] - below[value - 1] for value in wanted.values}
    for low, high, size in wanted.bands:
        model.add(sum(counts[value] for value in wanted.values if low <= value <= high) == size)
    for share, figure in wanted.percentiles:
        if not _add_percentile(model, below, wanted.values, share * (wanted.n + 1), figure):
            return None
    _add_moments(model, below, wanted)
    model.minimize(sum(gaps))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = random_seed
    solver.parameters.max_deterministic_time = effort
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [solver.value(count) for count in counts.values()]


def _add_percentile(
    model: CpModel, below: Mapping[int, Any], values: range, position: Fraction, figure: Fraction
) -> bool:
    """Make the value at a position (from 1, interpolated) the figure; false if no two neighbours can give it."""
    rank, part = divmod(position, 1)
    chosen = []
    for low, high in _neighbours(values, part, figure):
        is_chosen = model.new_bool_var(f"{low} and {high} at {rank}")
        chosen.append(is_chosen)
        for value, place in ((low, int(rank)), (high, int(rank) + bool(part))):
            model.add(below[value - 1] <= place - 1).only_enforce_if(is_chosen)
            model.add(below[value] >= place).only_enforce_if(is_chosen)
    if chosen:
        model.add_exactly_one(chosen)
    return bool(chosen)


def _neighbours(values: range, part: Fraction, figure: Fraction) -> Iterator[tuple[int, int]]:
    """Values at two successive ranks between which the figure lies at the given part of the way."""
    for low in values:
        for high in range(low, min(low + WIDEST_GAP, values[-1]) + 1) if part else (low,):
            if low + part * (high - low) == figure:
                yield low, high


def _add_moments(model: CpModel, below: Mapping[int, Any], wanted: _Wanted) -> None:
    """Hold the total, and n times the sum of squares less the squared total, within the limits."""
    n, last = wanted.n, wanted.values[-1]
    largest = max(abs(value) for value in wanted.values) * n
    total = model.new_int_var(-largest, largest, "total")
    model.add(total == last * n - sum(below[value] for value in wanted.values[:-1]))
    if wanted.mean:
        model.add_linear_constraint(total, math.ceil(wanted.mean[0] * n), math.ceil(wanted.mean[1] * n) - 1)
    if wanted.sd:
        low, high = (max(limit, Fraction(0)) ** 2 * n * (n - 1) for limit in wanted.sd)
        squared = model.new_int_var(0, largest**2, "total squared")
        model.add_multiplication_equality(squared, [total, total])
        squares = last**2 * n - sum((2 * value + 1) * below[value] for value in wanted.values[:-1])
        model.add_linear_constraint(n * squares - squared, math.ceil(low), math.ceil(high) - 1)
