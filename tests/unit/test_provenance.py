"""The record of a run: complete, the same twice, silent about people and places, and a Workflow Run RO-Crate."""

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import replace
from importlib import resources
from io import BytesIO
from pathlib import Path

import pytest

from drive_eval.cli import trace
from drive_eval.errors import UserError
from drive_eval.ingest.surroundings import date_of_state, git_revision, installed
from drive_eval.provenance import Recorded, Revision, Run, describe, seeds_of

COMMIT = "a" * 40
RUN = Run(
    study="year2",
    title="An evaluation",
    date="2026-01-02T03:04:05+00:00",
    revision=Revision(COMMIT, "2026-01-02T03:04:05+00:00", edited=False),
    source_digest="d" * 64,
    extracts={"cms": (Recorded("data/raw/year2/cms extract.xlsx", 7, "1" * 64), "synthetic")},
    workflow=[Recorded("Snakefile", 5, "2" * 64), Recorded("workflow/rules/a.smk", 6, "3" * 64)],
    settings=[Recorded("requirements.lock", 8, "4" * 64)],
    outputs=[Recorded("results/year2/registry.csv", 9, "5" * 64), Recorded("results/year2/b.csv", 9, "5" * 64)],
    seeds={"exhibit figure_4": 2019},
    packages={"snakemake": "9.27.1", "pandas": "3.1.1"},
    system={"operating system": "Linux", "Python": "CPython 3.11.7"},
    differing=[],
)


def entities(document):
    return {entity["@id"]: entity for entity in document["@graph"]}


@pytest.fixture
def validate(tmp_path, monkeypatch):
    """Required checks of the Workflow Run Crate profile that fail, without network.

    The validator asks the network for the context of RO-Crate 1.1. It is answered with the context that rocrate
    carries, that of 1.3, in which the four Bioschemas terms stand as they did in 1.1.
    """
    import requests
    from rocrate_validator import models, services

    bundled = json.loads(resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_text(encoding="utf-8"))
    context = bundled["@context"] | {
        "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
        "FormalParameter": "https://bioschemas.org/FormalParameter",
        "input": "https://bioschemas.org/ComputationalWorkflow#input",
        "output": "https://bioschemas.org/ComputationalWorkflow#output",
    }

    def answer(_adapter, request, **_):
        if request.url != "https://w3id.org/ro/crate/1.1/context":
            raise requests.ConnectionError(f"no network in tests: {request.url}")
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = BytesIO(json.dumps({"@context": context}).encode())
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", answer)

    def failed(document, run=RUN):
        crate = tmp_path / "crate"
        for file in run.workflow:
            (crate / file.path).parent.mkdir(parents=True, exist_ok=True)
            (crate / file.path).write_text("rule all:\n")
        (crate / "ro-crate-metadata.json").write_text(json.dumps(document))
        settings = services.ValidationSettings(
            rocrate_uri=crate,
            profile_identifier="workflow-run-crate",
            requirement_severity=models.Severity.REQUIRED,
            no_cache=True,
        )
        return [f"{issue.check.identifier}: {issue.message}" for issue in services.validate(settings).get_issues()]

    return failed


@pytest.mark.parametrize(
    "run",
    [RUN, replace(RUN, revision=None, packages={}, workflow=RUN.workflow[:1]), replace(RUN, differing=["a.number"])],
    ids=["a run", "not under version control, no lock", "a run whose numbers differ"],
)
def test_the_record_is_a_workflow_run_crate(validate, run):
    assert validate(describe(run)) == []


@pytest.mark.parametrize(
    ("wanting", "said"),
    [
        (lambda found: found["#run"].pop("instrument"), "instrument"),
        (lambda found: found["./"].pop("mainEntity"), "mainEntity"),
        (lambda found: found["./"].pop("datePublished"), "datePublished"),
        (lambda found: found["./"].update(conformsTo={"@id": "https://example.org"}), "Workflow Run Crate profile"),
        (lambda found: found["#run"].update(unheard_of="1"), "unheard_of"),
    ],
)
def test_the_validator_notices_what_is_missing(validate, wanting, said):
    document = describe(RUN)
    wanting(entities(document))
    assert any(said in issue for issue in validate(document))


def test_inputs_settings_and_outputs_stand_with_size_and_digest():
    found = entities(describe(RUN))
    extract = found["arcp://name,drive-eval/data/raw/year2/cms%20extract.xlsx"]
    assert (extract["name"], extract["contentSize"], extract["sha256"]) == (
        "data/raw/year2/cms extract.xlsx",
        "7",
        "1" * 64,
    )
    assert extract["encodingFormat"].endswith("spreadsheetml.sheet")
    assert extract["description"].endswith("data_origin: synthetic")
    run = found["#run"]
    given = [found[entity["@id"]] for entity in run["object"]]
    assert {entity["name"] for entity in given if entity["@type"] == "File"} == {extract["name"], "requirements.lock"}
    assert {(entity["name"], entity["value"]) for entity in given if entity["@type"] == "PropertyValue"} >= {
        ("seed of exhibit figure_4", "2019"),
        ("digest of the package source", "d" * 64),
    }
    made = [found[entity["@id"]]["name"] for entity in run["result"]]
    assert made == ["results/year2/registry.csv", "results/year2/b.csv"]
    assert found["https://pypi.org/project/pandas/3.1.1/"]["softwareVersion"] == "3.1.1"


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        (RUN.revision, f"commit {COMMIT}"),
        (replace(RUN.revision, edited=True), f"commit {COMMIT}, with uncommitted edits"),
        (None, "not under version control"),
    ],
)
def test_the_state_of_version_control_is_said(revision, said):
    assert entities(describe(replace(RUN, revision=revision)))["Snakefile"]["version"].endswith(said)


def test_a_run_whose_numbers_differ_has_failed_and_names_them():
    run = entities(describe(replace(RUN, differing=["a.number"])))["#run"]
    assert run["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert "a.number" in run["error"]
    assert entities(describe(RUN))["#run"]["actionStatus"] == "http://schema.org/CompletedActionStatus"


def test_delivered_data_are_not_licensed_by_the_record():
    file, _ = RUN.extracts["cms"]
    root = entities(describe(replace(RUN, extracts={"cms": (file, "delivered")})))["./"]
    assert root["license"].startswith("No licence")
    assert "Origin of the data: delivered." in root["description"]


def test_the_same_run_gives_the_same_record():
    assert json.dumps(describe(RUN)) == json.dumps(describe(RUN))


def test_every_seed_of_the_configuration_is_found(study, root):
    lines = [line for name in ("study", "exhibits") for line in (root / f"config/year2/{name}.yaml").open()]
    assert len(seeds_of(study)) >= sum("seed: " in line for line in lines) > 0
    assert set(seeds_of(study).values()) == {2019}


@pytest.fixture
def repository(tmp_path):
    """A Git repository with one commit of 1 January 2020, noon UTC."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "file").write_text("one")
    person = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | person | {"GIT_COMMITTER_DATE": "1577880000 +0000", "GIT_CONFIG_GLOBAL": os.devnull}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)
    return folder


def test_a_repository_gives_commit_date_and_edits(repository):
    commit, date, edited = git_revision(repository)
    assert len(commit) == 40
    assert (date, edited) == ("2020-01-01T12:00:00+00:00", False)
    (repository / "file").write_text("two")
    assert git_revision(repository)[2] is True


def test_a_folder_in_a_repository_of_something_else_is_not_under_version_control(repository):
    (repository / "inner").mkdir()
    assert git_revision(repository / "inner") is None


def test_without_git_nothing_is_known(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert git_revision(repository) is None


def test_the_date_is_of_the_state_and_never_of_the_clock(tmp_path, monkeypatch):
    for name, seconds in (("old", 1_000_000_000), ("new", 1_577_880_000)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (seconds, seconds))
    inputs = [tmp_path / "old", tmp_path / "new"]
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert date_of_state(None, inputs) == "2020-01-01T12:00:00+00:00"
    assert date_of_state((COMMIT, "2021-01-01T00:00:00+00:00", False), inputs) == "2021-01-01T00:00:00+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert date_of_state((COMMIT, "2021-01-01T00:00:00+00:00", False), inputs) == "2001-09-09T01:46:40+00:00"


def test_the_lock_names_the_packages_and_the_environment_their_versions():
    import pandas as pd

    lock = "# a remark==1\npandas==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0\n"
    assert installed(lock) == {"pandas": pd.__version__, "no-such-package": "not installed"}


@pytest.fixture
def record(results, root, tables, tmp_path, monkeypatch, study):
    """The record of the shipped extracts, as the command writes it."""
    from drive_eval.ingest.files import write_parquet

    shutil.copytree(results, tmp_path / "results/year2")
    shutil.copytree(root / "data/raw", tmp_path / "data/raw")
    for name in ("config", "schemas", "Snakefile", "requirements.lock"):
        (tmp_path / name).symlink_to(root / name)
    for name in (
        "results/year2/logs/some.log",
        "results/year2/provenance/old.json",
        "results/year2/reproduction/passed.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("not an output")
    write_parquet(tmp_path / "cases.parquet", tables["police_subjects"])
    monkeypatch.chdir(tmp_path)

    def make(out="provenance"):
        trace.provenance(
            study="year2",
            results=Path("results/year2"),
            raw=[Path("data/raw/year2") / entry["file"] for entry in study.extracts.values()],
            table=[Path("cases.parquet")] * len(study.extracts),
            workflow=[Path("Snakefile")],
            settings=[Path("config/config.yaml"), Path("requirements.lock")],
            out=Path(out),
        )
        return (tmp_path / out / "ro-crate-metadata.json").read_text()

    return make


def test_the_command_records_every_output_and_input_by_its_digest(record, study, root):
    found = entities(json.loads(record()))
    recorded = {found[part["@id"]]["name"]: found[part["@id"]] for part in found["./"]["hasPart"]}
    made = {
        path.as_posix()
        for path in Path("results/year2").rglob("*")
        if path.is_file() and path.read_text(errors="replace") != "not an output"
    }
    raw = {f"data/raw/year2/{entry['file']}" for entry in study.extracts.values()}
    assert set(recorded) == made | raw | {"drive-eval", "config/config.yaml", "requirements.lock"}
    for name in made | raw:
        content = Path(name).read_bytes()
        assert recorded[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert recorded[name]["contentSize"] == str(len(content))
    assert Path("provenance/Snakefile").read_bytes() == (root / "Snakefile").read_bytes()


def test_the_record_is_the_same_twice_and_names_no_place_host_or_person(record, tmp_path):
    import getpass
    import platform

    first = record()
    assert first == record("again")
    assert str(tmp_path) not in first
    assert "@example" not in first
    for name in (platform.node(), getpass.getuser()):
        assert f'"{name}' not in first
        assert f"/{name}/" not in first


def test_a_file_outside_the_project_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"x\.csv lies outside the project folder"):
        trace._name(Path("/somewhere/x.csv"))
