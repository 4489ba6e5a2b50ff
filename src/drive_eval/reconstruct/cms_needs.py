"""Sheets `Needs` and `Behaviour` of the case management system: needs, latent classes, abusive behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_behaviour import Person, Row, age_bands, assign_behaviour, behaviour_rows
from drive_eval.reconstruct.cms_needs_classes import CLASSES, ClassProfile, class_profiles, need_patterns
from drive_eval.reconstruct.cms_needs_people import apportion, assign_needs, needs_rows
from drive_eval.reconstruct.cms_needs_statements import require
from drive_eval.reconstruct.cms_needs_tables import GROUPS, behaviour_tables
from drive_eval.reconstruct.spine import ServiceUser
from drive_eval.reference.register import Register

LIKELIER = {
    "not contacted": (1.15, 0.9, 0.8, 0.9),
    "behaviour change work": (0.9, 1.3, 1.1, 0.5),
    "contacted": (1.0, 1.0, 1.0, 1.0),
}
"""How much likelier or less likely than average each class is among people with this kind of contact."""


@dataclass(frozen=True)
class CmsNeeds:
    """Rows of the two sheets, and what other blocks must agree with.

    `age_band`: age band of all service users (`under_28`, `28_33`, `34_42`, `43_plus`). `true_class`: latent class;
    where no need is recorded, the largest class, which is the modal class without data. Neither is delivered.
    """

    sheets: dict[str, list[Row]]
    age_band: dict[str, str]
    true_class: dict[str, str]


def build(register: Register, assumed: Assumed, spine: Sequence[ServiceUser], *, seed: int) -> CmsNeeds:
    """Needs and abusive behaviour of the service users.

    Parameters
    ----------
    register, assumed
        Published figures and the values assumed where they were images.
    spine : sequence of ServiceUser
    seed : int
        Decides who gets which record; the counts are the same for every seed.

    Raises
    ------
    Infeasible
        If published and assumed figures contradict each other; the message names the figure.
    """
    random = Random(f"cms_needs {seed}")
    require(len(spine) == int(register["cms.appendix3.n"].number), register["cms.appendix3.n"], f"{len(spine)} people")
    profiles = class_profiles(register, assumed)
    patterns = need_patterns(profiles)
    group = _groups(spine, profiles, random)
    members = {name: sum(each == name for each in group.values()) for name in GROUPS}
    tables = behaviour_tables(register, assumed, members=members)
    people = {user.su_id: Person(user, group[user.su_id]) for user in spine if user.has_need_information}
    assign_behaviour(register, tables, list(people.values()), random)
    needs = assign_needs(register, spine, people, patterns, random)
    return CmsNeeds(
        sheets={
            "Needs": needs_rows(register, assumed, spine, needs, random),
            "Behaviour": behaviour_rows(spine, people, random),
        },
        age_band=age_bands(tables, spine, people, random),
        true_class={su_id: name if name in CLASSES else CLASSES[0] for su_id, name in group.items()},
    )


def _groups(spine: Sequence[ServiceUser], profiles: dict[str, ClassProfile], random: Random) -> dict[str, str]:
    """The class of those with recorded needs, `unrecorded` for others with information, else an empty text.

    People without direct contact are more often in the class without needs; among people with the same contact, the
    more severe are in the classes with more needs.
    """
    group = {user.su_id: "unrecorded" if user.has_need_information else "" for user in spine}
    left = {name: profile.members for name, profile in profiles.items()}
    for contact, likelier in LIKELIER.items():
        part = [user for user in spine if user.has_specific_needs and _contact(user) == contact]
        weights = {name: profiles[name].members * times for name, times in zip(CLASSES, likelier, strict=True)}
        counts = left if contact == "contacted" else apportion(len(part), weights)
        left = {name: left[name] - counts[name] for name in CLASSES}
        ranked = sorted(part, key=lambda user: user.severity + random.gauss(0, 1), reverse=True)
        some = [name for name in (CLASSES[1], CLASSES[3]) for _ in range(counts[name])]
        random.shuffle(some)
        labels = ["multiple_needs"] * counts["multiple_needs"] + some + [CLASSES[0]] * counts[CLASSES[0]]
        group.update({user.su_id: label for user, label in zip(ranked, labels, strict=True)})
    return group


def _contact(user: ServiceUser) -> str:
    """Kind of contact, a key of `LIKELIER`."""
    if not user.contacted:
        return "not contacted"
    return "behaviour change work" if user.behaviour_change_work else "contacted"
