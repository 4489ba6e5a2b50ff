"""Run numbered cases of damage through the pipeline and hold what comes of each against what must.

A number gives the same case every time: ``python -m tests.fuzz 1234`` runs one alone.
"""

import csv
import io
import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drive_eval.chapter import run_chapter, run_derivation
from drive_eval.contracts.links import check_links
from drive_eval.contracts.parts import origin
from drive_eval.errors import UserError
from drive_eval.ingest.config import load_contract, load_links, load_study
from drive_eval.ingest.extract import check_files

from .deliveries import DELIMITED, FILES, RAW, ROOT, shipped
from .judge import judge
from .kinds import KINDS, Case, Claim, NotHere

SEED = 2019
OUTCOMES = ("refused", "same", "visible", "unseen")
"""Refused naming the fault; the tables as without the damage; accepted with a warning; valid values for others."""
ANALYSED = 10
"""One case in so many is analysed to its numbers if its tables differ."""
EXTRACTS = {
    "any": {"cms": 1} | dict.fromkeys(("insights", *DELIMITED), 3),
    "workbook": {"cms": 1, "insights": 8},
    "delimited": dict.fromkeys(DELIMITED, 1),
}
"""How often an extract is drawn; the largest takes longest."""


@dataclass
class Outcome:
    """What came of a case; `defect` says what should not have."""

    number: int
    kind: str
    extract: str
    outcome: str
    defect: str = ""
    moved: int = 0


@cache
def _study():
    return load_study(ROOT, "year2")


@cache
def _contract(extract):
    return load_contract(ROOT, extract)


@cache
def _base(extract):
    """The check of an extract as shipped."""
    checked = check_files([RAW / FILES[extract]], _contract(extract))
    for name, table in checked.tables.items():
        table.attrs["origin"] = origin(checked.places[name])
    return checked


@cache
def _base_tables():
    tables = {name: table for extract in FILES for name, table in _base(extract).tables.items()}
    for name in _study().derivations:
        tables[name] = run_derivation(_study(), name, tables)
    return tables


@cache
def _base_numbers(chapter):
    return run_chapter(_study(), chapter, _base_tables()).set_index("result_id")["value"]


@cache
def _links():
    return load_links(ROOT, "year2")


def draw(number: int) -> tuple[str, Case, Claim]:
    """The case of a number: kinds in turn, so that any run of numbers holds all of them."""
    name = list(KINDS)[number % len(KINDS)]
    for attempt in range(1000):
        try:
            return name, *damage(name, random.Random(f"{SEED} {number} {attempt}"))
        except NotHere:
            continue
    raise AssertionError(f"{name} applies nowhere")


def damage(name: str, rng: random.Random) -> tuple[Case, Claim]:
    """An extract with damage of one kind; `NotHere` where the kind does not apply to what was drawn."""
    where, change = KINDS[name]
    extract = rng.choices(list(EXTRACTS[where]), list(EXTRACTS[where].values()))[0]
    case = Case(rng, shipped(extract))
    return case, change(case)


def run(number: int) -> Outcome:
    """What comes of the case of a number."""
    return outcome_of(number, *draw(number))


def outcome_of(number: int, name: str, case: Case, claim: Claim) -> Outcome:
    """Read, check, and analyse where nothing was refused; to its numbers where its own number says so."""
    extract = case.delivery.extract
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILES[extract]
        path.write_bytes(case.delivery.written())
        try:
            checked = check_files([path], _contract(extract))
        except Exception as error:  # whatever it is, a person would see a traceback
            return Outcome(number, name, extract, "crash", f"{type(error).__name__} in check")
    told = Outcome(number, name, extract, "refused")
    faults = checked.faults
    if not checked.failed:
        changed = {table for table, frame in checked.tables.items() if not _alike(frame, _base(extract).tables[table])}
        told.outcome = (
            "visible" if _warnings(faults) - _warnings(_base(extract).faults) else "unseen" if changed else "same"
        )
        if changed:
            faults = faults + _analyse(checked, changed, told)
    told.defect = told.defect or _defect(case, claim, told.outcome, faults)
    return told


def _warnings(faults):
    """Warnings without their rows, which blank rows and the like move."""
    return Counter(
        (fault.sheet, fault.column, fault.rule, len(fault.rows)) for fault in faults if fault.severity == "warning"
    )


def _alike(frame, base):
    return frame.drop(columns="excel_row").equals(base.drop(columns="excel_row"))


def _analyse(checked, changed, told):
    """Faults of the rules across extracts; without one, the numbers of a share of the cases."""
    for name in changed:
        checked.tables[name].attrs["origin"] = origin(checked.places[name])
    typed = {name: table for extract in FILES for name, table in _base(extract).tables.items()} | checked.tables
    faults = check_links(_links(), typed, window=_study().window)
    if any(fault.severity == "error" for fault in faults):
        told.outcome = "refused"
        return faults
    try:
        tables, dirty = dict(_base_tables()) | checked.tables, set(changed)
        for name, entry in _study().derivations.items():
            if dirty & set(entry["tables"]):
                tables[name] = run_derivation(_study(), name, tables)
                dirty |= set() if tables[name].equals(_base_tables()[name]) else {name}
        if told.number % ANALYSED == 0:
            told.moved = sum(_moved(chapter, tables) for chapter in _chapters_of(dirty))
    except UserError:
        told.outcome = "refused"
    except Exception as error:
        told.outcome, told.defect = "crash", f"{type(error).__name__} in the analysis: {error!r}"[:300]
    return faults


def _chapters_of(dirty):
    """The chapters that read one of these tables."""
    return dict.fromkeys(
        exhibit.chapter
        for exhibit in _study().exhibits
        for call in exhibit.calls
        if _study().populations[call["population"]]["table"] in dirty
    )


def _moved(chapter, tables):
    numbers, base = run_chapter(_study(), chapter, tables).set_index("result_id")["value"], _base_numbers(chapter)
    both = numbers.index.intersection(base.index)
    same = (numbers[both] == base[both]) | (numbers[both].isna() & base[both].isna())
    return len(numbers.index.symmetric_difference(base.index)) + int((~same).sum())


def _defect(case: Case, claim: Claim, outcome: str, faults) -> str:
    """Why what came of a case must not be; empty where it is right."""
    sentences = " ".join(fault.sentence() for fault in faults)
    if any(len(word) > 3 and word in sentences for word in claim.quiet):
        return "a message repeats a value"
    if claim.must == "judged":
        return _against_judge(case, outcome, faults)
    if claim.must == "harmless or refused":
        return "" if outcome in ("refused", "same") else "silent: damaged bytes gave other tables"
    if claim.must == "same":
        return "" if outcome == "same" else f"{outcome}: harmless, and not taken as such"
    severity = "error" if claim.must == "refused" else "warning"
    if outcome != claim.must and not (claim.must == "told" and outcome in ("visible", "refused")):
        return f"{outcome}, must be {claim.must}"
    if not any(fault.severity == severity and _says(fault, claim.at) for fault in faults):
        return f"no {severity} says {', '.join(claim.at)}"
    return ""


def _says(fault, at):
    return all(
        wanted in fault.rows
        if key == "rows"
        else wanted in fault.rule
        if key == "rule"
        else wanted == getattr(fault, key)
        for key, wanted in at.items()
    )


def _against_judge(case, outcome, faults):
    extract, sheet = case.delivery.extract, case.sheet
    rows = case.delivery.sheets[sheet]
    if case.delivery.content is not None:
        rows = _parsed(case.delivery.content)
        if rows is None:
            return "" if outcome == "refused" else "silent: read although its form is broken"
    judged = judge(extract, sheet, rows, delimited=not case.delivery.is_workbook)
    errors = [fault for fault in faults if fault.severity == "error"]
    for row, header in judged.faults:
        if not any(
            fault.sheet == case.place and (not row or row in fault.rows) and header in ("", fault.column)
            for fault in errors
        ):
            return f"silent: row {row}, column {header!r} breaks the contract and no error says so"
    if judged.faults:
        return "" if outcome == "refused" else "silent: faulty and accepted"
    if judged.records == _base_records(extract, sheet) and outcome not in ("same", "visible"):
        return f"{outcome}: means the same as shipped"
    return "" if outcome != "same" or judged.records == _base_records(extract, sheet) else "silent: a change was lost"


@cache
def _base_records(extract, sheet):
    delivery = shipped(extract)
    return judge(extract, sheet, delivery.sheets[sheet], delimited=not delivery.is_workbook).records


def _parsed(content):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    try:
        return None if "\x00" in text else list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None


def table(outcomes) -> list[dict]:
    """How often each kind came to each outcome."""
    counts = Counter((told.kind, told.outcome) for told in outcomes)
    return [{"kind": kind, **{outcome: counts[kind, outcome] for outcome in OUTCOMES}} for kind in sorted(KINDS)]
