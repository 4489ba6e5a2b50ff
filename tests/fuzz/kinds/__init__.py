"""The kinds of damage, in the order in which cases draw them."""

from . import columns, rows, cells, workbooks, text_files, rules  # noqa: F401, I001 (the order decides the numbers of cases)
from .base import KINDS, Case, Claim, NotHere

__all__ = ["KINDS", "Case", "Claim", "NotHere"]
