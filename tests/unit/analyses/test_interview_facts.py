import pandas as pd
import pytest

from drive_eval.analyses.constants import analyse as constants
from drive_eval.analyses.interview_facts import analyse

SETTINGS = {
    "outcome": "practitioners",
    "by": "study_year",
    "site": "site",
    "sites_reporting": ["reports"],
    "kinds": {"disruption": ["kind_a", "kind_b"]},
    "more_than": {"safer": 0.5},
}


@pytest.fixture
def facts():
    interviews = pd.DataFrame(
        [
            ("p1", "year1", "a", None, "yes", "no", "yes"),
            ("p1", "year2", "a", "yes", "yes", "yes", "yes"),  # the same person again
            ("p2", "year2", "a", "yes", "no", "no", "unsure"),
            ("p3", "year2", "b", "no", None, None, "not_known"),
        ],
        columns=["person_id", "study_year", "site", "reports", "kind_a", "kind_b", "safer"],
    )
    return analyse(interviews, **SETTINGS).set_index(["outcome", "group", "term"])


def test_interviews_and_people_are_two_counts(facts):
    assert facts.loc[("practitioners", "all", "interviews"), ["estimate", "layer"]].tolist() == [4, "replication"]
    assert facts.loc[("practitioners", "all", "people"), ["estimate", "layer"]].tolist() == [3, "extension"]


def test_a_site_counts_once(facts):
    assert facts.loc[("reports", "all", "sites_with_any"), ["n", "denominator", "n_missing"]].tolist() == [1, 2, 1]


def test_kinds_are_those_that_anybody_names_and_the_mean_is_of_those_asked(facts):
    assert facts.loc[("disruption", "year1", "kinds"), "estimate"] == 1
    assert facts.loc[("disruption", "year2", "kinds"), "estimate"] == 2
    row = facts.loc[("disruption", "year2", "kinds_per_interview")]
    assert row[["estimate", "n", "n_missing"]].tolist() == [1, 2, 1]


def test_unsure_is_an_answer_and_no_yes(facts):
    row = facts.loc[("safer", "all", "more_than")]
    assert row[["n", "denominator", "n_missing", "estimate"]].tolist() == [2, 3, 1, 1]
    assert facts.loc[("safer", "all", "threshold"), "estimate"] == 0.5


def test_exactly_half_is_no_majority():
    cases = pd.DataFrame({"person_id": ["a", "b"], "study_year": "year2", "site": "a", "safer": ["yes", "no"]})
    found = analyse(cases, **SETTINGS | {"sites_reporting": [], "kinds": {}}).set_index("term")
    assert found.loc["more_than", "estimate"] == 0


def test_constants_are_one_value_in_all_rows():
    cases = pd.DataFrame({"months": [10.0, None, 10.0], "mixed": [1, 2, 2]})
    row = constants(cases, outcome="windows", columns={"length": "months"}, unit="months").iloc[0]
    assert (row["term"], row["estimate"], row["measure"]) == ("length", 10, "setting")
    with pytest.raises(ValueError, match="mixed: one value expected in all rows, 2 found"):
        constants(cases, outcome="windows", columns={"length": "mixed"}, unit="months")
