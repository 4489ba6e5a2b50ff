"""Commands that make extracts and generated documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_eval.cli.base import ROOT, commands
from drive_eval.errors import UserError


@commands.command()
def reconstruct(
    study: Annotated[str, typer.Argument(help="Name of the study folder under config/.")],
    seed: Annotated[int, typer.Option(help="Seed of the people; the published numbers do not depend on it.")] = 2019,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; data/raw/<study> where not given.")] = None,
) -> None:
    """Make synthetic extracts that carry the published numbers."""
    from drive_eval.ingest.config import load_contract, load_study
    from drive_eval.ingest.files import read_rows, write_bytes
    from drive_eval.reconstruct.assumed import Assumed
    from drive_eval.reconstruct.study import reconstruct as make_extracts
    from drive_eval.reference.register import read_register

    folder = ROOT / "config" / study
    contracts = {
        name: load_contract(ROOT, entry["contract"]) for name, entry in load_study(ROOT, study).extracts.items()
    }
    register = read_register(read_rows(folder / "reference.csv"))
    files = make_extracts(register, Assumed(read_rows(folder / "assumed.csv")), contracts, seed=seed)
    for name, content in files.items():
        write_bytes((out or ROOT / "data" / "raw" / study) / name, content)


@commands.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to; one that holds other extracts is refused.")],
    n_drive: Annotated[int, typer.Option(help="People in the Drive arm.")] = 200,
    n_control: Annotated[int, typer.Option(help="People in the control arm.")] = 200,
    effect: Annotated[list[str] | None, typer.Option(help="null, moderate, or NAME=NUMBER; repeat.")] = None,
    extract: Annotated[list[str] | None, typer.Option(help="Only this extract; repeat.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the people.")] = 2019,
) -> None:
    """Make the extracts of a trial with known effects, and truth.json that states them."""
    from drive_eval.ingest.config import load_contract
    from drive_eval.ingest.files import write_bytes
    from drive_eval.reconstruct.simulate import FILES, Effects
    from drive_eval.reconstruct.simulate import simulate as draw_trial

    unknown = sorted(set(extract or ()) - set(FILES))
    if unknown:
        raise UserError(f"cannot simulate {', '.join(unknown)}; extracts are {', '.join(FILES)}")
    if any((out / name).exists() for name in FILES.values()) and not (out / "truth.json").exists():
        raise UserError(f"{out} holds extracts that were not simulated; choose another folder")
    contracts = {name: load_contract(ROOT, name) for name in extract or FILES}
    effects = Effects.from_text(effect or ["moderate"])
    files = draw_trial(contracts, n_drive=n_drive, n_control=n_control, effects=effects, seed=seed)
    for name, content in files.items():
        write_bytes(out / name, content)


@commands.command()
def document(
    out: Annotated[Path, typer.Option(help="Folder of the project; docs/ and config/ are below it.")] = ROOT,
) -> None:
    """Write the data dictionary and the configuration reference from their sources."""
    from drive_eval.contracts.dictionary import data_dictionary
    from drive_eval.ingest.config import contract_names, load_contract
    from drive_eval.ingest.files import read_yaml, write_text
    from drive_eval.study import schema_page

    contracts = [load_contract(ROOT, name) for name in contract_names(ROOT)]
    schemas = [
        read_yaml(ROOT / "schemas" / f"{name}.schema.yaml")
        for name in ("config", "study", "exhibits", "mapping", "links")
    ]
    write_text(out / "docs" / "data_dictionary.md", data_dictionary(contracts))
    write_text(out / "config" / "README.md", schema_page(schemas))
