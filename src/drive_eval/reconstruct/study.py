"""Reconstruct the extracts of a study from its published register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drive_eval.contracts.model import Contract
from drive_eval.errors import UserError
from drive_eval.reconstruct import (
    allocation,
    cms_actions,
    cms_dash,
    cms_needs,
    cms_people,
    insights,
    interviews,
    police,
)
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delimited import csv_bytes
from drive_eval.reconstruct.delivery import workbook_bytes
from drive_eval.reconstruct.spine import build_spine
from drive_eval.reference.register import Register

NOTICE_SHEET = "Notice"


def reconstruct(
    register: Register, assumed: Assumed, contracts: Mapping[str, Contract], *, seed: int
) -> dict[str, bytes]:
    """The files of ``data/raw/<study>`` by name; the same seed gives the same bytes.

    Parameters
    ----------
    register : Register
    assumed : Assumed
    contracts : mapping of extract to Contract
        `cms`, `insights`, `police`, `police_subjects`, `allocation` and `interviews`.
    seed : int
        Decides who gets which record, never what is printed.

    Raises
    ------
    UserError
        If published and assumed values contradict each other, or an assumed value has no effect.
    """
    spine = build_spine(register, seed=seed)
    needs = cms_needs.build(register, assumed, spine, seed=seed)
    sheets = cms_people.build(register, assumed, spine, needs.age_band, seed=seed) | needs.sheets
    sheets |= {"DASH": cms_dash.build(register, assumed, spine, seed=seed)}
    sheets |= cms_actions.build(register, assumed, spine, seed=seed)
    forms = insights.build(register, assumed, seed=seed)
    lists: dict[str, list[dict[str, Any]]] = {
        "allocation": allocation.build(register, assumed, spine, seed=seed),
        "interviews": interviews.build(register, assumed, seed=seed),
    }
    incidents = police.build(register, assumed, seed=seed)
    lists |= {"police": incidents["police_extract"], "police_subjects": incidents["police_subjects"]}
    if assumed.unused():
        raise UserError(f"assumed values without effect: {', '.join(assumed.unused())}")
    files = {f"{_stem(contracts[name])}.csv": csv_bytes(contracts[name], rows) for name, rows in lists.items()}
    files["cms_extract.xlsx"] = workbook_bytes(contracts["cms"], sheets, notice=NOTICE_SHEET)
    files["insights_extract.xlsx"] = workbook_bytes(contracts["insights"], forms, notice=NOTICE_SHEET)
    return files


def _stem(contract: Contract) -> str:
    """The name of a CSV file without its ending: the one sheet of its contract."""
    (name,) = contract.sheets
    return name
