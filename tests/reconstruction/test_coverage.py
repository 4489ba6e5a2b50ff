"""Every entry of the two documents is checked, repeats a checked one, or has a reason why it is not."""

from .checks import CHECKS, REGISTER, UNCONSTRAINED, find_check

MOST_WITHOUT_A_CONSTRAINT = 59


def test_every_entry_is_checked_or_has_a_reason():
    left = [name for name in REGISTER if not find_check(name) and name not in UNCONSTRAINED]
    assert not left


def test_no_entry_is_checked_and_excused():
    assert not set(CHECKS) & set(UNCONSTRAINED)


def test_excused_entries_are_few_and_each_has_a_reason():
    assert len(UNCONSTRAINED) <= MOST_WITHOUT_A_CONSTRAINT
    assert not [name for name, reason in UNCONSTRAINED.items() if len(reason.split()) < 4]


def test_excused_entries_are_in_the_register():
    assert not set(UNCONSTRAINED) - set(REGISTER)


def test_repeated_entries_lead_to_an_entry_of_their_own():
    repeats = {entry.same_as for entry in REGISTER.values() if entry.same_as}
    assert not [name for name in repeats if name not in REGISTER or REGISTER[name].same_as]
