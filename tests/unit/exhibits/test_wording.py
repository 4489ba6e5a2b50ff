import pandas as pd
import pytest

from drive_eval.exhibits.wording import fill, half_up, half_up_percent, show


@pytest.mark.parametrize(
    ("count", "base", "printed"), [(21, 40, "53"), (1, 40, "3"), (37, 40, "93"), (29, 200, "15"), (133, 212, "63")]
)
def test_percentages_round_half_up_as_the_report_prints_them(count, base, printed):
    # R1: 21/40 prints as 53, 1/40 as 3, 37/40 as 93; round half to even would give 52, 2 and 92
    assert str(half_up_percent(count / base, 0)) == printed


def test_ties_of_other_numbers_go_up_too():
    assert (str(half_up(0.125, 2)), str(half_up(2.5, 0)), str(half_up(-2.5, 0))) == ("0.13", "3", "-3")


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (0.0004, "p", "< .001"),
        (0.0423701, "p", ".042"),
        (1.0, "p", "1.000"),
        (float("inf"), "ratio", "infinite"),
        (float("nan"), "ratio", "–"),
        (2.8592, "ratio", "2.86"),
        (0.055, "percent1", "5.5%"),
        (-0.1234, "points", "-12.3"),
        (1234, "count", "1,234"),
    ],
)
def test_number_styles(value, style, text):
    assert show(value, style) == text


def test_an_unknown_style_is_an_error():
    with pytest.raises(ValueError, match="no number style"):
        show(1.0, "loud")


def test_a_sentence_takes_its_numbers_from_the_registry():
    rows = pd.DataFrame({"result_id": ["a.b.c.share", "a.d.c.share"], "value": [0.25, 0.5]})
    assert fill("From {b.c.share|percent} to {d.c.share|percent}.", rows) == "From 25% to 50%."


@pytest.mark.parametrize("slot", ["c.share", "x.share"], ids=["two numbers", "none"])
def test_a_slot_must_name_one_number(slot):
    rows = pd.DataFrame({"result_id": ["a.b.c.share", "a.d.c.share"], "value": [0.25, 0.5]})
    with pytest.raises(KeyError, match=r"names \d numbers"):
        fill(f"{{{slot}|percent}}", rows)
