"""Whether this machine and this folder are ready for a run, and what to do where they are not."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import NamedTuple

import typer

from drive_eval.cli.base import ROOT, AsJson, chosen_study, commands, examples, print_json, print_table
from drive_eval.errors import UserError

DISK_NEEDED, DISK_WANTED = 200_000_000, 1_000_000_000


class Finding(NamedTuple):
    """What was looked at, whether it is `ok`, `warn` or `fail`, what was found, and what to do."""

    subject: str
    state: str
    found: str
    advice: str


@commands.command(epilog=examples("drive-eval doctor", "drive-eval doctor --json"))
def doctor(as_json: AsJson = False) -> None:
    """Look for what would spoil a run: packages, folders, fonts, extracts, stale results; exit code 1 if any fails."""
    findings = [finding for look in LOOKS for finding in look()]
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        rows = [(finding.state, *finding[:1], *finding[2:]) for finding in findings]
        print_table(("State", "Subject", "Found", "What to do"), rows, _line)
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)


def _line(row: Sequence[str]) -> str:
    state, subject, found, advice = row
    return f"{state:5} {subject}: {found}" + (f"; {advice}" if advice else "")


def _python() -> Iterator[Finding]:
    from packaging.specifiers import SpecifierSet

    running, allowed = ".".join(map(str, sys.version_info[:3])), metadata("drive-eval")["Requires-Python"]
    good = running in SpecifierSet(allowed)
    yield Finding("Python", "ok" if good else "fail", running, "" if good else f"use one that is {allowed}")


def _packages() -> Iterator[Finding]:
    """Requirements must be met; the versions of the lock are those that were tested."""
    from packaging.requirements import Requirement

    asked = [Requirement(text) for text in requires("drive-eval") or ()]
    broken = [
        f"{need.name} {_installed(need.name) or 'missing'} ({need.specifier})"
        for need in asked
        if need.marker is None and not need.specifier.contains(_installed(need.name) or "0", prereleases=True)
    ]
    advice = "pip install --require-hashes -r requirements.lock"
    if broken:
        yield Finding("packages", "fail", f"not as needed: {', '.join(broken)}", advice)
    locked = locked_versions()
    other = [
        f"{name} {_installed(name) or 'missing'} ({tested})"
        for name, tested in locked.items()
        if _installed(name) != tested
    ]
    if other:
        more = f" and {len(other) - 5} more" if len(other) > 5 else ""
        yield Finding("lock", "warn", f"not the tested version: {', '.join(other[:5])}{more}", advice)
    elif not broken:
        yield Finding("packages", "ok", f"{len(locked)} as tested", "")


def locked_versions() -> dict[str, str]:
    """The versions of the lock that came with the program, by package, for this Python and system."""
    from packaging.requirements import Requirement

    from drive_eval.cli.begin import template_files
    from drive_eval.ingest.files import read_text

    lines = read_text(template_files()["requirements.lock"]).splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]
    return {pin.name: str(pin.specifier).removeprefix("==") for pin in pins if not pin.marker or pin.marker.evaluate()}


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _byte_code() -> Iterator[Finding]:
    off = sys.dont_write_bytecode
    advice = "unset PYTHONDONTWRITEBYTECODE; without byte code every step starts two to three times slower"
    yield Finding("byte code", "warn" if off else "ok", "not written" if off else "written", advice if off else "")


def _machine() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    advice = "a run takes about twice as long as on two"
    yield Finding("cores", "ok" if cores > 1 else "warn", str(cores), "" if cores > 1 else advice)
    free = shutil.disk_usage(ROOT).free
    state = "fail" if free < DISK_NEEDED else "warn" if free < DISK_WANTED else "ok"
    yield Finding("disk", state, f"{free / 1e9:.1f} GB free", "" if state == "ok" else "free some; a run needs 0.2 GB")
    encoding = sys.getfilesystemencoding()
    good = encoding == "utf-8"
    yield Finding("locale", "ok" if good else "warn", encoding, "" if good else "export LANG=C.UTF-8")


def _fonts() -> Iterator[Finding]:
    """The cache of fonts stands where the workflow tells matplotlib to keep it."""
    folder = Path(sys.prefix) / ".matplotlib"
    if any(folder.glob("fontlist-*.json")):
        yield Finding("fonts", "ok", "cached", "")
    elif os.access(folder if folder.exists() else sys.prefix, os.W_OK):
        yield Finding("fonts", "ok", "not cached yet; the first figure caches them", "")
    else:
        advice = f"let somebody who may write to {sys.prefix} draw one figure; until then each job looks for fonts anew"
        yield Finding("fonts", "warn", "cannot be cached", advice)


def _folder() -> Iterator[Finding]:
    for name in ("results", "data/processed", ".snakemake"):
        place = next(path for path in (ROOT / name, *(ROOT / name).parents) if path.exists())
        good = os.access(place, os.W_OK)
        advice = "" if good else f"make {place.resolve()} writable"
        yield Finding(f"folder {name}", "ok" if good else "fail", "writable" if good else "not writable", advice)
    profile = ROOT / "profiles" / "default"
    good = any(profile.glob("*.yaml"))
    advice = "" if good else "ln -s workflow/profiles profiles; without it one failed job stops the others"
    yield Finding("Snakemake profile", "ok" if good else "warn", "found" if good else "not found", advice)


def _study() -> Iterator[Finding]:
    from drive_eval.cli.evidence import input_state
    from drive_eval.ingest.config import load_study

    try:
        study = load_study(ROOT, chosen_study(None))
    except UserError as error:
        yield Finding("configuration", "fail", str(error), "correct it, or run this in the folder of an evaluation")
        return
    yield Finding("configuration", "ok", f"study {study.name}", "")
    results = ROOT / "results" / study.name
    states = [input_state(ROOT, study.name, name, entry["file"], results) for name, entry in study.extracts.items()]
    lost = [state["file"] for state in states if not state["sha256"]]
    there = "all there" if not lost else f"not there: {', '.join(lost)}"
    advice = f"put them into data/raw/{study.name}, or correct their names in study.yaml" if lost else ""
    yield Finding("extracts", "fail" if lost else "ok", there, advice)
    made, stale = (
        (results / "registry.parquet").is_file(),
        [s["file"] for s in states if s["sha256"] != s["validated_sha256"]],
    )
    if not made or stale:
        found = "none yet" if not made else f"made from other extracts: {', '.join(stale)}"
        yield Finding("results", "warn", found, "snakemake --cores 4")
    else:
        passed = (results / "reproduction" / "passed.txt").is_file()
        found = "of these extracts" + ("" if passed else "; published numbers differ or the run did not end")
        yield Finding("results", "ok" if passed else "warn", found, "" if passed else "snakemake --cores 4 says which")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _packages, _byte_code, _machine, _fonts, _folder, _study)
