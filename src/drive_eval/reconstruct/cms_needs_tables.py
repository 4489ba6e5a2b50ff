"""Counts of abusive behaviour by class, age band and time, checked against every published statement on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_needs_statements import require, require_order, require_print, require_range
from drive_eval.reconstruct.dva import LEVELS, TYPES, Infeasible
from drive_eval.reference.register import Register

TIMES = ("intake", "midpoint", "closure")
BANDS = ("under_28", "28_33", "34_42", "43_plus")
GROUPS = (
    "no_or_low_needs",
    "alcohol_housing_unemployment",
    "multiple_needs",
    "family_children_parenting",
    "unrecorded",
)
"""The latent classes of those with recorded needs, and those without, whose modal class is the first (no data)."""
ANY_NEEDS = GROUPS[1:4]
HALVED = ("physical", "harassment_stalking", "jealousy_control")

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Use:
    """How many use one type of abuse: by time and group, by time and age band, by time and level, in total.

    `started`: used at closure only. `contacted`, `behaviour_work`: users at closure among those with direct contact
    and among those with behaviour change work.
    """

    by_group: Mapping[str, Counts]
    by_band: Mapping[str, Counts]
    by_level: Mapping[str, Counts]
    started: int
    contacted: int
    behaviour_work: int

    def total(self, time: str) -> int:
        """All users at a time."""
        return sum(self.by_level[time].values())


@dataclass(frozen=True)
class Tables:
    """All counts of abusive behaviour; `any_intake` and `any_stopped` count people over the four types, by group."""

    use: Mapping[str, Use]
    any_intake: Counts
    any_stopped: Counts
    band_sizes: Counts


def behaviour_tables(register: Register, assumed: Assumed, *, members: Counts) -> Tables:
    """The assumed counts, checked against each other and against what is published.

    Parameters
    ----------
    register, assumed
    members : mapping of group to people
        Sizes of the groups among those with information.

    Raises
    ------
    Infeasible
        If two sums differ or a published statement does not hold; the message names it.
    """
    tables = Tables(
        use={abuse: _use(assumed, abuse) for abuse in TYPES},
        any_intake={group: int(assumed[f"cms.dva.any.{group}.intake"]) for group in GROUPS},
        any_stopped={group: int(assumed[f"cms.dva.any.{group}.stopped"]) for group in GROUPS},
        band_sizes={band: int(assumed[f"cms.age.{band}"]) for band in BANDS},
    )
    _check_sums(tables, members)
    _check_use(register, assumed, tables, members)
    _check_classes(register, assumed, tables, members)
    _check_ages(register, assumed, tables)
    return tables


def _use(assumed: Assumed, abuse: str) -> Use:
    prefix = f"cms.dva.{abuse}"

    def read(times: tuple[str, ...], parts: tuple[str, ...], form: str) -> dict[str, dict[str, int]]:
        return {
            time: {part: int(assumed[form.format(prefix=prefix, time=time, part=part)]) for part in parts}
            for time in times
        }

    return Use(
        by_group=read(("intake", "closure"), GROUPS, "{prefix}.{part}.{time}"),
        by_band=read(("intake", "closure"), BANDS, "{prefix}.{part}.{time}"),
        by_level=read(TIMES, LEVELS, "{prefix}.{time}.{part}"),
        started=int(assumed[f"{prefix}.started"]),
        contacted=int(assumed[f"{prefix}.contacted.closure"]),
        behaviour_work=int(assumed[f"{prefix}.behaviour_change_work.closure"]),
    )


def _check_sums(tables: Tables, members: Counts) -> None:
    for abuse, use in tables.use.items():
        for time in ("intake", "closure"):
            sums = {sum(part[time].values()) for part in (use.by_group, use.by_band, use.by_level)}
            if len(sums) > 1:
                raise Infeasible(f"cms.dva.{abuse}: groups, age bands and levels at {time} sum to {sorted(sums)}")
            over = [group for group in GROUPS if use.by_group[time][group] > members[group]]
            if over:
                raise Infeasible(f"cms.dva.{abuse}: more users at {time} than members in {', '.join(over)}")


def _check_use(register: Register, assumed: Assumed, tables: Tables, members: Counts) -> None:
    informed = sum(members.values())
    for name in ("cms.dva.fig5_n", "cms.needs_behaviour.fig7_n"):
        require(informed == int(register[name].number), register[name], f"{informed} people")
    reductions, high = {}, {}
    for abuse, use in tables.use.items():
        shares = {time: use.total(time) / informed for time in TIMES}
        require_order(register[f"cms.dva.{abuse}.trend"], shares)
        reductions[abuse] = reduction(use.total("intake"), use.total("closure"))
        require_range(register[f"exec.dva.{abuse}.reduction"], reductions[abuse])
        high[abuse] = reduction(*(use.by_level[time]["high"] for time in ("intake", "closure")))
    require_order(register["exec.dva.reduction_order"], reductions)
    least = min(reductions.values())
    require(least >= assumed["cms.reading.substantial_reduction"], register["cms.dva.reduction_in_use"], f"{least:.1f}")
    require_print(register["cms.dva.physical.high_severity.reduction"], high["physical"])
    require_order(register["cms.dva.high_severity.reduction_order"], high)


def _check_classes(register: Register, assumed: Assumed, tables: Tables, members: Counts) -> None:
    """Check Figure 7 read as composition (Y26), with and without those who have no recorded needs."""
    for unrecorded in (True, False):
        shares = {abuse: composition(use, unrecorded=unrecorded) for abuse, use in tables.use.items()}
        for abuse in HALVED:
            require_order(register[f"cms.class_behaviour.intake.{abuse}.highest"], shares[abuse]["intake"])
        require_order(register["cms.class_behaviour.closure.physical.highest"], shares["physical"]["closure"])
        falls = {
            abuse: {name: reduction(share["intake"][name], share["closure"][name]) for name in share["intake"]}
            for abuse, share in shares.items()
        }
        halved = register["cms.class_behaviour.alcohol_housing_unemployment.reduction"]
        for each in [
            *(falls[abuse][halved.group] for abuse in HALVED),
            fmean(falls[abuse][halved.group] for abuse in HALVED),
        ]:
            require_range(halved, each)
        small, most = register["cms.class_behaviour.multiple_needs.reduction"], assumed["cms.reading.small_reduction"]
        same, band = register["cms.class_behaviour.no_or_low_needs.change"], assumed["cms.reading.same_level"]
        for fall in falls.values():
            require(0 <= fall[small.group] <= most, small, f"a fall by {fall[small.group]:.1f}")
            require(abs(fall[same.group]) <= band, same, f"a change by {fall[same.group]:.1f}")
        overall = {name: fmean(fall[name] for fall in falls.values()) for name in falls["physical"]}
        require_order(register["cms.dva.greatest_change_group"], overall)
    used = {time: sum(use.total(time) for use in tables.use.values()) for time in ("intake", "closure")}
    require_order(register["cms.class_behaviour.overall_trend"], used)
    _check_likelier(register, tables, members)


def _check_likelier(register: Register, tables: Tables, members: Counts) -> None:
    """Behaviour change is likelier with needs: of all members, and of those who used any abuse at intake."""
    entry = register["cms.class_behaviour.needs_vs_none"]
    for unrecorded in (True, False):
        parts = {"any_needs": ANY_NEEDS, "no_or_low_needs": ("no_or_low_needs", "unrecorded")[: 1 + unrecorded]}
        for base in (members, tables.any_intake):
            require_order(
                entry,
                {
                    name: sum(tables.any_stopped[group] for group in groups) / sum(base[group] for group in groups)
                    for name, groups in parts.items()
                },
            )


def _check_ages(register: Register, assumed: Assumed, tables: Tables) -> None:
    _check_quartiles(register, tables.band_sizes)
    for abuse, use in tables.use.items():
        falls = {band: reduction(use.by_band["intake"][band], use.by_band["closure"][band]) for band in BANDS}
        entry = register[f"cms.age_quartiles.{abuse}.greatest_reduction"]
        if entry.kind == "ordering":
            require_order(entry, falls)
        else:
            apart = 100 * (max(falls.values()) / min(falls.values()) - 1)
            require(apart <= assumed["cms.reading.no_difference"], entry, f"reductions {apart:.1f} % apart")


def _check_quartiles(register: Register, sizes: Counts) -> None:
    """Band sizes that let the cut points be quartiles (weighted average of ranks at (n + 1) p, as SPSS prints them).

    The people at the ranks on both sides of a quartile must be able to have the age of the cut point: for 28 and 43
    the first of a band, for 33 (the median too) the last of one.
    """
    entry, total = register["cms.age_quartiles.bounds"], int(register["cms.sample.closed_cases"].number)
    ends = [sum(list(sizes.values())[: position + 1]) for position in range(len(BANDS))]
    ranks = [(total + 1) * quarter // 4 for quarter in (1, 2, 3)]
    fits = ends[0] < ranks[0] and ends[1] > ranks[1] and ends[2] < ranks[2] and ends[3] == total
    require(fits, entry, f"{list(sizes.values())} people in the bands")


def composition(use: Use, *, unrecorded: bool) -> dict[str, dict[str, float]]:
    """Share of each class among the users of one type, at intake and closure.

    With `unrecorded`, those without recorded needs count with the first class.
    """
    shares = {}
    for time, counts in use.by_group.items():
        classes = {group: counts[group] for group in GROUPS[:4]}
        classes[GROUPS[0]] += counts["unrecorded"] if unrecorded else 0
        shares[time] = {group: count / sum(classes.values()) for group, count in classes.items()}
    return shares


def reduction(before: float, after: float) -> float:
    """Relative reduction in per cent."""
    return 100 * (1 - after / before)
