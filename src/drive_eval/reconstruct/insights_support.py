"""Support by the adviser (IDVA): days between the two forms, contacts and interventions, person by person.

Days, contacts and interventions are compared between the arms in the report, the latter two also area by area. The
samples are solved so that each printed mean, SD, median, range, t, df and p holds, and so that Levene's test picks the
form of the t-test that was printed (Welch where the df are fractional).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.insights_moments import Comparison, Figure, plan_moments, printed
from drive_eval.reconstruct.insights_samples import Sample, compare, shows, solve_samples, t_window
from drive_eval.reference.register import Register

Row = dict[str, Any]
ARMS = ("drive", "control")
AREAS = {"area_1": "essex", "area_2": "south_wales", "area_3": "west_sussex"}
CONTACTS, DAYS, INTERVENTIONS = (f"insights.{name}" for name in ("contacts", "support_days", "support_interventions"))


@dataclass(frozen=True)
class Support:
    """Values of each sample in ascending order: days by arm, contacts and interventions by area and arm."""

    days: Mapping[str, list[int]]
    contacts: Mapping[str, list[int]]
    interventions: Mapping[str, list[int]]


def solve_support(register: Register, assumed: Assumed) -> Support:
    """Samples that print as the report has them.

    Raises
    ------
    Infeasible
        If figures exclude each other, or Levene's test would choose the other form of a t-test.
    """
    support = Support(
        days=_days(register, assumed),
        contacts=_contacts(register, assumed),
        interventions=_interventions(register, assumed),
    )
    _check_form(register, DAYS, support.days["drive"], support.days["control"])
    for prefix, samples in ((CONTACTS, support.contacts), (INTERVENTIONS, support.interventions)):
        _check_form(register, prefix, *(_pool(samples, arm) for arm in ARMS))
        for area in AREAS:
            _check_form(register, f"{prefix}.{area}", *(samples[f"{area}.{arm}"] for arm in ARMS))
    return support


def _pool(samples: Mapping[str, list[int]], arm: str) -> list[int]:
    return [value for area in AREAS for value in samples[f"{area}.{arm}"]]


def _days(register: Register, assumed: Assumed) -> dict[str, list[int]]:
    sizes = {arm: assumed.count(f"{DAYS}.{arm}.n") for arm in ARMS}
    figures = [
        Figure((arm,), part, printed(register[f"{DAYS}.{arm}.{part}"])) for arm in ARMS for part in ("mean", "sd")
    ]
    test = Comparison(
        ("drive",), ("control",), True, t_window(register, DAYS, list(sizes.values())), printed(register[f"{DAYS}.df"])
    )
    moments = plan_moments(sizes, figures, [test], name="days of support")
    samples = {
        arm: Sample(
            f"{DAYS}.{arm}",
            moments[arm],
            int(register[f"{DAYS}.{arm}.min"].number),
            int(register[f"{DAYS}.{arm}.max"].number),
            register[f"{DAYS}.{arm}.median"].number,
        )
        for arm in ARMS
    }
    return solve_samples(samples, {})


def _contacts(register: Register, assumed: Assumed) -> dict[str, list[int]]:
    """Levene's test is significant overall only if control has the longer tail beside its printed SD."""
    sizes = _sizes(assumed, CONTACTS)

    def value(cell: str, part: str) -> float:
        return register[f"{CONTACTS}.{cell}.{part}"].number

    figures = [
        Figure((cell,), part, printed(register[f"{CONTACTS}.{cell}.{part}"]))
        for cell in sizes
        for part in ("mean", "sd")
    ]
    comparisons = [_comparison(register, CONTACTS, area, sizes, welch=True) for area in (*AREAS, "")]
    moments = plan_moments(sizes, [*figures, *_overall(register, CONTACTS)], comparisons, name="contacts")
    samples = {
        cell: Sample(
            f"{CONTACTS}.{cell}",
            moments[cell],
            int(value(cell, "min")),
            int(value(cell, "max")),
            value(cell, "median"),
            form="even" if cell.endswith("drive") else "long",
        )
        for cell in sizes
    }
    return solve_samples(samples, {value(arm, "median"): [f"{area}.{arm}" for area in AREAS] for arm in ARMS})


def _interventions(register: Register, assumed: Assumed) -> dict[str, list[int]]:
    """By area nothing but t and df is printed, so means, SDs and ranges by area are assumed."""
    sizes = _sizes(assumed, INTERVENTIONS)
    figures = [
        Figure((cell,), part, (centre - 0.05, centre + 0.05))
        for cell in sizes
        for part in ("mean", "sd")
        for centre in [assumed[f"{INTERVENTIONS}.{cell}.{part}"]]
    ]
    comparisons = [_comparison(register, INTERVENTIONS, area, sizes, welch=False) for area in (*AREAS, "")]
    moments = plan_moments(sizes, [*figures, *_overall(register, INTERVENTIONS)], comparisons, name="interventions")
    samples = {
        cell: Sample(
            f"{INTERVENTIONS}.{cell}",
            moments[cell],
            assumed.count(f"{INTERVENTIONS}.{cell}.min"),
            assumed.count(f"{INTERVENTIONS}.{cell}.max"),
        )
        for cell in sizes
    }
    return solve_samples(samples, {})


def _sizes(assumed: Assumed, prefix: str) -> dict[str, int]:
    """People with an exit form and an answer, by area and arm."""
    return {
        f"{area}.{arm}": assumed.count(f"insights.site.{arm}.{site}.exit_forms")
        - int(assumed.get(f"{prefix}.{area}.{arm}.unanswered", 0))
        for arm in ARMS
        for area, site in AREAS.items()
    }


def _overall(register: Register, prefix: str) -> list[Figure]:
    return [
        Figure(tuple(f"{area}.{arm}" for area in AREAS), part, printed(register[f"{prefix}.{arm}.{part}"]))
        for arm in ARMS
        for part in ("mean", "sd")
    ]


def _comparison(register: Register, prefix: str, area: str, sizes: Mapping[str, int], *, welch: bool) -> Comparison:
    """The t-test of one area, or of all areas where `area` is empty."""
    first, second = (tuple(f"{one}.{arm}" for one in ([area] if area else AREAS)) for arm in ARMS)
    place = f"{prefix}.{area}" if area else prefix
    n = [sum(sizes[cell] for cell in cells) for cells in (first, second)]
    df = printed(register[f"{place}.df"]) if welch and f"{place}.df" in register else None
    return Comparison(first, second, welch, t_window(register, place, n), df)


def _check_form(register: Register, prefix: str, drive: Sequence[int], control: Sequence[int]) -> None:
    """Check t, df and p of the form that Levene's test picks; its choice must be the printed form.

    Where neither t nor df is printed only the verdict counts, in both forms.
    """
    test = compare(drive, control)
    if f"{prefix}.t" not in register:
        if min(test.pooled_p, test.welch_p) <= 0.05:
            raise Infeasible(f"{prefix}: printed as not significant, but a form of the t-test is")
        if register[f"{prefix}.p"].test == "student_t" and test.levene_p <= 0.05:
            raise Infeasible(f"{prefix}: Levene's test would choose the Welch form")
        return
    welch = register[f"{prefix}.t"].test == "welch_t"
    if welch != (test.levene_p <= 0.05):
        raise Infeasible(f"{prefix}: Levene's test would choose the other form of the t-test")
    values = (test.welch_t, test.welch_df, test.welch_p) if welch else (test.pooled_t, test.pooled_df, test.pooled_p)
    for part, value in zip(("t", "df", "p"), values, strict=True):
        if not shows(value, register[f"{prefix}.{part}"]):
            raise Infeasible(f"{prefix}.{part}: does not print as {register[f'{prefix}.{part}'].printed}")


def give_support(people: Sequence[Row], support: Support, random: Random) -> None:
    """Give each person with an exit form days, contacts and interventions, the engaged more of each.

    Adds `support_days` (None where the exit date is not known), `idva_contacts` and `support_interventions`. The
    contacts of whoever has none recorded are those of the least engaged.
    """
    for arm in ARMS:
        members = [person for person in people if person["arm"] == arm and person["has_exit_form"]]
        _give_days(members, support.days[arm], random)
        for area, site in AREAS.items():
            local = [person for person in members if person["site"] == site]
            _give(local, "idva_contacts", support.contacts[f"{area}.{arm}"], _contact_pull, random)
            _give(local, "support_interventions", support.interventions[f"{area}.{arm}"], _intervention_pull, random)
    for site in AREAS.values():
        means = [fmean(person["support_days"] for person in people if _has_days(person, arm, site)) for arm in ARMS]
        if means[0] <= means[1]:
            raise Infeasible(f"{DAYS}: Drive is not above control in {site}")


def _has_days(person: Row, arm: str, site: str) -> bool:
    return person["arm"] == arm and person["site"] == site and person.get("support_days") is not None


def _give_days(members: Sequence[Row], days: Sequence[int], random: Random) -> None:
    undated = len(members) - len(days)
    least = sorted(members, key=lambda person: person["engagement"] + random.gauss(0, 1.5))
    for person in least[:undated]:
        person["support_days"] = None
    _give(least[undated:], "support_days", days, lambda person: person["engagement"], random)
    middle = sorted(days)[len(days) // 2]
    for person in members:
        person["pace"] = (person["support_days"] or middle) / max(middle, 1)


def _give(members: Sequence[Row], column: str, values: Sequence[int], pull: Any, random: Random) -> None:
    """Hand out sorted values to people in order of a pull plus chance; the first get none if values are too few."""
    ranked = sorted(members, key=lambda person: pull(person) + random.gauss(0, 0.8))
    handed = [*(None for _ in range(len(ranked) - len(values))), *sorted(values)]
    for person, value in zip(ranked, handed, strict=True):
        person[column] = value


def _contact_pull(person: Row) -> float:
    return float(0.9 * person["pace"] + 0.5 * person["engagement"] + 0.2 * person["severity"])


def _intervention_pull(person: Row) -> float:
    return float(0.6 * person["pace"] + 0.4 * person["engagement"] + 0.35 * person["needs"])
