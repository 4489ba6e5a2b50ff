"""People of a simulated trial: drawn from the superpopulation, allocated at random, with outcomes in both arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.simulate_effects import Effects
from drive_eval.reconstruct.simulate_model import (
    LEVEL_SLOPES,
    SCORE,
    SUPPORT,
    Floats,
    Superpopulation,
    expit,
    rate_ratio,
)
from drive_eval.reconstruct.spine import LAUNCH, SITES

DAYS_OF_ALLOCATION = 400
"""Allocation goes on so many days from the launch, so that all dates keep within the contracts."""
LEVELS = ("none", "standard", "moderate", "high")


@dataclass(frozen=True)
class People:
    """One entry per person; first axis 2 is the arm (control, Drive) of a potential outcome.

    A person is a perpetrator and the linked victim/survivor. `cell` is the place in the superpopulation, `arm` 1 in
    Drive. `intake` and `exit` are abuse by type, `level` the severity that abuse of each type has where there is
    any. `incidents` are counts by kind and window. `has_exit` tells of the exit form.
    """

    cell: NDArray[np.int64]
    arm: NDArray[np.int64]
    allocation_date: NDArray[np.datetime64]
    intake: NDArray[np.bool_]
    exit: NDArray[np.bool_]
    level: dict[str, NDArray[np.int8]]
    frailty: Floats
    incidents: dict[tuple[str, str], NDArray[np.int64]]
    support: NDArray[np.int64]
    has_exit: NDArray[np.bool_]

    def observed(self, potential: NDArray[Any]) -> NDArray[Any]:
        """The outcome under the arm that each person was allocated to; people are the last axis."""
        observed: NDArray[Any] = np.where(self.arm == 1, potential[1], potential[0])
        return observed


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one named stream; streams of different names or seeds are independent."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *name.encode()])))


def draw_people(world: Superpopulation, effects: Effects, *, n_drive: int, n_control: int, seed: int) -> People:
    """Draw people, allocate them by site independently of all else, and draw their outcomes in both arms."""
    n = n_drive + n_control
    cell = stream(seed, "covariates").choice(len(world.weight), size=n, p=world.weight / world.weight.sum())
    severity = (world.score[cell] - SCORE["mean"]) / SCORE["sd"]
    days = stream(seed, "dates").integers(0, DAYS_OF_ALLOCATION, n)
    intake = stream(seed, "intake").random((len(TYPES), n)) < world.intake[:, cell]
    chance = stream(seed, "exit").random((len(TYPES), n))
    at_exit = np.stack(
        [[chance[k] < world.exit[k, arm, intake[k].astype(int), cell] for k in range(len(TYPES))] for arm in (0, 1)]
    )
    frailty = np.ones(n)
    if effects.police_dispersion > 0:
        shape = 1 / effects.police_dispersion
        frailty = stream(seed, "frailty").gamma(shape, effects.police_dispersion, n)
    any_abuse = at_exit.any(axis=1).astype(int)
    missed = stream(seed, "exit forms").random(n)
    return People(
        cell=cell,
        arm=_allocate(world.site[cell], n_drive, stream(seed, "allocation")),
        allocation_date=np.datetime64(LAUNCH) + days,
        intake=intake,
        exit=at_exit,
        level={time: _levels(severity, stream(seed, f"levels {time}")) for time in ("intake", "exit")},
        frailty=frailty,
        incidents={
            place: _counts(mean[0, cell] * frailty, rate_ratio(effects, *place), seed, " ".join(place))
            for place, mean in world.incidents.items()
        },
        support=np.stack([_support(world.support[arm, cell], stream(seed, f"support {arm}")) for arm in (0, 1)]),
        has_exit=np.stack([missed >= world.missing[arm, any_abuse[arm], cell] for arm in (0, 1)]),
    )


def _allocate(site: NDArray[np.int64], n_drive: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The given number to Drive, in each site its share of it (largest remainders), by lot within the site."""
    sizes = np.bincount(site, minlength=len(SITES))
    due = n_drive * sizes / len(site)
    quota = np.floor(due).astype(int)
    for place in np.argsort(quota - due, kind="stable")[: n_drive - quota.sum()]:
        quota[place] += 1
    arm = np.zeros(len(site), dtype=np.int64)
    for place, size in enumerate(quota):
        arm[random.permutation(np.flatnonzero(site == place))[:size]] = 1
    return arm


def _levels(severity: Floats, random: np.random.Generator) -> NDArray[np.int8]:
    """Place in `LEVELS` that abuse of each type has, whether or not there is any."""
    chance = random.random((len(TYPES), len(severity)))
    level = np.ones(chance.shape, dtype=np.int8)
    for intercept, slope in LEVEL_SLOPES.values():
        level += chance < expit(intercept + slope * severity)
    return level


def _counts(mean: Floats, ratio: float, seed: int, name: str) -> NDArray[np.int64]:
    """Incidents in both arms: those under control, of which Drive prevents some or to which it adds some."""
    control = stream(seed, f"police {name}").poisson(mean)
    random = stream(seed, f"police effect {name}")
    drive = random.binomial(control, ratio) if ratio <= 1 else control + random.poisson(mean * (ratio - 1))
    return np.stack([control, drive])


def _support(mean: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    most, precision = int(SUPPORT["most"]) - 1, SUPPORT["precision"]
    share = (mean - 1) / most
    days: NDArray[np.int64] = 1 + random.binomial(most, random.beta(share * precision, (1 - share) * precision))
    return days
