"""The judge itself: a checker that lets everything pass would prove nothing."""

from dataclasses import replace

import pytest

from .checks import REGISTER
from .register import Claim, judge, round_half_up


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        pytest.param(52.5, 0, "53", id="tie_goes_up"),
        pytest.param(12.5, 0, "13", id="tie_at_an_even_number_goes_up"),
        pytest.param(100 * 0.285 / 2, 2, "14.25", id="exact_decimals_stay"),
        pytest.param(1.005 * 100, 0, "101", id="tie_stored_a_little_low"),
        pytest.param(8.3049, 2, "8.30", id="trailing_zero_is_kept"),
    ],
)
def test_rounding(value, decimals, printed):
    assert str(round_half_up(value, decimals)) == printed


@pytest.mark.parametrize(
    ("published_id", "right", "wrong"),
    [
        pytest.param("cms.su.age.mean", 35.4999, 35.5, id="mean"),
        pytest.param("insights.appendix2.drive.complex_needs.three_or_more.pct", 27.4, 4.6, id="misprint"),
        pytest.param("insights.appendix2.drive.relationship.other.n", 0, 1, id="blank_cell"),
        pytest.param("insights.support_days.p", 0.0009, 0.001, id="p_below"),
        pytest.param("insights.contacts.area_3.p", 0.06, 0.05, id="p_above"),
        pytest.param("cms.needs.housing", 21.0, 25.1, id="range"),
        pytest.param("insights.contacts.significance", 0.049, 0.05, id="significant"),
        pytest.param("cms.dash.posthoc.intake_vs_closure.significance", 0.02, 0.01, id="not_significant"),
        pytest.param("police.dva.drive.trend", {"before": 2, "after": 1}, {"before": 1, "after": 1}, id="falls"),
        pytest.param(
            "cms.multi_agency_type.order",
            {"disrupt": 2, "support": 1, "support_and_disrupt": 3},
            {"disrupt": 3, "support": 1, "support_and_disrupt": 3},
            id="ranking",
        ),
        pytest.param(
            "cms.background_research.order",
            {"police": 4, "childrens_social_services": 3, "idva": 2, "crc": 1},
            {"police": 4, "childrens_social_services": 3, "idva": 2, "crc": 2},
            id="first_three_of_several",
        ),
        pytest.param("police.matching.variables", ["needs", "demographics", "risk level"], ["needs"], id="set"),
        pytest.param("design.launch_month", "2016-04", "2016-05", id="text"),
        pytest.param("cms.su.age.most_between", Claim(True, ""), Claim(False, ""), id="claim"),
        pytest.param("cms.su.age.mean", 35.0, float("nan"), id="not_a_number"),
    ],
)
def test_right_values_pass_and_wrong_ones_do_not(published_id, right, wrong):
    assert judge(REGISTER[published_id], right)[0]
    assert not judge(REGISTER[published_id], wrong)[0]


def test_about_equal_is_a_tenth_of_the_larger_value():
    entry = replace(REGISTER["police.dva.control.trend"], target='["before ~ after"]')
    assert judge(entry, {"before": 100.0, "after": 90.0})[0]
    assert not judge(entry, {"before": 100.0, "after": 89.0})[0]
