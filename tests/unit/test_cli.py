"""The command line as a person calls it."""

import pytest
from typer.testing import CliRunner

from drive_eval import cli


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
