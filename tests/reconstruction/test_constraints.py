"""Every published number, recomputed from the raw files, prints as printed."""

import pytest

from .checks import REGISTER, find_check
from .register import judge

CHECKED = [published_id for published_id in REGISTER if find_check(published_id)]
BASE_MOVED = {"Y05", "X03"}  # discrepancies that say another base than the one in the register is right


@pytest.mark.parametrize("published_id", CHECKED)
def test_raw_files_give_what_was_printed(raw, published_id):
    entry = REGISTER[published_id]
    agrees, shown = judge(entry, find_check(published_id)(raw))
    assert agrees, f"printed {entry.printed!r}, to be compared with {entry.target!r}; the raw files give {shown}"


def _has_base(published_id):
    entry = REGISTER[published_id]
    is_percentage = entry.kind == "percent" or (entry.kind == "approx" and entry.unit == "percent")
    return is_percentage and entry.n is not None and entry.issue not in BASE_MOVED


@pytest.mark.parametrize("published_id", [name for name in CHECKED if _has_base(name)])
def test_percentage_has_the_base_and_the_count_of_the_register(raw, published_id):
    """A percentage may print alike on a wrong base; on the right one its numerator is a whole number."""
    entry = REGISTER[published_id]
    count = find_check(published_id)(raw) * entry.n / 100
    assert count == pytest.approx(round(count) if entry.count is None else entry.count, abs=1e-9)
