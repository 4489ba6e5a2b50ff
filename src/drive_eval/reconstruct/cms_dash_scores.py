"""Drive DASH scores of the service users scored at all three times: changes that give the printed Friedman test.

The unknown is how many service users follow each of the 13 courses that three scores can take (rises, falls and
ties). Rank sums and ties depend on nothing else, so that the tie-corrected chi-square is one quadratic equation.
Scores are filled in afterwards.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reconstruct.samples import roughen, solve_sample
from drive_eval.reference.register import Published, Register

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

Course = tuple[int, int, int]
"""Levels of three scores from 0 without a gap: (1, 0, 0) falls and stays, (0, 1, 2) rises twice, (0, 0, 0) stays."""

COURSES: Mapping[Course, str] = {
    (2, 1, 0): "falls_falls",
    (1, 0, 0): "falls_stays",
    (1, 1, 0): "stays_falls",
    (0, 0, 0): "stays_stays",
    (0, 0, 1): "stays_rises",
    (0, 1, 1): "rises_stays",
    (0, 1, 2): "rises_rises",
    (2, 0, 1): "falls_rises_below",
    (1, 0, 1): "falls_rises_back",
    (1, 0, 2): "falls_rises_above",
    (1, 2, 0): "rises_falls_below",
    (0, 1, 0): "rises_falls_back",
    (0, 2, 1): "rises_falls_above",
}
PAIRS = ((0, 1), (0, 2), (1, 2))
TOP = 19
FALLS = 0.42
"""A fall by one more point is this times as likely; a rise has a longer tail, as facts come to light."""
EFFORT = 60.0
"""Deterministic time of the solver, which stops at once when the assumed courses fit as they stand."""


def score_shape(score: int) -> float:
    """Relative frequency of a score at intake: right-skewed, since much stays unknown to a case manager."""
    return float((score + 1) ** 3.2 * math.exp(-0.47 * score))


def totals(entry: Published, n: int) -> range:
    """The whole totals over `n` people whose mean prints, half up, as the entry."""
    half = Fraction(1, 2 * 10 ** (entry.decimals or 0))
    value = Fraction(str(entry.number))
    return range(math.ceil((value - half) * n), math.ceil((value + half) * n))


def solve_courses(register: Register, assumed: Assumed) -> dict[Course, int]:
    """How many service users follow each course: as near to the assumed numbers as the Friedman test allows.

    Raises
    ------
    Infeasible
        If no numbers give the chi-square, its p value and W together without a significant pair.
    """
    from ortools.sat.python import cp_model

    n = int(register["cms.dash.friedman.n"].number)
    model = cp_model.CpModel()
    counts = {course: model.new_int_var(0, n, name) for course, name in COURSES.items()}
    model.add(sum(counts.values()) == n)
    _add_friedman(model, counts, register, n)
    gaps = []
    for course, name in COURSES.items():
        wanted = assumed.count(f"cms.dash.course.{name}")
        gaps.append(model.new_int_var(0, 2 * n, f"gap {name}"))
        model.add_abs_equality(gaps[-1], counts[course] - wanted)
        model.add_hint(counts[course], wanted)
    model.minimize(sum(gaps))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Infeasible("cms.dash.friedman: no courses of the scores give the statistic without a significant pair")
    found = {course: solver.value(count) for course, count in counts.items()}
    _check_friedman(register, found)
    return found


def deviations(course: Course) -> Course:
    """Twice the ranks of three scores, ties shared, less twice the middle rank: whole numbers that sum to 0."""
    first, second, third = (sum((level > other) - (level < other) for other in course) for level in course)
    return first, second, third


def friedman(courses: Mapping[Course, int]) -> float:
    """Tie-corrected Friedman chi-square of three times (probes: as SPSS and scipy give it)."""
    n = sum(courses.values())
    sums = [sum(count * deviations(course)[time] for course, count in courses.items()) for time in range(3)]
    three = sum(count for course, count in courses.items() if len(set(course)) == 1)
    two = sum(count for course, count in courses.items() if len(set(course)) == 2)
    return sum(total**2 for total in sums) / (4 * n - 4 * three - two)


def scored_triples(register: Register, courses: Mapping[Course, int]) -> list[Course]:
    """Scores at the three times of everybody scored at all three, the lowest at intake first.

    The intake scores print as the published mean. Rises are made longer than falls until the signed-rank test,
    too, finds no pair of times that differs.
    """
    n = sum(courses.values())
    mean = register["cms.dash.intake.mean"]
    intake = solve_sample(
        n=n,
        minimum=0,
        maximum=TOP,
        mean=mean.number,
        decimals=mean.decimals or 0,
        shape=roughen(score_shape, range(TOP + 1), amount=0.15, random_seed=12),
        name="cms.dash.intake.mean",
    )
    alpha = _alpha(register)
    for step in range(12):
        triples = _triples(courses, intake, rises=FALLS + 0.03 * step)
        if min(signed_rank_p(triples, pair) for pair in PAIRS) > alpha:
            return triples
    raise Infeasible("cms.dash.posthoc: a signed-rank test stays significant however long the rises are made")


def signed_rank_p(triples: Sequence[Course], pair: tuple[int, int]) -> float:
    """Two-sided p of the signed-rank test of two times: zeros left out, normal approximation without continuity."""
    changes = [triple[pair[1]] - triple[pair[0]] for triple in triples if triple[pair[0]] != triple[pair[1]]]
    sizes = sorted(map(abs, changes))
    rank = {size: (sizes.index(size) + 1 + len(sizes) - sizes[::-1].index(size)) / 2 for size in set(sizes)}
    statistic = sum(math.copysign(rank[abs(change)], change) for change in changes)
    error = math.sqrt(sum(rank[abs(change)] ** 2 for change in changes))
    return 2 * NormalDist().cdf(-abs(statistic) / error)


def _alpha(register: Register) -> float:
    """The level a pair must miss, whether p is compared with the printed .0167 or p times three with .05."""
    return max(register["cms.dash.friedman.alpha"].number, 0.05 / len(PAIRS))


def _add_friedman(model: CpModel, counts: Mapping[Course, IntVar], register: Register, n: int) -> None:
    """Hold the chi-square within what prints and the mean ranks of each pair within what is not significant.

    With the sums d of `deviations`, the chi-square is the sum of d squared over 4 n - 4 (all three tied) - (two
    tied). A pair is compared by z = (difference of mean ranks) / sqrt(k (k + 1) / (6 n)), which knows no ties.
    """
    sums, squares = [], []
    for time in range(3):
        sums.append(model.new_int_var(-2 * n, 2 * n, f"rank sum {time}"))
        model.add(sums[-1] == sum(count * deviations(course)[time] for course, count in counts.items()))
        squares.append(model.new_int_var(0, 4 * n * n, f"rank sum {time} squared"))
        model.add_multiplication_equality(squares[-1], [sums[-1], sums[-1]])
    tied = sum(count * {1: 4, 2: 1, 3: 0}[len(set(course))] for course, count in counts.items())
    entry = register["cms.dash.friedman.statistic"]
    scale = 2 * 10 ** (entry.decimals or 0)
    printed = round(entry.number * scale)
    model.add(scale * sum(squares) >= (printed - 1) * (4 * n - tied))
    model.add(scale * sum(squares) < (printed + 1) * (4 * n - tied))
    critical = NormalDist().inv_cdf(1 - _alpha(register) / 2)
    widest = math.ceil(critical * 2 * n * math.sqrt(12 / (6 * n))) - 1
    for first, second in PAIRS:
        model.add_linear_constraint(sums[first] - sums[second], -widest, widest)


def _check_friedman(register: Register, courses: Mapping[Course, int]) -> None:
    statistic = friedman(courses)
    n = sum(courses.values())
    facts = {"statistic": statistic, "p": math.exp(-statistic / 2), "kendalls_w": statistic / (2 * n), "df": 2}
    wrong = [name for name, fact in facts.items() if not prints_as(fact, register[f"cms.dash.friedman.{name}"])]
    if wrong:
        raise Infeasible(f"cms.dash.friedman: {', '.join(wrong)} cannot print as given beside the statistic")


def _triples(courses: Mapping[Course, int], intake: Sequence[int], *, rises: float) -> list[Course]:
    """Give each intake score a course that it has room for, the courses with the longest falls first."""
    random = Random("dash scores")
    people = sorted(course for course, count in courses.items() for _ in range(count))
    random.shuffle(people)
    falling, rising = (_steps(2 * len(people), tail, random) for tail in (FALLS, rises))
    changes = [_changes(course, falling, rising) for course in people]
    changes.sort(key=lambda change: (min(change), -max(change)))
    free, triples = list(intake), []
    for change in changes:
        room = [score for score in free if score + min(change) >= 0 and score + max(change) <= TOP]
        if not room:
            raise Infeasible("cms.dash.intake.mean: no intake score leaves room for a change of the scores")
        score = random.choice(room)
        free.remove(score)
        triples.append((score, score + change[1], score + change[2]))
    return sorted(triples)


def _steps(n: int, tail: float, random: Random) -> list[int]:
    """Sizes of changes, 1 and up, geometric with the given tail, evenly spread over their distribution."""
    steps = [1 + int(math.log(1 - (place + 0.5) / n) / math.log(tail)) for place in range(n)]
    random.shuffle(steps)
    return steps


def _changes(course: Course, falling: list[int], rising: list[int]) -> Course:
    """Changes from intake at the three times: the first move of a course, then one to the level between or beyond."""
    start = course[0]
    change = {start: 0}
    for level in range(start - 1, -1, -1):
        change[level] = change[level + 1] - falling.pop()
    for level in range(start + 1, max(course) + 1):
        change[level] = change[level - 1] + rising.pop()
    first, second, third = (change[level] for level in course)
    return first, second, third


def removal_patterns(register: Register, assumed: Assumed, times: Sequence[str], total: int) -> list[tuple[bool, ...]]:
    """At which times the scores of each service user are removed, those removed most often first.

    Raises
    ------
    Infeasible
        If the removals at each time and the number scored at all times leave a negative number of people.
    """
    removed = [int(register[f"cms.dash.{time}.removed_n"].number) for time in times]
    counts = {
        flags: assumed.count("cms.dash.removed." + "_and_".join(itertools.compress(times, flags)))
        for flags in itertools.product((True, False), repeat=len(times))
        if sum(flags) >= 2
    }
    for position, size in enumerate(removed):
        alone = tuple(place == position for place in range(len(times)))
        counts[alone] = size - sum(count for flags, count in counts.items() if flags[position])
    counts[(False,) * len(times)] = total - sum(counts.values())
    if min(counts.values()) < 0 or counts[(False,) * len(times)] != int(register["cms.dash.friedman.n"].number):
        raise Infeasible("cms.dash.removed: the removals do not leave the number of service users scored at all times")
    return [flags for flags in sorted(counts, key=sum, reverse=True) for _ in range(counts[flags])]
