"""Simulate a trial of any size with known effects, in the formats of the shipped extracts, with its truth beside it.

The superpopulation, its truth and what the files do and do not hold: ``docs/methods/simulate.md``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from drive_eval.contracts.model import Contract
from drive_eval.errors import UserError
from drive_eval.reconstruct.simulate_cms import cms
from drive_eval.reconstruct.simulate_delivery import complete, delimited, workbook
from drive_eval.reconstruct.simulate_effects import Effects
from drive_eval.reconstruct.simulate_model import superpopulation
from drive_eval.reconstruct.simulate_people import draw_people
from drive_eval.reconstruct.simulate_tables import allocation, insights, police, police_subjects
from drive_eval.reconstruct.simulate_truth import build_truth

__all__ = ["FILES", "Effects", "simulate"]

FILES = {
    "insights": "insights_extract.xlsx",
    "cms": "cms_extract.xlsx",
    "police": "police_extract.csv",
    "police_subjects": "police_subjects.csv",
    "allocation": "allocation_register.csv",
}
"""Extracts that can be simulated. Interviews cannot: they measure no outcome of the trial."""


def simulate(
    contracts: Mapping[str, Contract], *, n_drive: int, n_control: int, effects: Effects, seed: int
) -> dict[str, bytes]:
    """The files of a simulated trial by name, with ``truth.json``; the same call gives the same bytes.

    Parameters
    ----------
    contracts : mapping of extract name to Contract
        One file is made for each extract of `FILES` that is given, others are passed over. A file does not depend
        on which others are made, so the police extract of a million people can be had alone.
    n_drive, n_control : int
        People (a perpetrator and the linked victim/survivor) in each arm.
    effects : Effects
    seed : int
        Not negative.

    Raises
    ------
    UserError
        If a size or the seed cannot be used, a sheet exceeds what Excel holds, ids do not fit a contract, or a table
        stays empty because there are too few people.
    """
    if min(n_drive, n_control) < 1 or seed < 0:
        raise UserError("simulate: each arm needs at least one person, and the seed may not be negative")
    world = superpopulation(effects)
    people = draw_people(world, effects, n_drive=n_drive, n_control=n_control, seed=seed)
    make: dict[str, Callable[[Contract], Any]] = {
        "insights": lambda contract: insights(contract, world, people, effects, seed=seed),
        "cms": lambda contract: cms(contract, world, people, seed=seed),
        "police": lambda contract: police(contract, people, seed=seed),
        "police_subjects": lambda contract: police_subjects(contract, world, people),
        "allocation": lambda contract: allocation(contract, world, people, seed=seed),
    }
    files, rows = {}, {}
    for extract, name in FILES.items():
        if extract in contracts:
            contract = contracts[extract]
            tables = _completed(contract, make[extract](contract), seed=seed)
            rows[name] = sum(map(len, tables.values()))
            is_book = name.endswith(".xlsx")
            files[name] = workbook(contract, tables) if is_book else delimited(contract, *tables.values())
    truth = build_truth(world, people, effects, seed=seed, files=rows)
    return files | {"truth.json": (json.dumps(truth, indent=2) + "\n").encode()}


def _completed(
    contract: Contract, made: pd.DataFrame | Mapping[str, pd.DataFrame], *, seed: int
) -> dict[str, pd.DataFrame]:
    """The tables of an extract with all columns that the contract needs."""
    tables = {next(iter(contract.sheets)): made} if isinstance(made, pd.DataFrame) else dict(made)
    missing = sorted(set(contract.sheets) - set(tables))
    if missing:
        raise UserError(f"contract {contract.extract}: nothing is simulated for sheet {', '.join(missing)}")
    empty = sorted(name for name, table in tables.items() if table.empty)
    if empty:
        raise UserError(f"extract {contract.extract}: no row in {', '.join(empty)}; simulate more people")
    return {name: complete(contract, contract.sheets[name], table, seed=seed) for name, table in tables.items()}
