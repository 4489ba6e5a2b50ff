"""The source behind a job: its digest, since Snakemake does not see edits of a package, and the libraries it uses."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = "drive_eval"
_ROOT = Path(__file__).resolve().parent.parent
_IMPORT = re.compile(rf"^ *(?:from|import) ({PACKAGE}[\w.]*)(?: import (\([^)]*\)|.*))?", re.MULTILINE)


def source_digest(modules: Iterable[str]) -> str:
    """Digest of the given modules of this package, every module of the package they import, and their templates.

    Imports are followed to any depth; the templates of a module are the files of the folder `templates` beside it.

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
        found |= {str(file.relative_to(_ROOT)): file.read_bytes() for file in path.parent.glob("templates/*.*")}
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + found[name] + b"\0")
    return digest.hexdigest()[:16]


def libraries_of(module: str) -> dict[str, list[str]]:
    """What a method or derivation takes from other people's packages, by package.

    Parameters
    ----------
    module : str
        Dotted name below the package, for example ``analyses.mcnemar``. The modules of its own room that it imports
        count too, those of other rooms do not.
    """
    room = f"{PACKAGE}.{module.partition('.')[0]}."
    pending, seen, used = [f"{PACKAGE}.{module}"], set(), dict[str, set[str]]()
    while pending:
        name = pending.pop()
        path = _path(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        source = path.read_bytes()
        pending += [other for other in _imports(source) if other.startswith(room)]
        for taken in _taken(source):
            used.setdefault(taken.partition(".")[0], set()).add(taken)
    return {package: sorted(names) for package, names in sorted(used.items())}


def _taken(source: bytes) -> list[str]:
    """The imported names of a module that are neither Python's own nor ours."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    known = {*sys.stdlib_module_names, PACKAGE}
    return [name for name in names if name.partition(".")[0] not in known]


def _path(name: str) -> Path | None:
    base = _ROOT.joinpath(*name.split(".")[1:])
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


@cache
def _imports(source: bytes) -> list[str]:
    """Modules of the package that a module imports, wherever in it; without parsing, which takes longer."""
    names: list[str] = []
    for module, taken in _IMPORT.findall(source.decode()):
        names += [module, *(f"{module}.{word}" for word in re.findall(r"\w+", taken))]
    return [name for name in names if _path(name) is not None]
