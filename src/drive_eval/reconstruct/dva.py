"""Abuse experienced by victims/survivors at intake and exit: people whose answers carry Figures 8 and 9."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from drive_eval.errors import UserError
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reference.register import Published, Register

TYPES = ("physical", "sexual", "harassment_stalking", "jealousy_control")
LEVELS = ("standard", "moderate", "high")
TIMES = ("intake", "exit")
Z95 = 1.959963984540054


class Infeasible(UserError):
    """No counts satisfy the published figures together; the message names the figures."""


@dataclass(frozen=True)
class Counts:
    """What one arm and type must show among people with both forms."""

    valid: Mapping[str, int]
    levels: Mapping[str, Mapping[str, int]]
    started: int

    def yes(self, time: str) -> int:
        """People who experienced the type at a time."""
        return sum(self.levels[time].values())


def solve_counts(register: Register, assumed: Assumed, *, arm: str, abuse: str) -> Counts:
    """Counts of one arm and type, from footnotes 2 and 3 and the assumed levels.

    Raises
    ------
    Infeasible
        If the assumed counts do not fit the valid answers or each other.
    """
    prefix = f"insights.dva.{arm}.{abuse}"
    counts = Counts(
        valid={time: int(register[f"{prefix}.{time}_n"].number) for time in TIMES},
        levels={time: {level: assumed.count(f"{prefix}.{time}.{level}") for level in LEVELS} for time in TIMES},
        started=assumed.count(f"{prefix}.started"),
    )
    for time in TIMES:
        if counts.yes(time) > counts.valid[time]:
            raise Infeasible(f"{prefix}: {counts.yes(time)} of {counts.valid[time]} valid answers at {time}")
        if counts.yes(time) != assumed[f"{prefix}.{time}.experienced"]:
            raise Infeasible(f"{prefix}: the levels at {time} do not sum to the people who experienced it")
    return counts


def exit_pairs(register: Register) -> list[tuple[int, int]]:
    """All pairs of physical-abuse counts at exit (Drive, control) that print as the odds ratio and its limits do.

    The search is exhaustive over the valid answers of footnotes 2 and 3, with the log-odds interval (R4).
    """
    prefix = "insights.dva.physical.exit"
    printed = [register[f"{prefix}.{part}"] for part in ("odds_ratio", "ci_low", "ci_high")]
    drive_n, control_n = (int(register[f"insights.dva.{arm}.physical.exit_n"].number) for arm in ("drive", "control"))
    found = []
    for drive in range(1, drive_n):
        for control in range(1, control_n):
            log_odds = math.log(control * (drive_n - drive) / ((control_n - control) * drive))
            error = math.sqrt(1 / drive + 1 / (drive_n - drive) + 1 / control + 1 / (control_n - control))
            values = (math.exp(log_odds + step * Z95 * error) for step in (0, -1, 1))
            if all(prints_as(value, entry) for value, entry in zip(values, printed, strict=True)):
                found.append((drive, control))
    return found


def prints_as(value: float, entry: Published) -> bool:
    """Whether a value rounds, half up, to what is printed."""
    step = Decimal(1).scaleb(-(entry.decimals or 0))
    return Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP) == Decimal(repr(entry.number))


def check_physical(register: Register, counts: Mapping[str, Counts]) -> None:
    """Check the assumed physical-abuse counts against the odds ratio and the two printed reductions.

    Raises
    ------
    Infeasible
        If the exit counts are not the pair behind 2.86 (1.0 to 8.2), or a reduction prints otherwise.
    """
    pair = (counts["drive"].yes("exit"), counts["control"].yes("exit"))
    possible = exit_pairs(register)
    if pair not in possible:
        raise Infeasible(f"physical abuse at exit is {pair}; the odds ratio and its limits allow only {possible}")
    for arm, found in counts.items():
        entry = register[f"exec.vs.physical.reduction.{arm}"]
        shares = [found.yes(time) / found.valid[time] for time in TIMES]
        if not prints_as(100 * (1 - shares[1] / shares[0]), entry):
            raise Infeasible(
                f"{entry.published_id}: {shares[0]:.3f} to {shares[1]:.3f} does not print as {entry.printed}"
            )


def answers(counts: Counts, severity: Sequence[float], random: Random) -> list[dict[str, str | None]]:
    """Answers of one type for people with both forms, in the order of `severity`.

    Parameters
    ----------
    counts : Counts
    severity : sequence of float
        One number per person; the higher, the likelier abuse that is frequent, severe and goes on.
    random : Random

    Returns
    -------
    list of dict
        `intake`, `exit` (`yes`, `no`, `not_known` or None for blank), `intake_level`, `exit_level`.
    """
    people = len(severity)
    without = {time: people - counts.valid[time] for time in TIMES}
    drawn = random.sample(range(people), without["intake"] + without["exit"])
    missing = {"intake": set(drawn[: without["intake"]]), "exit": set(drawn[without["intake"] :])}
    only_intake = missing["exit"]
    intake_yes_alone = round(len(only_intake) * counts.yes("intake") / counts.valid["intake"])
    both = counts.yes("exit") - counts.started
    stopped = counts.yes("intake") - intake_yes_alone - both
    complete = [person for person in range(people) if person not in missing["intake"] | missing["exit"]]
    if min(both, stopped, len(complete) - both - stopped - counts.started) < 0:
        raise Infeasible(f"{counts.started} started of {counts.yes('exit')} at exit leave no room for the pairs")
    noisy = sorted(complete, key=lambda person: severity[person] + random.gauss(0, 0.7), reverse=True)
    pairs = ["yes yes"] * both + ["yes no"] * stopped + ["no yes"] * counts.started
    pairs += ["no no"] * (len(complete) - len(pairs))
    found: list[dict[str, str | None]] = [{} for _ in severity]
    for person, pair in zip(noisy, pairs, strict=True):
        found[person]["intake"], found[person]["exit"] = pair.split()
    ranked = sorted(only_intake, key=lambda person: severity[person], reverse=True)
    for rank, person in enumerate(ranked):
        found[person] = {"intake": "yes" if rank < intake_yes_alone else "no", "exit": _unanswered(random)}
    for person in sorted(missing["intake"]):
        found[person] = {"intake": _unanswered(random), "exit": "no"}
    for time in TIMES:
        _add_levels(found, time, counts.levels[time], severity, random)
    return found


def unconstrained(share: float, severity: float, random: Random) -> dict[str, str | None]:
    """An intake answer of a person without an exit form, on whom nothing is published."""
    if random.random() < 0.03:
        return {"intake": _unanswered(random), "intake_level": None}
    if random.random() > share:
        return {"intake": "no", "intake_level": random.choice(["none", None])}
    score = severity + random.gauss(0, 0.7)
    return {"intake": "yes", "intake_level": LEVELS[0 if score < -0.7 else 1 if score < 0.2 else 2]}


def _add_levels(
    found: list[dict[str, str | None]], time: str, levels: Mapping[str, int], severity: Sequence[float], random: Random
) -> None:
    yes = [person for person, answer in enumerate(found) if answer[time] == "yes"]
    yes.sort(key=lambda person: severity[person] + random.gauss(0, 0.7))
    steps = [level for level in LEVELS for _ in range(levels[level])]
    for person, level in zip(yes, steps, strict=True):
        found[person][f"{time}_level"] = level
    for answer in found:
        if answer[time] != "yes":
            answer[f"{time}_level"] = random.choice(["none", None]) if answer[time] == "no" else None


def _unanswered(random: Random) -> str | None:
    return random.choice(["not_known", "not_known", None])
