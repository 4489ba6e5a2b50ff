"""Mantel-Haenszel against the report's own table, R's documented example and identities."""

import itertools
import math

import pandas as pd
import pytest

from drive_eval.analyses.mantel_haenszel import analyse

SETTINGS = {
    "outcomes": ["abuse"],
    "time": "exit",
    "by": "arm",
    "index_group": "control",
    "reference_group": "drive",
    "strata": "site",
    "ci_level": 0.95,
}
# R's UCBAdmissions, departments A to F: admitted and rejected, men then women
BERKELEY = {
    "A": ((512, 313), (89, 19)),
    "B": ((353, 207), (17, 8)),
    "C": ((120, 205), (202, 391)),
    "D": ((138, 279), (131, 244)),
    "E": ((53, 138), (94, 299)),
    "F": ((22, 351), (24, 317)),
}


def people(strata):
    """One row per person from {stratum: ((yes, no) of control, (yes, no) of drive)}."""
    rows = [
        (arm, stratum, answer)
        for stratum, table in strata.items()
        for arm, counts in zip(("control", "drive"), table, strict=True)
        for answer, count in zip((1, 0), counts, strict=True)
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["arm", "site", "abuse_exit"]).astype({"abuse_exit": "Int8"})


def rows(frame, stratum="all", **settings):
    found = analyse(frame, **SETTINGS | settings)
    return found[found["stratum"] == stratum].set_index("term")


@pytest.fixture(scope="module")
def physical():
    """Physical abuse at exit, 48 of 325 control and 4 of 70 Drive (N1)."""
    return people({"one": ((48, 277), (4, 66))})


def test_the_published_odds_ratio_and_its_limits(physical):
    found = rows(physical).loc["odds_ratio"]
    error = math.sqrt(1 / 48 + 1 / 277 + 1 / 4 + 1 / 66)
    assert found["estimate"] == pytest.approx(48 * 66 / (277 * 4), rel=1e-14)
    assert found["ci_low"] == pytest.approx(math.exp(math.log(3168 / 1108) - 1.959963984540054 * error), rel=1e-12)
    assert (round(found["estimate"], 2), round(found["ci_low"], 1), round(found["ci_high"], 1)) == (2.86, 1.0, 8.2)
    assert found["layer"] == "replication"


def test_the_p_values_that_lie_on_both_sides_of_five_per_cent(physical):
    # discrepancies Y16: Wald .051, uncorrected .042, corrected .066, Fisher .0498; risk ratio 2.58
    found = rows(physical)
    expected = {"wald": 0.051, "mantel_haenszel": 0.042, "corrected": 0.066, "fisher": 0.050}
    assert found.loc[list(expected), "p_value"].round(3).to_dict() == expected
    assert found.loc["fisher", "p_value"] == pytest.approx(0.0498, abs=5e-5)
    assert round(found.loc["risk_ratio", "estimate"], 2) == 2.58


def test_one_stratum_pooled_equals_crude(physical):
    crude, pooled = rows(physical), rows(physical, stratum="by_site")
    for term, column in itertools.product(("odds_ratio", "risk_ratio"), ("estimate", "ci_low", "ci_high")):
        assert pooled.loc[term, column] == pytest.approx(crude.loc[term, column], rel=1e-12)
    assert pooled.loc["mantel_haenszel", "p_value"] == pytest.approx(crude.loc["mantel_haenszel", "p_value"], rel=1e-12)


def test_admissions_to_berkeley_as_the_r_manual_prints_them():
    # ?mantelhaen.test: common odds ratio 0.9046968 (0.7719074 to 1.0603298), corrected chi-square 1.4269, p 0.2323
    found = rows(people(BERKELEY), stratum="by_site")
    assert found.loc["odds_ratio", "estimate"] == pytest.approx(0.9046968, abs=5e-8)
    assert found.loc["odds_ratio", "ci_low"] == pytest.approx(0.7719074, abs=5e-8)
    assert found.loc["odds_ratio", "ci_high"] == pytest.approx(1.0603298, abs=5e-8)
    assert found.loc["corrected", "statistic"] == pytest.approx(1.4269, abs=5e-5)
    assert found.loc["corrected", "p_value"] == pytest.approx(0.2323, abs=5e-5)
    assert found.loc["breslow_day", "df"] == 5
    assert found.loc["breslow_day", "p_value"] < 0.01


def test_uncorrected_is_not_the_corrected_default():
    # the two defaults of statsmodels and R on one table: the rows must differ and be named
    found = rows(people(BERKELEY), stratum="by_site")
    assert found.loc["mantel_haenszel", "statistic"] > found.loc["corrected", "statistic"]
    assert '"correction": false' in found.loc["mantel_haenszel", "options"]


def test_groups_swapped_inverts_ratios_and_keeps_p(physical):
    there = rows(physical)
    back = rows(physical, index_group="drive", reference_group="control")
    for term in ("odds_ratio", "risk_ratio"):
        assert there.loc[term, "estimate"] == pytest.approx(1 / back.loc[term, "estimate"], rel=1e-12)
        assert there.loc[term, "ci_low"] == pytest.approx(1 / back.loc[term, "ci_high"], rel=1e-12)
    for term in ("mantel_haenszel", "corrected", "wald", "fisher"):
        assert there.loc[term, "p_value"] == pytest.approx(back.loc[term, "p_value"], rel=1e-9)


def test_an_empty_cell_leaves_the_table_unchanged():
    # statsmodels would put 0.5 for the zero and print an odds ratio of 50 instead of infinite
    found = rows(people({"one": ((10, 5), (0, 12))}))
    assert found.loc["odds_ratio", "estimate"] == math.inf
    assert pd.isna(found.loc["odds_ratio", "ci_low"])
    assert "empty cell" in found.loc["odds_ratio", "note"]
    assert "wald" not in found.index


def test_a_stratum_of_one_group_only_is_left_out_and_said():
    found = rows(people({"a": ((10, 5), (4, 9)), "b": ((3, 3), (0, 0))}), stratum="by_site")
    assert "1 strata without people in both groups" in found.loc["odds_ratio", "note"]
    assert found.loc["odds_ratio", "estimate"] == pytest.approx(10 * 9 / (5 * 4), rel=1e-12)


def test_a_stratum_without_events_spoils_no_test():
    strata = {"a": ((10, 5), (4, 9)), "b": ((6, 6), (3, 7)), "c": ((0, 8), (0, 9))}
    found = rows(people(strata), stratum="by_site")
    assert found.loc["breslow_day", "df"] == 1
    assert 0 < found.loc["breslow_day", "p_value"] < 1
    assert "nobody or everybody" in found.loc["breslow_day", "note"]


def test_correction_is_dropped_when_the_excess_is_under_a_half():
    # excess is 5 - 10 * 11 / 20 = -0.5 + ...: here exactly 0.25; a correction would over-shoot
    found = rows(people({"one": ((6, 6), (5, 6))}))
    assert found.loc["corrected", "statistic"] == found.loc["mantel_haenszel", "statistic"]


def test_missing_answers_are_counted(physical):
    more = pd.concat([physical, physical.head(3).assign(abuse_exit=pd.NA)], ignore_index=True)
    found = rows(more.astype({"abuse_exit": "Int8"}))
    assert (found["n_missing"] == 3).all()
    assert (found["denominator"] == 395).all()


def test_a_missing_code_is_refused(physical):
    with pytest.raises(ValueError, match="other than 0, 1 or missing"):
        rows(physical.assign(abuse_exit=9))


def test_a_group_that_is_not_there_is_an_error(physical):
    with pytest.raises(ValueError, match="nobody in group 'other'"):
        rows(physical, index_group="other")
