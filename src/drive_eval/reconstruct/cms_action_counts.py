"""How many actions of each kind and agency case managers recorded: whole numbers that print as the shares do.

A share that prints as p per cent is two linear inequalities between a count and its total, so that all totals and
counts are found together, as near to the printed and assumed shares as whole numbers allow.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reference.register import Published, Register

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LinearExpr

AGENCIES = (
    "police",
    "idva",
    "crc",
    "nps",
    "childrens_social_services",
    "housing",
    "mental_health_wellbeing",
    "substance_misuse",
    "prison",
    "courts",
    "health",
    "education_employment",
    "other",
)
PURPOSES = ("support_and_disrupt", "disrupt", "support")
YEARS = ("year1", "year2")
POOLED: Mapping[str, tuple[str, ...]] = {"probation_crc_nps": ("crc", "nps")}
"""Agencies that some shares pool (Y14)."""
PRINTED_GROUPS: Mapping[str, str] = {
    "cms.multi_agency_support_disrupt": "support_and_disrupt",
    "cms.multi_agency_disrupt": "disrupt",
    "cms.multi_agency_support": "support",
    "cms.case_update": "case_update",
    "cms.background_research": "background_research",
}
"""Register prefix of the agency shares within each group of Year 2 actions."""
EFFORT = 20.0
"""Deterministic time of the solver."""


@dataclass(frozen=True)
class ActionCounts:
    """Numbers of recorded actions; every figure printed about them holds.

    `agencies` has the Year 2 indirect actions by group (the three purposes of multi-agency work, `case_update`,
    `background_research`) and agency; `year1_indirect` those of Year 1 by agency, None where none was named;
    `direct` the direct work by year and category.
    """

    agencies: Mapping[str, Mapping[str, int]]
    year1_indirect: Mapping[str | None, int]
    direct: Mapping[str, Mapping[str, int]]

    def total(self, group: str) -> int:
        """Year 2 actions of an indirect group."""
        return sum(self.agencies[group].values())


def solve_actions(register: Register, assumed: Assumed, *, contacts: int) -> ActionCounts:
    """Numbers of actions by group, agency, category and year.

    Parameters
    ----------
    register : Register
    assumed : Assumed
        Totals that are not printed and the shares of agencies that the text does not name.
    contacts : int
        Direct contacts of all service users; each is one action of making contact.

    Raises
    ------
    Infeasible
        If no whole numbers print as the shares do.
    """
    first = assumed.count("cms.direct.contacts.year2")
    direct = {year: _direct(register, made) for year, made in zip(YEARS, (contacts - first, first), strict=True)}
    year1 = assumed.count("cms.actions.year1.indirect")
    named = round(year1 * assumed["cms.actions.year1.agency_named"] / 100)
    shares = {agency: assumed[f"cms.actions.agency.year1.{agency}"] for agency in AGENCIES}
    liaison: dict[str | None, int] = dict(apportion(shares, named).items())
    liaison[None] = year1 - named
    agencies = _solve_indirect(register, assumed)
    found = ActionCounts(agencies=agencies, year1_indirect=liaison, direct=direct)
    _check_work(found)
    return found


def apportion(weights: Mapping[Any, float], total: int) -> dict[Any, int]:
    """Whole numbers in proportion to the weights that sum to the total (largest remainders)."""
    scale = total / sum(weights.values())
    shares = {name: int(weight * scale) for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: shares[name] - weights[name] * scale)
    for name in by_remainder[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def prints_within(entry: Published) -> tuple[int, int, int]:
    """`low <= scale * share < high` for a share (0 to 1) that prints, half up, as a percentage: (low, high, scale)."""
    half = Fraction(1, 2 * 10 ** (entry.decimals or 0))
    value = Fraction(str(entry.number))
    limits = (value - half, value + half)
    scale = 100 * half.denominator * value.denominator
    low, high = (int(limit * scale / 100) for limit in limits)
    return low, high, scale


def relations(entry: Published, names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(left, sign, right) of an ordering entry; a ranking gives its neighbours and its last above all other names."""
    if isinstance(entry.value, tuple):
        texts = [str(text) for text in entry.value]
        pairs = [re.fullmatch(r"(\w+) ([>~]) (\w+)", text) for text in texts]
        if all(pairs):
            yield from ((pair[1], pair[2], pair[3]) for pair in pairs if pair)
            return
        yield from ((high, ">", low) for high, low in itertools.pairwise(texts))
        yield from ((texts[-1], ">", name) for name in names if name not in texts)


def _direct(register: Register, contacts: int) -> dict[str, int]:
    """Direct work of one year around its contacts; behaviour change work is what the two printed shares leave."""
    making, support = (register[f"cms.direct.share.{part}"] for part in ("contact_making", "support"))
    total = round(contacts * 100 / making.number)
    helped = round(total * support.number / 100)
    _check_share(contacts, total, making)
    _check_share(helped, total, support)
    worked = total - contacts - helped
    if not contacts > helped > worked > 0:
        raise Infeasible("cms.direct.share.order: making contact and support do not lead the direct work")
    return {"contact_making": contacts, "support": helped, "behaviour_change_work": worked}


def _totals(register: Register, assumed: Assumed) -> dict[str, int]:
    """Year 2 indirect actions by group, from the assumed sum and the printed make-up.

    Raises
    ------
    Infeasible
        If a share of these whole numbers does not print as given.
    """
    everything = assumed.count("cms.actions.year2.indirect")
    research = assumed.count("cms.actions.year2.background_research")
    kinds = {kind: register[f"cms.indirect.share.{kind}"].number for kind in ("multi_agency", "case_update")}
    found = {"background_research": research, **apportion(kinds, everything - research)}
    single = {purpose: register[f"cms.multi_agency_type.{purpose}"].number for purpose in ("disrupt", "support")}
    made_up = {"support_and_disrupt": 100 - sum(single.values()), **single}
    totals = apportion(made_up, found["multi_agency"])
    for kind, count in found.items():
        _check_share(count, everything, register[f"cms.indirect.share.{kind}"])
    for purpose in single:
        _check_share(totals[purpose], found["multi_agency"], register[f"cms.multi_agency_type.{purpose}"])
    both = register["cms.multi_agency_type.support_and_disrupt"]
    low, high = both.range or (0, 100)
    if not low <= 100 * totals["support_and_disrupt"] / found["multi_agency"] <= high:
        raise Infeasible(f"{both.published_id}: what disrupt and support leave is outside {low:g} to {high:g}")
    return totals | {kind: found[kind] for kind in ("case_update", "background_research")}


def _check_share(count: int, total: int, entry: Published) -> None:
    low, high, scale = prints_within(entry)
    if not low * total <= count * scale < high * total:
        raise Infeasible(f"{entry.published_id}: {count} of {total} actions does not print as {entry.printed}")


def _solve_indirect(register: Register, assumed: Assumed) -> dict[str, dict[str, int]]:
    """Year 2 indirect actions by group and agency."""
    from ortools.sat.python import cp_model

    shares = _Shares(cp_model.CpModel(), _totals(register, assumed))
    for agency in (named := ("idva", "police", "probation_crc_nps", "childrens_social_services")):
        shares.print_as([agency], PURPOSES, register[f"cms.multi_agency.{agency}"])
    shares.keep_others_below(named, PURPOSES)
    for prefix, group in PRINTED_GROUPS.items():
        printed = [agency for agency in (*AGENCIES, *POOLED) if f"{prefix}.{agency}" in register]
        for agency in printed:
            shares.print_as([agency], [group], register[f"{prefix}.{agency}"])
        for agency in AGENCIES:
            if agency not in printed:
                shares.keep_near([agency], [group], assumed[f"cms.actions.agency.{group}.{agency}"])
        shares.order(register[f"{prefix}.order"], printed, group)
        shares.keep_others_below(printed, [group])
    top = register["cms.background_research.order"].value
    if isinstance(top, tuple):
        names = [str(name) for name in top]
        shares.print_as(names, ["background_research"], register["cms.background_research.top_three"])
    shares.model.minimize(sum(shares.gaps))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(shares.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Infeasible("cms.multi_agency, cms.case_update: no whole numbers print as all the agency shares")
    return {
        group: {agency: solver.value(shares.counts[group, agency]) for agency in AGENCIES} for group in shares.totals
    }


class _Shares:
    """Counts of actions by group and agency in a model, and the constraints that make their shares print."""

    def __init__(self, model: CpModel, totals: Mapping[str, int]) -> None:
        self.model, self.totals = model, totals
        self.counts = {
            (group, agency): model.new_int_var(0, total, f"{group} {agency}")
            for group, total in totals.items()
            for agency in AGENCIES
        }
        for group, total in totals.items():
            model.add(sum(self.counts[group, agency] for agency in AGENCIES) == total)
        self.gaps: list[IntVar] = []

    def of(self, agencies: Sequence[str], groups: Sequence[str]) -> LinearExpr:
        """Actions of some groups with some agencies; a name may pool agencies."""
        ones = [one for agency in agencies for one in POOLED.get(agency, (agency,))]
        return sum(self.counts[group, one] for group in groups for one in ones)

    def print_as(self, agencies: Sequence[str], groups: Sequence[str], entry: Published) -> None:
        """Hold a share to what prints as the entry, and near its middle."""
        low, high, scale = prints_within(entry)
        total = sum(self.totals[group] for group in groups)
        self.model.add_linear_constraint(
            self.of(agencies, groups), -(-low * total // scale), -(-high * total // scale) - 1
        )
        self.keep_near(agencies, groups, entry.number)

    def keep_near(self, agencies: Sequence[str], groups: Sequence[str], percent: float) -> None:
        """Count the distance of a share from a percentage among what is made small."""
        wanted = round(sum(self.totals[group] for group in groups) * percent / 100)
        gap = self.model.new_int_var(0, sum(self.totals.values()), f"gap {len(self.gaps)}")
        self.model.add_abs_equality(gap, self.of(agencies, groups) - wanted)
        self.gaps.append(gap)

    def order(self, entry: Published, names: Sequence[str], group: str) -> None:
        """Hold the stated order; what is called about equal is made equal."""
        for left, sign, right in relations(entry, names):
            higher, lower = self.of([left], [group]), self.of([right], [group])
            self.model.add(higher >= lower + 1 if sign == ">" else higher == lower)

    def keep_others_below(self, named: Sequence[str], groups: Sequence[str]) -> None:
        """Keep the agencies that the text does not name as the most common below each that it names."""
        covered = {one for agency in named for one in POOLED.get(agency, (agency,))}
        for agency, other in itertools.product(named, AGENCIES):
            if other not in covered:
                self.model.add(self.of([agency], groups) >= self.of([other], groups) + 1)


def _check_work(counts: ActionCounts) -> None:
    """Indirect work outweighs direct work in both years, and direct work gains in number and share in Year 2."""
    direct = {year: sum(counts.direct[year].values()) for year in YEARS}
    indirect = {
        "year1": sum(counts.year1_indirect.values()),
        "year2": sum(counts.total(group) for group in counts.agencies),
    }
    share = {year: direct[year] / (direct[year] + indirect[year]) for year in YEARS}
    grows = share["year2"] > share["year1"] and direct["year2"] > direct["year1"]
    if not grows or any(direct[year] >= indirect[year] for year in YEARS):
        raise Infeasible("cms.work, cms.direct.year_shift: the assumed numbers of actions do not keep the order")
