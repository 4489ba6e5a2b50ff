"""t-tests, Hedges g and Brunner-Munzel against examples printed by R, scipy and Borenstein; identities beside them."""

import numpy as np
import pandas as pd
import pytest

from drive_eval.analyses.mean_differences import analyse

# R: t.test(extra ~ group, data = sleep)
SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
# Brunner and Munzel (2000), pain scores; lawstat and scipy print W 3.1375, df 17.683, p .005786, P .788961
PAIN = ([3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4], [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1])


def people(index, reference, site="x"):
    return pd.DataFrame({"score": [*index, *reference], "arm": ["drive"] * len(index) + ["control"] * len(reference)}
                        ).assign(site=site)  # fmt: skip


def rows(frame, strata="", alpha=0.05):
    found = analyse(
        frame,
        outcomes=["score"],
        by="arm",
        index_group="drive",
        reference_group="control",
        strata=strata,
        levene_alpha=alpha,
        unit="points",
        ci_level=0.95,
    )
    return found.set_index(["stratum", "term"]) if strata else found.set_index("term")


def test_both_forms_of_the_sleep_data():
    found = rows(people(*SLEEP))
    welch, pooled = found.loc["welch"], found.loc["pooled"]
    assert welch[["statistic", "df", "p_value"]].tolist() == pytest.approx([-1.8608, 17.776, 0.07939], abs=5e-4)
    assert welch[["ci_low", "ci_high"]].tolist() == pytest.approx([-3.3654832, 0.2054832], abs=1e-7)
    assert pooled[["statistic", "df", "p_value"]].tolist() == pytest.approx([-1.8608, 18, 0.07919], abs=5e-5)
    assert welch["estimate"] == pytest.approx(0.75 - 2.33)


@pytest.mark.parametrize(
    ("spread", "form"), [(1.0, "pooled"), (9.0, "welch")], ids=["like variances", "unlike variances at equal sizes"]
)
def test_levene_chooses_the_form_even_when_sizes_are_equal(spread, form):
    base = np.array([-3, -2, -1, -0.5, 0.5, 1, 2, 3.0])
    found = rows(people(base * spread, base + 1))
    chosen = found.loc["levene_rule"]
    assert f'"form": "{form}"' in chosen["options"]
    assert chosen["statistic"] == found.loc[form, "statistic"]
    assert (chosen["layer"], found.loc["welch", "layer"]) == ("replication", "extension")
    assert bool(chosen["df"] == 14) == (form == "pooled")


def test_levene_is_an_analysis_of_variance_of_deviations_from_the_mean():
    # deviations 2, 0, 2 (mean 4/3) and 1, 0, 1 (2/3): between 6/9 with 1 df, within (24/9 + 6/9) with 4 df
    found = rows(people([0, 2, 4], [0, 1, 2])).loc["levene"]
    assert found["statistic"] == pytest.approx((6 / 9) / ((24 / 9 + 6 / 9) / 4))


def test_hedges_g_of_the_printed_example():
    # Borenstein and others (2009), ch. 4: 103 (5.5) and 100 (4.5), 50 each: d .5970, g .5924, variance of g .0411
    base = np.linspace(-1, 1, 50)
    base = base / base.std(ddof=1)
    found = rows(people(103 + 5.5 * base, 100 + 4.5 * base)).loc["hedges_g"]
    assert found["estimate"] == pytest.approx(0.5924, abs=5e-5)
    assert found["std_error"] ** 2 == pytest.approx(0.0411, abs=1e-4)


def test_brunner_munzel_of_the_printed_example():
    found = rows(people(*PAIN)).loc["brunner_munzel"]
    assert found["statistic"] == pytest.approx(3.1374674823029505, rel=1e-12)
    assert found["p_value"] == pytest.approx(0.0057862086661515377, rel=1e-9)
    assert found["df"] == pytest.approx(17.683, abs=5e-4)
    assert found[["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx(
        [0.788961, 0.5952169, 0.9827052], abs=1e-6
    )


def test_arms_swapped_turn_the_signs():
    there, back = rows(people(*SLEEP)), rows(people(*SLEEP[::-1]))
    for term in ("levene_rule", "welch", "pooled", "hedges_g"):
        assert there.loc[term, "estimate"] == pytest.approx(-back.loc[term, "estimate"])
    assert there.loc["brunner_munzel", "estimate"] == pytest.approx(1 - back.loc["brunner_munzel", "estimate"])


def test_strata_are_compared_apart_and_all_together():
    frame = pd.concat([people([1, 2, 6], [3, 4], "a"), people([5, 9], [6, 8, 9], "b")])
    found = rows(frame, strata="site")
    assert found.loc[("a", "pooled"), "df"] == found.loc[("b", "pooled"), "df"] == 3
    assert found.loc[("all", "pooled"), "df"] == 8


def test_missing_numbers_are_left_out_and_counted():
    frame = people([1, 2, None, 4], [3, None, 5])
    found = rows(frame.assign(score=frame["score"].astype("Float64"))).loc["levene_rule"]
    assert (found["n"], found["n_missing"]) == (5, 2)


def test_one_number_in_a_group_gives_no_test():
    found = rows(people([1], [2, 3, 4]))
    assert list(found.index) == ["levene_rule"]
    assert "fewer than two" in found.loc["levene_rule", "note"]


def test_no_spread_is_said():
    found = rows(people([2, 2, 2], [3, 3]))
    for term in ("levene_rule", "welch", "pooled", "hedges_g", "levene", "brunner_munzel"):
        assert found.loc[term, "note"].startswith("not defined"), term
        assert pd.isna(found.loc[term, "p_value"])


def test_a_group_without_anybody_is_refused():
    with pytest.raises(ValueError, match="nobody in group 'control'"):
        rows(people([1, 2], []))
