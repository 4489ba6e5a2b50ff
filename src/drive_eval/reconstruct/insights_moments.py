"""Totals and sums of squares of several samples at once, from printed means, SDs, t and degrees of freedom.

With the totals fixed every printed variance, t and df is linear in the sums of squares: t fixes the squared standard
error, and the Welch df fixes the share of it that comes from one arm. So totals are tried from the middle of what
prints outwards, and a linear programme finds the sums of squares that stay farthest from every rounding limit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reference.register import Published

Window = tuple[float, float]
ENOUGH = 0.1
"""Distance from the rounding limits, as a share of half their width, at which the search for totals stops."""
TRIES = 4000
WIDEST = 50_000


@dataclass(frozen=True)
class Figure:
    """The mean or the SD of one sample, or of several taken together, and the limits of what prints so."""

    cells: tuple[str, ...]
    statistic: str
    limits: Window


@dataclass(frozen=True)
class Comparison:
    """A t-test between two groups of samples: the form that was printed, its t and, for Welch, its df.

    With a lower limit of `t` that is not positive the test must not be significant, in either form.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    welch: bool
    t: Window
    df: Window | None = None


@dataclass(frozen=True)
class Moments:
    """Size and total of a sample, and the limits between which its sum of squares may lie."""

    n: int
    total: int
    squares: tuple[int, int]

    def sd_limits(self) -> Window:
        """The SDs that belong to the limits, widened by half a unit."""
        scale = self.n * (self.n - 1)
        low, high = ((self.n * edge - self.total**2) / scale for edge in (self.squares[0] - 0.5, self.squares[1] + 0.5))
        return math.sqrt(max(low, 0.0)), math.sqrt(high)


@dataclass
class _Linear:
    """A constant plus weighted sums of squares."""

    weights: dict[str, float] = field(default_factory=dict)
    constant: float = 0.0

    def plus(self, other: _Linear, factor: float = 1.0) -> _Linear:
        weights = dict(self.weights)
        for cell, weight in other.weights.items():
            weights[cell] = weights.get(cell, 0.0) + factor * weight
        return _Linear(weights, self.constant + factor * other.constant)

    def at(self, squares: Mapping[str, float]) -> float:
        return self.constant + sum(weight * squares[cell] for cell, weight in self.weights.items())


@dataclass(frozen=True)
class _Limit:
    """Between which values an expression must lie, and which distance from them counts as far."""

    linear: _Linear
    low: float
    high: float
    far: float


def printed(entry: Published) -> Window:
    """The half-open interval of values that round, half up, to what is printed."""
    half = 0.5 * 10.0 ** -(entry.decimals or 0)
    return entry.number - half, entry.number + half


def plan_moments(
    sizes: Mapping[str, int], figures: Sequence[Figure], comparisons: Sequence[Comparison], *, name: str
) -> dict[str, Moments]:
    """Totals and sums of squares of each sample with which all figures and tests print as given.

    Parameters
    ----------
    sizes : mapping of sample to n
        Each needs a mean of its own among the figures.
    figures, comparisons : sequences
    name : str
        What the samples are, for the message.

    Raises
    ------
    Infeasible
        If no totals were found with which they do.
    """
    best: tuple[float, dict[str, int], list[_Limit], dict[str, float]] | None = None
    for totals in itertools.islice(_totals(sizes, figures), TRIES):
        limits = _limits(sizes, totals, figures, comparisons)
        margin, squares = _centre(sizes, limits) if limits else (0.0, {})
        if squares and (best is None or margin > best[0]):
            best = margin, totals, limits, squares
        if margin >= ENOUGH:
            break
    if best is None:
        raise Infeasible(f"{name}: no totals agree with the printed means, SDs, t and df together")
    _, totals, limits, squares = best
    whole = {cell: total + 2 * round((squares[cell] - total) / 2) for cell, total in totals.items()}
    room = _room(limits, whole)
    if min(room.values()) < 0:
        raise Infeasible(f"{name}: the printed SDs, t and df leave no whole sums of squares")
    return {
        cell: Moments(n, totals[cell], (whole[cell] - int(room[cell]), whole[cell] + int(room[cell])))
        for cell, n in sizes.items()
    }


def _totals(sizes: Mapping[str, int], figures: Sequence[Figure]) -> Iterator[dict[str, int]]:
    """Totals whose means print as given, those nearest to the middle of what prints first."""
    means = [figure for figure in figures if figure.statistic == "mean"]
    own = {figure.cells[0]: figure.limits for figure in means if len(figure.cells) == 1}
    choices: dict[str, list[tuple[float, int]]] = {}
    for cell, n in sizes.items():
        low, high = own[cell]
        middle = n * (low + high) / 2
        whole = range(math.ceil(n * low), math.ceil(n * high))
        choices[cell] = sorted((round(abs(total - middle) / (n * (high - low)), 6), total) for total in whole)
    while math.prod(len(choice) for choice in choices.values()) > WIDEST:
        max(choices.values(), key=len).pop()
    for chosen in sorted(itertools.product(*choices.values()), key=lambda chosen: sum(away for away, _ in chosen)):
        totals = {cell: total for cell, (_, total) in zip(sizes, chosen, strict=True)}
        if all(_holds(figure, sizes, totals) for figure in means):
            yield totals


def _holds(figure: Figure, sizes: Mapping[str, int], totals: Mapping[str, int]) -> bool:
    mean = sum(totals[cell] for cell in figure.cells) / sum(sizes[cell] for cell in figure.cells)
    return figure.limits[0] <= mean < figure.limits[1]


def _limits(
    sizes: Mapping[str, int], totals: Mapping[str, int], figures: Sequence[Figure], comparisons: Sequence[Comparison]
) -> list[_Limit]:
    """What the sums of squares must satisfy once the totals are fixed; empty if the totals already contradict a t."""
    limits = []
    for figure in figures:
        if figure.statistic == "sd":
            low, high = figure.limits[0] ** 2, figure.limits[1] ** 2
            limits.append(_Limit(_variance(sizes, totals, figure.cells), low, high, (high - low) / 2))
    for comparison in comparisons:
        found = _test_limits(sizes, totals, comparison)
        if not found:
            return []
        limits += found
    return limits


def _test_limits(sizes: Mapping[str, int], totals: Mapping[str, int], comparison: Comparison) -> list[_Limit]:
    groups = (comparison.first, comparison.second)
    n = [sum(sizes[cell] for cell in group) for group in groups]
    mean = [sum(totals[cell] for cell in group) / size for group, size in zip(groups, n, strict=True)]
    variance = [_variance(sizes, totals, group) for group in groups]
    parts = [_Linear().plus(spread, 1 / size) for spread, size in zip(variance, n, strict=True)]
    welch = parts[0].plus(parts[1])
    within = _Linear().plus(variance[0], n[0] - 1).plus(variance[1], n[1] - 1)
    pooled = _Linear().plus(within, (1 / n[0] + 1 / n[1]) / (n[0] + n[1] - 2))
    difference = mean[0] - mean[1]
    low, high = comparison.t
    least = (difference / high) ** 2
    if low <= 0:
        return [_Limit(error, least, math.inf, least / 10) for error in (pooled, welch)]
    if difference <= 0:
        return []
    most = (difference / low) ** 2
    limits = [_Limit(welch if comparison.welch else pooled, least, most, (most - least) / 2)]
    if comparison.df:
        fewest, largest = _shares(comparison.df, n)
        far = least * (largest - fewest) / 2
        limits.append(_Limit(parts[0].plus(welch, -fewest), 0.0, math.inf, far))
        limits.append(_Limit(parts[0].plus(welch, -largest), -math.inf, 0.0, far))
    return limits


def _variance(sizes: Mapping[str, int], totals: Mapping[str, int], cells: Sequence[str]) -> _Linear:
    n, total = sum(sizes[cell] for cell in cells), sum(totals[cell] for cell in cells)
    return _Linear(dict.fromkeys(cells, 1 / (n - 1)), -(total**2) / (n * (n - 1)))


def _shares(df: Window, n: Sequence[int]) -> Window:
    """Shares of the squared standard error that the first group may have: the branch where it has the larger part.

    The Welch df is 1 / (r^2 / (n1 - 1) + (1 - r)^2 / (n2 - 1)) with r that share, so each limit is a quadratic.
    """
    first, second = 1 / (n[0] - 1), 1 / (n[1] - 1)
    roots = []
    for edge in df:
        a, b, c = first + second, -2 * second, second - 1 / edge
        if b * b < 4 * a * c:
            raise Infeasible(f"no two samples of {n[0]} and {n[1]} have {edge:.2f} degrees of freedom")
        roots.append((-b + math.sqrt(b * b - 4 * a * c)) / (2 * a))
    return min(roots), max(roots)


def _centre(sizes: Mapping[str, int], limits: Sequence[_Limit]) -> tuple[float, dict[str, float]]:
    """Sums of squares as far from all limits as can be, in units of `far`, at most 1; none if there are none."""
    from scipy.optimize import linprog

    cells = list(sizes)
    rows, bounds = [], []
    for limit in limits:
        weights = [limit.linear.weights.get(cell, 0.0) * sizes[cell] / limit.far for cell in cells]
        for edge, sign in ((limit.high, 1), (limit.low, -1)):
            if math.isfinite(edge):
                rows.append([*(sign * weight for weight in weights), 1.0])
                bounds.append(sign * (edge - limit.linear.constant) / limit.far)
    ranges = [(0, None)] * len(cells) + [(0, 1)]
    found = linprog([0.0] * len(cells) + [-1.0], A_ub=rows, b_ub=bounds, bounds=ranges, method="highs")
    if not found.success or found.x is None:
        return 0.0, {}
    return float(found.x[-1]), {cell: float(x) * sizes[cell] for cell, x in zip(cells, found.x[:-1], strict=True)}


def _room(limits: Sequence[_Limit], squares: Mapping[str, float]) -> dict[str, float]:
    """How far each sum of squares may move, whatever the others do within theirs, before a limit is reached."""
    room = dict.fromkeys(squares, math.inf)
    for limit in limits:
        value = limit.linear.at(squares)
        slack = 0.95 * min(value - limit.low, limit.high - value)
        for cell, weight in limit.linear.weights.items():
            if weight:
                room[cell] = min(room[cell], slack / (len(limit.linear.weights) * abs(weight)))
    return room
