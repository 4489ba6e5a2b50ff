"""Commands that help to bring in files of another provider."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_eval.cli.base import ROOT, commands
from drive_eval.errors import UserError


@commands.command(name="map")
def propose_mapping(
    file: Annotated[Path, typer.Argument(help="A file as delivered.")],
    extract: Annotated[str | None, typer.Option(help="Contract; the one that fits best if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Mapping to write, .yaml; shown if not given.")] = None,
) -> None:
    """Propose a mapping of a file to a contract and list what could not be placed; TODO marks what a person decides."""
    import yaml

    from drive_eval.contracts.mapping import Source
    from drive_eval.ingest.config import contract_names, load_contract
    from drive_eval.ingest.delimited import likely_encoding
    from drive_eval.ingest.extract import DELIMITED, open_file
    from drive_eval.ingest.files import write_text
    from drive_eval.ingest.gate import examine, is_alarm
    from drive_eval.ingest.grid import Unreadable
    from drive_eval.ingest.propose import likely_contract

    if out and out.exists():
        raise UserError(f"{out} is there already; give another name or remove it")
    if extract and extract not in contract_names(ROOT):
        raise UserError(f"no contract {extract!r}; there are {', '.join(contract_names(ROOT))}")
    contracts = [load_contract(ROOT, name) for name in ([extract] if extract else contract_names(ROOT))]
    first = contracts[0]
    try:
        encoding = likely_encoding(file) if file.suffix.lower() in DELIMITED else ""
        book = open_file(file, first, next(iter(first.sheets)), Source(encoding=encoding))
        alarms = [fault.sentence() for fault in examine(book, None, {}) if is_alarm(fault)]
        if alarms:
            raise UserError("\n".join(alarms))
        contract, proposal = likely_contract(book, contracts, encoding=encoding)
    except Unreadable as error:
        raise UserError(f"{file.name}: {error.rule}; {error.advice}") from error
    except LookupError as error:
        raise UserError(f"{file.name}: {error}") from error
    for heading, lines in (("placed", proposal.placed), ("to be decided", proposal.open)):
        typer.echo(f"{heading}: {len(lines)}" + "".join(f"\n  {line}" for line in lines), err=True)
    text = yaml.safe_dump(proposal.document, sort_keys=False, allow_unicode=True, width=120)
    if not out:
        typer.echo(text)
        return
    write_text(out, text)
    name = f"mapping: {out.stem}"
    typer.echo(f"{out} written for {contract.extract}; edit it, put '{name}' into study.yaml, then check", err=True)
