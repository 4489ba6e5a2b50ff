"""Shared by all tests: the project's own files, and the registry of the shipped extracts, made once."""

from pathlib import Path

import pandas as pd
import pytest

from drive_eval.chapter import run_chapter, run_derivation
from drive_eval.contracts.check import check_extract
from drive_eval.ingest.config import load_contract, load_study
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reference.register import read_register
from drive_eval.results import merge_registries

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def study():
    return load_study(ROOT, "year2")


@pytest.fixture(scope="session")
def contract():
    return load_contract(ROOT, "insights")


@pytest.fixture(scope="session")
def register():
    return read_register(read_rows(ROOT / "config/year2/reference.csv"))


@pytest.fixture(scope="session")
def tables(study):
    """The typed tables and analysis sets of the shipped extracts."""
    found = {}
    for entry in study.extracts.values():
        chosen = load_contract(ROOT, entry["contract"])
        frames, faults = read_extract(ROOT / "data/raw/year2" / entry["file"], chosen)
        checked = check_extract(chosen, frames, file=entry["file"], read_faults=faults)
        assert not checked.failed
        found |= checked.tables
    for name in study.derivations:  # in the order of study.yaml: a set may be made from an earlier one
        found[name] = run_derivation(study, name, found)
    return found


@pytest.fixture(scope="session")
def registry(study, tables):
    """The results registry of the shipped extracts."""
    chapters = dict.fromkeys(exhibit.chapter for exhibit in study.exhibits)
    return merge_registries([run_chapter(study, chapter, tables) for chapter in chapters])


@pytest.fixture
def pairs():
    """Make people of one arm with given numbers of yes-yes, yes-no, no-yes, no-no and missing answers."""

    def build(both=0, stopped=0, started=0, neither=0, missing=0, arm="drive"):
        before = [1] * (both + stopped) + [0] * (started + neither) + [None] * missing
        after = [1] * both + [0] * stopped + [1] * started + [0] * neither + [0] * missing
        frame = pd.DataFrame({"abuse_intake": before, "abuse_exit": after}).astype("Int8")
        return frame.assign(arm=arm)

    return build
