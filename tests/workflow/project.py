"""A copy of the project in which Snakemake runs, in processes of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

RESULTS = Path("results/year2")
PROCESSED = Path("data/processed/year2")
COPIED = ("Snakefile", "config", "profiles", "schemas", "src", "workflow", "data/raw")


class Project:
    """A copy of the project in which Snakemake runs on the copied source.

    `settings` changes the environment of its processes; a variable set to None is taken away.
    """

    def __init__(self, folder: Path, root: Path, *, settings=None, umask=0o022, cores=2) -> None:
        self.folder, self.settings, self.umask, self.cores = folder, settings or {}, umask, cores
        for name in COPIED:
            source, target = root / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)

    def copy(self, folder):
        """A copy of this project, with its results, to do something to."""
        shutil.copytree(self.folder, folder, symlinks=True)
        project = object.__new__(Project)
        project.__dict__ |= self.__dict__ | {"folder": folder}
        return project

    @property
    def environment(self):
        source = {"PYTHONPATH": str(self.folder / "src"), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        wanted = os.environ | source | self.settings
        return {name: value for name, value in wanted.items() if value is not None}

    def command(self, *arguments):
        return [sys.executable, "-m", "snakemake", "--cores", str(self.cores), *arguments]

    def start(self, *arguments, stdout=subprocess.PIPE, within=()):
        """Start Snakemake; `within` is a command that is to run it."""
        return subprocess.Popen(
            [*within, *self.command(*arguments)],
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=self.umask,
        )

    def run(self, *arguments, within=()):
        process = self.start(*arguments, within=within)
        output, _ = process.communicate(timeout=600)
        return process.returncode, output

    def rules(self, *arguments):
        """The rules that a run would execute."""
        _, output = self.run("--dry-run", *arguments)
        return {line.split()[1].rstrip(":") for line in output.splitlines() if line.startswith(("rule ", "localrule "))}

    def digests(self, *, processed=False):
        """The bytes of every file of the results but the logs, and of the processed data if wanted."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for folder in (RESULTS, PROCESSED)[: 1 + processed]
            for path in sorted((self.folder / folder).rglob("*"))
            if path.is_file() and "logs" not in path.parts
        }
