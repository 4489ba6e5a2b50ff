"""Friedman against an example printed with R, and hand arithmetic; nothing here is computed by the code under test."""

import pandas as pd
import pytest

from drive_eval.analyses.friedman import analyse

TIMES = ["first", "second", "third"]
# Rounding first base, Hollander and Wolfe (1973), p. 140; R's help page of friedman.test: 11.143, df 2, p .003805
ROUNDING = [(5.40, 5.50, 5.55), (5.85, 5.70, 5.75), (5.20, 5.60, 5.50), (5.55, 5.50, 5.40), (5.90, 5.85, 5.70),
            (5.45, 5.55, 5.60), (5.40, 5.40, 5.35), (5.45, 5.50, 5.35), (5.25, 5.15, 5.00), (5.85, 5.80, 5.70),
            (5.25, 5.20, 5.10), (5.65, 5.55, 5.45), (5.60, 5.35, 5.45), (5.05, 5.00, 4.95), (5.50, 5.50, 5.40),
            (5.45, 5.55, 5.50), (5.55, 5.55, 5.35), (5.45, 5.50, 5.55), (5.50, 5.45, 5.25), (5.65, 5.60, 5.40),
            (5.70, 5.65, 5.55), (6.30, 6.30, 6.25)]  # fmt: skip


def people(scores):
    frame = pd.DataFrame(scores, columns=[f"score_{time}" for time in TIMES])
    return frame.assign(case_id=range(1000, 1000 + len(frame)))


def rows(scores, alpha=0.05):
    found = analyse(people(scores), outcome="score", times=TIMES, alpha=alpha, ci_level=0.95)
    return found.set_index(["term", "time"])


def test_the_printed_example():
    whole = rows(ROUNDING).loc[("friedman", "all")]
    assert whole["statistic"] == pytest.approx(11.1428571429, abs=1e-9)
    assert (whole["df"], whole["n"]) == (2, 22)
    assert whole["p_value"] == pytest.approx(0.003805, abs=5e-7)
    assert whole["estimate"] == pytest.approx(11.1428571429 / 44, abs=1e-9)
    assert whole["layer"] == "replication"


def test_pairs_by_hand():
    # ranks of four people: (3, 2, 1), (3, 1, 2), (2, 3, 1), (3, 2, 1): means 2.75, 2, 1.25
    found = rows([(9, 5, 1), (9, 1, 5), (5, 9, 1), (8, 4, 2)])
    means = [found.loc[("mean_rank", time), "estimate"] for time in TIMES]
    assert means == pytest.approx([2.75, 2.0, 1.25])
    pair = found.loc[("rank_comparison", "first_v_third")]
    # standard error sqrt(3 * 4 / (6 * 4)) = 0.7071; z 1.5 / 0.7071 = 2.1213, p .0339, times three .1017
    assert pair["statistic"] == pytest.approx(1.5 / 0.5**0.5)
    assert pair["p_value"] == pytest.approx(0.033895, abs=1e-6)
    assert pair["p_adjusted"] == pytest.approx(3 * 0.033895, abs=3e-6)
    # Conover: sums 11, 8, 5; t = 6 / sqrt(2 (4 * 56 - 210) / 6) with 6 df
    conover = found.loc[("conover", "first_v_third")]
    assert conover["statistic"] == pytest.approx(6 / (2 * (4 * 56 - 210) / 6) ** 0.5)
    assert (conover["df"], conover["layer"]) == (6, "extension")


def test_bonferroni_level_is_alpha_over_the_pairs():
    level = rows(ROUNDING).loc[("pairwise_alpha", "all")]
    assert (level["estimate"], level["measure"]) == (pytest.approx(0.05 / 3), "setting")


def test_adjusted_p_stops_at_one():
    found = rows(ROUNDING)
    adjusted = found["p_adjusted"].dropna()
    assert adjusted.max() <= 1


def test_signed_ranks_leave_zeros_out():
    # differences first less second: 0, 1, -2, 3, 4 -> ranks 1, 2, 3, 4 without the zero; W+ = 8, mean 5, variance 7.5
    found = rows([(1, 1, 0), (2, 1, 0), (1, 3, 0), (4, 1, 0), (5, 1, 0)])
    plain = found.loc[("wilcoxon", "first_v_second"), "statistic"]
    corrected = found.loc[("wilcoxon_corrected", "first_v_second"), "statistic"]
    assert plain == pytest.approx(3 / 7.5**0.5)
    assert corrected == pytest.approx(2.5 / 7.5**0.5)


def test_shift_is_the_median_of_walsh_averages_of_later_less_earlier():
    # differences 1, 2, 6: averages 1, 1.5, 3.5, 2, 4, 6 -> sorted median (2 + 3.5) / 2
    shift = rows([(0, 1, 0), (0, 2, 0), (0, 6, 0)]).loc[("hodges_lehmann", "first_v_second")]
    assert shift["estimate"] == pytest.approx(2.75)
    assert pd.isna(shift["ci_low"])
    assert shift["note"] == "too few people for limits"


def test_everybody_alike_is_not_defined_rather_than_nan_in_silence():
    found = rows([(3, 3, 3), (5, 5, 5)])
    for key in (("friedman", "all"), ("conover", "first_v_second"), ("wilcoxon", "first_v_second")):
        assert pd.isna(found.loc[key, "p_value"])
        assert found.loc[key, "note"].startswith("not defined")


def test_incomplete_people_are_left_out_and_counted():
    found = rows([(1, 2, 3), (1, 2, None), (None, None, None), (3, 2, 1)]).loc[("friedman", "all")]
    assert (found["n"], found["n_missing"], found["denominator"]) == (2, 2, 4)


def test_a_numeric_id_is_never_a_condition():
    shuffled = people(ROUNDING).assign(case_id=range(22, 0, -1), other=7.5)
    found = analyse(shuffled, outcome="score", times=TIMES, alpha=0.05, ci_level=0.95).set_index("term")
    assert found.loc["friedman", "statistic"] == pytest.approx(11.1428571429, abs=1e-9)


def test_a_person_twice_is_refused():
    twice = pd.concat([people(ROUNDING), people(ROUNDING[:1])])
    with pytest.raises(ValueError, match="1 people occur more than once"):
        analyse(twice, outcome="score", times=TIMES, alpha=0.05, ci_level=0.95)


def test_two_times_are_refused():
    with pytest.raises(ValueError, match="three times"):
        analyse(people(ROUNDING), outcome="score", times=TIMES[:2], alpha=0.05, ci_level=0.95)
