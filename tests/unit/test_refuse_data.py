"""No file of data gets into a commit: what git ignores, and what the check of a commit refuses."""

import importlib.util
import subprocess
import zipfile

import pytest


@pytest.fixture(scope="module")
def check(root):
    found = importlib.util.spec_from_file_location("refuse_data", root / "workflow/refuse_data.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def write(folder, name, content=b"x"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content == "workbook":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
    else:
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("extract.xlsx", b"x"),
        ("docs/Extract.XLSX", b"x"),
        ("tests/a.sav", b"x"),
        ("results.parquet", b"x"),
        ("a.dta", b"x"),
        ("notes.txt", b"PAR1 and so on"),
        ("notes.md", b"\xd0\xcf\x11\xe0\xa1\xb1"),
        ("notes.zip", "workbook"),
        ("data/raw/year3/extract.csv", b"x"),
        ("data/processed/year2/a.txt", b"x"),
        ("data/raw/year2/police_extract.csv", b"Data origin,Person key\nsynthetic,PS-1\n,PS-2\n"),
        ("data/raw/year2/police_subjects.csv", b"Person key\nPS-1\n"),
    ],
)
def test_data_are_refused_by_ending_content_and_place(check, tmp_path, capsys, name, content):
    write(tmp_path, name, content)
    assert check.main([name], tmp_path) == 1
    assert capsys.readouterr().err.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("src/a.py", b"x = 1"),
        ("config/year2/reference.csv", b"a,b\n"),
        ("docs/a.zip", b"PK\x03\x04 cut"),
        ("data/raw/year2/police_subjects.csv", b"Data origin,Person key\nsynthetic,PS-1\n"),
    ],
)
def test_other_files_pass(check, tmp_path, name, content):
    write(tmp_path, name, content)
    assert check.main([name], tmp_path) == 0


def git(root, *arguments):
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def tracked(root):
    listed = git(root, "ls-files", "-z")
    if listed.returncode:
        pytest.skip("not a git repository")
    return [name for name in listed.stdout.split("\0") if name]


def test_what_is_tracked_passes(check, root, tracked):
    assert check.main(tracked, root) == 0


def test_git_ignores_all_data_but_the_shipped_extracts(check, root, tracked):
    names = ["data/raw/year2/real.csv", "data/raw/year2/sub/a.xlsx", "data/raw/year3/a.csv", "data/raw/a.sav",
             "data/processed/year2/a.parquet", "results/year2/registry.csv"]  # fmt: skip
    assert git(root, "check-ignore", "--no-index", *names).stdout.split() == names
    assert git(root, "check-ignore", "--no-index", *sorted(check.SHIPPED)).stdout == ""
    assert {name for name in tracked if name.startswith("data/")} == check.SHIPPED


def test_pre_commit_runs_the_check(root):
    import yaml

    (repo,) = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["hooks"][0]["entry"] == "python3 workflow/refuse_data.py"
    assert "workflow/refuse_data.py" in (root / "Makefile").read_text()
