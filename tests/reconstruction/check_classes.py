"""Latent classes of needs, and the classes of those who use abusive behaviour (read as composition, Y26)."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from stepmix.stepmix import StepMix

from .check_behaviour import NOT_SEXUAL, TYPES, changed, reduction, relative_fall, users
from .check_needs import informed, specific_needs
from .raw import Raw
from .register import Claim, Value
from .stats import percent

NO_NEEDS, HOUSING = "no_or_low_needs", "alcohol_housing_unemployment"
MULTIPLE, FAMILY = "multiple_needs", "family_children_parenting"
FAMILY_ITEMS = ["children_family", "parenting"]
STARTS = 30
MOST_CLASSES, STARTS_OF_EACH = 6, 10
# How worded statements on the class's share of the users are read, in per cent of that share
HALVED, SMALL, SAME_LEVEL = (45, 60), 20, 10


@dataclass(frozen=True)
class Classes:
    """The four-class model: sizes and item probabilities by name of the class, and everyone's modal class."""

    sizes: dict[str, float]
    items: pd.DataFrame
    modal: pd.Series


def _fit(needs: pd.DataFrame, number: int, starts: int) -> StepMix:
    model = StepMix(
        n_components=number,
        measurement="binary_nan",
        n_init=starts,
        max_iter=500,
        random_state=1,
        progress_bar=0,
        verbose=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # starts that do not converge are not the best ones
        model.fit(needs.to_numpy())
    return model


@cache
def latent_classes(raw: Raw) -> Classes:
    """The model of the needs at any time; classes are named by profile, so that their order is free to be wrong."""
    needs = specific_needs(raw)
    model = _fit(needs, 4, STARTS)
    items = pd.DataFrame(model.get_parameters()["measurement"]["pis"], columns=needs.columns)
    names = _name_classes(items)
    sizes = {names[number]: float(weight) for number, weight in enumerate(model.get_parameters()["weights"])}
    modal = pd.Series(model.predict(needs.to_numpy()), index=needs.index).map(names)
    return Classes(sizes, items.rename(index=names), modal)


def _name_classes(items: pd.DataFrame) -> dict[int, str]:
    """Most needs, fewest needs, and of the others the one that leans to family and children."""
    by_mean = items.mean(axis=1).sort_values()
    fewest, most = by_mean.index[0], by_mean.index[-1]
    leaning = items[FAMILY_ITEMS].mean(axis=1) - items[["alcohol_misuse", "housing"]].mean(axis=1)
    family = leaning.drop([fewest, most]).idxmax()
    housing = next(number for number in items.index if number not in (fewest, most, family))
    return {fewest: NO_NEEDS, most: MULTIPLE, family: FAMILY, housing: HOUSING}


def _best_number(raw: Raw) -> float:
    """Number of classes with the lowest BIC of 1 to 6."""
    needs = specific_needs(raw)
    bic = {number: _fit(needs, number, STARTS_OF_EACH).bic(needs.to_numpy()) for number in range(1, MOST_CLASSES + 1)}
    return float(min(bic, key=bic.get))


def _class_sizes(raw: Raw) -> Value:
    found = latent_classes(raw)
    modal = found.modal.value_counts().to_dict()
    assert sorted(modal, key=modal.get) == sorted(found.sizes, key=found.sizes.get), "sizes and modal classes disagree"
    return found.sizes


def _multiple_profile(raw: Raw) -> Value:
    """Items with a probability above one half, in the words of the register."""
    words = {
        "drug_misuse": "drug misuse",
        "alcohol_misuse": "alcohol misuse",
        "employment_training_education": "unemployment",
        "mental_health": "mental health",
        "children_family": "children and family",
        "parenting": "parenting capacity",
        "social_isolation": "social isolation",
        "physical_health": "poor physical health",
    }
    items = latent_classes(raw).items.loc[MULTIPLE]
    return [words.get(item, item) for item, probability in items.items() if probability > 0.5]


def _family_profile(raw: Raw) -> Value:
    items = latent_classes(raw).items.loc[FAMILY]
    return {"family_or_children_issues": items[FAMILY_ITEMS].min(), "other_needs": items.drop(FAMILY_ITEMS).max()}


def _members(raw: Raw) -> tuple[pd.Series, pd.Series]:
    """Class by person: those with needs recorded (151), and with the others in the class that has most weight (207)."""
    recorded = latent_classes(raw).modal
    others = informed(raw).difference(recorded.index)
    sizes = latent_classes(raw).sizes
    return recorded, pd.concat([recorded, pd.Series(max(sizes, key=sizes.get), index=others)])


def composition(raw: Raw, members: pd.Series, kind: str, time: str) -> dict[str, float]:
    """Share of each class among the users of a type at a time, in per cent (Y26)."""
    using = users(raw, kind, time)
    classes = members[members.index.isin(using)]
    return {name: percent((classes == name).sum(), len(classes)) for name in latent_classes(raw).sizes}


def _composition(kind: str, time: str) -> Callable[[Raw], Value]:
    """On 207; on 151 the same class must come first."""

    def check(raw: Raw) -> Value:
        recorded, everyone = (composition(raw, members, kind, time) for members in _members(raw))
        assert max(recorded, key=recorded.get) == max(everyone, key=everyone.get), "the first class depends on the base"
        return everyone

    return check


@cache
def _class_falls(raw: Raw, name: str) -> list[dict[str, float]]:
    """Relative fall of a class's share of the users, by type, on 151 and on 207."""
    return [
        {
            kind: relative_fall(*(composition(raw, members, kind, time)[name] for time in ("intake", "closure")))
            for kind in TYPES
        }
        for members in _members(raw)
    ]


def _halved(raw: Raw) -> Value:
    """Physical, harassment and stalking, jealousy and control fall by about half; sexual abuse does not."""
    found = _class_falls(raw, HOUSING)
    low, high = HALVED
    for falls in found:
        assert all(low <= falls[kind] <= high for kind in NOT_SEXUAL), falls
        assert falls["sexual"] < low, falls
    return float(np.mean([found[1][kind] for kind in NOT_SEXUAL]))


def _class_claim(name: str, low: float, high: float) -> Callable[[Raw], Value]:
    def check(raw: Raw) -> Value:
        found = [fall for falls in _class_falls(raw, name) for fall in falls.values()]
        return Claim(all(low <= fall <= high for fall in found), f"falls of {min(found):.1f} to {max(found):.1f} %")

    return check


def _greatest_change(raw: Raw) -> Value:
    """Mean fall of the share of users; the fall of users among the members must name the same class."""
    sizes = latent_classes(raw).sizes
    mean = {name: float(np.mean(list(_class_falls(raw, name)[1].values()))) for name in sizes}
    recorded = _members(raw)[0]
    within = {}
    for name in sizes:
        people = set(recorded.index[recorded == name])
        within[name] = float(np.mean([reduction(raw, kind, people) for kind in TYPES]))
    assert max(mean, key=mean.get) == max(within, key=within.get), (mean, within)
    return mean


def _likelier_to_change(raw: Raw) -> Value:
    """Share of members who changed, classes with needs against the one without; also of those using any type."""
    outcome = changed(raw)
    found = []
    for members in _members(raw):
        using = members[members.index.isin(outcome.index)]
        for base in (members, using):
            stopped = pd.Series(base.index.isin(outcome.index[outcome]), index=base.index)
            found.append({"any_needs": stopped[base != NO_NEEDS].mean(), NO_NEEDS: stopped[base == NO_NEEDS].mean()})
            assert found[-1]["any_needs"] > found[-1][NO_NEEDS], found[-1]
    return found[-1]


def _overall(raw: Raw) -> Value:
    return {time: sum(len(users(raw, kind, time)) for kind in TYPES) for time in ("intake", "closure")}


CHECKS: dict[str, Callable[[Raw], Value]] = {
    "cms.lca.n_classes": _best_number,
    "cms.lca.class_order": _class_sizes,
    "cms.lca.multiple_needs_profile": _multiple_profile,
    "cms.lca.family_profile": _family_profile,
    "cms.dva.greatest_change_group": _greatest_change,
    "cms.needs_behaviour.fig7_n": lambda raw: len(_members(raw)[1]),
    "cms.class_behaviour.overall_trend": _overall,
    "cms.class_behaviour.closure.physical.highest": _composition("physical", "closure"),
    "cms.class_behaviour.alcohol_housing_unemployment.reduction": _halved,
    "cms.class_behaviour.multiple_needs.reduction": _class_claim(MULTIPLE, 0, SMALL),
    "cms.class_behaviour.no_or_low_needs.change": _class_claim(NO_NEEDS, -SAME_LEVEL, SAME_LEVEL),
    "cms.class_behaviour.needs_vs_none": _likelier_to_change,
}
for _kind in NOT_SEXUAL:
    CHECKS[f"cms.class_behaviour.intake.{_kind}.highest"] = _composition(_kind, "intake")
