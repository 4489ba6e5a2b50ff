"""The planned analysis against R 4.2.2: anova(lm(m ~ 1), X = ~1, test = "Spherical"), mauchly.test, shapiro.test."""

import json

import pandas as pd
import pytest
from tests.unit.analyses.test_friedman import ROUNDING, TIMES, people

from drive_eval.analyses.repeated_anova import analyse


def rows(scores, fence=1.5, alpha=0.05):
    found = analyse(people(scores), outcome="score", times=TIMES, fence=fence, normality_alpha=alpha)
    return found.set_index(["term", "time"])


@pytest.fixture(scope="module")
def rounding():
    return rows(ROUNDING)


def test_variance_and_its_correction(rounding):
    plain, corrected = rounding.loc[("repeated_anova", "all")], rounding.loc[("greenhouse_geisser", "all")]
    assert plain["statistic"] == pytest.approx(6.28830791835, rel=1e-9)
    assert plain["p_value"] == pytest.approx(0.00408410071405, rel=1e-8)
    assert (plain["df"], json.loads(plain["options"])["df_within"]) == (2, 42)
    assert corrected["p_value"] == pytest.approx(0.00843979903189, rel=1e-8)
    assert corrected["estimate"] == pytest.approx(0.7735, abs=5e-5)


def test_sphericity(rounding):
    mauchly = rounding.loc[("sphericity", "all")]
    assert mauchly["estimate"] == pytest.approx(0.707177623463, rel=1e-9)
    assert mauchly["p_value"] == pytest.approx(0.0312813222774, rel=1e-9)


def test_normality(rounding):
    expected = {"first": (0.946777592741, 0.272261133155), "second": (0.908094731853, 0.043293838703)}
    for time, numbers in expected.items():
        found = rounding.loc[("normality", time), ["estimate", "p_value"]].tolist()
        assert found == pytest.approx(numbers, rel=1e-6)


def test_one_departure_breaks_the_assumptions(rounding):
    assert rounding.loc[("assumptions_hold", "all"), "estimate"] == 0
    assert rows(ROUNDING, fence=9, alpha=0.04).loc[("assumptions_hold", "all"), "estimate"] == 1


def test_outliers_lie_beyond_the_fences():
    # quartiles of 1 to 7 and 30 at positions 2.25 and 6.75: 2.25 and 6.75, fence 6.75 + 1.5 * 4.5 = 13.5
    found = rows([(1, 2, 3), (2, 2, 4), (3, 5, 3), (4, 4, 4), (5, 6, 2), (6, 3, 3), (7, 8, 4), (30, 7, 3)])
    assert found.loc[("outliers", "first"), "n"] == 1


def test_everything_stands_beside_the_report(rounding):
    assert set(rounding["layer"]) == {"extension"}


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="fewer than three"):
        rows([(1, 2, 3), (2, 3, 1)])


def test_a_person_twice_is_refused():
    with pytest.raises(ValueError, match="more than once"):
        analyse(pd.concat([people(ROUNDING)] * 2), outcome="score", times=TIMES, fence=1.5, normality_alpha=0.05)
