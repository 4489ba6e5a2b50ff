"""Sentences change with their numbers: each test states by hand what may be said of given numbers."""

import re
import shutil
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
import yaml

from drive_eval.exhibits.finding_numbers import FindingNotMade
from drive_eval.exhibits.findings import GUARDS, KINDS, write
from drive_eval.ingest.config import load_study
from drive_eval.phrases import banned_in
from drive_eval.study import ConfigurationError

SHARES = "proportions.people.physical"
BEFORE, AFTER = f"{SHARES}.drive.intake.all.yes", f"{SHARES}.drive.exit.all.yes"
CONTROL = f"{SHARES}.control.exit.all.yes"
RATIO = "mantel_haenszel.people.physical.control_v_drive.exit.all.odds_ratio"
TEST = "mantel_haenszel.people.physical.control_v_drive.exit.all.mantel_haenszel"
CHANGED = "mcnemar.people.physical.drive.intake_to_exit.all.spss_rule"
PUBLISHED = {
    f"{BEFORE}.n": 59, f"{BEFORE}.denominator": 72, f"{BEFORE}.proportion": 59 / 72,
    f"{AFTER}.n": 4, f"{AFTER}.denominator": 70, f"{AFTER}.proportion": 4 / 70,
    f"{CONTROL}.n": 48, f"{CONTROL}.denominator": 325, f"{CONTROL}.proportion": 48 / 325,
    f"{RATIO}.odds_ratio": 2.859, f"{RATIO}.ci_low": 0.996, f"{RATIO}.ci_high": 8.209, f"{RATIO}.ci_level": 0.95,
    f"{TEST}.p_value": 0.0424, f"{CHANGED}.p_value": 0.0000001,
}  # fmt: skip
"""Physical abuse as the report prints it: 82% to 6%, odds ratio 2.86 (1.0 to 8.2), p = .042."""
ODDS_RATIO = {
    "kind": "difference_between_arms_odds_ratio",
    "words": {"what": "abuse at exit", "first": "control people", "second": "Drive people"},
    "slots": {"first": CONTROL, "second": AFTER, "odds_ratio": RATIO, "test": TEST},
}
CHANGE = {
    "kind": "change_within_arm",
    "words": {"who": "Drive people", "what": "abuse", "before": "at intake", "after": "at exit"},
    "slots": {"before": BEFORE, "after": AFTER, "test": CHANGED},
}


@pytest.fixture(scope="module")
def tell(study):
    """The sentences of the given entries, from the given numbers."""

    def told(*entries, **moved):
        numbers = PUBLISHED | {name.replace("__", "."): value for name, value in moved.items()}
        registry = pd.DataFrame({"result_id": list(numbers), "value": [float(x) for x in numbers.values()]})
        registry["unit"] = ["share" if "proportion" in name else "ratio" for name in numbers]
        registry["method"] = "some test"
        common = {"chapter": "victims", "exhibits": ["figure_9"]}
        findings = {f"finding_{number}": common | entry for number, entry in enumerate(entries)}
        chosen = replace(study, findings={"alpha": 0.05, "small_base": 20, "findings": findings})
        return [sentence.text for sentence in write(chosen, registry)]

    return told


def moved(name, value):
    return {name.replace(".", "__"): value}


def test_an_odds_ratio_is_told_as_odds_with_its_base_interval_and_p(tell):
    (text,) = tell(ODDS_RATIO)
    assert text.startswith(
        "The odds of abuse at exit among control people were 2.86 times those among Drive people (95% CI 1.00 to 8.21,"
        " p = .042, some test): 48 of 325 (14.8%) against 4 of 70 (5.7%)"
    )
    assert "likely" not in text


def test_an_interval_that_reaches_one_beside_a_small_p_is_called_borderline(tell):
    borderline = "interval and test do not agree, so the result is borderline"
    assert borderline in tell(ODDS_RATIO)[0]
    assert borderline not in tell(ODDS_RATIO, **moved(f"{RATIO}.ci_low", 1.02))[0]
    assert borderline in tell(ODDS_RATIO, **moved(f"{RATIO}.ci_low", 1.02), **moved(f"{TEST}.p_value", 0.06))[0]


@pytest.mark.parametrize("p", [0.05, 0.361], ids=["at alpha", "above"])
def test_a_test_that_shows_nothing_is_not_evidence_of_none(tell, p):
    (text,) = tell(ODDS_RATIO, **moved(f"{TEST}.p_value", p))
    assert text.startswith(
        "The data do not show a difference in abuse at exit between control people and Drive people:"
    )
    assert "this is not evidence of none" in text
    assert "no difference" not in text
    assert "times those" not in text


def test_a_change_takes_its_verb_from_the_numbers(tell):
    fell = (
        "Among Drive people, abuse fell from 59 of 72 (81.9%) at intake to 4 of 70 (5.7%) at exit: p < .001, some test."
    )
    assert tell(CHANGE)[0].startswith(fell)
    assert " rose from 59 of 72" in tell(CHANGE, **moved(f"{AFTER}.proportion", 0.9))[0]
    assert " stayed the same from 59 of 72" in tell(CHANGE, **moved(f"{AFTER}.proportion", 59 / 72 + 1e-5))[0]


def test_a_change_that_its_test_does_not_show_is_not_told_as_one(tell):
    (text,) = tell(CHANGE, **moved(f"{CHANGED}.p_value", 0.2))
    assert text.startswith("Among Drive people, the data do not show a change in abuse, from 59 of 72 (81.9%)")
    assert "p = .200" in text
    assert "this is not evidence of none" in text
    assert " fell " not in text


def test_without_a_test_the_interval_of_the_change_decides(tell):
    change = "relative_change.people.physical.drive.intake_to_exit.all.points"
    entry = CHANGE | {"slots": {"before": BEFORE, "after": AFTER, "change": change}}
    given = moved(f"{change}.point_change", -0.1) | moved(f"{change}.ci_low", -0.2) | moved(f"{change}.ci_level", 0.95)
    assert " fell " in tell(entry, **given, **moved(f"{change}.ci_high", -0.01))[0]
    assert "do not show a change" in tell(entry, **given, **moved(f"{change}.ci_high", 0.01))[0]


def test_a_relative_reduction_below_nothing_is_an_increase(tell):
    reduction = "proportions.people.physical.drive.intake_to_exit.all.yes"
    entry = CHANGE | {"slots": CHANGE["slots"] | {"reduction": reduction}}
    assert "a relative reduction of 93.0%" in tell(entry, **moved(f"{reduction}.relative_reduction", 0.9303))[0]
    assert "a relative increase of 40.2%" in tell(entry, **moved(f"{reduction}.relative_reduction", -0.4023))[0]


def test_a_guard_is_said_once_in_a_chapter(tell):
    first, second, third = tell(CHANGE, CHANGE, CHANGE | {"chapter": "behaviour", "exhibits": ["figure_5"]})
    assert [GUARDS["within"] in text for text in (first, second, third)] == [True, False, True]


def test_a_small_base_is_named(tell):
    share = {"kind": "share", "words": {"who": "people", "were": ["were safe"]}, "slots": {"shares": [AFTER]}}
    interval = {f"{AFTER}.{name}".replace(".", "__"): 0.5 for name in ("ci_low", "ci_high", "ci_level")}
    assert "small" not in tell(share, **interval, **moved(f"{AFTER}.denominator", 20))[0]
    assert tell(share, **interval, **moved(f"{AFTER}.denominator", 19))[0].endswith("The base is small (19).")


def test_shares_of_different_bases_are_refused(tell):
    entry = {"kind": "share", "words": {"who": "x", "were": ["a", "b"]}, "slots": {"shares": [BEFORE, AFTER]}}
    with pytest.raises(FindingNotMade, match=r"finding_0: shares of different bases \(72, 70\)"):
        tell(entry)


def test_groups_in_another_order_than_their_ratio_are_refused(tell):
    entry = ODDS_RATIO | {"slots": ODDS_RATIO["slots"] | {"first": AFTER, "second": CONTROL}}
    with pytest.raises(
        FindingNotMade, match="finding_0: first and second are drive and control, the comparison is of control"
    ):
        tell(entry)


def mean(arm, value, people):
    row = f"descriptives.people.days.{arm}.all.all.mean"
    return moved(f"{row}.mean", value) | moved(f"{row}.n", people)


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [
        (141.9, 0.001, "The days was higher among Drive people than among control people: 285.0"),
        (-141.9, 0.001, "The days was lower among Drive people than among control people: 285.0"),
        (-0.004, 0.99, "a difference of 0.0"),
        (141.9, 0.4, "The data do not show a difference in the days between Drive people and control people"),
    ],
)
def test_a_difference_of_means_takes_its_word_from_sign_and_p(tell, difference, p, words):
    row = "mean_differences.people.days.drive_v_control.all.all.levene_rule"
    entry = {
        "kind": "difference_between_arms_mean",
        "words": {"what": "the days", "first": "Drive people", "second": "control people"},
        "slots": {arm: f"descriptives.people.days.{group}.all.all.mean" for arm, group in
                  (("first", "drive"), ("second", "control"))} | {"difference": row},
    }  # fmt: skip
    given = {"mean_difference": difference, "ci_low": 1.0, "ci_high": 2.0, "ci_level": 0.95, "p_value": p}
    numbers = {f"{row}.{name}".replace(".", "__"): value for name, value in given.items()}
    assert words in tell(entry, **numbers, **mean("drive", 285, 68), **mean("control", 143.1, 320))[0]


def test_a_number_that_is_not_there_names_the_finding(study, registry):
    entry = study.findings["findings"]["victims_physical_arms"]
    chosen = replace(study, findings=study.findings | {"findings": {"victims_physical_arms": entry}})
    gone = f"{entry['slots']['odds_ratio']}.odds_ratio"
    with pytest.raises(FindingNotMade, match=rf"findings.yaml, victims_physical_arms: .* {re.escape(gone)}"):
        write(chosen, registry[registry["result_id"] != gone])


@pytest.fixture(scope="module")
def written(study, registry):
    return {sentence.id: sentence for sentence in write(study, registry)}


CHI = "chi_square.behaviour_contacted.physical.behaviour_change_work.closure.all."
NEED = "logistic_regression.behaviour_used_needs_known.behaviour_change.housing.all.all."
DASH = "friedman.dash_assessed.dash.all."
POLICE = "mean_proportions.police_sample.dva.drive."


@pytest.mark.parametrize(
    ("name", "values", "said", "not_said"),
    [
        ("behaviour_change_work", {}, "was less frequent with behaviour", "do not show"),
        ("behaviour_change_work", {f"{CHI}risk_difference.risk_difference": 0.18}, "was more frequent with", "less"),
        ("behaviour_change_work", {f"{CHI}pearson.p_value": 0.06}, "the data do not show a difference", "frequent"),
        ("behaviour_needs", {}, "the data do not show an association", "was associated"),
        (
            "behaviour_needs",
            {f"{NEED}coefficient.p_value": 0.01},
            "was associated with housing (odds ratio",
            "not show",
        ),
        ("behaviour_needs", {}, "2.6 events per variable, fewer than the ten", "associated with"),
        ("behaviour_classes", {}, "is lowest for 4 classes.", "another number"),
        (
            "behaviour_classes",
            {"latent_classes.behaviour_needs_known.needs.all.all.all.lowest_bic.n_classes": 5},
            "is lowest for 5 classes, which is another number than shown here",
            "4 classes",
        ),
        ("risk_dash", {}, "but no single pair of times is below the level", "do not show"),
        (
            "risk_dash",
            {f"{DASH}intake_2_weeks_v_closure.all.rank_comparison.p_value": 0.004},
            "the times that differ are the start and case closure (p = .004)",
            "no single pair",
        ),
        ("risk_dash", {f"{DASH}all.all.friedman.p_value": 0.07}, "the data do not show a change in the score", "moved"),
        ("police_drive", {}, "fell from a mean of 62.0%", "do not show"),
        (
            "police_drive",
            {f"{POLICE}after.all.mean_proportion.mean_proportion": 0.7},
            "rose from a mean of 62.0%",
            "fell",
        ),
        ("police_drive", {f"{POLICE}before_to_after.all.mean_change.p_value": 0.3}, "do not show a change", "fell"),
        ("police_control", {}, "the data do not show a change in the share", "fell"),
    ],
)
def test_other_kinds_follow_their_numbers_too(study, registry, name, values, said, not_said):
    chosen = replace(study, findings=study.findings | {"findings": {name: study.findings["findings"][name]}})
    assert set(values) <= set(registry["result_id"])
    told = registry.assign(value=registry["result_id"].map(values).fillna(registry["value"]))
    (sentence,) = write(chosen, told)
    assert said in sentence.text
    assert not_said not in sentence.text


def printed_forms(value):
    """Every way in which one number may stand in a sentence, by hand-written rounding."""
    exact, forms = Decimal(repr(value)), set()
    for number in (abs(exact), abs(exact) * 100):
        for decimals in (0, 1, 2, 3):
            forms.add(f"{number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}")
    forms |= {form[1:] for form in forms if form.startswith("0.")}
    if 0 <= exact < Decimal("0.001"):
        forms.add(".001")
    if exact == int(exact) and exact > 20_000_000:
        forms |= {str(int(exact) // 10_000), str(int(exact) % 100)}
    return forms


def test_every_number_of_every_sentence_is_one_of_its_results(written, registry):
    values = dict(zip(registry["result_id"], registry["value"], strict=True))
    for sentence in written.values():
        allowed = {form for result_id in sentence.result_ids for form in printed_forms(values[result_id])}
        numbers = re.findall(r"\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?|\.\d+", sentence.text)
        assert numbers, sentence.id
        assert [number for number in numbers if number not in allowed] == [], sentence.text


def test_every_result_is_shown_by_an_exhibit_that_the_sentence_names(written, registry):
    shown = dict(zip(registry["result_id"], registry["exhibit"].str.split(), strict=True))
    for sentence in written.values():
        for result_id in sentence.result_ids:
            assert set(shown[result_id]) & set(sentence.exhibits), (sentence.id, result_id)


def test_the_findings_cover_every_chapter_and_kind(study, written):
    assert {sentence.chapter for sentence in written.values()} == {exhibit.chapter for exhibit in study.exhibits}
    kinds = {entry["kind"] for entry in study.findings["findings"].values()}
    assert kinds == {*KINDS, "description"}
    assert 30 <= len(written) <= 50


def test_no_sentence_makes_a_claim_that_its_numbers_cannot_carry(written):
    for sentence in written.values():
        bare = re.sub(r"“[^”]*”", "", sentence.text)
        assert not re.search(r"likely|no (difference|change|effect)|caus|prove|significan|due to", bare), sentence.text


@pytest.mark.parametrize(
    "words",
    [
        "three times more likely", "no difference", "No significant effect", "it proves", "caused by",
        "led to less abuse", "significantly",
        "a trend", "two-thirds", "twice", "after 10 months", "fell", "effective support",
    ],
)  # fmt: skip
def test_words_that_decide_what_the_code_decides_are_found(words):
    assert banned_in(f"people, {words}, at exit")


@pytest.mark.parametrize(
    "words",
    [
        "judged “significant reduction” or “no change”",
        "people who used abuse {a.b_2.c|percent1}",
        "three or more needs",
    ],
    ids=["a quoted answer", "a slot", "a category"],
)
def test_quoted_answers_and_slots_are_left_alone(words):
    assert banned_in(words) == []


ARMS = "findings.yaml, victims_physical_arms"


@pytest.fixture
def project(root, tmp_path):
    """The configuration of the study, to change."""
    for name in ("config", "schemas"):
        shutil.copytree(root / name, tmp_path / name)
    return tmp_path


def edit(project, change):
    path = project / "config/year2/findings.yaml"
    document = yaml.safe_load(path.read_text())
    change(document["findings"]["victims_physical_arms"])
    path.write_text(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["words"].update(what="abuse, three times more likely,"), f"{ARMS}, what: 'more likely'"),
        (lambda it: it.update(exhibits=["figure_99"]), f"{ARMS}: no exhibit 'figure_99'"),
        (lambda it: it.update(chapter="lost"), f"{ARMS}: no chapter 'lost'"),
        (lambda it: it["slots"].update(tset=TEST), "findings/victims_physical_arms/slots: .*'tset' was unexpected"),
        (lambda it: it["slots"].pop("test"), "findings/victims_physical_arms/slots: 'test' is a required"),
        (lambda it: it["slots"].update(test="a.b"), "victims_physical_arms/slots/test: 'a.b' does not match"),
    ],
    ids=["banned phrase", "no such exhibit", "no such chapter", "misspelt slot", "missing slot", "not an estimate"],
)  # fmt: skip
def test_a_fault_of_the_file_is_named_when_it_is_loaded(project, change, said):
    edit(project, change)
    with pytest.raises(ConfigurationError, match=said):
        load_study(project, "year2")


def test_words_and_numbers_that_do_not_go_together_are_named(project):
    path = project / "config/year2/findings.yaml"
    document = yaml.safe_load(path.read_text())
    document["findings"]["profile_needs"]["words"]["were"].pop()
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(ConfigurationError, match="profile_needs: 3 shares, but 2 words for them in were"):
        load_study(project, "year2")


def test_a_study_without_the_file_has_no_findings(project, registry):
    (project / "config/year2/findings.yaml").unlink()
    assert write(load_study(project, "year2"), registry) == []


def test_the_report_carries_the_sentences(content, written):
    assert {finding.id: finding.text for finding in content.findings} == {k: s.text for k, s in written.items()}
    assert all(finding.result_ids and finding.exhibits for finding in content.findings)
