"""The first cases of the mutation fuzz (`make fuzz` runs 5,000), and that its own tools can be trusted."""

import csv
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import strategies as st

from . import runner
from .__main__ import CASES as ALL_CASES
from .__main__ import COMMITTED, compared
from .deliveries import DELIMITED, FILES, RAW, WORKBOOKS, shipped
from .judge import judge, text
from .kinds import KINDS, NotHere

CASES = 300


@pytest.mark.slow
def test_no_case_is_silent_and_outcomes_are_those_committed():
    outcomes = [runner.run(number) for number in range(CASES)]
    assert [told for told in outcomes if told.defect] == []
    assert {told.kind for told in outcomes} == set(KINDS)
    assert compared(runner.table(outcomes), "_ci") == []


@pytest.mark.slow
@seed(runner.SEED)
@settings(
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
)
@given(st.sampled_from(sorted(KINDS)), st.randoms(use_true_random=False))
def test_no_draw_of_hypothesis_is_silent(name, rng):
    """Cases beyond the numbered ones, towards odd draws; one that fails is made as simple as it can be."""
    try:
        case, claim = runner.damage(name, rng)
    except NotHere:
        reject()
    assert runner.outcome_of(1, name, case, claim).defect == ""


def test_the_committed_table_has_every_kind_and_no_other_outcome():
    with COMMITTED.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["kind"] for row in rows] == sorted(KINDS)
    assert sum(int(row[outcome]) for row in rows for outcome in runner.OUTCOMES) == ALL_CASES
    assert sum(int(row[f"{outcome}_ci"]) for row in rows for outcome in runner.OUTCOMES) == CASES


@pytest.mark.parametrize("extract", [*WORKBOOKS, *DELIMITED])
def test_the_oracle_finds_no_fault_in_what_is_shipped(extract):
    delivery = shipped(extract)
    for sheet, rows in delivery.sheets.items():
        assert judge(extract, sheet, rows, delimited=not delivery.is_workbook).faults == set()


def cells(row):
    """The cells of a row as text, without blank ones at its end."""
    found = [text("" if cell is None else cell) for cell in row]
    return found[: max((place for place, cell in enumerate(found, 1) if cell), default=0)]


def test_an_undamaged_workbook_reads_in_another_library_as_the_shipped_one():
    written = openpyxl.load_workbook(io.BytesIO(shipped("insights").written()), read_only=True)
    original = openpyxl.load_workbook(RAW / FILES["insights"], read_only=True)
    for sheet in written.sheetnames:
        both = ([cells(row) for row in book[sheet].iter_rows(values_only=True)] for book in (written, original))
        assert next(both) == next(both)


def test_a_number_gives_the_same_case_again():
    (kind, first, _), (_, second, _) = runner.draw(77), runner.draw(77)
    assert kind == list(KINDS)[77]
    assert first.delivery.written() == second.delivery.written()


@pytest.mark.parametrize("kind", ["words_in_number", "row_twice", "column_dropped"])
def test_the_runner_notices_a_fault_that_nothing_reports(kind, monkeypatch):
    number = list(KINDS).index(kind)
    unseen = {extract: runner._base(extract) for extract in FILES}
    monkeypatch.setattr(runner, "check_files", lambda paths, contract: unseen[contract.extract])
    assert "must be refused" in runner.run(number).defect
