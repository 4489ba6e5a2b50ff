"""Latent classes of yes/no items: how many, how large, with which profile; searched by EM, estimated by StepMix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from drive_eval.derive import latent
from drive_eval.results import options_text, result_frame

AGREEMENT = 1e-6
"""Log-likelihoods of our EM and of StepMix, started from our optimum, may differ by this much at most."""
METHOD = "latent class model of yes/no items, full information maximum likelihood"


def analyse(
    cases: pd.DataFrame,
    *,
    outcome: str,
    items: Sequence[str],
    classes: Sequence[int],
    chosen: int,
    starts: int,
    seed: int,
    class_names: Sequence[Mapping[str, Any]],
    order_item: str,
    assigned: str,
    high: float,
    bootstrap: Mapping[str, Any],
) -> pd.DataFrame:
    """Fit models with several numbers of classes and describe the chosen one.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `items` (0, 1 or missing) and `assigned`. People without any item are left out and counted.
    outcome : str
        Name of what the items measure, for the key.
    items : sequence of str
    classes : sequence of int
        Numbers of classes tried.
    chosen : int
        Number of classes described.
    starts, seed : int
        Random starts per number of classes, all run to convergence, and their seed.
    class_names, order_item
        Names and order of the chosen classes, see `derive.latent.name_classes`.
    assigned : str
        Column with the class that the derivation gave each person; it must be the modal class found here.
    high : float
        Probability above which an item counts as high in a class.
    bootstrap : mapping
        `against` (numbers of classes k tested against k + 1), `replicates` and `starts` of the likelihood-ratio test.

    Returns
    -------
    DataFrame, result columns
        Stratum `classes_<k>`, outcome `outcome`: terms `log_likelihood`, `parameters`, `aic`, `bic`, `sabic`, `caic`,
        `relative_entropy`, `smallest_class`, `starts_converged`, `starts_at_best`, `blrt` (k against k + 1).
        Stratum `all`: `lowest_<criterion>` (measure `n_classes`). Groups are the classes: outcome `<item>`, term
        `need` (measure `probability`); outcome `outcome`, terms `size` (model), `modal` (people assigned),
        `all_high` (1 if every item lies above `high`), `lowest_named_item` and `highest_other_item`.

    Raises
    ------
    ValueError
        If StepMix does not reach the same log-likelihood, or the derivation assigned other classes.

    Notes
    -----
    Criteria on n people, not patterns: AIC = -2 LL + 2 p, BIC = -2 LL + p ln n, sample-size adjusted BIC with
    ln((n + 2) / 24) (Sclove 1987, Psychometrika 52, 333-343), CAIC = -2 LL + p (ln n + 1) (Bozdogan 1987, same
    issue, 345-370). Relative entropy 1 + sum(p ln p) / (n ln k) over people and classes (Ramaswamy et al. 1993,
    Marketing Science 12, 103-124). Method page `docs/methods/latent_classes.md`.
    """
    answers = cases[list(items)].to_numpy(dtype="float64", na_value=float("nan"))
    informed = ~np.isnan(answers).all(axis=1)
    answers = answers[informed]
    patterns = latent.collapse(answers)
    place = {
        "analysis": "latent_classes",
        "outcome": outcome,
        "denominator": len(answers),
        "n_missing": int((~informed).sum()),
        "method": METHOD,
        "options": options_text(missing="FIML", starts=starts, seed=seed, tolerance=latent.TOLERANCE),
    }
    rows: list[dict[str, Any]] = []
    criteria: dict[int, dict[str, float]] = {}
    fits: dict[int, latent.Model] = {}
    for number in classes:
        found = latent.search(patterns, n_classes=number, starts=starts, seed=seed)
        fits[number], likelihood = _by_stepmix(answers, found)
        criteria[number] = _criteria(likelihood, found.model, len(answers))
        fit = {**criteria[number], **_described(patterns, fits[number], found)}
        rows += [_fit_row(number, name, value) for name, value in fit.items()]
    best = {name: min((found[name], k) for k, found in criteria.items())[1] for name in ("aic", "bic", "sabic", "caic")}
    rows += [
        {
            "term": f"lowest_{name}",
            "estimate": number,
            "measure": "n_classes",
            "unit": "classes",
            "layer": "replication" if name == "bic" else "extension",
        }
        for name, number in best.items()
    ]
    model, names = latent.name_classes(fits[chosen], items, rules=class_names, order_item=order_item)
    modal = pd.Series([names[k] for k in latent.posterior(patterns, model).argmax(axis=1)])
    moved = int((modal.to_numpy() != cases.loc[informed, assigned].astype("str").to_numpy()).sum())
    if moved:
        raise ValueError(f"{moved} people are in another class than {assigned} says; both must use the same settings")
    rows += _classes(model, names, items, class_names, modal, high)
    rows += _bootstrap_tests(answers, fits, seed=seed, **bootstrap)
    return result_frame({**place, **row} for row in rows)


def _by_stepmix(answers: np.ndarray, found: latent.Search) -> tuple[latent.Model, float]:
    """Final estimates: StepMix on the rows, started from the optimum of the search."""
    from stepmix.stepmix import StepMix

    start = {
        "weights": found.model.sizes.copy(),
        "measurement": {"pis": found.model.items.copy()},
        "measurement_in": answers.shape[1],
    }

    class FromOptimum(StepMix):  # type: ignore[misc]
        def _initialize_parameters(self, X: np.ndarray, random_state: Any) -> None:  # noqa: N803
            """StepMix has no argument for starting values; this is the one place where it sets them."""
            super()._initialize_parameters(X, random_state)
            self.set_parameters(start)

    fitted = FromOptimum(
        n_components=len(found.model.sizes), measurement="binary_nan", n_init=1, max_iter=500, abs_tol=1e-13,
        rel_tol=0.0, random_state=0, progress_bar=0, verbose=0,
    ).fit(answers)  # fmt: skip
    likelihood = float(fitted.score(answers)) * len(answers)
    if abs(likelihood - found.log_likelihood) > AGREEMENT:
        raise ValueError(
            f"{len(found.model.sizes)} classes: log-likelihood {likelihood:.8f} by StepMix, "
            f"{found.log_likelihood:.8f} by the search"
        )
    parameters = fitted.get_parameters()
    model = latent.Model(np.asarray(parameters["weights"]), np.asarray(parameters["measurement"]["pis"]))
    return model, likelihood


def _criteria(likelihood: float, model: latent.Model, people: int) -> dict[str, float]:
    deviance, size = -2 * likelihood, model.n_parameters
    return {
        "log_likelihood": likelihood,
        "parameters": size,
        "aic": deviance + 2 * size,
        "bic": deviance + size * math.log(people),
        "sabic": deviance + size * math.log((people + 2) / 24),
        "caic": deviance + size * (math.log(people) + 1),
    }


def _described(patterns: latent.Patterns, model: latent.Model, found: latent.Search) -> dict[str, float]:
    shares = latent.posterior(patterns, model)
    entropy = -float((shares * np.log(np.clip(shares, 1e-300, None))).sum())
    number = len(model.sizes)
    return {
        "relative_entropy": 1 - entropy / (len(shares) * math.log(number)) if number > 1 else float("nan"),
        "smallest_class": float(model.sizes.min()),
        "starts_converged": found.converged,
        "starts_at_best": found.reached,
    }


def _fit_row(number: int, name: str, value: float) -> dict[str, Any]:
    return {
        "stratum": f"classes_{number}",
        "term": name,
        "estimate": value,
        "measure": name,
        "unit": "share" if name == "smallest_class" else "",
        "layer": "extension",
        "note": "not defined for one class" if math.isnan(value) else "",
    }


def _classes(
    model: latent.Model,
    names: Sequence[str],
    items: Sequence[str],
    rules: Sequence[Mapping[str, Any]],
    modal: pd.Series,
    high: float,
) -> Iterator[dict[str, Any]]:
    """Size, profile and statements of each class, in canonical order."""
    named = {rule["name"]: rule.get("items", ()) for rule in rules}
    for name, size, profile in zip(names, model.sizes, model.items, strict=True):
        inside = np.isin(list(items), named[name])
        people = int((modal == name).sum())
        yield {"group": name, "term": "size", "estimate": float(size), "measure": "share", "unit": "share"}
        share = {"n": people, "estimate": people / len(modal), "measure": "share", "unit": "share"}
        yield {"group": name, "term": "modal", **share}
        for item, probability in zip(items, profile, strict=True):
            estimate = {"estimate": float(probability), "measure": "probability", "unit": "share"}
            yield {"outcome": item, "group": name, "term": "need", **estimate}
        holds = {"measure": "holds", "options": options_text(above=high)}
        yield {"group": name, "term": "all_high", "estimate": float(profile.min() > high), **holds}
        if inside.any():
            lowest, highest = float(profile[inside].min()), float(profile[~inside].max())
            for term, value in (("lowest_named_item", lowest), ("highest_other_item", highest)):
                yield {"group": name, "term": term, "estimate": value, "measure": "probability", "unit": "share"}


def _bootstrap_tests(
    answers: np.ndarray,
    fits: Mapping[int, latent.Model],
    *,
    seed: int,
    against: Sequence[int],
    replicates: int,
    starts: int,
) -> Iterator[dict[str, Any]]:
    """Bootstrap likelihood-ratio test of k against k + 1 classes, with the missing pattern of the data."""
    for number in against:
        generator = np.random.default_rng([seed, 1000 + number])
        observed = _ratio(answers, fits[number], fits[number + 1])
        larger = 0
        for replicate in range(replicates):
            drawn = _draw(answers, fits[number], generator)
            collapsed = latent.collapse(drawn)
            null, full = (
                latent.search(
                    collapsed, n_classes=k, starts=starts, seed=seed + replicate + 1, tolerance=1e-5
                ).log_likelihood
                for k in (number, number + 1)
            )
            larger += 2 * (full - null) >= observed
        yield {
            "stratum": f"classes_{number}",
            "term": "blrt",
            "statistic": observed,
            "p_value": (larger + 1) / (replicates + 1),
            "layer": "extension",
            "method": "bootstrap likelihood-ratio test against one class more, p = (b + 1) / (B + 1)",
            "options": options_text(replicates=replicates, starts=starts, seed=seed),
        }


def _ratio(answers: np.ndarray, null: latent.Model, full: latent.Model) -> float:
    patterns = latent.collapse(answers)
    return 2 * (latent.log_likelihood(patterns, full) - latent.log_likelihood(patterns, null))


def _draw(answers: np.ndarray, model: latent.Model, generator: np.random.Generator) -> np.ndarray:
    people = generator.choice(len(model.sizes), size=len(answers), p=model.sizes / model.sizes.sum())
    drawn = (generator.random(answers.shape) < model.items[people]).astype("float64")
    return np.where(np.isnan(answers), np.nan, drawn)
