"""Latent class numerics against closed forms, identities and the awkward corners."""

import numpy as np
import pytest

from drive_eval.derive import latent

NAMES = ("a", "b", "c", "d")
RULES = ({"name": "low", "mean": "lowest"}, {"name": "many", "mean": "highest"}, {"name": "pair", "items": ["c", "d"]})


def answers(people=200, missing=0.0, seed=5):
    generator = np.random.default_rng(seed)
    profile = np.array([[0.05] * 4, [0.1, 0.1, 0.9, 0.9], [0.95] * 4])
    classes = generator.choice(3, size=people, p=[0.5, 0.3, 0.2])
    drawn = (generator.random((people, 4)) < profile[classes]).astype(float)
    drawn[generator.random(drawn.shape) < missing] = np.nan
    return drawn


def test_patterns_keep_every_person_and_find_the_way_back():
    rows = np.array([[1, 0], [np.nan, 1], [1, 0], [0, 0]], dtype=float)
    found = latent.collapse(rows)
    assert found.total == 4
    assert len(found.people) == 3
    assert found.yes[found.of_row].tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]
    assert found.no[found.of_row].tolist() == [[0, 1], [0, 0], [0, 1], [1, 1]]


def test_a_code_for_missing_is_refused():
    with pytest.raises(ValueError, match="other than 0, 1 or missing"):
        latent.collapse(np.array([[1.0, 9.0]]))


def test_one_class_is_the_share_of_observed_answers():
    # closed form: each item's log-likelihood is s ln(s/n) + (n - s) ln(1 - s/n) on its observed answers
    rows = np.array([[1, 0], [1, np.nan], [0, 1], [1, 1], [0, 0]], dtype=float)
    found = latent.search(latent.collapse(rows), n_classes=1, starts=3, seed=1)
    assert found.model.items[0] == pytest.approx([3 / 5, 2 / 4])
    by_hand = 3 * np.log(3 / 5) + 2 * np.log(2 / 5) + 4 * np.log(1 / 2)
    assert found.log_likelihood == pytest.approx(by_hand, abs=1e-12)
    assert (found.reached, found.converged) == (3, 3)


def test_two_classes_without_noise_are_found_exactly():
    # 6 people with all, 4 with none: likelihood is that of the class sizes alone
    rows = np.vstack([np.ones((6, 3)), np.zeros((4, 3))])
    found = latent.search(latent.collapse(rows), n_classes=2, starts=20, seed=1)
    assert sorted(found.model.sizes) == pytest.approx([0.4, 0.6])
    assert found.log_likelihood == pytest.approx(6 * np.log(0.6) + 4 * np.log(0.4), abs=1e-8)


def test_same_seed_gives_the_same_bits_and_other_seeds_the_same_optimum():
    patterns = latent.collapse(answers(missing=0.1))
    first, again, other = (latent.search(patterns, n_classes=3, starts=60, seed=seed) for seed in (1, 1, 2))
    assert (first.model.items == again.model.items).all()
    assert first.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)
    ours, theirs = (np.sort(model.sizes) for model in (first.model, other.model))
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_more_classes_never_fit_worse():
    patterns = latent.collapse(answers(missing=0.1))
    fits = [latent.search(patterns, n_classes=k, starts=100, seed=1).log_likelihood for k in (1, 2, 3)]
    assert fits == sorted(fits)


def test_who_gave_no_answer_has_the_class_sizes_and_moves_no_estimate():
    rows = answers(missing=0.1)
    model = latent.search(latent.collapse(rows), n_classes=3, starts=60, seed=1).model
    silent = np.vstack([rows, np.full((30, 4), np.nan)])
    with_silent = latent.search(latent.collapse(silent), n_classes=3, starts=60, seed=1).model
    assert np.sort(with_silent.items, axis=0) == pytest.approx(np.sort(model.items, axis=0), abs=1e-5)
    assert latent.posterior(latent.collapse(silent), model)[-1] == pytest.approx(model.sizes)


def test_posterior_is_bayes():
    model = latent.Model(np.array([0.75, 0.25]), np.array([[0.2, 0.5], [0.8, 0.5]]))
    found = latent.posterior(latent.collapse(np.array([[1, 0], [0, np.nan]], dtype=float)), model)
    assert found[0, 0] == pytest.approx(0.75 * 0.2 / (0.75 * 0.2 + 0.25 * 0.8))
    assert found[1, 0] == pytest.approx(0.75 * 0.8 / (0.75 * 0.8 + 0.25 * 0.2))


def test_classes_are_ordered_by_size_and_named_by_profile_whatever_their_order():
    model = latent.Model(np.array([0.2, 0.5, 0.3]), np.array([[0.9] * 4, [0.1] * 4, [0.1, 0.1, 0.9, 0.8]]))
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        ordered, names = latent.name_classes(model.ordered(order), NAMES, rules=RULES, order_item="a")
        assert ordered.sizes.tolist() == [0.5, 0.3, 0.2]
        assert names == ["low", "pair", "many"]


def test_equal_sizes_are_ordered_by_the_named_item():
    model = latent.Model(np.array([1 / 3] * 3), np.array([[0.1] * 4, [0.2, 0.2, 0.9, 0.8], [0.9] * 4]))
    ordered, names = latent.name_classes(model, NAMES, rules=RULES, order_item="a")
    assert names == ["many", "pair", "low"]
    assert ordered.items[0, 0] == 0.9


def test_a_profile_that_no_name_fits_is_an_error():
    model = latent.Model(np.array([0.5, 0.3, 0.2]), np.array([[0.1] * 4, [0.9, 0.9, 0.2, 0.2], [0.95] * 4]))
    with pytest.raises(latent.NoClassFits, match="stands out by the items of 'pair'"):
        latent.name_classes(model, NAMES, rules=RULES, order_item="a")
    with pytest.raises(latent.NoClassFits, match="3 names for 1"):
        latent.name_classes(model.ordered([0]), NAMES, rules=RULES, order_item="a")
