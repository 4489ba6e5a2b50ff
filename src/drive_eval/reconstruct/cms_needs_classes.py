"""Need patterns of the service users with specific information: four latent classes that carry Figures 2 to 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import numpy as np

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_needs_statements import require, require_order, require_print, require_range
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reference.register import Register

CLASSES = ("no_or_low_needs", "alcohol_housing_unemployment", "multiple_needs", "family_children_parenting")
NEEDS = (
    "employment_training_education",
    "mental_health",
    "alcohol_misuse",
    "drug_misuse",
    "housing",
    "financial",
    "children_family",
    "parenting",
    "social_isolation",
    "physical_health",
)
PRINTED_NEEDS = {
    "drug misuse": "drug_misuse",
    "alcohol misuse": "alcohol_misuse",
    "housing": "housing",
    "unemployment": "employment_training_education",
    "mental health": "mental_health",
    "financial": "financial",
    "children and family": "children_family",
    "parenting capacity": "parenting",
    "social isolation": "social_isolation",
    "poor physical health": "physical_health",
}
"""The words of Figure 4 and the columns that answer them."""
NAMED = {
    "alcohol_housing_unemployment": ("alcohol_misuse", "housing", "employment_training_education"),
    "family_children_parenting": ("children_family", "parenting"),
}
"""Needs that give a class its name."""
STEPS = 12_000
CLEAR = 2.0
"""How far, in log odds, a pattern should prefer its own class to every other."""

Pattern = tuple[bool, ...]


@dataclass(frozen=True)
class ClassProfile:
    """Counts of one class: members, members by number of needs (none, one, two, three or more), members per need."""

    members: int
    by_number: tuple[int, int, int, int]
    with_need: tuple[int, ...]


def class_profiles(register: Register, assumed: Assumed) -> dict[str, ClassProfile]:
    """The assumed profiles, checked against everything published on needs and classes.

    Raises
    ------
    Infeasible
        If a published statement on Figures 2 to 4 does not hold.
    """
    profiles = {}
    for name in CLASSES:
        members = int(assumed[f"cms.lca.{name}.n"])
        none, one, two = (int(assumed[f"cms.lca.{name}.{number}"]) for number in ("none", "one", "two"))
        with_need = tuple(int(assumed[f"cms.lca.{name}.{need}"]) for need in NEEDS)
        profiles[name] = ClassProfile(members, (none, one, two, members - none - one - two), with_need)
    _check_figures_2_and_3(register, profiles)
    _check_figure_4(register, profiles)
    return profiles


def _check_figures_2_and_3(register: Register, profiles: Mapping[str, ClassProfile]) -> None:
    informed = int(register["cms.needs.intake_info_n"].number)
    specific = sum(profile.members for profile in profiles.values())
    entry = register["cms.needs.specific_info_n"]
    require(specific == int(entry.number), entry, f"{specific} members of classes")
    shares = {
        need: 100 * sum(profile.with_need[position] for profile in profiles.values()) / informed
        for position, need in enumerate(NEEDS)
    }
    for need in ("employment_training_education", "mental_health", "alcohol_misuse", "housing"):
        require_range(register[f"cms.needs.{need}"], shares[need])
    require_order(register["cms.needs.fig2_order"], shares)
    none, one, _, three = (sum(profile.by_number[k] for profile in profiles.values()) for k in range(4))
    require_range(register["cms.needs.none_recorded"], 100 * none / specific)
    require_print(register["cms.needs.two_or_more"], 100 * (specific - none - one) / specific)
    require_print(register["exec.su.needs.three_or_more"], 100 * three / specific)
    require_print(register["exec.su.needs.one_or_more"], 100 * (specific - none) / specific)


def _check_figure_4(register: Register, profiles: Mapping[str, ClassProfile]) -> None:
    entry = register["cms.lca.n_classes"]
    require(len(profiles) == int(entry.number), entry, f"{len(profiles)} classes")
    require_order(register["cms.lca.class_order"], {name: profile.members for name, profile in profiles.items()})
    share = {
        name: {need: count / profile.members for need, count in zip(NEEDS, profile.with_need, strict=True)}
        for name, profile in profiles.items()
    }
    entry = register["cms.lca.multiple_needs_profile"]
    listed = [PRINTED_NEEDS[str(item)] for item in entry.value] if isinstance(entry.value, tuple) else []
    lowest = min(share["multiple_needs"][need] for need in listed)
    require(lowest > 0.5, entry, f"a share of {lowest:.2f}")
    for name, named in NAMED.items():
        weakest, strongest = _named_and_others(share[name], named)
        require(
            weakest > strongest + 0.2, register["cms.lca.family_profile"], f"{name}: {weakest:.2f}, {strongest:.2f}"
        )


def _named_and_others(share: Mapping[str, float], named: tuple[str, ...]) -> tuple[float, float]:
    """The lowest share among the needs that name a class and the highest among the others."""
    return min(share[need] for need in named), max(value for need, value in share.items() if need not in named)


def need_patterns(profiles: Mapping[str, ClassProfile]) -> dict[str, list[Pattern]]:
    """Need patterns of each class, the same for every seed, so that the class solution is too.

    Within a class the needs are as good as independent (the latent class assumption), every column has its count,
    every number of needs occurs as often as assumed, and every pattern clearly prefers its own class.

    Raises
    ------
    Infeasible
        If the search does not reach the numbers of needs.
    """
    found = {}
    for name, profile in profiles.items():
        matrix = _search(name, profiles)
        by_number = np.bincount(np.minimum(matrix.sum(axis=1), 3), minlength=4)
        if tuple(by_number) != profile.by_number:
            raise Infeasible(f"cms.lca.{name}: no patterns have {profile.by_number} members with 0, 1, 2, 3+ needs")
        found[name] = sorted((tuple(bool(cell) for cell in row) for row in matrix), key=lambda row: (sum(row), row))
    return found


def _search(name: str, profiles: Mapping[str, ClassProfile]) -> np.ndarray:
    """Swap cells within columns as long as the patterns come nearer to what is asked of them."""
    random = Random(f"cms_needs patterns {name}")
    profile, misfit = profiles[name], _misfit(name, profiles)
    matrix = np.zeros((profile.members, len(NEEDS)), dtype=int)
    for column, count in enumerate(profile.with_need):
        matrix[random.sample(range(profile.members), count), column] = 1
    best = misfit(matrix)
    for _ in range(STEPS):
        column, first, second = (random.randrange(size) for size in (len(NEEDS), profile.members, profile.members))
        if matrix[first, column] == matrix[second, column]:
            continue
        matrix[[first, second], column] = matrix[[second, first], column]
        now = misfit(matrix)
        if now <= best:
            best = now
        else:
            matrix[[first, second], column] = matrix[[second, first], column]
    return matrix


def _misfit(name: str, profiles: Mapping[str, ClassProfile]) -> Callable[[np.ndarray], float]:
    """Distance of patterns from the numbers of needs, from a clear class and from independence, in this order."""
    profile, total = profiles[name], sum(each.members for each in profiles.values())
    scores = {}
    for each, other in profiles.items():
        chance = np.clip((np.array(other.with_need) + 0.5) / (other.members + 1), 1e-3, 1 - 1e-3)
        scores[each] = (np.log(chance / (1 - chance)), np.log(1 - chance).sum() + np.log(other.members / total))
    counts = np.array(profile.with_need)
    expected = np.outer(counts, counts) / profile.members
    rest = counts * (profile.members - counts)
    spread = np.outer(rest, rest) / profile.members**2 / max(1, profile.members - 1) + 0.5

    def misfit(matrix: np.ndarray) -> float:
        by_number = np.bincount(np.minimum(matrix.sum(axis=1), 3), minlength=4)
        support = {each: matrix @ slope + constant for each, (slope, constant) in scores.items()}
        rival = np.max([support[each] for each in support if each != name], axis=0)
        together = matrix.T @ matrix - expected
        np.fill_diagonal(together, 0)
        return float(
            4 * np.abs(by_number - np.array(profile.by_number)).sum()
            + 3 * np.maximum(0, CLEAR - support[name] + rival).sum()
            + (together**2 / spread).sum() / 4
        )

    return misfit
