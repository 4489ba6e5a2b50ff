"""Begin a new evaluation from the template: the files of the wheel, or those of the tree in an editable install."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from drive_eval.cli.base import AsJson, commands, examples, print_json
from drive_eval.errors import UserError

PACKAGE = Path(__file__).resolve().parent.parent
SHIPPED = "year2"
IGNORED = "# Cases and what is made from them never enter Git.\n/data/\n/results/\n/.snakemake/\n"


def template_files() -> dict[str, Path]:
    """The files of the template by their place in an evaluation."""
    packed = PACKAGE / "template"
    if packed.is_dir():
        root, listed = packed, [path.relative_to(packed).as_posix() for path in sorted(packed.iterdir())]
    else:
        root = PACKAGE.parent.parent
        listed = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["drive-eval"]["template"]
    files = [path for name in listed for path in _below(root / name)]
    return {path.relative_to(root).as_posix(): path for path in files}


@commands.command(
    epilog=examples(
        "drive-eval init demo",
        "drive-eval init croydon --study croydon --no-extracts",
        "cd demo && snakemake --cores 4",
    )
)
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; one that is not empty is refused.")],
    study: Annotated[str, typer.Option(help="Name of the study: lower case, digits, underscores.")] = SHIPPED,
    extracts: Annotated[bool, typer.Option(help="Put the synthetic extracts into data/raw/<study>.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make the folder of a new evaluation: configuration, contracts, workflow and synthetic extracts."""
    from drive_eval.ingest.files import read_bytes, write_bytes, write_text

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: is not an empty folder; choose another")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", study):
        raise UserError(
            f"--study {study}: begin with a lower-case letter; then lower case, digits and underscores only"
        )
    written = []
    for name, source in template_files().items():
        if name.startswith("data/raw/") and not extracts:
            continue
        place = _place(name, study)
        write_bytes(folder / place, _renamed(name, read_bytes(source), study))
        written.append(place)
    write_text(folder / ".gitignore", IGNORED)
    (folder / "data" / "raw" / study).mkdir(parents=True, exist_ok=True)
    (folder / "profiles").symlink_to("workflow/profiles")
    if as_json:
        print_json({"folder": folder.as_posix(), "study": study, "files": sorted([*written, ".gitignore", "profiles"])})
        return
    typer.echo(f"{folder}: {len(written) + 2} files, study {study}. Next:")
    typer.echo(f"  cd {folder}\n  drive-eval doctor\n  snakemake --cores 4")


def _below(path: Path) -> list[Path]:
    """A file itself, or the files of a folder, without what editors and Python leave there."""
    if path.is_file():
        return [path]
    found = [file for file in sorted(path.rglob("*")) if file.is_file()]
    return [file for file in found if not any(part.startswith((".", "__")) for part in file.relative_to(path).parts)]


def _place(name: str, study: str) -> str:
    if name == "docs/evaluator.md":
        return "README.md"
    for folder in ("config/", "data/raw/"):
        if name.startswith(f"{folder}{SHIPPED}/"):
            return name.replace(f"{folder}{SHIPPED}/", f"{folder}{study}/", 1)
    return name


def _renamed(name: str, content: bytes, study: str) -> bytes:
    """The study named in the two files that say which study this is."""
    if name not in ("config/config.yaml", f"config/{SHIPPED}/study.yaml"):
        return content
    return re.sub(rb"(?m)^study: " + SHIPPED.encode() + rb"$", b"study: " + study.encode(), content)
