"""Sets of statements: expressions, readings, blame; descriptions of whole-number data by the solver."""

import itertools
import statistics
from fractions import Fraction

import pytest

from drive_eval.errors import UserError
from drive_eval.reference.audit.descriptions import TOGETHER, Description, check_description
from drive_eval.reference.audit.printed import exact, half_up
from drive_eval.reference.audit.sets import SetOfNumbers, SetReading, check_set, linear, terms_of

from .audit_entries import register_of

PLAIN = (SetReading("", (), ()),)


def numbers(statements, structure=(), readings=PLAIN, limit=300, either=(), names_solution=False):
    return SetOfNumbers(
        "set", limit, tuple(structure), tuple(either), tuple(statements), tuple(readings), names_solution
    )


def verdicts(found):
    return {finding.published_id: finding.verdict for finding in found}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a + b", {"a": 1, "b": 1}),
        ("2*a - b + 3", {"a": 2, "b": -1, "": 3}),
        ("a - a_2", {"a": 1, "a_2": -1}),
        ("- a + a", {"a": 0}),
    ],
)
def test_sums_of_unknowns(text, terms):
    assert terms_of(text) == terms


@pytest.mark.parametrize("text", ["a b", "a + ", "a * b", "a + b.c"])
def test_other_texts_are_no_sums(text):
    with pytest.raises(UserError):
        terms_of(text)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("a = 3", 3, 3), ("a < 3", None, 2), ("a > 3", 4, None), ("a + 1 >= 3", 2, None), ("a <= 3", None, 3)],
)
def test_comparisons_of_sums(text, low, high):
    assert (linear(text).low, linear(text).high) == (low, high)


def test_a_share_of_an_unknown_base():
    """66 per cent of those contacted, who are 62 per cent of 125: 51 of 77 only."""
    register = register_of(n=125, contact={"value": 62, "kind": "percent"}, engaged={"value": 66, "kind": "percent"})
    statements = [
        {"id": "n", "count": "n", "given": True},
        {"id": "contact", "share": {"of": "c", "in": "n"}},
        {"id": "engaged", "share": {"of": "e", "in": "c"}},
    ]
    found = check_set(numbers(statements, names_solution=True), register)
    assert set(verdicts(found).values()) == {"holds"}
    assert "one solution" in found[0].detail


def test_the_smallest_conflict_is_named():
    """A part of 60 per cent cannot have more than the whole's 63 on one side and less on the other (Y22)."""
    register = register_of(
        users=212,
        engaged=133,
        share={"value": 59, "kind": "percent"},
        direction={"value": ["with > without"]},
        unrelated=12,
    )
    statements = [
        {"id": "users", "count": "users", "given": True},
        {"id": "engaged", "count": "a + b", "given": True},
        {"id": "direction", "given": True, "more": [{"of": "a", "in": "p"}, {"of": "b", "in": "q"}]},
        {"id": "share", "share": {"of": "a", "in": "p"}},
        {"id": "unrelated", "count": "z"},
    ]
    found = check_set(numbers(statements, structure=["users = p + q", "a <= p", "b <= q"]), register)
    assert verdicts(found)["share"] == "impossible"
    share = next(finding for finding in found if finding.published_id == "share")
    assert set(share.related) == {"users", "engaged", "direction"}
    assert verdicts(found)["unrelated"] == "holds"


def test_a_reading_that_saves_an_entry_makes_a_tension():
    register = register_of(total=170, one=73, two=99, open=98)
    common = [{"id": "one", "count": "one", "given": True}, {"id": "two", "count": "two", "given": True}]
    readings = [
        SetReading("nobody removed", ("removed = 0",), ({"id": "total", "count": "total"},)),
        SetReading("some removed", (), ({"id": "total", "count": "total"},)),
    ]
    found = check_set(numbers(common, ["total = one + two - removed"], readings), register)
    assert verdicts(found) == {"one": "holds", "two": "holds", "total": "tension"}


def test_falls_and_their_band():
    register = register_of(fall={"value": 77, "kind": "percent"}, before=43, after=10)
    statements = [
        {"id": "before", "count": "x"},
        {"id": "after", "count": "y"},
        {"id": "fall", "fall": {"from": "x", "to": "y"}},
    ]
    assert set(verdicts(check_set(numbers(statements), register)).values()) == {"holds"}
    register = register_of(fall={"value": 70, "kind": "percent"}, before=43, after=10)
    found = check_set(numbers(statements), register)
    assert set(verdicts(found).values()) == {"impossible"}
    assert "one of them must go" in found[0].detail


def test_a_conflict_leaves_out_what_it_does_not_need():
    """No whole number is 75 per cent less than 43, whatever the count after is said to be."""
    register = register_of(fall={"value": 75, "kind": "percent"}, before=43, after=10)
    statements = [
        {"id": "before", "count": "x"},
        {"id": "after", "count": "y"},
        {"id": "fall", "fall": {"from": "x", "to": "y"}},
    ]
    found = check_set(numbers(statements), register)
    assert verdicts(found) == {"before": "impossible", "after": "holds", "fall": "impossible"}


def test_a_negative_fall_is_a_rise():
    register = register_of(fall={"value": -40, "kind": "percent"}, before=5, after=7)
    statements = [
        {"id": "before", "count": "x"},
        {"id": "after", "count": "y"},
        {"id": "fall", "fall": {"from": "x", "to": "y"}},
    ]
    assert set(verdicts(check_set(numbers(statements), register)).values()) == {"holds"}


def test_the_fall_of_a_share():
    """From 10 of 20 to 5 of 20 a share falls by half; counts alone may do otherwise."""
    register = register_of(fall={"value": 50, "kind": "percent"}, a=10, b=20, c=5, d=20)
    names = {"a": "u", "b": "m", "c": "v", "d": "n"}
    statements = [{"id": name, "count": unknown, "given": True} for name, unknown in names.items()]
    statements.append({"id": "fall", "share_fall": {"from": {"of": "u", "in": "m"}, "to": {"of": "v", "in": "n"}}})
    assert set(verdicts(check_set(numbers(statements), register)).values()) == {"holds"}
    register = register_of(fall={"value": 50, "kind": "percent"}, a=10, b=20, c=5, d=10)
    assert verdicts(check_set(numbers(statements), register))["fall"] == "impossible"


def test_one_rule_for_the_base_of_all_columns():
    """97.1 is 643 of 662, but 98.8 is 169 of 171 and not of 175: one rule cannot give both (Y05)."""
    register = register_of(
        all__n=643,
        all__pct={"value": 97.1, "kind": "percent"},
        drive__n=169,
        drive__pct={"value": 98.8, "kind": "percent"},
        drive2__pct={"value": 1.2, "kind": "percent"},
    )
    statements = [
        {"id": "all.n", "count": "a", "given": True},
        {"id": "drive.n", "count": "d", "given": True},
        {"id": "all.pct", "share": {"of": "a", "in": "base_a"}},
        {"id": "drive.pct", "share": {"of": "d", "in": "base_d"}},
        {"id": "drive2.pct", "share": {"of": "2", "in": "base_d"}},
    ]
    either = ((("base_a = 654", "base_d = 171"), ("base_a = 662", "base_d = 175")),)
    found = check_set(numbers(statements, limit=1000, either=either), register)
    assert verdicts(found)["all.pct"] == "impossible"
    assert verdicts(found)["drive.pct"] == "holds"


def test_words_need_a_band():
    register = register_of(word={"value": "small", "kind": "approx"})
    with pytest.raises(UserError, match="between"):
        check_set(numbers([{"id": "word", "fall": {"from": "x", "to": "y"}}]), register)


def describe(mean, sd, median, low, high, n):
    register = register_of(
        g__mean={"value": mean, "kind": "mean", "decimals": 1},
        g__sd={"value": sd, "kind": "sd", "decimals": 1},
        g__median={"value": median, "kind": "median", "decimals": 1},
        g__min={"value": low, "kind": "min"},
        g__max={"value": high, "kind": "max"},
    )
    entries = {entry.kind: entry for entry in register.values()}
    return Description("g", entries, (n,))


def together(description):
    return {finding.verdict for finding in check_description(description) if finding.check == TOGETHER}


def test_a_description_that_one_sample_has():
    assert together(describe(2.0, 1.0, 2.0, 1, 3, 3)) == {"holds"}


def test_a_median_between_two_values_far_apart_is_found():
    """Of 0, 0, 10, 10 the median is 5, which nobody has: mean 5, SD sqrt(100 / 3) = 5.77."""
    assert together(describe(5.0, 5.8, 5.0, 0, 10, 4)) == {"holds"}
    assert "impossible" in together(describe(5.0, 5.9, 5.0, 0, 10, 4))


def test_a_description_that_passes_each_check_alone_and_fails_together():
    """Of 4 numbers from 0 to 3 with median 0.5: mean 1.0 needs 0, 0, 1, 3 (SD 1.4), so that SD 1.2 fails."""
    assert together(describe(1.0, 1.4, 0.5, 0, 3, 4)) == {"holds"}
    assert "impossible" in together(describe(1.0, 1.2, 0.5, 0, 3, 4))


@pytest.mark.parametrize("n", [3, 4])
def test_descriptions_agree_with_enumeration(n):
    """Descriptions to one decimal of samples from 0 to 4 with both ends hold if and only if some sample has them."""
    seen = set()
    for inner in itertools.combinations_with_replacement(range(5), n - 2):
        sample = sorted((0, 4, *inner))
        mean = half_up(Fraction(sum(sample), n), 1)
        seen.add((mean, half_up(exact(statistics.stdev(sample)), 1), Fraction(statistics.median(sample))))
    means, sds, medians = ({each[place] for each in seen} for place in range(3))
    for mean, sd, median in itertools.islice(
        itertools.product(sorted(means), sorted(sds), sorted(medians)), 0, None, 3
    ):
        found = together(describe(float(mean), float(sd), float(median), 0, 4, n))
        assert (found == {"holds"}) is ((mean, sd, median) in seen)
