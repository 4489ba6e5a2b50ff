"""Reconstruct the extracts of a study from its published register."""

from __future__ import annotations

from collections.abc import Mapping

from drive_eval.contracts.model import Contract
from drive_eval.reconstruct import insights
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import workbook_bytes
from drive_eval.reference.register import Register


def reconstruct(
    register: Register, assumed: Assumed, contracts: Mapping[str, Contract], *, seed: int
) -> dict[str, bytes]:
    """The files of ``data/raw/<study>`` by name; the same seed gives the same bytes.

    Raises
    ------
    ValueError
        If published and assumed values contradict each other, or an assumed value has no effect.
    """
    files = {
        "insights_extract.xlsx": workbook_bytes(
            contracts["insights"], insights.build(register, assumed, seed=seed), notice="Notice"
        )
    }
    if assumed.unused():
        raise ValueError(f"assumed values without effect: {', '.join(assumed.unused())}")
    return files
