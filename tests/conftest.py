"""Shared by all tests: the project's own files, and the registry of the shipped extracts, made once."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from drive_eval.chapter import run_chapter, run_derivation
from drive_eval.contracts.check import check_extract
from drive_eval.ingest.config import load_contract, load_study
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reference.register import read_register
from drive_eval.results import merge_registries

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("fuzz", max_examples=1000)  # for `make fuzz`


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


@pytest.fixture(scope="session")
def results(tmp_path_factory, root, study, registry):
    """A results folder of the shipped extracts, made in process, all but the report."""
    from drive_eval.cli import pipeline
    from drive_eval.exhibits.make import data_of, files, make
    from drive_eval.ingest.files import write_bytes, write_csv, write_json, write_parquet

    folder = tmp_path_factory.mktemp("results")
    write_parquet(folder / "registry.parquet", registry)
    for exhibit in study.exhibits:
        made = make(exhibit, registry, study)
        for kind, content in files(made, study).items():
            write_bytes(folder / "figures" / f"{exhibit.id}.{kind}", content)
        write_csv(folder / f"{exhibit.kind}s" / f"{exhibit.id}.csv", data_of(made))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        pipeline.reproduce(study=study.name, registry=folder / "registry.parquet", out=folder / "reproduction")
    write_json(folder / "validation" / "insights.json", {"faults": []})
    words = {"published_id": "an.entry", "check": "sum", "detail": "1 + 1 is not 3", "code": "Y99"}
    write_csv(folder / "audit" / "audit.csv", pd.DataFrame([words | {"verdict": "impossible"}]))
    return folder


@pytest.fixture(scope="session")
def content(root, study, registry, results):
    """The content of the report of the shipped extracts, as page, Word file and workbook are written from it."""
    from drive_eval.ingest.files import read_json, read_texts
    from drive_eval.publish import assemble

    return assemble(
        study,
        registry,
        comparison=read_rows(results / "reproduction" / "comparison.csv"),
        summary=read_json(results / "reproduction" / "summary.json"),
        audit=read_rows(results / "audit" / "audit.csv"),
        faults=[],
        methods=read_texts(root / "docs" / "methods", ".md"),
        picture=lambda name, kind: (results / "figures" / f"{name}.{kind}").read_bytes(),
    )


@pytest.fixture
def pairs():
    """Make people of one arm with given numbers of yes-yes, yes-no, no-yes, no-no and missing answers."""

    def build(both=0, stopped=0, started=0, neither=0, missing=0, arm="drive"):
        before = [1] * (both + stopped) + [0] * (started + neither) + [None] * missing
        after = [1] * both + [0] * stopped + [1] * started + [0] * neither + [0] * missing
        frame = pd.DataFrame({"abuse_intake": before, "abuse_exit": after}).astype("Int8")
        return frame.assign(arm=arm)

    return build
