"""Drive DASH rows print as the report does, recomputed with plain pandas from the workbook as it is read back."""

import itertools
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct import cms_dash
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_dash_scores import (
    COURSES,
    deviations,
    friedman,
    removal_patterns,
    signed_rank_p,
    solve_courses,
)
from drive_eval.reconstruct.delivery import workbook_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import build_spine
from drive_eval.reference.register import read_register

from .parts import part_of

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
CONTRACT = part_of("cms", "DASH", "Actions", "Contacts")
TIMES = ["intake_2_weeks", "months_5_6", "closure"]
ITEMS = [f"item_{number:02d}" for number in range(1, 21)]
ANSWERS = {"N/K": "not_known", "N/A": "not_applicable"}


def rows_of(seed):
    return cms_dash.build(REGISTER, Assumed(ASSUMED), build_spine(REGISTER, seed=seed), seed=seed)


def scored(seed):
    """Score and unanswered items by service user and time."""
    forms = pd.DataFrame(rows_of(seed)).replace(ANSWERS)
    answers = forms[ITEMS]
    assert set(answers.to_numpy().ravel()) == {"yes", "no", "not_applicable", "not_known"}
    forms["score"] = (answers == "yes").sum(axis=1)
    forms["gaps"] = answers.isin(["not_applicable", "not_known"]).sum(axis=1)
    return forms


def prints(value, published_id):
    entry = REGISTER[published_id]
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-entry.decimals), rounding=ROUND_HALF_UP)
    return rounded == Decimal(repr(entry.number))


@pytest.fixture(scope="module", params=[2019, 1, 2])
def forms(request):
    return scored(request.param)


@pytest.fixture(scope="module")
def complete(forms):
    kept = forms[forms["gaps"] < REGISTER["cms.dash.max_na_items"].number]
    return kept.pivot(index="su_id", columns="time", values="score")[TIMES].dropna()


def test_every_service_user_has_one_form_at_each_time(forms):
    assert len(forms) == 3 * 212
    assert not forms.duplicated(["su_id", "time"]).any()
    assert len(ITEMS) == REGISTER["cms.dash.items_n"].number
    assert set(forms["data_origin"]) == {"synthetic"}


@pytest.mark.parametrize("time", TIMES)
def test_removals_and_unanswered_items(forms, time):
    at_time = forms[forms["time"] == time]
    removed = int((at_time["gaps"] >= REGISTER["cms.dash.max_na_items"].number).sum())
    assert prints(removed, f"cms.dash.{time}.removed_n")
    assert prints(100 * removed / len(at_time), f"cms.dash.{time}.removed_pct")
    assert prints(at_time["gaps"].mean(), f"cms.dash.{time}.na_items.mean")


def test_unanswered_items_fall(forms):
    means = forms.groupby("time")["gaps"].mean()
    assert means["intake_2_weeks"] > means["months_5_6"] > means["closure"]
    assert prints(100 * REGISTER["cms.dash.max_na_items"].number / len(ITEMS), "cms.dash.max_na_share")


def test_intake_mean_prints_the_same_on_both_bases(forms, complete):
    kept = forms[(forms["time"] == "intake_2_weeks") & (forms["gaps"] < 11)]
    assert len(kept) == 164
    assert prints(kept["score"].mean(), "cms.dash.intake.mean")
    assert prints(complete["intake_2_weeks"].mean(), "cms.dash.intake.mean")


def test_friedman(complete):
    statistic, p_value = stats.friedmanchisquare(*complete.T.to_numpy())
    assert prints(len(complete), "cms.dash.friedman.n")
    assert prints(statistic, "cms.dash.friedman.statistic")
    assert prints(p_value, "cms.dash.friedman.p")
    assert prints(statistic / (2 * len(complete)), "cms.dash.friedman.kendalls_w")
    assert prints(len(TIMES) - 1, "cms.dash.friedman.df")
    assert p_value < REGISTER["cms.dash.friedman.significance"].alpha


@pytest.mark.parametrize("pair", list(itertools.combinations(TIMES, 2)), ids="_".join)
def test_no_pair_of_times_differs(complete, pair):
    names = dict(zip(TIMES, ("intake", "midpoint", "closure"), strict=True))
    alpha = REGISTER[f"cms.dash.posthoc.{names[pair[0]]}_vs_{names[pair[1]]}.significance"].alpha
    ranks = complete.rank(axis=1).mean()
    z = (ranks[pair[0]] - ranks[pair[1]]) / (3 * 4 / (6 * len(complete))) ** 0.5
    p_value = 2 * stats.norm.sf(abs(z))
    assert p_value > alpha
    assert 3 * p_value > 0.05
    for correction in (False, True):
        signed = stats.wilcoxon(complete[pair[0]], complete[pair[1]], correction=correction, method="asymptotic")
        assert signed.pvalue > alpha


def test_scores_fall_and_are_not_normal_as_the_text_says(complete):
    assert complete["closure"].mean() < complete["intake_2_weeks"].mean()
    assert all(stats.shapiro(complete[time]).pvalue < 0.05 for time in TIMES)


def test_joint_structure_is_believable(forms):
    spine = pd.DataFrame(build_spine(REGISTER, seed=2019)).set_index("su_id")
    own = scored(2019).join(spine[["severity", "contacted"]], on="su_id")
    assert own.loc[own["gaps"] < 11, ["score", "severity"]].corr().iloc[0, 1] > 0.4
    assert own[~own["contacted"]]["gaps"].mean() > own[own["contacted"]]["gaps"].mean()


def test_same_seed_same_rows_other_seed_other_rows():
    assert rows_of(1) == rows_of(1)
    assert rows_of(1) != rows_of(2)


def test_our_friedman_and_signed_ranks_agree_with_scipy(complete):
    triples = [tuple(int(score) for score in row) for row in complete.to_numpy()]
    courses = dict.fromkeys(COURSES, 0)
    for triple in triples:
        courses[tuple(sorted(set(triple)).index(score) for score in triple)] += 1
    assert friedman(courses) == pytest.approx(stats.friedmanchisquare(*zip(*triples, strict=True)).statistic, rel=1e-12)
    for pair in ((0, 1), (0, 2), (1, 2)):
        theirs = stats.wilcoxon(complete[TIMES[pair[0]]], complete[TIMES[pair[1]]], method="asymptotic").pvalue
        assert signed_rank_p(triples, pair) == pytest.approx(theirs, rel=1e-9)


def test_courses_are_all_weak_orders_and_deviations_sum_to_zero():
    assert len(COURSES) == 13
    assert all(sum(deviations(course)) == 0 for course in COURSES)


def test_assumed_courses_are_kept_as_they_stand():
    found = solve_courses(REGISTER, assumed := Assumed(ASSUMED))
    assert all(assumed[f"cms.dash.course.{COURSES[course]}"] == count for course, count in found.items())


def test_removals_that_leave_another_number_are_named():
    rows = [row | {"value": "20"} if row["id"] == "cms.dash.removed.months_5_6_and_closure" else row for row in ASSUMED]
    with pytest.raises(Infeasible, match=r"cms\.dash\.removed"):
        removal_patterns(REGISTER, Assumed(rows), TIMES, 212)


def test_no_published_entry_of_the_area_goes_untested():
    tested = {
        f"cms.dash.{part}" for part in ("items_n", "max_na_items", "max_na_share", "na_items.trend", "intake.mean")
    }
    tested |= {f"cms.dash.{time}.{part}" for time in TIMES for part in ("na_items.mean", "removed_n", "removed_pct")}
    tested |= {
        f"cms.dash.friedman.{part}" for part in ("n", "alpha", "statistic", "df", "p", "kendalls_w", "significance")
    }
    tested |= {name for name in REGISTER if name.startswith("cms.dash.posthoc.")}
    assert tested == {name for name in REGISTER if name.startswith("cms.dash.")}
    assert prints(0.05 / 3, "cms.dash.friedman.alpha")


def test_contract_accepts_the_sheet(tmp_path):
    path = tmp_path / "cms_extract.xlsx"
    path.write_bytes(workbook_bytes(CONTRACT, {"DASH": rows_of(1)}, notice="Notice"))
    frames, faults = read_extract(path, CONTRACT)
    assert {fault.rule for fault in faults} == {"missing sheet"}
    assert check_extract(CONTRACT, frames, file=path.name, read_faults=[]).faults == []
