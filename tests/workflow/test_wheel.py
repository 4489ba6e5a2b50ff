"""A wheel of the tree in an environment without the tree: `init`, then Snakemake, gives the same comparison."""

import json
import os
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow
BUILT_FROM = (
    "LICENSE",
    "README.md",
    "Snakefile",
    "config",
    "docs",
    "hatch_build.py",
    "pyproject.toml",
    "requirements.lock",
)
ASKED = ("results/year2/reproduction/passed.txt", "results/year2/figures/figure_9.svg")


class Installed:
    """An environment with the wheel, and the other packages of this one, but not the project as it lies in the tree."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, symlinks=True)
        self.bin = folder / "bin"
        self.site = next((folder / "lib").glob("python*/site-packages"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)
        # a path that is added here is not searched for .pth files, so the editable project stays out
        (self.site / "packages.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")

    def run(self, *arguments, cwd):
        kept = ("HOME", "LANG", "TMPDIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment["PATH"] = f"{self.bin}:/usr/bin:/bin"
        command = [self.bin / "python", "-m", *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, text=True, capture_output=True, timeout=600)


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for name in (*BUILT_FROM, "schemas", "src", "workflow", "data/raw/year2"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        copy(root / name, tree / name)
    (tree / "data/raw/year2/real_cases.csv").write_text("never to be packed\n")
    (tree / "config/year2/.notes").write_text("never to be written by init\n")
    build = ["pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(tree)]
    subprocess.run([sys.executable, "-m", *build], check=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("environment"), wheel)


@pytest.fixture(scope="module")
def demo(installed, tmp_path_factory):
    """An evaluation made in an empty folder by the installed program."""
    folder = tmp_path_factory.mktemp("empty")
    made = installed.run("drive_eval", "init", "demo", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder / "demo"


def test_the_program_that_runs_is_the_one_of_the_wheel(installed, tmp_path):
    printed = installed.run("timeit", "-n1", "-r1", "import drive_eval; print(drive_eval.__file__)", cwd=tmp_path)
    assert printed.stdout.startswith(str(installed.site / "drive_eval"))


def test_the_wheel_holds_no_extract_but_the_shipped_ones(wheel, root):
    names = zipfile.ZipFile(wheel).namelist()
    entries = yaml.safe_load((root / "config/year2/study.yaml").read_text())["extracts"]
    shipped = [f"data/raw/year2/{entry['file']}" for entry in entries.values()]
    packed = [name.removeprefix("drive_eval/template/") for name in names if "/data/" in name]
    assert sorted(packed) == sorted(shipped)
    assert not [name for name in names if name.startswith(("tests/", "results/"))]


def test_init_writes_what_a_run_needs_and_nothing_of_an_editor(demo, root):
    assert (demo / "profiles/default").is_dir()
    assert (demo / "profiles").is_symlink()
    assert not (demo / "config/year2/.notes").exists()
    for name in ("Snakefile", "config/year2/exhibits.yaml", "schemas/extracts/cms.yaml", "docs/methods/mcnemar.md"):
        assert (demo / name).read_bytes() == (root / name).read_bytes()
    assert "/data/" in (demo / ".gitignore").read_text().splitlines()


def test_the_doctor_finds_the_new_folder_ready(installed, demo):
    found = installed.run("drive_eval", "doctor", "--json", cwd=demo)
    states = {finding["subject"]: finding["state"] for finding in json.loads(found.stdout)}
    assert found.returncode == 0
    assert states["extracts"] == states["configuration"] == states["Snakemake profile"] == "ok"
    assert states["results"] == "warn"  # none yet


@pytest.fixture(scope="module")
def expected(root, study, registry, tmp_path_factory):
    """The comparison that the tree gives."""
    from drive_eval.cli import pipeline
    from drive_eval.ingest.files import write_parquet

    folder = tmp_path_factory.mktemp("expected")
    write_parquet(folder / "registry.parquet", registry)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        pipeline.reproduce(study=study.name, registry=folder / "registry.parquet", out=folder)
    return (folder / "comparison.csv").read_bytes()


def test_nothing_that_the_whole_workflow_reads_is_missing(installed, demo):
    planned = installed.run("snakemake", "--cores", "4", "--dry-run", cwd=demo)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "report" in planned.stdout


def test_snakemake_gives_the_same_comparison_as_the_tree(installed, demo, expected):
    """Asked for the verdict and one figure, to save the time of the others; the dry run above stands for those."""
    ran = installed.run("snakemake", "--cores", "4", *ASKED, cwd=demo)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (demo / "results/year2/reproduction/comparison.csv").read_bytes() == expected
    assert (demo / ASKED[1]).read_text().lstrip().startswith("<?xml")
