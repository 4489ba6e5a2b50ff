import pandas as pd
import pytest

from drive_eval.analyses.matched_pairs import analyse

SETTINGS = {
    "outcome": "sample",
    "pair": "pair",
    "by": "arm",
    "exact": {"demographics": ["sex"]},
    "nearby": {"age": ["young", "middle", "old"]},
}


def members(*rows):
    return pd.DataFrame(rows, columns=["pair", "arm", "sex", "age"])


def agreement(cases):
    return analyse(cases, **SETTINGS).set_index("term")


def test_pairs_that_agree_and_lie_one_step_apart_hold():
    found = agreement(
        members(
            (1, "drive", "f", "young"),
            (1, "control", "f", "middle"),
            (2, "drive", "m", "old"),
            (2, "control", "m", "old"),
        )
    )
    assert found.loc[["sex", "age"], "n"].tolist() == [2, 2]
    assert found.loc["variables", ["measure", "estimate"]].tolist() == ["holds", 1]


@pytest.mark.parametrize(
    "second", [("m", "young"), ("f", "old"), (None, "young")], ids=["other code", "two steps apart", "blank"]
)
def test_one_pair_that_differs_is_enough(second):
    found = agreement(members((1, "drive", "f", "young"), (1, "control", *second)))
    assert found.loc["variables", "estimate"] == 0


def test_a_pair_of_one_arm_is_an_error():
    with pytest.raises(ValueError, match="1 pairs do not have one member"):
        agreement(members((1, "drive", "f", "young"), (1, "drive", "f", "young")))


def test_without_pairs_nothing_holds():
    found = agreement(members((1, "drive", "f", "young"), (1, "control", "f", "young")).iloc[:0])
    assert found.loc["variables", ["n", "estimate"]].tolist() == [0, 0]
