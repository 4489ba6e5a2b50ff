"""Latent classes of yes/no items with missing answers: maximum likelihood from many starts at once.

Pure numerics, seeded; used by the derivation of class membership and, one floor up, by the method that reports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from drive_eval.errors import UserError

TOLERANCE = 1e-9
"""A start has converged when a cycle of three EM steps raises its log-likelihood by less than this."""
MAX_CYCLES = 4000
SAME_OPTIMUM = 1e-4
"""Starts this close in log-likelihood have reached the same optimum; distinct modes lie further apart."""
_SMALLEST = 1e-15
_START_RANGE = (0.1, 0.9)


class NoClassFits(UserError):
    """The profile of the classes does not allow the names that the configuration gives them."""


@dataclass(frozen=True)
class Patterns:
    """Distinct response patterns: `yes` and `no` (patterns x items, 0/1), `people` per pattern, pattern of each row."""

    yes: np.ndarray
    no: np.ndarray
    people: np.ndarray
    of_row: np.ndarray

    @property
    def total(self) -> float:
        """Number of people."""
        return float(self.people.sum())


@dataclass(frozen=True)
class Model:
    """Class sizes (sum 1) and probability of each item in each class (classes x items)."""

    sizes: np.ndarray
    items: np.ndarray

    @property
    def n_parameters(self) -> int:
        """Free parameters."""
        return self.items.size + self.sizes.size - 1

    def ordered(self, order: Sequence[int]) -> Model:
        """The same model with its classes in another order."""
        return Model(self.sizes[list(order)], self.items[list(order)])


@dataclass(frozen=True)
class Search:
    """The best model of a search, its log-likelihood, and how many starts converged and reached it."""

    model: Model
    log_likelihood: float
    starts: int
    converged: int
    reached: int


def collapse(answers: np.ndarray) -> Patterns:
    """Distinct response patterns of a matrix of 0, 1 and NaN (people x items).

    Raises
    ------
    ValueError
        If another value occurs.
    """
    if not (np.isin(answers, (0.0, 1.0)) | np.isnan(answers)).all():
        raise ValueError("items hold a value other than 0, 1 or missing")
    coded = np.where(np.isnan(answers), 2, answers).astype(np.int8)
    distinct, of_row, people = np.unique(coded, axis=0, return_inverse=True, return_counts=True)
    return Patterns(
        yes=(distinct == 1).astype("float64"),
        no=(distinct == 0).astype("float64"),
        people=people.astype("float64"),
        of_row=of_row.reshape(-1),
    )


def search(patterns: Patterns, *, n_classes: int, starts: int, seed: int, tolerance: float = TOLERANCE) -> Search:
    """Best of many random starts, all run together to convergence (EM, accelerated by SQUAREM).

    Notes
    -----
    EM for latent classes with items missing at random uses observed items only (full information maximum
    likelihood). Acceleration: Varadhan and Roland (2008), Scand J Stat 35, 335-353, scheme S3, where a step that
    lowers the log-likelihood is replaced by the two plain EM steps. The best start is polished by plain EM.
    """
    generator = np.random.default_rng([seed, n_classes])
    low, high = _START_RANGE
    sizes = generator.dirichlet(np.full(n_classes, 5.0), size=starts)
    items = generator.uniform(low, high, size=(starts, n_classes, patterns.yes.shape[1]))
    found, likelihood, converged = _run(patterns, _pack(sizes, items), n_classes, tolerance)
    best = int(np.argmax(likelihood))
    model = Model(*(part[0] for part in _unpack(found[best : best + 1], n_classes)))
    if tolerance <= TOLERANCE:
        model = _polish(patterns, model)
    top = log_likelihood(patterns, model)
    return Search(model, top, starts, int(converged.sum()), int((likelihood > top - SAME_OPTIMUM).sum()))


def posterior(patterns: Patterns, model: Model) -> np.ndarray:
    """Probability of each class for each collapsed row (rows x classes); class sizes where nothing is known."""
    joint = _log_joint(patterns, model.sizes[None], model.items[None])[0]
    shares = np.exp(joint - _log_sum(joint[None])[0])
    by_row: np.ndarray = shares.T[patterns.of_row]
    return by_row


def log_likelihood(patterns: Patterns, model: Model) -> float:
    """Log-likelihood of the people under a model."""
    joint = _log_joint(patterns, model.sizes[None], model.items[None])
    return float(_log_sum(joint)[0] @ patterns.people)


def name_classes(
    model: Model, items: Sequence[str], *, rules: Sequence[Mapping[str, Any]], order_item: str
) -> tuple[Model, list[str]]:
    """Put classes in their canonical order (largest first, ties by `order_item`) and name them from their profile.

    Parameters
    ----------
    model : Model
    items : sequence of str
    rules : sequence of mappings
        Applied in turn to the classes without a name: ``{name, mean: lowest}`` or ``{name, mean: highest}`` takes the
        class with that mean over all items, ``{name, items: [...]}`` the one whose mean over these items exceeds
        its mean over the others most.
    order_item : str

    Raises
    ------
    NoClassFits
        If there are not as many rules as classes, or the items of a rule do not stand out in any class left.
    """
    if len(rules) != len(model.sizes):
        raise NoClassFits(f"{len(rules)} names for {len(model.sizes)} latent classes")
    tie = model.items[:, list(items).index(order_item)]
    model = model.ordered([int(k) for k in np.lexsort((-tie, -np.round(model.sizes, 9)))])
    names: dict[int, str] = {}
    for rule in rules:
        left = [k for k in range(len(rules)) if k not in names]
        if "items" in rule:
            named = np.isin(list(items), rule["items"])
            score = model.items[:, named].mean(axis=1) - model.items[:, ~named].mean(axis=1)
            if score[left].max() <= 0:
                raise NoClassFits(f"no latent class stands out by the items of {rule['name']!r}")
        else:
            score = model.items.mean(axis=1) * (1 if rule["mean"] == "highest" else -1)
        names[max(left, key=lambda k: float(score[k]))] = rule["name"]
    return model, [names[k] for k in range(len(rules))]


def _log_joint(patterns: Patterns, sizes: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Log of class size times probability of the pattern (starts x classes x patterns)."""
    joint: np.ndarray = np.log(np.clip(items, _SMALLEST, 1)) @ patterns.yes.T
    joint += np.log(np.clip(1 - items, _SMALLEST, 1)) @ patterns.no.T
    joint += np.log(np.clip(sizes, _SMALLEST, 1))[:, :, None]
    return joint


def _log_sum(joint: np.ndarray) -> np.ndarray:
    top = joint.max(axis=1, keepdims=True)
    total: np.ndarray = np.log(np.exp(joint - top).sum(axis=1)) + top[:, 0]
    return total


def _step(patterns: Patterns, packed: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """One EM step of every start, and the log-likelihood before it."""
    sizes, items = _unpack(packed, n_classes)
    joint = _log_joint(patterns, sizes, items)
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    likelihood = (np.log(total[:, 0]) + top[:, 0]) @ patterns.people
    weight *= patterns.people / total
    yes: np.ndarray = weight @ patterns.yes
    seen = yes + weight @ patterns.no
    items = np.where(seen > _SMALLEST, yes / np.maximum(seen, _SMALLEST), items)
    return _pack(weight.sum(axis=2) / patterns.total, items), likelihood


def _run(
    patterns: Patterns, state: np.ndarray, n_classes: int, tolerance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run every start until it converges; those that have are taken out of the batch."""
    final, best = state.copy(), np.full(len(state), -np.inf)
    converged = np.zeros(len(state), dtype=bool)
    active = np.arange(len(state))
    for _ in range(MAX_CYCLES):
        first, before = _step(patterns, state, n_classes)
        second, _ = _step(patterns, first, n_classes)
        change = first - state
        bend = second - first - change
        length = np.sqrt((change**2).sum(axis=1) / np.maximum((bend**2).sum(axis=1), 1e-300))
        length = np.clip(length, 1.0, 1e4)[:, None]
        leap = _project(state + 2 * length * change + length**2 * bend, n_classes)
        landed, leapt = _step(patterns, leap, n_classes)
        third, plain = _step(patterns, second, n_classes)
        worse = leapt < plain
        state = np.where(worse[:, None], third, landed)
        after = np.where(worse, plain, leapt)
        done = after - before < tolerance
        final[active], best[active] = state, after
        converged[active[done]] = True
        active, state = active[~done], state[~done]
        if not active.size:
            break
    return final, best, converged


def _polish(patterns: Patterns, model: Model) -> Model:
    packed = _pack(model.sizes[None], model.items[None])
    for _ in range(MAX_CYCLES):
        moved, _ = _step(patterns, packed, len(model.sizes))
        still = np.abs(moved - packed).max() < 1e-12
        packed = moved
        if still:
            break
    sizes, items = _unpack(packed, len(model.sizes))
    return Model(sizes[0], items[0])


def _project(packed: np.ndarray, n_classes: int) -> np.ndarray:
    """Back into the range of probabilities after a leap."""
    sizes, items = _unpack(packed, n_classes)
    sizes = np.clip(sizes, 1e-8, None)
    return _pack(sizes / sizes.sum(axis=1, keepdims=True), np.clip(items, 0.0, 1.0))


def _pack(sizes: np.ndarray, items: np.ndarray) -> np.ndarray:
    return np.concatenate([sizes, items.reshape(len(items), -1)], axis=1)


def _unpack(packed: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    return packed[:, :n_classes], packed[:, n_classes:].reshape(len(packed), n_classes, -1)
