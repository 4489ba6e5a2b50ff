import pandas as pd
import pytest

from drive_eval.derive import dash, perceived_risk, risk_outcomes, support

DASH = {"item_prefix": "item_", "times": ["start", "end"], "yes": "yes", "gaps": ["not_known"], "removed_from": 2}


def forms(rows):
    return pd.DataFrame(rows, columns=["su_id", "time", "item_1", "item_2", "item_3"])


def test_dash_counts_yes_and_drops_a_time_with_too_many_gaps():
    table = forms(
        [
            ("b", "start", "yes", "no", "yes"),
            ("b", "end", "yes", "not_known", "no"),
            ("a", "start", "not_known", None, "yes"),
            ("a", "end", "yes", "yes", "yes"),
            ("c", "end", "no", "no", "no"),
        ]
    )
    found = dash.derive({"cms_dash": table}, **DASH).set_index("case_id")
    assert found["dash_start"].tolist() == [pd.NA, 2, pd.NA]
    assert found["dash_end"].tolist() == [3, 1, 0]
    assert found["gaps_start"].tolist() == [2, 0, pd.NA]
    assert found["removed_start"].tolist() == [1, 0, pd.NA]
    assert found["complete"].tolist() == [False, True, False]
    assert (found["items"].unique(), found["removed_from"].unique()) == ([3], [2])
    assert found["removed_from_share"].unique() == pytest.approx([2 / 3])


def test_dash_refuses_two_forms_at_one_time():
    twice = forms([("a", "start", "yes", "no", "no"), ("a", "start", "no", "no", "no")])
    with pytest.raises(ValueError, match="1 assessments repeat"):
        dash.derive({"cms_dash": twice}, **DASH)


@pytest.fixture
def risk():
    intake = pd.DataFrame({"case_id": list("abcdef")}).assign(arm="drive", site="essex")
    exits = pd.DataFrame(
        [("a", "big", "forever"), ("b", "not_known", "forever"), ("c", None, None), ("f", "none", "long")],
        columns=["case_id", "risk_change", "sustainability"],
    )
    reviews = pd.DataFrame(
        [
            ("a", "2017-09-01", "none", None),
            ("b", "2017-05-01", "small", "long"),
            ("b", "2017-08-01", "big", "not_known"),
            ("b", "2017-09-01", None, "forever"),
            ("d", "2017-03-01", "none", None),
            ("d", "2017-02-01", "big", "forever"),
        ],
        columns=["case_id", "review_date", "risk_change", "sustainability"],
    ).assign(review_date=lambda frame: pd.to_datetime(frame["review_date"]))
    tables = {"insights_intake": intake, "insights_exit": exits, "insights_reviews": reviews}
    settings = {"missing": ["not_known"], "reduced": ["big", "small"], "eliminated": "forever"}
    return risk_outcomes.derive(tables, **settings).set_index("case_id")


def words(column):
    return column.astype("object").where(column.notna(), None).tolist()


def test_the_exit_form_counts_before_reviews_and_the_latest_review_else(risk):
    assert words(risk["risk_change_last"]) == ["big", "big", None, "none", None, "none"]
    assert words(risk["answered_on"]) == ["exit", "review", None, "review", None, "exit"]


def test_duration_is_of_the_same_form_and_of_reductions_only(risk):
    # b: the review that counts says not known, another form's answer is not borrowed; f: no reduction
    assert words(risk["sustainability_last"]) == ["forever", None, None, None, None, None]
    assert risk["risk_eliminated_last"].tolist() == [1, pd.NA, pd.NA, pd.NA, pd.NA, pd.NA]


def test_reduction_is_missing_without_an_answer(risk):
    assert risk["risk_reduced_last"].tolist() == [1, 1, pd.NA, 0, pd.NA, 0]
    assert risk["answered"].tolist() == [True, True, False, True, False, True]


def test_a_case_without_a_review_has_no_perceived_risk():
    people = pd.DataFrame({"su_id": ["b", "a", "c"], "site": "essex"})
    reviews = pd.DataFrame({"su_id": ["a", "b"], "risk_change": ["unable_to_judge", "not_known"]})
    found = perceived_risk.derive({"cms_cases": people, "cms_risk": reviews}, arm="drive", missing=["not_known"])
    assert found["case_id"].tolist() == ["a", "b", "c"]
    assert words(found["risk_change_closure"]) == ["unable_to_judge", None, None]


def test_support_days_need_an_exit_date_and_may_be_zero():
    intake = pd.DataFrame({"case_id": list("cab"), "calls": [1, None, 3]}).assign(
        arm="drive", site="essex", intake_date=pd.Timestamp("2017-01-01")
    )
    exits = pd.DataFrame(
        {"case_id": list("ab"), "contacts": [4, None], "exit_date": [pd.Timestamp("2017-01-01"), None]}
    )
    exits["exit_date"] = pd.to_datetime(exits["exit_date"])
    tables = {"insights_intake": intake, "insights_exit": exits}
    found = support.derive(tables, before=["calls"], during=["contacts"], days_per_month=30.4375).set_index("case_id")
    assert found["support_days"].tolist() == [0, pd.NA, pd.NA]
    assert found["has_exit_form"].tolist() == [True, True, False]
    assert found["calls"].tolist() == [pd.NA, 3, 1]
    assert found["contacts"].tolist() == [4, pd.NA, pd.NA]
    intake["intake_date"] -= pd.Timedelta(days=487)
    later = support.derive(tables, before=[], during=[], days_per_month=30.4375).set_index("case_id")
    assert later.loc["a", "support_months"] == pytest.approx(16)
