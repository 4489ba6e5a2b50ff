"""The reported latent class model: criteria by hand formula, agreement with the derivation, statements."""

import math

import numpy as np
import pandas as pd
import pytest

from drive_eval.analyses.latent_classes import analyse
from drive_eval.derive import latent

ITEMS = ["a", "b", "c", "d"]
SETTINGS = {
    "outcome": "needs",
    "items": ITEMS,
    "classes": [1, 2, 3],
    "chosen": 2,
    "starts": 40,
    "seed": 1,
    "class_names": [{"name": "few", "mean": "lowest"}, {"name": "pair", "items": ["c", "d"]}],
    "order_item": "a",
    "assigned": "assigned",
    "high": 0.5,
    "bootstrap": {"against": [1], "replicates": 4, "starts": 5},
}


@pytest.fixture(scope="module")
def people():
    generator = np.random.default_rng(5)
    profile = np.array([[0.05] * 4, [0.2, 0.2, 0.95, 0.9]])
    answers = (generator.random((120, 4)) < profile[generator.choice(2, 120, p=[0.6, 0.4])]).astype(float)
    answers[generator.random(answers.shape) < 0.1] = np.nan
    answers[:3] = np.nan
    patterns = latent.collapse(answers[3:])
    model, names = latent.name_classes(
        latent.search(patterns, n_classes=2, starts=40, seed=1).model, ITEMS, rules=SETTINGS["class_names"],
        order_item="a",
    )  # fmt: skip
    modal = latent.posterior(latent.collapse(answers), model).argmax(axis=1)
    return pd.DataFrame(answers, columns=ITEMS).assign(assigned=[names[k] for k in modal])


@pytest.fixture(scope="module")
def found(people):
    return analyse(people, **SETTINGS)


def test_criteria_are_on_people_with_any_answer(found):
    fit = found[found["stratum"] == "classes_2"].set_index("term")["estimate"]
    n = int(found["denominator"].iloc[0])
    assert (n, int(found["n_missing"].iloc[0])) == (117, 3)
    assert fit["parameters"] == 2 * 4 + 1
    deviance = -2 * fit["log_likelihood"]
    assert fit["bic"] == pytest.approx(deviance + 9 * math.log(117))
    assert fit["sabic"] == pytest.approx(deviance + 9 * math.log(119 / 24)), "not ln(n (n + 2) / 24)"
    assert fit["caic"] == pytest.approx(deviance + 9 * (math.log(117) + 1))
    assert fit["aic"] == pytest.approx(deviance + 18)
    assert fit["starts_converged"] == 40


def test_entropy_of_one_class_is_not_defined(found):
    one = found[(found["stratum"] == "classes_1") & (found["term"] == "relative_entropy")].iloc[0]
    assert pd.isna(one["estimate"])
    assert one["note"]


def test_the_bootstrap_p_is_never_zero(found):
    test = found[found["term"] == "blrt"].iloc[0]
    assert test["p_value"] == pytest.approx(1 / 5), "two classes are plain: the observed ratio is the largest of five"


def test_statements_follow_the_profile(found):
    pair = found[found["group"] == "pair"].set_index(["outcome", "term"])["estimate"]
    assert pair[("needs", "lowest_named_item")] == min(pair[("c", "need")], pair[("d", "need")])
    assert pair[("needs", "highest_other_item")] == max(pair[("a", "need")], pair[("b", "need")])
    assert pair[("needs", "all_high")] == 0


def test_other_classes_than_those_assigned_are_an_error(people):
    moved = people.assign(assigned=people["assigned"].replace({"few": "pair", "pair": "few"}))
    with pytest.raises(ValueError, match="117 people are in another class"):
        analyse(moved, **SETTINGS)
