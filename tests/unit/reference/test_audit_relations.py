"""Declared relations, shares, orders and words on small registers."""

import pytest

from drive_eval.errors import UserError
from drive_eval.reference.audit.expressions import parse_comparison, parse_expression, range_of, value_of
from drive_eval.reference.audit.relations import Reading, Relation, check_relations
from drive_eval.reference.audit.shares import Complete, check_complete, check_shares
from drive_eval.reference.audit.wordings import (
    check_copies,
    check_listed,
    check_opposite,
    check_orders,
    check_repeats,
    check_significance,
    check_worded,
)

from .audit_entries import register_of


def percent(value, **columns):
    return {"value": value, "kind": "percent", **columns}


def verdicts(findings):
    return {(finding.published_id, finding.check): finding.verdict for finding in findings}


def relation(says, name="x.a", otherwise=(), unless=""):
    readings = tuple(Reading(reading, parse_comparison(text)) for reading, text in otherwise)
    return Relation(name, "check", parse_comparison(says), readings, unless)


def judge(register, *relations):
    return {finding.published_id: finding for finding in check_relations(relations, register)}


def test_a_sum_of_counts_is_exact():
    register = register_of(x__a=74, x__b=43, x__c=33)
    found = judge(register, relation("x.a = x.b + x.c"))
    assert found["x.a"].verdict == "impossible"
    assert found["x.b"].verdict == "not testable"
    assert found["x.a"].related == ("x.b", "x.c")


def test_a_sum_of_rounded_shares_that_whole_counts_reconcile_is_a_tension():
    """32 + 26 is printed as 57 of 196: 62 + 50 = 112 gives all three (X05)."""
    register = register_of(x__a=percent(57, n=196), x__b=percent(32, n=196), x__c=percent(26, n=196))
    found = judge(register, relation("x.a = x.b + x.c"))
    assert found["x.a"].verdict == "tension"
    assert "112 of 196" in found["x.a"].detail
    assert found["x.b"].verdict == "holds"


def test_rounding_cannot_reconcile_shares_of_a_small_base():
    """Of 10, 30 and 20 are 3 and 2; 51 is no share of 10, though intervals alone would meet."""
    register = register_of(x__a=percent(51, n=10), x__b=percent(30, n=10), x__c=percent(20, n=10))
    assert judge(register, relation("x.a = x.b + x.c"))["x.a"].verdict == "impossible"


def test_another_reading_makes_a_tension():
    register = register_of(x__a=17, x__year=15, x__total=17)
    says = relation("x.a = x.year", otherwise=[("the total", "x.a = x.total")])
    assert judge(register, says)["x.a"].verdict == "tension"
    neither = relation("x.a = x.year", otherwise=[("more", "x.a > x.total")])
    assert judge(register, neither)["x.a"].verdict == "impossible"


def test_a_circumstance_without_a_number_makes_a_tension():
    register = register_of(x__a=90, x__b=73)
    found = judge(register, relation("x.a <= x.b", unless="the sample is another"))
    assert found["x.a"].verdict == "tension"


def test_exchanged_labels_are_named():
    register = register_of(x__a=percent(11), x__b=percent(16), y__a=percent(16), y__b=percent(11))
    found = judge(register, relation("x.a = y.a"), relation("x.b = y.b", name="x.b"))
    assert "exchanged" in found["x.a"].detail
    assert "exchanged" in found["x.b"].detail


def test_a_wrong_unit_is_named():
    register = register_of(
        x__a={"value": 47, "kind": "currency", "unit": "GBP million"},
        x__b={"value": 66, "kind": "currency", "unit": "GBP billion"},
    )
    found = judge(register, relation("x.a >= x.b / 10"))["x.a"]
    assert found.verdict == "impossible"
    assert "GBP billion" in found.detail


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        pytest.param("count(a.pct)", 133, 134, id="whole counts behind 63 of 212"),
        pytest.param("n(a.pct)", 212, 212, id="base"),
        pytest.param("months(a.window)", 21, 21, id="July 2018 to March 2020"),
        pytest.param("least(a.n, 3, 5)", 3, 3, id="smallest"),
        pytest.param("most(a.n, 3, 5)", 7, 7, id="largest"),
        pytest.param("100 * a.n / 28 - 5", 20, 20, id="arithmetic"),
    ],
)
def test_expressions(text, low, high):
    register = register_of(a__pct=percent(63, n=212), a__n=7, a__window={"value": ["2018-07", "2020-03"]})
    interval = range_of(parse_expression(text), register)
    assert (interval.low, interval.high) == (low, high)


def test_digits_disregard_a_declared_band():
    register = register_of(a={"value": 4.5, "kind": "approx", "range": [4.25, 4.75]})
    band = range_of(parse_expression("digits(a)"), register)
    assert (float(band.low), float(band.high)) == (4.45, 4.55)
    assert value_of(parse_expression("a"), register).low == 4.25


@pytest.mark.parametrize("text", ["a.b", "a = b = c", "a.b = __import__('os')", "a.b = c[0]", "a = 'text'", "a = f(b)"])
def test_anything_else_is_refused(text):
    with pytest.raises(UserError):
        parse_comparison(text)


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        pytest.param(percent(27.4, n=175, numerator=48), "holds", id="48 of 175"),
        pytest.param(percent(4.6, n=175, numerator=48), "impossible", id="a digit lost (Y02)"),
        pytest.param(percent(53, n=40, numerator=21), "holds", id="52.5 prints as 53"),
        pytest.param(percent(52, n=40, numerator=21), "impossible", id="52.5 does not print as 52"),
        pytest.param(percent(1, n=40), "impossible", id="no whole number of 40"),
        pytest.param(percent(3, n=40), "holds", id="1 of 40"),
        pytest.param({"value": 342, "n": 341}, "impossible", id="more than its base"),
        pytest.param({"value": 341, "n": 341}, "holds", id="all of its base"),
    ],
)
def test_shares_and_counts_within_their_base(columns, verdict):
    (finding,) = check_shares(register_of(x=columns))
    assert finding.verdict == verdict


@pytest.mark.parametrize(("count", "verdict"), [(48, "holds"), (47, "impossible")])
def test_a_share_is_made_of_the_count_beside_it(count, verdict):
    """The printed count decides, not what the register notes as numerator."""
    register = register_of(x__n={"value": count, "n": 175}, x__pct=percent(27.4, n=175, numerator=48))
    found = [finding for finding in check_shares(register) if finding.check == "share of its count"]
    assert [finding.verdict for finding in found] == [verdict, "holds" if verdict == "holds" else "not testable"]
    assert found[0].related == ("x.n",)


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        pytest.param([20, 12, 5, 11, 52], "holds", id="sum 100"),
        pytest.param([25, 13, 3, 8, 53], "tension", id="sum 102, counts 10, 5, 1, 3, 21 of 40"),
        pytest.param([25, 13, 3, 8, 60], "impossible", id="too much for rounding"),
        pytest.param([50, 53], "impossible", id="rounding moves two shares by 1 at most"),
    ],
)
def test_all_the_parts_of_a_whole(shares, verdict):
    names = [f"x__p{place}" for place in range(len(shares))]
    register = register_of(x__n=40, **{name: percent(share, n=40) for name, share in zip(names, shares, strict=True)})
    parts = tuple(name.replace("__", ".") for name in names)
    findings = check_complete(Complete("x.n", "parts", parts), register)
    assert verdicts(findings)["x.n", "parts"] == verdict
    assert {finding.verdict for finding in findings[1:]} == {"not testable" if verdict == "impossible" else "holds"}


def test_repeats():
    register = register_of(
        a=percent(6.1),
        same=percent(6, same_as="a"),
        other=percent(7, same_as="a"),
        words={"value": "start", "kind": "threshold"},
        again={"value": "start", "kind": "threshold", "same_as": "words"},
    )
    found = [(finding.published_id, finding.verdict) for finding in check_repeats(register)]
    assert found == [
        ("same", "holds"),
        ("a", "holds"),
        ("other", "impossible"),
        ("a", "not testable"),
        ("again", "holds"),
        ("words", "holds"),
    ]


@pytest.mark.parametrize(
    ("p", "op", "value", "verdict"),
    [
        pytest.param(0.034, "", "significant", "holds", id="below"),
        pytest.param(0.05, ">", "significant", "impossible", id="p > .05 is not significant"),
        pytest.param(0.05, ">", "not_significant", "holds", id="p > .05"),
        pytest.param(0.001, "<", "not_significant", "impossible", id="p < .001 is significant"),
    ],
)
def test_significance_follows_p(p, op, value, verdict):
    register = register_of(
        t__p={"value": p, "kind": "p_value", "op": op},
        t__significance={"value": value, "kind": "significance", "alpha": 0.05},
    )
    (finding,) = check_significance(register)
    assert finding.verdict == verdict


@pytest.mark.parametrize(
    ("order", "verdict"),
    [
        pytest.param(["big", "small"], "holds", id="descending list"),
        pytest.param(["small", "big"], "impossible", id="wrong list"),
        pytest.param(["big > small"], "holds", id="statement"),
        pytest.param(["big ~ small"], "impossible", id="not about equal"),
    ],
)
def test_orders(order, verdict):
    register = register_of(o={"value": order}, x__big=percent(30), x__small=percent(20))
    (finding,) = check_orders([{"id": "o", "values": "x.{}"}], register)
    assert finding.verdict == verdict


def test_a_list_that_is_not_descending():
    register = register_of(a=percent(25), b=percent(21), c=percent(22), d=percent(7))
    found = {f.published_id: f.verdict for f in check_listed([{"id": list("abcd"), "check": "list"}], register)}
    assert found == {"a": "holds", "b": "tension", "c": "tension", "d": "holds"}


def test_means_and_medians_that_point_opposite_ways():
    register = register_of(about={"value": ["one > two"]}, a=19.3, b=22.8, c=20, d=15.5)
    item = {"about": ["about"], "check": "c", "claim": "said to agree", "first": ["a", "b"], "second": ["c", "d"]}
    (finding,) = check_opposite([item], register)
    assert finding.verdict == "tension"


@pytest.mark.parametrize(("own", "verdict"), [(65.7, "tension"), (63.8, "holds")])
def test_copies_of_another_sample(own, verdict):
    register = register_of(p=percent(64), whole=percent(63.8), own=percent(own))
    item = {
        "check": "c",
        "sample": "own",
        "other": "whole",
        "at_least": 1,
        "pairs": [{"id": "p", "like": "whole", "own": "own"}],
    }
    (finding,) = check_copies([item], register)
    assert finding.verdict == verdict


def test_a_word_for_a_share():
    register = register_of(word={"value": "some", "kind": "approx"}, a=207, n=212)
    findings = list(check_worded([{"id": "word", "exact": "100 * a / n"}], {"some": [0, 50]}, register))
    assert findings[0].verdict == "tension"
