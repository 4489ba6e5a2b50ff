"""What surrounds a run: revision of the project folder, programs installed, kind of machine; no user and no host."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def git_revision(root: Path) -> tuple[str, str, bool] | None:
    """Commit, its date (ISO 8601, UTC) and whether files differ from it; None where the folder is no Git repository.

    A folder inside a repository of something else is not under version control here, and where there is no Git it
    cannot be told.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root.resolve():
        return None
    last = _git(root, "log", "-1", "--format=%H %ct")
    if not last:
        return None
    commit, seconds = last.split()
    return commit, iso_date(int(seconds)), bool(_git(root, "status", "--porcelain"))


def date_of_state(revision: tuple[str, str, bool] | None, inputs: Iterable[Path]) -> str:
    """The date of the state that ran: SOURCE_DATE_EPOCH, else of the commit, else of the newest input; never now."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdecimal():
        return iso_date(int(given))
    if revision:
        return revision[1]
    return iso_date(int(max(path.stat().st_mtime for path in inputs)))


def iso_date(seconds: int) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def installed(lock: str) -> dict[str, str]:
    """The installed version of every package that a lock names, in its order; `not installed` for a missing one."""
    versions = {}
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, flags=re.MULTILINE):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def machine() -> dict[str, str]:
    """Operating system, kernel, architecture and Python; nothing that names a machine or a person."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        system = platform.system()
    return {
        "operating system": system,
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def package_digest() -> str:
    """SHA-256 over the source of this package, names and bytes, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a fixed program)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
