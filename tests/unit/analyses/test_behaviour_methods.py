"""Change, composition, chi-square, signed ranks and logistic regression against hand arithmetic and print."""

import math

import numpy as np
import pandas as pd
import pytest

from drive_eval.analyses import chi_square, composition, logistic_regression, relative_change, wilcoxon_signed_rank


def pairs_of(both, stopped, started, neither, **more):
    before = [1] * (both + stopped) + [0] * (started + neither)
    after = [1] * both + [0] * stopped + [1] * started + [0] * neither
    return pd.DataFrame({"abuse_intake": before, "abuse_closure": after}).astype("Int8").assign(**more)


CHANGE = {
    "outcomes": ["abuse"],
    "times": ["intake", "closure"],
    "by": "",
    "levels": {"used": [1]},
    "substantial": 0.5,
    "about_equal": 0.1,
    "ci_level": 0.95,
}


class TestRelativeChange:
    def test_reduction_points_and_limits_by_hand(self):
        # 40 of 100 at first, 16 at last: 60 % less, 24 points less; log ratio se = sqrt((26 + 2) / (40 * 16))
        found = relative_change.analyse(pairs_of(14, 26, 2, 58), **CHANGE).set_index(["time", "term"])
        change = found.loc[("intake_to_closure", "used")]
        assert change["estimate"] == pytest.approx(0.6)
        reach = 1.959963984540054 * math.sqrt(28 / 640)
        assert change["ci_low"] == pytest.approx(1 - 0.4 * math.exp(reach))
        assert change["ci_high"] == pytest.approx(1 - 0.4 * math.exp(-reach))
        assert found.loc[("intake_to_closure", "used_points"), "estimate"] == pytest.approx(-0.24)
        assert found.loc[("closure", "used"), ["n", "denominator"]].tolist() == [16, 100]
        assert found.loc[("intake_to_closure", "used_substantial"), "estimate"] == 1

    def test_change_is_of_people_with_both_answers(self):
        frame = pairs_of(2, 2, 0, 4)
        frame.loc[0, "abuse_closure"] = pd.NA
        found = relative_change.analyse(frame, **CHANGE).set_index(["time", "term"])
        change = found.loc[("intake_to_closure", "used")]
        assert change[["estimate", "denominator", "n_missing"]].tolist() == pytest.approx([2 / 3, 7, 1])
        assert found.loc[("intake", "used"), "denominator"] == 8

    def test_nobody_at_first_gives_no_ratio(self):
        found = relative_change.analyse(pairs_of(0, 0, 2, 3), **CHANGE).set_index(["time", "term"])
        change = found.loc[("intake_to_closure", "used")]
        assert pd.isna(change["estimate"])
        assert "nobody had it" in change["note"]

    @pytest.mark.parametrize(("second", "alike"), [(10, 1.0), (2, 0.0)], ids=["about equal", "apart"])
    def test_groups_alike(self, second, alike):
        frame = pd.concat([pairs_of(9, 11, 0, 5, band="a"), pairs_of(20 - second, second, 0, 5, band="b")])
        found = relative_change.analyse(frame.reset_index(drop=True), **CHANGE | {"by": "band"})
        assert found.set_index("term").loc["used_alike", "estimate"] == alike


COMPOSITION = {"outcomes": ["abuse"], "times": ["intake", "closure"], "by": "part", "small": 0.2, "unchanged": 0.1}
CHI_SQUARE = {"outcomes": ["abuse"], "time": "closure", "by": "work", "ci_level": 0.95}


class TestComposition:
    def test_parts_of_users_and_shares_of_groups(self):
        # a: 6 then 2 of 10; b: 4 then 3 of 5
        frame = pd.concat([pairs_of(2, 4, 0, 4, part="a"), pairs_of(3, 1, 0, 1, part="b")]).reset_index(drop=True)
        found = composition.analyse(frame, **COMPOSITION)
        keyed = found.set_index(["outcome", "group", "time", "term"])["estimate"]
        assert keyed[("abuse", "a", "intake", "composition")] == pytest.approx(0.6)
        assert keyed[("abuse", "a", "closure", "composition")] == pytest.approx(0.4)
        assert keyed[("abuse", "a", "intake_to_closure", "composition")] == pytest.approx(1 / 3)
        assert keyed[("abuse", "b", "intake", "prevalence")] == pytest.approx(0.8)
        assert keyed[("abuse", "b", "intake_to_closure", "prevalence")] == pytest.approx(0.25)
        assert keyed[("all_outcomes", "all", "intake", "uses")] == 10
        assert keyed[("all_outcomes", "a", "intake_to_closure", "small_reduction")] == 0

    def test_a_part_that_stays_is_unchanged(self):
        frame = pd.concat([pairs_of(2, 2, 0, 4, part="a"), pairs_of(2, 2, 0, 1, part="b")]).reset_index(drop=True)
        keyed = composition.analyse(frame, **COMPOSITION).set_index(["group", "term"])["estimate"]
        assert keyed[("a", "no_change")] == 1

    def test_a_group_that_stopped_entirely_has_a_part_of_nothing(self):
        frame = pd.concat([pairs_of(0, 2, 0, 4, part="a"), pairs_of(0, 2, 0, 1, part="b")]).reset_index(drop=True)
        found = composition.analyse(frame, **COMPOSITION)
        at_closure = found[(found["time"] == "closure") & (found["term"] == "composition")]
        assert at_closure["estimate"].isna().all()
        assert set(at_closure["note"]) == {"nobody in the base"}

    def test_who_has_no_group_is_an_error(self):
        with pytest.raises(ValueError, match="1 rows have no part"):
            composition.analyse(pairs_of(1, 0, 0, 0, part=None), **COMPOSITION)


def two_groups(a, b, c, d):
    work, answers = np.repeat([1, 1, 0, 0], (a, b, c, d)), np.repeat([1, 0, 1, 0], (a, b, c, d))
    return pd.DataFrame({"work": work, "abuse_closure": answers})


class TestChiSquare:
    def test_forms_by_hand(self):
        # 3/12 against 1/13: n (ad - bc)^2 / margins = 25 (36 - 9)^2 / (12 * 13 * 4 * 21)
        found = chi_square.analyse(two_groups(3, 9, 1, 12), **CHI_SQUARE).set_index("term")
        plain = 25 * 27**2 / (12 * 13 * 4 * 21)
        yates = 25 * (27 - 12.5) ** 2 / (12 * 13 * 4 * 21)
        assert found.loc["pearson", "statistic"] == pytest.approx(plain)
        assert found.loc["yates", "statistic"] == pytest.approx(yates)
        assert found.loc["cramers_v", "estimate"] == pytest.approx(math.sqrt(plain / 25)), "from the uncorrected one"
        assert found.loc["odds_ratio", "estimate"] == pytest.approx(4)
        assert "smallest expected count 1.9" in found.loc["pearson", "note"]
        assert found.loc["pearson", "layer"] == "replication"

    def test_an_empty_cell_is_left_as_it_is(self):
        found = chi_square.analyse(two_groups(0, 7, 5, 9), **CHI_SQUARE).set_index("term")
        assert found.loc["odds_ratio", "estimate"] == 0
        assert pd.isna(found.loc["odds_ratio", "ci_low"])
        assert "empty cell" in found.loc["odds_ratio", "note"]

    def test_an_empty_margin_defines_nothing(self):
        found = chi_square.analyse(two_groups(0, 7, 0, 9), **CHI_SQUARE).set_index("term")
        assert pd.isna(found.loc["pearson", "p_value"])
        assert "empty row or column" in found.loc["pearson", "note"]

    def test_no_association_is_nothing(self):
        found = chi_square.analyse(two_groups(5, 5, 5, 5), **CHI_SQUARE).set_index("term")
        assert found.loc["pearson", ["statistic", "p_value"]].tolist() == pytest.approx([0, 1])
        assert found.loc["cramers_v", ["estimate", "ci_low"]].tolist() == [0, 0]

    def test_a_code_is_refused(self):
        with pytest.raises(ValueError, match="abuse: 1 rows"):
            chi_square.analyse(pd.DataFrame({"work": [1, 0], "abuse_closure": [9, 1]}), **CHI_SQUARE)


def signed(before, after):
    frame = pd.DataFrame({"abuse_a": before, "abuse_b": after, "arm": "drive"})
    return wilcoxon_signed_rank.analyse(frame, outcomes=["abuse"], before="a", after="b", by="arm").set_index("term")


class TestSignedRank:
    def test_ties_share_ranks_and_zeros_are_left_out(self):
        # differences 3, 1, 0, -2, 2: ranks of 1, 2, 2, 3 are 1, 2.5, 2.5, 4; falls 4 + 1 + 2.5 = 7.5
        found = signed([3, 1, 1, 0, 3], [0, 0, 1, 2, 1])
        z = (7.5 - 5) / math.sqrt(4 * 5 * 9 / 24 - (8 - 2) / 48)
        assert found.loc["signed_rank", "statistic"] == 7.5
        assert found.loc["signed_rank", "p_value"] == pytest.approx(math.erfc(z / math.sqrt(2)))
        assert found.loc["rank_biserial", "estimate"] == pytest.approx((7.5 - 2.5) / 10)
        assert found.loc[["fell", "rose", "same"], "n"].tolist() == [3, 1, 1]

    def test_nobody_changed(self):
        found = signed([1, 2], [1, 2])
        assert found.loc["signed_rank", "p_value"] == 1
        assert "nobody changed" in found.loc["signed_rank", "note"]

    def test_half_known_pairs_are_counted(self):
        assert signed([1, 2, None], [0, 1, 1]).loc["signed_rank", ["n", "n_missing"]].tolist() == [2, 1]


def logistic(frame, predictors=("x",)):
    found = logistic_regression.analyse(frame, outcome="y", predictors=list(predictors), ci_level=0.95)
    return found.set_index(["group", "term"])


class TestLogisticRegression:
    def test_one_predictor_is_the_log_odds_ratio(self):
        # 12/20 against 6/24: log odds ratio ln(12 * 18 / (8 * 6)), Woolf error, effect 0.6 - 0.25
        frame = pd.DataFrame(
            {"x": np.repeat([1, 1, 0, 0], (12, 8, 6, 18)), "y": np.repeat([1, 0, 1, 0], (12, 8, 6, 18))}
        )
        found = logistic(frame)
        assert found.loc[("x", "coefficient"), "estimate"] == pytest.approx(math.log(4.5))
        error = math.sqrt(1 / 12 + 1 / 8 + 1 / 6 + 1 / 18)
        assert found.loc[("x", "coefficient"), "std_error"] == pytest.approx(error)
        assert found.loc[("x", "odds_ratio"), "estimate"] == pytest.approx(4.5)
        assert found.loc[("x", "average_marginal_effect"), "estimate"] == pytest.approx(0.35)
        assert found.loc[("all", "events_per_variable"), "estimate"] == 18

    def test_an_empty_cell_is_named_before_the_fit(self):
        found = logistic(pd.DataFrame({"x": [1, 1, 0, 0, 0], "y": [1, 1, 1, 0, 0]}))
        assert found.loc[("all", "coefficient"), "note"].startswith("not estimated: x separates the outcome")
        assert ("x", "coefficient") not in found.index

    def test_separation_by_two_predictors_together_is_found_after_the_fit(self):
        # y is x and z: no single table has an empty cell but the fit runs off
        cells = [(1, 1, 1, 9), (1, 0, 0, 6), (0, 1, 0, 6), (1, 0, 1, 6), (0, 1, 1, 6), (0, 0, 0, 9)]
        frame = pd.DataFrame([cell[:3] for cell in cells for _ in range(cell[3])], columns=["x", "z", "y"])
        found = logistic(frame, ("x", "z"))
        assert "separated" in found.loc[("all", "coefficient"), "note"]

    def test_incomplete_people_are_left_out_and_counted(self):
        frame = pd.DataFrame({"x": [1, 1, 0, 0, None, 1], "y": [1, 0, 1, 0, 1, None]})
        assert logistic(frame).loc[("all", "complete_cases"), ["estimate", "n_missing"]].tolist() == [4, 2]

    def test_an_outcome_that_does_not_vary(self):
        assert "does not vary" in logistic(pd.DataFrame({"x": [1, 0], "y": [1, 1]})).loc[("all", "coefficient"), "note"]

    def test_a_code_is_refused(self):
        with pytest.raises(ValueError, match="1 rows hold a value"):
            logistic(pd.DataFrame({"x": [2, 0], "y": [1, 0]}))
