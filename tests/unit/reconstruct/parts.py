"""A part of a contract, for testing one block of a workbook apart from the others."""

from dataclasses import replace
from pathlib import Path

from drive_eval.ingest.config import load_contract
from drive_eval.ingest.files import read_rows

ROOT = Path(__file__).resolve().parents[3]
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")


def part_of(extract, *sheets):
    """The contract of an extract as if its workbook had these sheets only."""
    contract = load_contract(ROOT, extract)
    places = [
        {value.partition(".")[0] for key, value in rule.items() if key in ("left", "right", "key")}
        for rule in contract.rules
    ]
    rules = tuple(rule for rule, place in zip(contract.rules, places, strict=True) if place <= set(sheets))
    return replace(contract, sheets={name: contract.sheets[name] for name in sheets}, rules=rules)
