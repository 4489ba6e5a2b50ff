"""Forensic audit of the published figures: which of them can be true together, and which cannot.

It judges from the printed numbers alone; what the register knows of faults (`issue`, `expected`) is not used.
"""

from drive_eval.reference.audit.findings import AUDIT_COLUMNS, VERDICTS, summarise
from drive_eval.reference.audit.run import audit

__all__ = ["AUDIT_COLUMNS", "VERDICTS", "audit", "summarise"]
