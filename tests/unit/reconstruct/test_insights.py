"""The reconstruction: solved, not typed in; other people with another seed, the same printed numbers."""

import io
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from drive_eval.ingest.config import load_contract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.dva import Infeasible, exit_pairs
from drive_eval.reconstruct.study import reconstruct
from drive_eval.reference.register import Register

TYPES = {
    "physical": "Physical abuse",
    "sexual": "Sexual abuse",
    "harassment_stalking": "Harassment and stalking",
    "jealousy_control": "Jealous and controlling behaviour",
}


@pytest.fixture(scope="module")
def make(root, register):
    def build(seed, chosen=register):
        assumed = Assumed(read_rows(root / "config/year2/assumed.csv"))
        contracts = {"insights": load_contract(root, "insights")}
        return reconstruct(chosen, assumed, contracts, seed=seed)["insights_extract.xlsx"]

    return build


def sheets(content):
    read = pd.read_excel(io.BytesIO(content), sheet_name=None, dtype=str, keep_default_na=False, engine="openpyxl")
    return read["Notice"], read["Intake"], read["Exit"]


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_only_one_pair_of_counts_prints_as_the_odds_ratio_does(register):
    assert exit_pairs(register) == [(4, 48)]  # N1


def test_the_same_seed_gives_the_same_bytes_and_the_shipped_workbook(make, root):
    assert make(2019) == make(2019)
    shipped = (root / "data/raw/year2/insights_extract.xlsx").read_bytes()
    assert members(make(2019)) == members(shipped)


@pytest.mark.parametrize("seed", [2019, 1, 2])
def test_every_seed_carries_the_published_counts(make, register, seed):
    """Counted with plain pandas from the file, apart from the pipeline."""
    _, intake, last = sheets(make(seed))
    sizes = intake["Trial arm"].value_counts().to_dict(), last["Trial arm"].value_counts().to_dict()
    assert sizes == ({"Control": 487, "Drive": 175}, {"Control": 341, "Drive": 73})
    with_exit = intake[intake["Client ID"].isin(last["Client ID"])]
    for abuse, header in TYPES.items():
        for arm in ("Drive", "Control"):
            for time, frame in (("intake", with_exit), ("exit", last)):
                answers = frame.loc[frame["Trial arm"] == arm, header]
                printed = register[f"insights.dva.{arm.lower()}.{abuse}.{time}_n"].number
                assert answers.isin(["Yes", "No"]).sum() == printed
    physical = last[last["Physical abuse"] == "Yes"]["Trial arm"].value_counts().to_dict()
    assert physical == {"Control": 48, "Drive": 4}


def test_another_seed_gives_other_people(make):
    ids = {seed: set(sheets(make(seed))[1]["Client ID"]) for seed in (2019, 1)}
    assert len(ids[2019] & ids[1]) < 50


def test_every_row_and_the_first_sheet_say_synthetic(make):
    notice, intake, last = sheets(make(2019))
    assert "SYNTHETIC" in notice.columns[0]
    assert set(intake["Data origin"]) | set(last["Data origin"]) == {"synthetic"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("exec.vs.physical.reduction.drive", "does not print as 93"),
        ("insights.dva.physical.exit.ci_high", "the odds ratio and its limits allow only"),
    ],
)
def test_a_register_that_contradicts_itself_is_refused(make, register, name, message):
    changed = Register([replace(register[key], value=50.0) if key == name else register[key] for key in register])
    with pytest.raises(Infeasible, match=message):
        make(2019, changed)
