"""Compute an oracle anew in R and hold it against the committed outputs."""

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

HERE = Path(__file__).resolve().parent
KEYS = ["outcome", "group", "term", "statistic"]


def rscript_or_skip():
    """The Rscript command; where there is none the test skips, but never in CI."""
    found = shutil.which("Rscript")
    if not found:
        assert not os.environ.get("CI"), "CI installs R and must run this"
        pytest.skip("Rscript is not installed here; CI runs it")
    return found


def read_outputs(path):
    """What a script wrote: the keys and one value per row, below a line with R version and call."""
    return pd.read_csv(path, comment="#", dtype={"value": str}, keep_default_na=False)


def assert_r_gives_the_committed(script, tmp_path, *, rel=1e-12, abs=1e-15):  # noqa: A002 (as in pytest.approx)
    """Another R version may move the last digits that are printed, nothing else."""
    out = tmp_path / f"{script}.csv"
    call = [rscript_or_skip(), "--vanilla", HERE / f"{script}.R", HERE / f"tables/{script}.csv", out]
    subprocess.run(call, check=True)
    fresh, kept = read_outputs(out), read_outputs(HERE / f"expected/{script}.csv")
    pd.testing.assert_frame_equal(fresh[KEYS], kept[KEYS])
    numbers = kept["value"].astype(float).to_numpy()
    assert fresh["value"].astype(float).to_numpy() == pytest.approx(numbers, rel=rel, abs=abs)
