"""The command line as a person calls it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drive_eval import cli
from drive_eval.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


def call(*arguments):
    return CliRunner().invoke(cli.commands, list(arguments))


def test_list_names_every_exhibit(root, study, monkeypatch):
    monkeypatch.chdir(root)
    lines = call("list").output.splitlines()
    assert [line.split()[0] for line in lines] == [exhibit.id for exhibit in study.exhibits]
    assert any("Figure 9." in line for line in lines)


def test_simulated_extracts_do_not_overwrite_others(root, monkeypatch):
    from drive_eval.errors import UserError

    monkeypatch.chdir(root)
    with pytest.raises(UserError, match="holds extracts that were not simulated"):
        cli.produce.simulate(out=root / "data/raw/year2")


def test_an_unexpected_error_tells_type_and_place_but_not_its_text(monkeypatch, capsys):
    def fail():
        raise KeyError("VS-12345")

    monkeypatch.setattr(cli, "commands", fail)
    with pytest.raises(SystemExit) as ended:
        cli.app()
    told = capsys.readouterr().err
    assert ended.value.code == 3
    assert "internal error: KeyError" in told
    assert "VS-12345" not in told


def test_a_known_fault_ends_in_one_message(monkeypatch, capsys):
    from drive_eval.study import ConfigurationError

    def fail():
        raise ConfigurationError("study.yaml, title: is missing")

    monkeypatch.setattr(cli, "commands", fail)
    with pytest.raises(SystemExit) as ended:
        cli.app()
    assert (ended.value.code, capsys.readouterr().err) == (2, "error: study.yaml, title: is missing\n")


@pytest.fixture(scope="module")
def place(root, registry, register, tables, tmp_path_factory):
    """An evaluation that was run, but for its figures; the settings by links."""
    from drive_eval.ingest.files import read_rows, sha256, write_csv, write_json, write_parquet
    from drive_eval.reference.verdicts import compare

    folder = tmp_path_factory.mktemp("evaluation")
    for name in ("config", "schemas", "workflow", "profiles"):
        (folder / name).symlink_to(root / name)
    shutil.copytree(root / "data" / "raw", folder / "data" / "raw")
    for name in ("insights_intake", "insights_exit", "insights_dva"):
        write_parquet(folder / f"data/processed/year2/{name}.parquet", tables[name])
    results = folder / "results" / "year2"
    write_parquet(results / "registry.parquet", registry)
    write_csv(results / "registry.csv", registry)
    write_csv(results / "reproduction" / "comparison.csv", compare(register, registry))
    warning = {"severity": "warning", "rule": "age recorded as 0", "n_rows": 1, "advice": "enter the age"}
    digest = sha256(root / "data/raw/year2/insights_extract.xlsx")
    write_json(results / "validation" / "insights.json", {"sha256": digest, "faults": [warning]})
    assert read_rows(results / "registry.csv")
    return folder


@pytest.fixture
def ask(place, monkeypatch):
    monkeypatch.chdir(place)
    return call


def test_explain_tells_rows_rule_inputs_libraries_and_the_published_value(ask):
    told = ask("explain", "insights.dva.physical.exit.odds_ratio")
    assert told.exit_code == 0
    for words in (
        "printed      2.86",
        "verdict      match",
        "issue        Y16",
        "rule         std_error_scale",
        "-     248  has_exit_form is not true",
        "395  rows used",
        "insights_dva (662 rows) by derive/dva.py from insights_intake, insights_exit",
        "as validated",
        "warning, 1 row: age recorded as 0",
        "statsmodels ",
        "table_mantel_haenszel: ",
    ):
        assert words in told.output


def test_explain_json_is_one_document_without_a_case(ask, tables):
    told = ask("explain", "Figure 9", "--json")
    document = json.loads(told.stdout)
    assert (document["kind"], document["name"], told.stderr) == ("exhibit", "figure_9", "")
    assert {entry["verdict"] for entry in document["published"]} == {"match"}
    assert not [case for case in tables["insights_dva"]["case_id"] if case in told.stdout]


def test_explain_says_when_an_extract_changed_since(place, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    shutil.copytree(place, copy, symlinks=True)
    for path in (copy / "data/raw/year2").iterdir():
        path.unlink()
    (copy / "data/raw/year2/insights_extract.xlsx").write_bytes(b"another")
    monkeypatch.chdir(copy)
    assert "changed since it was validated; run snakemake" in call("explain", "figure_9").output
    states = {row["subject"]: row for row in json.loads(call("doctor", "--json").stdout)}
    assert states["extracts"]["state"] == "fail"
    assert "cms_extract.xlsx" in states["extracts"]["found"]
    assert "insights_extract.xlsx" in states["results"]["found"]
    assert states["results"]["state"] == "warn"


@pytest.mark.parametrize(
    "name", ["list", "explain", "compare", "check", "audit", "reconstruct", "simulate", "init", "doctor"]
)
def test_commands_for_people_have_json_and_an_example_in_their_help(name):
    told = call(name, "--help").output
    assert "--json" in told
    assert f"    drive-eval {name}" in told


def test_help_lists_the_steps_of_the_pipeline_apart():
    people, steps = call("--help").output.split("Steps of the pipeline:")
    named = [line.split()[0] for line in steps.splitlines() if line.strip()]
    assert named == [
        "validate",
        "derive",
        "chapter",
        "register",
        "exhibits",
        "reproduce",
        "verdict",
        "report",
        "provenance",
    ]
    assert "  explain " in people
    assert "Exit codes: 0 done" in people
    for name in named:
        assert "Examples:" in call(name, "--help").output


def test_a_folder_without_an_evaluation_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="drive-eval init makes one"):
        cli.ask.list_exhibits()
    assert json.loads(call("doctor", "--json").stdout)[-1]["subject"] == "configuration"
    assert call("doctor").exit_code == 1


def test_an_unknown_study_is_refused(root, monkeypatch):
    monkeypatch.chdir(root)
    with pytest.raises(UserError, match="studies here are year2"):
        cli.ask.list_exhibits(study="year3")


def test_compare_finds_nothing_between_the_two_forms_of_a_registry(ask, registry):
    told = ask("compare", "results/year2", "results/year2/registry.csv")
    said = f"{len(registry):,} numbers the same, 0 changed, 0 added, 0 gone, 0 other differences"
    assert (told.exit_code, told.output.splitlines()[-1].split(": ")[-1]) == (0, said)


def test_compare_names_the_number_that_moved(ask, place, registry, tmp_path):
    from drive_eval.ingest.files import write_parquet

    moved = registry.copy()
    moved.loc[3, "value"] *= 2
    write_parquet(tmp_path / "registry.parquet", moved)
    told = ask("compare", "results/year2", str(tmp_path), "--json")
    found = json.loads(told.stdout)
    assert (told.exit_code, [row["result_id"] for row in found["changed"]]) == (1, [registry.loc[3, "result_id"]])
    assert ask("compare", "results/year2", str(tmp_path), "--tolerance", "1").exit_code == 0


@pytest.mark.parametrize("content", [b"not parquet", b"a,b\n1,2\n"])
def test_compare_refuses_what_is_no_registry(tmp_path, content):
    for name in ("registry.parquet", "registry.csv"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match="is not a registry"):
            cli.ask.compare(tmp_path / name, tmp_path / name)


def test_check_finds_the_faults_of_a_delivery_and_writes_nothing_unless_asked(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    raw = tmp_path / "delivery"
    shutil.copytree(root / "data/raw/year2", raw)
    text = (raw / "interviews.csv").read_text(encoding="utf-8")
    (raw / "interviews.csv").write_text(text.replace("Interview", "Talk", 1), encoding="utf-8")
    (raw / "police_subjects.csv").unlink()
    told = call("check", "interviews", "police_subjects", "allocation", "--raw", str(raw), "--json")
    found = json.loads(told.stdout)
    assert told.exit_code == 1
    assert [(name, report["n_errors"] > 0) for name, report in found.items()] == [
        ("interviews", True),
        ("police_subjects", True),
        ("allocation", False),
    ]
    assert found["police_subjects"]["faults"][0]["rule"] == "file not found"
    out = tmp_path / "faults"
    plain = call("check", "police_subjects", "--raw", str(raw), "--out", str(out))
    assert "error: police_subjects.csv: file not found; put the extract" in plain.output
    assert sorted(path.name for path in out.iterdir()) == ["police_subjects.html", "police_subjects.json"]
    shipped = {path.name for path in (root / "data/raw/year2").iterdir()}
    assert {path.name for path in raw.iterdir()} == shipped - {"police_subjects.csv"}


def test_check_passes_the_shipped_extract_with_its_warning(root, monkeypatch):
    monkeypatch.chdir(root)
    told = call("check", "insights")
    assert told.exit_code == 0
    first, last = told.output.splitlines()
    assert first.startswith("warning: insights_extract.xlsx, sheet Intake, rows 262, column 'Age': age recorded as 0; ")
    assert last.startswith("insights_extract.xlsx: 0 errors, 1 warnings; rows read: Intake 662")


def test_check_refuses_an_unknown_extract_with_the_nearest(root, monkeypatch):
    monkeypatch.chdir(root)
    with pytest.raises(UserError, match="is it 'police'"):
        cli.delivery.check(["polise"])


def test_init_makes_an_evaluation_of_another_name(tmp_path, monkeypatch):
    from drive_eval.ingest.config import load_study
    from drive_eval.ingest.files import read_yaml

    told = call("init", str(tmp_path / "new"), "--study", "pilot", "--no-extracts", "--json")
    assert json.loads(told.stdout)["study"] == "pilot"
    assert load_study(tmp_path / "new", "pilot").name == "pilot"
    assert read_yaml(tmp_path / "new/config/config.yaml")["study"] == "pilot"
    assert list((tmp_path / "new/data/raw/pilot").iterdir()) == []
    assert not (tmp_path / "new/config/year2").exists()
    assert (tmp_path / "new/profiles/default/profile.yaml").is_file()
    assert (tmp_path / "new/README.md").read_text().startswith("# This evaluation")


@pytest.mark.parametrize("study", ["Year 2", "2nd", "../up", ""])
def test_init_refuses_a_name_that_is_no_folder_of_ours(tmp_path, study):
    with pytest.raises(UserError, match="lower"):
        cli.begin.init(tmp_path / "new", study=study)
    assert not (tmp_path / "new").exists()


def test_init_refuses_a_folder_that_holds_something(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        cli.begin.init(tmp_path)
    with pytest.raises(UserError, match="not an empty folder"):
        cli.begin.init(tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the repository: asks Git which files it holds")
def test_every_file_of_the_template_is_committed_or_named(root):
    """What init writes from the tree is what Git holds, so that a wheel carries no stray file."""
    listed = subprocess.run(["git", "ls-files"], cwd=root, text=True, capture_output=True, check=True).stdout
    assert set(cli.begin.template_files()) <= set(listed.splitlines())


def test_doctor_tells_a_package_that_is_not_the_tested_one(monkeypatch, root):
    monkeypatch.chdir(root)
    monkeypatch.setattr(cli.doctor, "_installed", lambda name: "0.1" if name == "pandas" else "999")
    states = {row["subject"]: row for row in json.loads(call("doctor", "--json").stdout)}
    assert states["packages"]["state"] == "fail"
    assert "pandas 0.1 (>=" in states["packages"]["found"]
    assert states["lock"]["state"] == "warn"


def test_a_missing_package_is_told_as_something_to_install(monkeypatch, capsys):
    def fail():
        raise ModuleNotFoundError("No module named 'ortools'", name="ortools")

    monkeypatch.setattr(cli, "commands", fail)
    with pytest.raises(SystemExit) as ended:
        cli.app()
    assert (ended.value.code, "package ortools is not installed" in capsys.readouterr().err) == (2, True)


def test_the_page_on_the_command_line_is_current(root):
    page = cli.produce.command_page()
    assert page == (root / "docs/command_line.md").read_text(encoding="utf-8"), "run: drive-eval document"
    assert "$ drive-eval explain figure_9" in page


def test_on_a_terminal_tables_are_drawn_and_elsewhere_not(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    cli.ask.list_exhibits()
    drawn = capsys.readouterr().out
    assert "Exhibit" in drawn.splitlines()[1]
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    cli.ask.list_exhibits()
    assert "─" not in capsys.readouterr().out
    assert "─" in drawn


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "seconds"), [(("--help",), 0.3), (("explain", "figure_9"), 1.5)])
def test_answers_come_at_once(place, arguments, seconds):
    """Processor time of the quickest of three, since other work may slow the clock."""
    used = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "drive_eval", *arguments], cwd=place, check=True, capture_output=True)
        after = os.times()
        used.append(after.children_user - before.children_user + after.children_system - before.children_system)
    assert min(used) < seconds
