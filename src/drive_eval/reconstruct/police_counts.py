"""How many incidents, and how many criminal ones, the subjects of the police sample have in each window.

Each subject's pair (incidents, criminal incidents) starts at a quantile of a smooth shape: skewed numbers of
incidents, criminal ones by chance. Single incidents are then moved until the counts and the mean share are exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reference.register import Register

ARMS = ("drive", "control")
KINDS = ("dva", "non_dva")
WINDOWS = ("before", "during", "after")
MOST = 12
"""Most incidents of one subject, kind and window."""
EXTRA_VARIATION = 3.0
"""Shape of the criminal share between subjects: alpha + beta of a beta-binomial; small means unlike."""
ABOUT_EQUAL = 0.10
"""What `~` allows between two mean shares, of the larger."""
NO_CHANGE = 0.05
"""What "no change" allows, of the first."""
GOLDEN = 0.6180339887498949
"""Step of a sequence that spreads evenly over 0 to 1."""
TRIES = 200

Pair = tuple[int, int]
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Wanted:
    """What one arm, kind and window must show: subjects with and without incidents, counts, mean share."""

    figure: str
    defined: int
    without: int
    incidents: int
    criminal: int
    mean_percent: float


def solve_pairs(register: Register, assumed: Assumed) -> dict[Place, list[Pair]]:
    """Pairs of every arm, kind and window, ascending, one per subject who has any incident at all.

    Raises
    ------
    Infeasible
        If a window cannot be filled, or the published statements do not hold on the assumed counts.
    """
    without = {arm: assumed.count(f"police.subjects_without_incident.{arm}") for arm in ARMS}
    subjects = {arm: int(register[f"police.sample.{arm}"].number) for arm in ARMS}
    for figure in ("police.fig23_n", "police.fig24_n"):
        if sum(subjects.values()) - sum(without.values()) != register[figure].number:
            raise Infeasible(f"{figure}: differs from the subjects who have an incident")
    if len(WINDOWS) != register["police.time_points"].number:
        raise Infeasible("police.time_points: differs from the windows before, during and after")
    pairs = {}
    for arm in ARMS:
        for kind in KINDS:
            for window in WINDOWS:
                figure = f"police.{kind}.{arm}.{window}"
                undefined = assumed.count(f"{figure}.undefined")
                wanted = Wanted(
                    figure=figure,
                    defined=subjects[arm] - undefined,
                    without=undefined - without[arm],
                    incidents=assumed.count(f"{figure}.incidents"),
                    criminal=assumed.count(f"{figure}.criminal"),
                    mean_percent=assumed[f"{figure}.mean_percent"],
                )
                pairs[arm, kind, window] = _fill(wanted)
    check_statements(register, pairs)
    return pairs


def check_statements(register: Register, pairs: Mapping[Place, Sequence[Pair]]) -> None:
    """Check the trends of Figures 23 and 24 and the two changes of the executive summary.

    Raises
    ------
    Infeasible
        If one does not hold; the change must hold on the mean share and on the number of criminal incidents (Y10).
    """
    means = {place: mean_share(found) for place, found in pairs.items()}
    criminal = {place: Fraction(sum(pair[1] for pair in found)) for place, found in pairs.items()}
    for prefix in ("police", "exec.police"):
        for arm in ARMS:
            for kind in KINDS:
                entry = register.get(f"{prefix}.{kind}.{arm}.trend")
                by_window = {window: means[arm, kind, window] for window in WINDOWS}
                if entry and not all(_holds(str(relation), by_window) for relation in entry.value):  # type: ignore[union-attr]
                    raise Infeasible(f"{entry.published_id}: the assumed shares do not show {entry.printed}")
    for measure in (means, criminal):
        change = {arm: 1 - measure[arm, "dva", "after"] / measure[arm, "dva", "before"] for arm in ARMS}
        if not prints_as(float(100 * change["drive"]), register["exec.police.dva.drive.reduction"]):
            raise Infeasible("exec.police.dva.drive.reduction: the assumed counts or shares fall otherwise")
        if "exec.police.dva.control.change" in register and abs(change["control"]) > NO_CHANGE:
            raise Infeasible("exec.police.dva.control.change: the assumed counts or shares change")


def mean_share(pairs: Sequence[Pair]) -> Fraction:
    """Mean over subjects of criminal incidents by incidents; subjects without an incident are left out."""
    shares = [Fraction(criminal, incidents) for incidents, criminal in pairs if incidents]
    return sum(shares, Fraction(0)) / len(shares)


def _holds(relation: str, means: Mapping[str, Fraction]) -> bool:
    left, sign, right = relation.split()
    first, second = means[left], means[right]
    return first > second if sign == ">" else abs(first - second) <= Fraction(ABOUT_EQUAL) * max(first, second)


def _fill(wanted: Wanted) -> list[Pair]:
    """Pairs near a smooth shape: quantiles first, then single incidents moved until every figure holds."""
    fits = wanted.defined < wanted.incidents <= MOST * wanted.defined and 0 < wanted.criminal < wanted.incidents
    if not fits or wanted.defined < 1 or wanted.without < 0:
        raise Infeasible(f"{wanted.figure}: the assumed incidents do not fit the subjects who have any")
    incidents = _near(_geometric_quantiles(wanted), wanted.incidents, lowest=1, highest=[MOST] * wanted.defined)
    ratio = wanted.criminal / wanted.incidents
    spread = [(place * GOLDEN) % 1 for place in range(wanted.defined)]
    start = [_criminal_quantile(n, ratio, position) for n, position in zip(incidents, spread, strict=True)]
    criminal = _near(start, wanted.criminal, lowest=0, highest=incidents)
    step = Fraction(1, 20)
    wanted_mean = Fraction(str(wanted.mean_percent))
    low, high = ((wanted_mean + sign * step) / 100 * wanted.defined for sign in (-1, 1))
    for _ in range(TRIES):
        total = sum(Fraction(c, n) for c, n in zip(criminal, incidents, strict=True))
        if low <= total < high:
            return [(0, 0)] * wanted.without + sorted(zip(incidents, criminal, strict=True))
        gain, loss = _best_move(incidents, criminal, wanted_mean / 100 * wanted.defined - total)
        criminal[gain] += 1
        criminal[loss] -= 1
    raise Infeasible(
        f"{wanted.figure}: found no counts of incidents with the assumed mean, totals and undefined shares"
    )


def _geometric_quantiles(wanted: Wanted) -> list[int]:
    go_on = 1 - wanted.defined / wanted.incidents
    places = ((place + 0.5) / wanted.defined for place in range(wanted.defined))
    return [min(MOST, 1 + int(math.log(1 - place) / math.log(go_on))) for place in places]


def _criminal_quantile(incidents: int, ratio: float, position: float) -> int:
    """Criminal incidents at a position of the beta-binomial distribution."""
    alpha, beta = EXTRA_VARIATION * ratio, EXTRA_VARIATION * (1 - ratio)

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    below = 0.0
    for criminal in range(incidents):
        log_share = log_beta(criminal + alpha, incidents - criminal + beta) - log_beta(alpha, beta)
        below += math.comb(incidents, criminal) * math.exp(log_share)
        if position < below:
            return criminal
    return incidents


def _near(start: Sequence[int], total: int, *, lowest: int, highest: Sequence[int]) -> list[int]:
    """The numbers moved by ones, spread over all, until they sum to a total that their limits allow."""
    found = list(start)
    place, stride = 0, next(stride for stride in range(7, 8 + len(found)) if math.gcd(stride, len(found)) == 1)
    while sum(found) != total:
        step = 1 if sum(found) < total else -1
        place = (place + stride) % len(found)
        if lowest <= found[place] + step <= highest[place]:
            found[place] += step
    return found


def _best_move(incidents: Sequence[int], criminal: Sequence[int], missing: Fraction) -> tuple[int, int]:
    """The subject who gains and the one who loses a criminal incident so that the shares come nearest.

    The same subject twice where no incident can be moved.
    """
    people = range(len(incidents))
    moves = (
        (abs(missing - Fraction(1, incidents[gain]) + Fraction(1, incidents[loss])), gain, loss)
        for gain in people
        if criminal[gain] < incidents[gain]
        for loss in people
        if criminal[loss] > 0 and incidents[gain] != incidents[loss]
    )
    _, gain, loss = min(moves, default=(Fraction(0), 0, 0))
    return gain, loss
