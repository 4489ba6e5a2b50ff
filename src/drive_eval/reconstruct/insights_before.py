"""What victims/survivors did in the 12 months before intake: five counts in which the arms do not differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.insights_samples import compare
from drive_eval.reference.register import Register

Row = dict[str, Any]
ARMS = ("drive", "control")
PREFIX = "insights.self_mobilised"
COUNTS = {
    "attempts_to_leave": 0.4,
    "a_and_e_visits": 0.5,
    "police_calls": 0.5,
    "specialist_da_support": 0.2,
    "gp_visits": 0.1,
}
"""Column and how strongly it goes with severity."""
UNANSWERED = 0.04
CLEARLY = 0.1
"""The p-value that both forms of the t-test must exceed, well above the alpha of the report."""
DRAWS = 200


def give_counts(people: Sequence[Row], register: Register, assumed: Assumed, random: Random) -> None:
    """Give each person the five counts: the same right-skewed form in both arms, higher for more severe abuse.

    No count differs between the arms among all with an intake form, nor among those with an exit form too.

    Raises
    ------
    Infeasible
        If the assumed means differ too much for that.
    """
    for column, pull in COUNTS.items():
        entry = register[f"{PREFIX}.{column}.significance"]
        for _ in range(DRAWS):
            for arm in ARMS:
                members = [person for person in people if person["arm"] == arm]
                _give(
                    members,
                    column,
                    assumed[f"{PREFIX}.{column}.{arm}.mean"],
                    assumed[f"{PREFIX}.{column}.size"],
                    pull,
                    random,
                )
            if _alike(people, column):
                break
        else:
            raise Infeasible(f"{entry.published_id}: the assumed means are too far apart to print as {entry.printed}")


def _give(members: Sequence[Row], column: str, mean: float, size: float, pull: float, random: Random) -> None:
    unanswered = round(UNANSWERED * len(members))
    ranked = sorted(members, key=lambda person: pull * person["severity"] + random.gauss(0, 1))
    for person in random.sample(ranked, unanswered):
        person[column] = None
        ranked.remove(person)
    for person, value in zip(ranked, quantiles(len(ranked), mean, size), strict=True):
        person[column] = value


def quantiles(n: int, mean: float, size: float) -> list[int]:
    """The middle quantiles of a negative binomial distribution for `n` people; a smaller `size` is more skewed."""
    value, total = 0, math.exp(size * math.log(size / (size + mean)))
    term, found = total, []
    for place in range(n):
        while total < (place + 0.5) / n:
            term *= (size + value) / (value + 1) * mean / (size + mean)
            value += 1
            total += term
        found.append(value)
    return found


def _alike(people: Sequence[Row], column: str) -> bool:
    for members in (people, [person for person in people if person["has_exit_form"]]):
        answered = [
            [person[column] for person in members if person["arm"] == arm and person[column] is not None]
            for arm in ARMS
        ]
        test = compare(*answered)
        if min(test.pooled_p, test.welch_p) <= CLEARLY:
            return False
    return True
