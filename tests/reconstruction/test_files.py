"""The shipped files are what the command makes; other seeds give other people and the same published numbers."""

import os
import subprocess
import sys
import zipfile

import pytest

from .checks import REGISTER, find_check
from .raw import FILES, RAW, Raw
from .register import ROOT, judge

pytestmark = pytest.mark.slow
SEEDS = (2019, 1, 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The files of each seed, made by the command line in a process of its own."""

    def build(seed, hash_seed):
        out = tmp_path_factory.mktemp(f"seed{seed}")
        command = [sys.executable, "-m", "drive_eval", "reconstruct", "year2", "--seed", str(seed), "--out", str(out)]
        settings = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
        subprocess.run(command, cwd=ROOT, env=settings, check=True)
        return out

    return {seed: build(seed, str(seed)) for seed in SEEDS} | {"again": build(2019, "77")}


def members(path):
    """The parts of a workbook: what it holds, whatever compressed it."""
    if path.suffix != ".xlsx":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_the_same_seed_gives_the_same_bytes_in_any_process(made):
    for name in FILES.values():
        assert (made[2019] / name).read_bytes() == (made["again"] / name).read_bytes()


def test_the_shipped_files_are_those_of_seed_2019(made):
    assert sorted(path.name for path in RAW.iterdir()) == sorted(FILES.values())
    for name in FILES.values():
        assert members(RAW / name) == members(made[2019] / name), name


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_carries_every_published_number(made, seed):
    raw = Raw(made[seed])
    wrong = {}
    for published_id, entry in REGISTER.items():
        check = find_check(published_id)
        if check:
            agrees, shown = judge(entry, check(raw))
            if not agrees:
                wrong[published_id] = shown
    assert not wrong


def test_other_seeds_give_other_people(made):
    tables = {seed: Raw(made[seed]) for seed in SEEDS}
    for table, column in (("insights_intake", "case_id"), ("cms_cases", "su_id"), ("police_subjects", "subject_id")):
        first, second = (set(tables[seed][table][column]) for seed in (2019, 1))
        assert len(first & second) < len(first) / 5, table
