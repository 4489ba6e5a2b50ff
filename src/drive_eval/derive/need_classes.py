"""Analysis set of complex needs at any time and of the latent class that each service user most likely belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from drive_eval.derive import latent


def derive(
    tables: Mapping[str, pd.DataFrame],
    *,
    needs: Sequence[str],
    times: Sequence[str],
    present: Sequence[str],
    absent: Sequence[str],
    starts: int,
    seed: int,
    class_names: Sequence[Mapping[str, Any]],
    order_item: str,
) -> pd.DataFrame:
    """Needs at any time, and class membership from a latent class model of them.

    Parameters
    ----------
    tables : mapping
        `cms_needs`, typed, one row per service user.
    needs, times : sequence of str
        Levels are in the columns `<need>_<time>`.
    present, absent : sequence of str
        Levels that are a need and that are none; any other level is missing.
    starts, seed : int
        Random starts of the search and their seed.
    class_names : sequence of mappings
        One per class, see `latent.name_classes`.
    order_item : str
        Need that orders classes of equal size.

    Returns
    -------
    DataFrame, one row per service user, in the order of `su_id`
        `su_id`, `data_origin`, `needs_known` (boolean: any need is known), per need 1, 0 or missing (`Int8`: a need
        at one of the times; none if one is known; else missing), `need_class` (category in canonical order) and
        `posterior_<class>`.

    Notes
    -----
    Who has no information has the class sizes as posterior, so is counted in the largest class. Case-level values:
    written to `data/processed` only.
    """
    people = tables["cms_needs"].set_index("su_id").sort_index()
    cases = pd.DataFrame(index=people.index)
    cases["data_origin"] = people["data_origin"].astype("str") if "data_origin" in people else "delivered"
    items = pd.DataFrame({need: _at_any_time(people, need, times, present, absent) for need in needs})
    cases["needs_known"] = items.notna().any(axis=1)
    cases[list(needs)] = items

    patterns = latent.collapse(items[cases["needs_known"]].to_numpy(dtype="float64", na_value=float("nan")))
    found = latent.search(patterns, n_classes=len(class_names), starts=starts, seed=seed)
    model, names = latent.name_classes(found.model, needs, rules=class_names, order_item=order_item)
    everyone = latent.collapse(items.to_numpy(dtype="float64", na_value=float("nan")))
    posterior = latent.posterior(everyone, model)
    modal = pd.Categorical([names[k] for k in posterior.argmax(axis=1)], categories=names)
    cases["need_class"] = pd.Series(modal, index=cases.index)
    for position, name in enumerate(names):
        cases[f"posterior_{name}"] = posterior[:, position]
    return cases.reset_index()


def _at_any_time(
    people: pd.DataFrame, need: str, times: Sequence[str], present: Sequence[str], absent: Sequence[str]
) -> pd.Series:
    levels = people[[f"{need}_{time}" for time in times]].astype("object")
    found = levels.isin(list(present)).any(axis=1)
    known = levels.isin([*present, *absent]).any(axis=1)
    return found.astype("Int8").where(known)
