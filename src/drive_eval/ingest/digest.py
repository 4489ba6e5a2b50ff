"""Digest of the source behind a job: Snakemake sees edits of its rules but not of an imported package."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

PACKAGE = "drive_eval"
_ROOT = Path(__file__).resolve().parent.parent


def source_digest(modules: Iterable[str]) -> str:
    """Digest of the given modules of this package and of every module of the package they import, at any depth.

    Parameters
    ----------
    modules : iterable of str
        Dotted names below the package, for example ``analyses.mcnemar``.

    Raises
    ------
    FileNotFoundError
        If a named module does not exist.
    """
    pending = [f"{PACKAGE}.{name}" for name in modules]
    found: dict[str, bytes] = {}
    while pending:
        name = pending.pop()
        if name in found:
            continue
        path = _path(name)
        if path is None:
            raise FileNotFoundError(f"no module {name} in the package")
        found[name] = path.read_bytes()
        pending.extend(_imports(found[name]))
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + found[name] + b"\0")
    return digest.hexdigest()[:16]


def _path(name: str) -> Path | None:
    base = _ROOT.joinpath(*name.split(".")[1:])
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _imports(source: bytes) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            names.append(node.module)
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names if alias.name.split(".")[0] == PACKAGE)
    return [name for name in names if _path(name) is not None]
