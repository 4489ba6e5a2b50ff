"""Damage to rows."""

import re

from ..judge import text
from .base import Claim, kind


@kind()
def headers_dropped(case):
    del case.rows()[0]
    quiet = tuple(word for word in map(text, case.delivery.sheets[case.sheet][0]) if re.search(r"\d{4}", word))
    return Claim("refused", case.sheet, {"sheet": case.place}, quiet)


@kind()
def title_above(case):
    rows = case.rows()
    rows.insert(0, ["Extract for J Smith, do not share"] + [""] * (len(rows[0]) - 1))
    return Claim("refused", case.sheet, {"sheet": case.place}, ("J Smith",))


@kind()
def headers_again(case):
    rows = case.rows()
    rows.insert(case.rng.randrange(2, len(rows)), list(rows[0]))
    return case.judged()


@kind()
def blank_rows(case):
    rows = case.rows()
    for _ in range(case.rng.randrange(1, 5)):
        rows.insert(case.rng.randrange(1, len(rows) + 1), [case.rng.choice(["", " "])] * len(rows[0]))
    return case.same()


@kind()
def row_twice(case):
    rows = case.rows()
    number = case.rng.randrange(1, len(rows))
    rows.insert(case.rng.randrange(number, len(rows)) + 1, list(rows[number]))
    return case.refused(rows=number + 1)


@kind()
def row_corrected_below(case):
    rows = case.rows()
    row = list(case.rng.choice(rows[1:]))
    header = case.header("code", "integer", "date", nullable=True)
    row[case.at(header)] = ""
    rows.append(row)
    return case.refused(rows=len(rows))


@kind()
def totals_row(case):
    rows = case.rows()
    rows.append(["Total", float(len(rows) - 1) if case.delivery.is_workbook else str(len(rows) - 1)])
    rows[-1] += [""] * (len(rows[0]) - 2)
    return case.judged()


@kind()
def rows_lost_at_the_end(case):
    del case.rows()[-case.rng.randrange(1, 20) :]
    return case.judged()


@kind()
def rows_shuffled(case):
    rows = case.rows()
    body = rows[1:]
    case.rng.shuffle(body)
    rows[1:] = body
    return case.judged()


@kind()
def row_shifted_right(case):
    row = case.rng.choice(case.rows()[1:])
    row.insert(case.rng.randrange(len(row)), "")
    if not text(row[-1]):
        row.pop()
    return case.judged()


@kind()
def row_shifted_left(case):
    row = case.rng.choice(case.rows()[1:])
    del row[case.rng.randrange(len(row) - 1)]
    return case.judged()


@kind()
def cells_swapped_in_row(case):
    row = case.rng.choice(case.rows()[1:])
    one, other = case.at(case.header()), case.at(case.header())
    row[one], row[other] = row[other], row[one]
    return case.judged()
