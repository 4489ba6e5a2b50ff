"""McNemar against printed examples and R's documented rules; nothing here is computed by the code under test."""

import pandas as pd
import pytest

from drive_eval.analyses.mcnemar import analyse

SETTINGS = {
    "outcomes": ["abuse"],
    "before": "intake",
    "after": "exit",
    "by": "arm",
    "exact_up_to": 25,
    "ci_level": 0.95,
}


def rows(frame):
    return analyse(frame, **SETTINGS).set_index("term")


def test_the_airway_example_of_fagerland_and_others(pairs):
    # Bentur et al., printed in Fagerland, Lydersen and Laake (2013): 1, 1, 7, 12; exact .0703, mid-p .0391
    found = rows(pairs(both=1, stopped=1, started=7, neither=12))
    assert found.loc["exact", "p_value"] == pytest.approx(0.0703125, abs=1e-12)
    assert found.loc["mid_p", "p_value"] == pytest.approx(0.0390625, abs=1e-12)


def test_exact_and_corrected_forms_of_twelve_against_five(pairs):
    # R: binom.test(12, 17)$p.value = 0.1435 and mcnemar.test corrected p = 0.1456, chi-square 36/17
    found = rows(pairs(stopped=12, started=5, neither=3))
    assert found.loc["exact", "p_value"] == pytest.approx(0.143463134765625, abs=1e-12)
    assert found.loc["corrected", "statistic"] == pytest.approx(36 / 17, abs=1e-12)
    assert found.loc["corrected", "p_value"] == pytest.approx(0.1456, abs=5e-5)


def test_no_discordant_pairs_gives_p_of_one_and_says_so(pairs):
    found = rows(pairs(both=5, neither=6))
    for term in ("spss_rule", "exact", "corrected", "mid_p"):
        assert found.loc[term, "p_value"] == 1
        assert "no discordant pairs" in found.loc[term, "note"]
    assert found.loc["corrected", "statistic"] == 0
    assert pd.isna(found.loc["odds_ratio", "estimate"])


def test_correction_is_dropped_when_as_many_started_as_stopped(pairs):
    # R returns 0 and p = 1; with the correction it would be 0.0625 and .803
    found = rows(pairs(stopped=8, started=8, neither=1))
    assert (found.loc["corrected", "statistic"], found.loc["corrected", "p_value"]) == (0, 1)
    # mid-p of equal counts is 1 less half the point probability: C(16, 8) / 2^16 = 12870 / 65536
    assert found.loc["mid_p", "p_value"] == pytest.approx(1 - 12870 / 65536 / 2, abs=1e-12)


@pytest.mark.parametrize(("stopped", "exact"), [(25, True), (26, False)], ids=["25 pairs exact", "26 pairs corrected"])
def test_spss_rule_changes_form_above_25_discordant_pairs(pairs, stopped, exact):
    rule = rows(pairs(stopped=stopped, neither=4)).loc["spss_rule"]
    assert (rule["method"] == "exact binomial") is exact
    assert pd.isna(rule["statistic"]) is exact
    assert rule["p_value"] == pytest.approx(2 * 0.5**25 if exact else 9.443e-07, rel=1e-3)
    assert rule["layer"] == "replication"


def test_difference_is_stopped_less_started_with_the_interval_of_bonett_and_price(pairs):
    # by hand: n 21, stopped 7, started 1: shares 8/23 and 2/23, centre 6/23, se = sqrt((10/23 - 36/529) / 23)
    found = rows(pairs(both=1, stopped=7, started=1, neither=12)).loc["risk_difference"]
    error = ((10 / 23 - 36 / 529) / 23) ** 0.5
    assert found["estimate"] == pytest.approx(6 / 21, abs=1e-15)
    assert found["ci_low"] == pytest.approx(6 / 23 - 1.959963984540054 * error, abs=1e-12)
    assert found["ci_high"] == pytest.approx(6 / 23 + 1.959963984540054 * error, abs=1e-12)


def test_times_swapped_inverts_the_odds_ratio_and_keeps_p(pairs):
    frame = pairs(both=3, stopped=9, started=4, neither=5)
    swapped = frame.rename(columns={"abuse_intake": "abuse_exit", "abuse_exit": "abuse_intake"})
    there, back = rows(frame), rows(swapped)
    for term in ("spss_rule", "exact", "corrected", "mid_p"):
        assert there.loc[term, "p_value"] == pytest.approx(back.loc[term, "p_value"], rel=1e-12)
    assert there.loc["odds_ratio", "estimate"] == pytest.approx(1 / back.loc["odds_ratio", "estimate"])
    assert there.loc["odds_ratio", "ci_low"] == pytest.approx(1 / back.loc["odds_ratio", "ci_high"])


def test_nobody_started_gives_an_infinite_odds_ratio_with_a_finite_lower_limit(pairs):
    # Clopper-Pearson lower limit of 6/6 is .025 ** (1/6) = 0.5407, odds 1.177
    found = rows(pairs(stopped=6, neither=2)).loc["odds_ratio"]
    limit = 0.025 ** (1 / 6)
    assert found["estimate"] == float("inf")
    assert found["ci_low"] == pytest.approx(limit / (1 - limit), rel=1e-9)


def test_people_without_both_answers_are_left_out_and_counted(pairs):
    found = rows(pairs(both=2, stopped=3, neither=1, missing=4)).loc["spss_rule"]
    assert (found["n"], found["n_missing"]) == (6, 4)


def test_a_missing_code_is_refused(pairs):
    frame = pairs(both=2, stopped=1)
    frame.loc[0, "abuse_exit"] = 9
    with pytest.raises(ValueError, match="1 rows hold a value other than 0, 1 or missing"):
        rows(frame)


def test_groups_are_kept_apart(pairs):
    frame = pd.concat([pairs(stopped=5), pairs(stopped=2, started=1, arm="control")], ignore_index=True)
    found = analyse(frame, **SETTINGS)
    counts = found[found["term"] == "stopped"].set_index("group")["n"].to_dict()
    assert counts == {"control": 2, "drive": 5}
