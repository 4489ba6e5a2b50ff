"""Read an extract in whatever format it was delivered, chosen by the ending of its name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from drive_eval.contracts.faults import Fault
from drive_eval.contracts.model import Contract
from drive_eval.ingest.delimited import read_delimited
from drive_eval.ingest.workbook import read_workbook

READERS = {".xlsx": read_workbook, ".csv": read_delimited}


def read_extract(path: Path, contract: Contract) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Read the sheets that a contract names; frames and faults as in `read_workbook`."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        return {}, [Fault(path.name, "", (), "", "unknown format", f"deliver it as one of: {known}")]
    return reader(path, contract)
