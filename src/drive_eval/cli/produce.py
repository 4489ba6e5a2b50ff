"""Commands that make extracts and generated documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from drive_eval.cli.base import ROOT, AsJson, chosen_study, commands, examples, print_json, working
from drive_eval.errors import UserError


@commands.command(
    epilog=examples("drive-eval reconstruct year2", "drive-eval reconstruct year2 --seed 7 --out extracts --json")
)
def reconstruct(
    study: Annotated[str, typer.Argument(help="Name of the study folder under config/.")],
    seed: Annotated[int, typer.Option(help="Seed of the people; the published numbers do not depend on it.")] = 2019,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; data/raw/<study> where not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make synthetic extracts that carry the published numbers."""
    from drive_eval.ingest.config import load_contract, load_study
    from drive_eval.ingest.files import read_rows
    from drive_eval.reconstruct.assumed import Assumed
    from drive_eval.reconstruct.study import reconstruct as make_extracts
    from drive_eval.reference.register import read_register

    folder = ROOT / "config" / chosen_study(study)
    contracts = {
        name: load_contract(ROOT, entry["contract"]) for name, entry in load_study(ROOT, study).extracts.items()
    }
    register = read_register(read_rows(folder / "reference.csv"))
    with working("making extracts that carry the published numbers"):
        files = make_extracts(register, Assumed(read_rows(folder / "assumed.csv")), contracts, seed=seed)
    _write(files, out or ROOT / "data" / "raw" / study, as_json=as_json)


@commands.command(
    epilog=examples(
        "drive-eval simulate --out trial",
        "drive-eval simulate --out null_trial --effect null --n-drive 500 --n-control 500 --seed 1",
    )
)
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to; one that holds other extracts is refused.")],
    n_drive: Annotated[int, typer.Option(help="People in the Drive arm.")] = 200,
    n_control: Annotated[int, typer.Option(help="People in the control arm.")] = 200,
    effect: Annotated[list[str] | None, typer.Option(help="null, moderate, or NAME=NUMBER; repeat.")] = None,
    extract: Annotated[list[str] | None, typer.Option(help="Only this extract; repeat.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the people.")] = 2019,
    as_json: AsJson = False,
) -> None:
    """Make the extracts of a trial with known effects, and truth.json that states them."""
    from drive_eval.ingest.config import load_contract
    from drive_eval.reconstruct.simulate import FILES, Effects
    from drive_eval.reconstruct.simulate import simulate as draw_trial

    unknown = sorted(set(extract or ()) - set(FILES))
    if unknown:
        raise UserError(f"cannot simulate {', '.join(unknown)}; extracts are {', '.join(FILES)}")
    if any((out / name).exists() for name in FILES.values()) and not (out / "truth.json").exists():
        raise UserError(f"{out} holds extracts that were not simulated; choose another folder")
    contracts = {name: load_contract(ROOT, name) for name in extract or FILES}
    effects = Effects.from_text(effect or ["moderate"])
    with working("drawing the people of the trial"):
        files = draw_trial(contracts, n_drive=n_drive, n_control=n_control, effects=effects, seed=seed)
    _write(files, out, as_json=as_json)


def _write(files: Mapping[str, bytes], folder: Path, *, as_json: bool) -> None:
    """Write the files of a delivery and say which."""
    from drive_eval.ingest.files import sha256, write_bytes

    for name, content in files.items():
        write_bytes(folder / name, content)
    written = [{"file": (folder / name).as_posix(), "sha256": sha256(folder / name)} for name in files]
    if as_json:
        print_json(written)
        return
    for entry in written:
        typer.echo(entry["file"])


@commands.command(epilog=examples("drive-eval document", "drive-eval document --out documents"))
def document(
    out: Annotated[Path, typer.Option(help="Folder of the project; docs/ and config/ are below it.")] = ROOT,
) -> None:
    """Write the data dictionary, the configuration reference and the page on this command line from their sources."""
    from drive_eval.contracts.dictionary import data_dictionary
    from drive_eval.ingest.config import contract_names, load_contract
    from drive_eval.ingest.files import read_yaml, write_text
    from drive_eval.study import schema_page

    contracts = [load_contract(ROOT, name) for name in contract_names(ROOT)]
    schemas = [
        read_yaml(ROOT / "schemas" / f"{name}.schema.yaml")
        for name in ("config", "study", "exhibits", "findings", "mapping", "links")
    ]
    write_text(out / "docs" / "data_dictionary.md", data_dictionary(contracts))
    write_text(out / "config" / "README.md", schema_page(schemas))
    write_text(out / "docs" / "command_line.md", command_page())


def command_page() -> str:
    """The page on the command line, as typer documents it, with whole sentences in its list of commands."""
    import re

    from typer.cli import get_docs_for_click

    group = typer.main.get_group(commands)
    page = get_docs_for_click(obj=group, ctx=typer.Context(group), name="drive-eval")
    listed = "".join(f"* [`{name}`](#drive-eval-{name}): {command.help}\n" for name, command in group.commands.items())
    page = re.sub(r"(\*\*Commands\*\*:\n\n)(?:\* .*\n)+", lambda found: found[1] + listed, page)
    page = re.sub(r"\x08\nExamples:\n((?:  .*\n)+)", lambda calls: _console(calls[1]), page)
    said = "\n\nGenerated from the commands by `drive-eval document`; do not edit by hand.\n"
    return page.replace("\n", said, 1).rstrip() + "\n"


def _console(calls: str) -> str:
    return "**Examples**:\n\n```console\n" + "".join(f"$ {line.strip()}\n" for line in calls.splitlines()) + "```\n"
