"""Samples print as asked; the figures are recomputed with numpy, which the solver does not use for them."""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.samples import count_for, roughen, solve_sample
from drive_eval.reference.register import REGISTER_COLUMNS, read_register


def printed(value, decimals):
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def bell(centre, spread):
    return lambda value: math.exp(-(((value - centre) / spread) ** 2) / 2)


def entry(text, **cells):
    row = dict.fromkeys(REGISTER_COLUMNS, "") | {"published_id": "a", "printed": text, "value": text, "decimals": "0"}
    return read_register([row | {key: str(cell) for key, cell in cells.items()}])["a"]


NAMES = ("n", "minimum", "maximum", "mean", "sd", "median", "decimals", "shape")
CASES = {
    "right-skewed counts with a low median": (212, 1, 96, 8.67, 16.05, 2, 2, lambda value: value**-1.3),
    "odd n": (73, 0, 60, 13.1, 9.4, 11, 1, bell(10, 12)),
    "even n with a half median and no SD": (24, 2, 40, 16, None, 15.5, 0, bell(15, 9)),
    "sparse days": (68, 1, 519, 285.0, 90.5, 310, 1, bell(300, 90)),
    "weights given, no median": (40, 0, 3, 1.2, 1.0, None, 1, [4, 3, 2, 1]),
}


@pytest.mark.parametrize("wanted", CASES.values(), ids=CASES)
def test_figures_hold_as_printed(wanted):
    wanted = dict(zip(NAMES, wanted, strict=True))
    sample = solve_sample(**wanted)
    assert sample == sorted(sample)
    assert len(sample) == wanted["n"]
    assert (sample[0], sample[-1]) == (wanted["minimum"], wanted["maximum"])
    for name, value in (("mean", np.mean(sample)), ("sd", np.std(sample, ddof=1))):
        if wanted[name] is not None:
            assert printed(value, wanted["decimals"]) == wanted[name], name
    if wanted["median"] is not None:
        assert np.median(sample) == wanted["median"]


@pytest.mark.parametrize("counts", [(51, 56, 51, 54), (50, 57, 52, 53)], ids=["quartile met", "quartile interpolated"])
def test_bands_and_percentiles_hold(counts):
    limits = ((17, 27), (28, 33), (34, 42), (43, 77))
    sample = solve_sample(
        n=212,
        minimum=17,
        maximum=77,
        mean=35,
        sd=11.2,
        decimals={"sd": 1},
        shape=bell(30, 12),
        bands=[(*limit, count) for limit, count in zip(limits, counts, strict=True)],
        percentiles={0.25: 28, 0.5: 33, 0.75: 43},
    )
    assert list(np.percentile(sample, [25, 50, 75], method="weibull")) == [28, 33, 43]
    assert tuple(sum(low <= value <= high for value in sample) for low, high in limits) == counts


def test_interval_in_place_of_a_printed_figure():
    sample = solve_sample(n=50, minimum=0, maximum=30, mean=(9.98, 10.02), sd=(4.99, 5.01), shape=bell(10, 5))
    assert 9.98 <= np.mean(sample) < 10.02
    assert 4.99 <= np.std(sample, ddof=1) < 5.01


def test_tie_rounds_half_up():
    sample = solve_sample(n=2, minimum=2, maximum=3, mean=3, shape=[1, 1])
    assert sample == [2, 3]
    with pytest.raises(Infeasible):
        solve_sample(n=2, minimum=2, maximum=3, mean=2, shape=[1, 1])


def test_sample_follows_the_shape():
    """No spikes and no holes: the cumulative counts stay within two people of the tilted shape."""
    sample = solve_sample(n=200, minimum=0, maximum=40, mean=20, sd=6.0, decimals={"sd": 1}, shape=bell(20, 6))
    counts = np.bincount(sample)
    expected = np.array([bell(20, 6)(value) for value in range(41)])
    expected *= 200 / expected.sum()
    assert abs(np.cumsum(counts) - np.cumsum(expected)).max() <= 4


def test_infeasible_is_named():
    with pytest.raises(Infeasible, match="ages: no whole numbers"):
        solve_sample(n=10, minimum=0, maximum=5, mean=4.9, sd=2, decimals=1, shape=[1] * 6, name="ages")


def test_same_call_same_sample():
    wanted = dict(zip(NAMES, CASES["odd n"], strict=True))
    assert solve_sample(**wanted) == solve_sample(**wanted)


def test_roughen_depends_on_its_seed_only():
    values = range(5)
    assert roughen([1] * 5, values, amount=0.2, random_seed=3) == roughen([1] * 5, values, amount=0.2, random_seed=3)
    assert roughen([1] * 5, values, amount=0.2, random_seed=3) != roughen([1] * 5, values, amount=0.2, random_seed=4)


@pytest.mark.parametrize(
    ("text", "bases", "count"),
    [("97", (212,), 206), ("97", (212, 211), 205), ("35", (212, 209), 74)],
    ids=["nearest", "prints with and without one blank", "prints with and without three"],
)
def test_count_that_prints(text, bases, count):
    assert count_for(entry(text), *bases) == count


def test_recovered_count_goes_first():
    """32 per cent of 196 is 62 or 63; the sum with 26 prints as 57 with 62 only (X05)."""
    assert count_for(entry("32"), 196) == 63
    assert count_for(entry("32", n=196, implied_count=62), 196) == 62


def test_no_count_prints_so():
    with pytest.raises(Infeasible, match="no count of 3 prints"):
        count_for(entry("50"), 3)
