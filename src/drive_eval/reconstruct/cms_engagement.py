"""What case managers recorded of engagement, children in the case, and the change in risk at closure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import Raw
from drive_eval.reconstruct.dva import Infeasible, prints_as
from drive_eval.reconstruct.samples import count_for
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

Row = dict[str, Any]


def ranked(
    people: Iterable[ServiceUser], random: Random, *, pull: float = 0.0, bonus: Mapping[str, float] | None = None
) -> list[ServiceUser]:
    """People in random order, those with a higher severity or bonus the likelier to stand first."""
    scores = {
        person.su_id: pull * person.severity + (bonus or {}).get(person.su_id, 0) + random.gauss(0, 1)
        for person in people
    }
    return sorted(people, key=lambda person: scores[person.su_id], reverse=True)


def blank(random: Random) -> str | None:
    """An entry that was not made: an empty cell, or one of the ways to write so."""
    return random.choice((None, None, "not_known", Raw("N/K")))


def engagement_levels(
    register: Register, assumed: Assumed, spine: Sequence[ServiceUser], random: Random
) -> dict[str, Row]:
    """Engagement as the case manager put it at closure: full or partial among the contacted, else none."""
    fully, partly = (int(assumed[f"cms.engagement.{level}.n"]) for level in ("fully", "partially"))
    contacted = ranked([person for person in spine if person.contacted], random)
    worked = {person.su_id for person in contacted if person.behaviour_change_work}
    if not len(worked) <= fully <= fully + partly <= len(contacted):
        raise Infeasible(f"{fully} fully and {partly} partially engaged do not fit {len(contacted)} contacted")
    contacted.sort(key=lambda person: person.su_id not in worked)
    levels = ["fully_engaged"] * fully + ["partially_engaged"] * partly
    found = {person.su_id: level for person, level in zip(contacted, levels, strict=False)}
    return {person.su_id: {"engagement": found.get(person.su_id, "not_engaged")} for person in spine}


def children_and_protection(
    register: Register,
    assumed: Assumed,
    spine: Sequence[ServiceUser],
    engagement: Mapping[str, Row],
    random: Random,
) -> dict[str, Row]:
    """Children in the case and child protection concerns; among both, the printed share engaged (Y22).

    One case is without an entry on children, which changes no printed figure; where child protection concerns are
    present, those contacted are those engaged, so that either word for engagement gives the printed share.
    """
    total = len(spine)
    is_engaged = {name: row["engagement"] != "not_engaged" for name, row in engagement.items()}
    engaged = ranked([person for person in spine if is_engaged[person.su_id]], random)
    others = ranked([person for person in spine if not is_engaged[person.su_id]], random)
    with_children = count_for(register["cms.su.children_involved"], total, total - 1)
    engaged_children = count_for(register["cms.engagement.with_children"], with_children)
    concerns = int(assumed["cms.child_protection.concerns_n"])
    engaged_concerns = count_for(register["cms.engagement.with_child_protection"], concerns)
    shares = (engaged_children / with_children, (len(engaged) - engaged_children) / (total - 1 - with_children))
    if shares[0] <= shares[1] or engaged_concerns / len(engaged) <= (concerns - engaged_concerns) / len(others):
        raise Infeasible("cms.engagement: the shares of the engaged do not leave the printed directions")
    found: dict[str, Row] = {}
    for group, children, protected in (
        (engaged, engaged_children, engaged_concerns),
        (others, with_children - engaged_children, concerns - engaged_concerns),
    ):
        open_places = [person for person in group if person.contacted == is_engaged[person.su_id]]
        concerned = {person.su_id for person in open_places[:protected]}
        rest = ranked([person for person in group if person.su_id not in concerned], random)
        involved = concerned | {person.su_id for person in rest[: children - protected]}
        if len(concerned) < protected or len(involved) < children:
            raise Infeasible(f"cms.engagement: {children} with children, {protected} protected of {len(group)}")
        for person in group:
            found[person.su_id] = {
                "children_involved": "yes" if person.su_id in involved else "no",
                "child_protection": "yes" if person.su_id in concerned else "no",
            }
        blank = next(person for person in reversed(rest) if person.su_id not in involved)
    found[blank.su_id] = {"children_involved": "not_known", "child_protection": "not_known"}
    return found


def risk_changes(
    register: Register, assumed: Assumed, spine: Sequence[ServiceUser], engagement: Mapping[str, Row], random: Random
) -> dict[str, str]:
    """Change in risk in the case manager's view, for the cases that have an answer."""
    answered = int(register["cms.perceived_risk.n"].number)
    better = ("reduced_greatly", "reduced_slightly", "no_change")
    counts = {name: count_for(register[f"cms.perceived_risk.{name}.year2"], answered) for name in better}
    counts |= {name: int(assumed[f"cms.perceived_risk.{name}"]) for name in ("increased_slightly", "increased_greatly")}
    unable = int(assumed["cms.perceived_risk.unable_to_judge"])
    both = register["exec.cms.perceived_risk.reduced_greatly_or_slightly"]
    share = 100 * (counts["reduced_greatly"] + counts["reduced_slightly"]) / answered
    if sum(counts.values()) + unable != answered or not prints_as(share, both):
        raise Infeasible(f"cms.perceived_risk: {sum(counts.values()) + unable} of {answered}, {share:.1f} % reduced")
    weight = {"fully_engaged": 1.6, "partially_engaged": 0.8, "not_engaged": 0.0}
    bonus = {name: weight[row["engagement"]] for name, row in engagement.items()}
    with_answer = ranked(spine, random, bonus=bonus)[:answered]
    order = ranked(with_answer, random, bonus=bonus)
    found = {person.su_id: "unable_to_judge" for person in order[answered - unable :]}
    order = ranked(order[: answered - unable], random, pull=-0.4, bonus=bonus)
    judged = [name for name, count in counts.items() for _ in range(count)]
    return found | {person.su_id: name for person, name in zip(order, judged, strict=True)}


def closure_reviews(cases: Sequence[Row], risk: Mapping[str, str], random: Random) -> list[Row]:
    """Closure reviews; of the cases without an answer some have a review left blank, others have none."""
    rows = []
    for case in cases:
        name = case["su_id"]
        if name in risk or random.random() < 0.6:
            review = case["closure_date"] - dt.timedelta(days=random.randrange(15))
            answer = risk.get(name, blank(random))
            rows.append({"data_origin": "synthetic", "su_id": name, "review_date": review, "risk_change": answer})
    return rows
