"""Names, rows used and left out, and the document of an explanation; expected counts come from the raw workbook."""

import math

import pandas as pd
import pytest

from drive_eval.explain.document import Evidence, calls_behind, explain, style_of
from drive_eval.explain.names import UnknownName, find
from drive_eval.explain.rows import rows_used
from drive_eval.explain.words import sections
from drive_eval.ingest.digest import libraries_of

MCNEMAR = "mcnemar.intake_and_exit.physical.drive.intake_to_exit.all.spss_rule.p_value"
ODDS = "mantel_haenszel.intake_and_exit.physical.control_v_drive.exit.all.odds_ratio.odds_ratio"
KNOWN = {
    "exhibits": ["figure_9", "table_1"],
    "results": ["a.b.mean.n", "a.c.mean.n", "a.c.sd"],
    "published": ["exec.x"],
}


@pytest.fixture(scope="session")
def forms(root):
    """The intake and exit forms as plain pandas reads them from the workbook."""
    sheets = pd.read_excel(
        root / "data/raw/year2/insights_extract.xlsx", sheet_name=["Intake", "Exit"], dtype=str, engine="openpyxl"
    )
    linked = {"on": "Client ID", "suffixes": ("_intake", "_exit"), "how": "left", "indicator": "forms"}
    return sheets["Intake"].merge(sheets["Exit"], **linked)


@pytest.fixture(scope="session")
def evidence(root, study, registry, register, tables):
    from drive_eval.ingest.files import read_rows
    from drive_eval.reference.verdicts import compare

    comparison = compare(register, registry).astype("object").fillna("").astype(str).to_dict("records")
    source = {
        "extract": "insights",
        "file": "insights_extract.xlsx",
        "sha256": "ab",
        "state": "as validated",
        "warnings": [],
    }
    return Evidence(
        study=study,
        registry=registry,
        published={row["published_id"]: row for row in read_rows(root / "config/year2/reference.csv")},
        comparison=comparison,
        audit=[],
        sources={"insights_intake": source, "insights_exit": source},
        cases=lambda name, columns: tables.get(name),
        rows=lambda name: len(tables[name]) if name in tables else None,
        libraries=lambda module: {name: {"version": "1", "uses": uses} for name, uses in libraries_of(module).items()},
        shown=lambda name: [],
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("figure_9", ("exhibit", "figure_9")),
        ("Figure 9", ("exhibit", "figure_9")),
        ("Table 1.", ("exhibit", "table_1")),
        ("a.c.sd", ("result", "a.c.sd")),
        ("c.mean.n", ("result", "a.c.mean.n")),
        ("exec.x", ("published", "exec.x")),
    ],
)
def test_a_name_is_found_in_each_form_people_use(name, found):
    assert find(name, **KNOWN) == found


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("figure_8", "nearest: figure_9"),
        ("exec.y", "nearest: exec.x"),
        ("mean.n", "end of 2 results: a.b.mean.n, a.c.mean.n; give more"),
        ("n.n.n", "no exhibit, result or published entry is called 'n.n.n'; drive-eval list"),
        ("ean.n", "no exhibit"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, told):
    with pytest.raises(UnknownName, match=told):
        find(name, **KNOWN)


def steps(document):
    (call,) = document["calls"]
    return [(step["rows"], step["left_out"]) for step in call["rows"]["steps"]]


def test_rows_behind_a_mcnemar_test_are_those_of_the_workbook(evidence, forms):
    both = forms[forms["forms"] == "both"]
    drive = both[both["Trial arm_intake"] == "Drive"]
    answered = drive["Physical abuse_intake"].isin(["Yes", "No"]) & drive["Physical abuse_exit"].isin(["Yes", "No"])
    document = explain("result", MCNEMAR, evidence)
    assert steps(document) == [
        (len(forms), False),
        (len(forms) - len(both), True),
        (len(both), False),
        (len(both) - len(drive), True),
        (int((~answered).sum()), True),
        (int(answered.sum()), False),
    ]
    assert (document["n"], document["printed"]) == (answered.sum(), "< .001")


def test_rows_behind_an_odds_ratio_are_those_of_the_workbook(evidence, forms):
    both = forms[forms["forms"] == "both"]
    answered = both["Physical abuse_exit"].isin(["Yes", "No"]).sum()
    document = explain("result", ODDS, evidence)
    expected = [(len(forms), False), (len(forms) - len(both), True), (len(both), False), (0, True)]
    assert steps(document) == [*expected, (len(both) - answered, True), (answered, False)]
    assert document["denominator"] == answered


def test_steps_lead_to_the_stated_base_or_say_that_they_do_not(evidence, registry):
    """Nine in ten numbers with a base are followed to it; none claims rows that its base contradicts."""
    every = registry[registry["statistic"] != "n_missing"].iloc[::60]
    found = [call["rows"] for name in every["result_id"] for call in explain("result", name, evidence)["calls"]]
    followed = [rows for rows in found if rows["agrees"]]
    assert len(followed) > 0.9 * sum(rows["base"] is not None for rows in found)
    for rows in found:
        last = rows["steps"][-1]
        assert (last["what"] == "rows used") == (rows["agrees"] is True)
        assert rows["agrees"] is True or rows["remark"]
        counted = rows["steps"][0]["rows"] - sum(step["rows"] for step in rows["steps"] if step["left_out"])
        assert counted == last["rows"]  # no row is left out twice or lost


CASES = pd.DataFrame({"arm": ["drive"] * 5 + ["control"] * 3 + [None], "closed": [True] * 8 + [False]})
POPULATION = {"table": "people", "flag": "closed"}


def traced(settings=None, cases=CASES, **keys):
    number = {"analysis": "x", "population": "closed", "group": "all", "stratum": "all"}
    nothing = dict.fromkeys(("n", "denominator", "n_missing"), math.nan)
    return rows_used(number | nothing | keys, POPULATION, settings or {"by": "arm"}, cases)


@pytest.mark.parametrize(
    ("keys", "left_out", "used", "agrees"),
    [
        ({"denominator": 8.0}, [1], 8, True),
        ({"denominator": 4.0, "group": "drive", "n_missing": 1.0}, [1, 3, 1], 4, True),
        ({"denominator": 5.0, "group": "drive", "n_missing": 1.0}, [1, 3], 5, True),
        ({"denominator": 6.0, "group": "drive_v_control", "n_missing": 2.0}, [1, 0, 2], 6, True),
        ({"denominator": 3.0, "group": "drive", "n_missing": 5.0}, [1, 5], 3, True),
        ({"denominator": 2.0}, [1], 8, False),
        ({}, [1], 8, None),
    ],
    ids=["everybody", "a group", "missing in the base", "two groups", "missing counts the others", "other", "no base"],
)
def test_rows_of_a_hand_made_set(keys, left_out, used, agrees):
    rows = traced(**keys)
    assert [step["rows"] for step in rows["steps"] if step["left_out"]] == left_out
    assert (rows["steps"][-1]["rows"], rows["agrees"]) == (used, agrees)


def test_a_group_by_code_is_found_through_the_settings():
    cases = CASES.assign(engaged=[1, 1, 0, 0, None, 1, 1, 0, 1])
    settings = {"by": "engaged", "groups": {"engaged": 1, "not_engaged": 0}}
    rows = traced(settings, cases, group="engaged", denominator=4.0)
    assert (rows["steps"][-1]["rows"], rows["agrees"]) == (4, True)


def test_the_call_behind_a_number_is_the_one_with_its_outcome(registry, study):
    shared = registry[(registry["analysis"] == "share_comparison") & (registry["outcome"] == "child_protection")]
    calls = calls_behind(shared.iloc[0].to_dict(), study)
    assert calls
    assert all("child_protection" in call["settings"]["outcomes"] for call in calls)


def test_a_published_entry_tells_verdict_source_and_what_answers_it(evidence):
    document = explain("published", "insights.dva.physical.exit.odds_ratio", evidence)
    assert (document["printed"], document["verdict"], document["issue"]) == ("2.86", "match", "Y16")
    assert [result["name"] for result in document["results"]] == [ODDS]
    text = "\n".join(line for _, lines in sections(document) for line in lines)
    assert "year2_report, section behaviour_change_victims" in text
    assert "statsmodels" in text
    assert "rows used" in text


def test_context_and_entries_without_an_answer_say_why(evidence):
    document = explain("published", "design.evaluation_years", evidence)
    assert (document["verdict"], document["results"]) == ("context", [])
    assert "a plan" in document["reason"]


def test_every_exhibit_and_result_can_be_told(evidence, study):
    for exhibit in study.exhibits:
        document = explain("exhibit", exhibit.id, evidence)
        assert document["n_numbers"] > 0
        assert sections(document)[0][0] == exhibit.id


def test_without_processed_data_the_rows_are_said_to_be_unknown(evidence):
    from dataclasses import replace

    bare = replace(evidence, cases=lambda name, columns: None, rows=lambda name: None)
    text = "\n".join(line for _, lines in sections(explain("result", MCNEMAR, bare)) for line in lines)
    assert "data/processed does not hold the analysis set" in text


@pytest.mark.parametrize(
    ("statistic", "unit", "style"),
    [
        ("p_value", "probability", "p"),
        ("proportion", "share", "percent1"),
        ("n", "persons", "count"),
        ("chi", "", "statistic"),
    ],
)
def test_numbers_are_printed_in_the_style_of_the_house(statistic, unit, style):
    assert style_of(statistic, unit) == style


def test_libraries_are_what_a_method_and_its_helpers_import():
    assert libraries_of("analyses.mcnemar") == {
        "pandas": ["pandas"],
        "scipy": ["scipy.stats.binom", "scipy.stats.binomtest", "scipy.stats.chi2", "scipy.stats.norm"],
    }
    assert (
        "statsmodels.stats.contingency_tables.StratifiedTable"
        in libraries_of("analyses.mantel_haenszel")["statsmodels"]
    )
    assert "stepmix.stepmix.StepMix" in libraries_of("analyses.latent_classes")["stepmix"]
    assert "scipy.stats.binomtest" in libraries_of("analyses.proportions")["scipy"]  # through analyses.intervals
