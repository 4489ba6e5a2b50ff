"""Damage to single cells, and to all cells of a column alike."""

import datetime as dt
import re

from ..deliveries import Broken, Formula
from ..judge import text, value
from .base import NotHere, kind


@kind()
def words_in_number(case):
    return case.bad(case.header("integer", "number"), case.rng.choice(["twelve", "12 yrs", "?", "n/a", "#12", "12;13"]))


@kind()
def words_in_date(case):
    word = case.rng.choice(["today", "now", "NaT", "last week", "tbc", "Spring 2017", "?", "Yesterday"])
    return case.bad(case.header("date"), word)


@kind()
def unknown_code(case):
    word = case.rng.choice(["Maybe", "yes ?", "n.k.", "Not asked yet", "NULL", "None given", "-", "na"])
    return case.bad(case.header("code"), word)


@kind()
def code_misspelt(case):
    header = case.header("code")
    case.cell(header, lambda cell: case.rng.choice([text(cell)[:-1], text(cell).swapcase(), text(cell) + "."]))
    return case.judged()


@kind()
def other_code(case):
    header = case.header("code")
    codes = list(case.columns[header]["codes"])
    case.cell(header, lambda _: case.rng.choice(codes), filled=False)
    return case.judged()


@kind()
def blanked_cell(case):
    header = case.header()
    case.cell(header, lambda _: case.rng.choice(["", " ", "\u00a0", "\t"]))
    return case.judged()


@kind()
def fraction(case):
    return case.bad(case.header("integer"), case.rng.choice([1.5, 0.25]) if case.delivery.is_workbook else "1.5")


@kind()
def number_in_other_notation(case):
    word = case.rng.choice(["1,234", "1,5", "1.2E+01", "12%", "£12", "1 2", "--1", "0x10", "1_000", "１２", "٣", "²"])
    return case.bad(case.header("integer"), word)


@kind()
def out_of_range(case):
    header = case.header("integer", "number")
    column = case.columns[header]
    word = case.rng.choice(
        [column["minimum"] - case.rng.randrange(1, 9), column["maximum"] + case.rng.randrange(1, 99)]
    )
    row, _ = case.cell(header, lambda _: float(word) if case.delivery.is_workbook else str(word))
    return case.refused(column=header, rows=row)


@kind()
def too_many_digits(case):
    return case.bad(case.header("integer"), case.rng.choice(["9" * 16, "1" + "0" * 30, "-" + "9" * 20]))


@kind()
def date_out_of_range(case):
    header = case.header("date")
    column = case.columns[header]
    days = case.rng.randrange(1, 4000)
    day = case.rng.choice([column["minimum"] - dt.timedelta(days), column["maximum"] + dt.timedelta(days)])
    row, _ = case.cell(header, lambda _: case.date(day))
    return case.refused(column=header, rows=row)


@kind()
def impossible_date(case):
    word = case.rng.choice(["31/02/2017", "2017-02-30", "00/01/2017", "2017-13-01", "32/12/2016", "29/02/2017"])
    return case.bad(case.header("date"), word)


@kind()
def partial_date(case):
    word = case.rng.choice(["2017", "03/2017", "2017-03", "1/2/17", "17-03-01", "20170301", "2017-W10", "0017-03-01"])
    return case.bad(case.header("date"), word)


@kind()
def date_with_time(case):
    moment = dt.datetime(2017, 3, 1, 10, 30)  # noqa: DTZ001 (a cell has no time zone)
    return case.bad(case.header("date"), moment if case.delivery.is_workbook else str(moment))


@kind()
def date_as_american(case):
    header = case.header("date")
    case.cell(header, lambda cell: _day(case, header, cell).strftime("%m/%d/%Y"))
    return case.judged()


@kind()
def column_as_american(case):
    header = case.header("date")
    place = case.at(header)
    for row in case.rows()[1:]:
        if text(row[place]):
            row[place] = _day(case, header, row[place]).strftime("%m/%d/%Y")
    return case.judged()


@kind()
def dates_as_text(case):
    header = case.header("date")
    place = case.at(header)
    for row in case.rows()[1:]:
        if text(row[place]):
            row[place] = _day(case, header, row[place]).isoformat()
    return case.same()


def _day(case, header, cell) -> dt.date:
    return value(case.delivery.extract, case.sheet, header, cell)


@kind()
def dates_as_day_numbers(case):
    header = case.header("date")
    place = case.at(header)
    rows, first = case.rows(), dt.date(1899, 12, 30)
    numbers = [number for number, row in enumerate(rows) if number and text(row[place])]
    if not numbers:
        raise NotHere
    for number in numbers:
        days = (_day(case, header, rows[number][place]) - first).days
        rows[number][place] = float(days) if case.delivery.is_workbook else str(days)
    return case.refused(column=header, rows=case.rng.choice(numbers) + 1, rule="not a date")


@kind()
def spaces_around(case):
    header = case.header()
    place = case.at(header)
    for row in case.rows()[1:]:
        if isinstance(row[place], str) and row[place]:
            row[place] = case.rng.choice([f" {row[place]}", f"{row[place]}\u00a0", row[place].replace(" ", "  ")])
    return case.same()


@kind()
def unseen_letter(case):
    header = case.header("code", "text", "date")
    mark = case.rng.choice(["\u200b", "\u00ad", "\ufeff", "\u2060", "\u200e"])
    row, _ = case.cell(header, lambda cell: text(cell) + mark)
    return case.refused(column=header, rows=row)


@kind()
def curly_marks(case):
    header = case.header("code", "text")
    row, _ = case.cell(header, lambda cell: f"\u2018{text(cell)}\u2019")
    return case.refused(column=header, rows=row)


@kind()
def digits_of_another_script(case):
    header = case.header("text", "date")
    other = str.maketrans("0123456789", case.rng.choice(["０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"]))
    row, _ = case.cell(header, lambda cell: text(cell).translate(other))
    return case.refused(column=header, rows=row)


@kind()
def id_damaged(case):
    header = case.header("text")
    prefix_lost = re.compile(r"^[A-Z]+-?0*")
    changes = [
        lambda cell: prefix_lost.sub("", text(cell)),
        lambda cell: text(cell).lower(),
        lambda cell: text(cell) + ".",
        lambda cell: "1.05E+05",
        lambda cell: text(cell).replace("-", "\u2013") if "-" in text(cell) else text(cell) + "x",
    ]
    case.cell(header, case.rng.choice(changes))
    return case.judged()


@kind()
def id_blanked(case):
    header = case.header("text", nullable=False)
    row, _ = case.cell(header, lambda _: "")
    return case.refused(column=header, rows=row, rule="blank cell")


@kind("workbook")
def error_cell(case):
    header = case.header()
    row, _ = case.cell(header, lambda _: Broken(case.rng.choice(["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])))
    return case.refused(column=header, rows=row)


@kind("workbook")
def error_in_blank_cell(case):
    header = case.header(nullable=True)
    row, _ = case.cell(header, lambda _: Broken("#N/A"), filled=False)
    return case.refused(column=header, rows=row)


@kind("workbook")
def formula_without_value(case):
    header = case.header()
    row, _ = case.cell(header, lambda _: Formula("VLOOKUP(A2,Other!A:B,2,0)"))
    return case.refused(column=header, rows=row)


@kind("workbook")
def truth_value(case):
    header = case.header("code", "integer")
    row, _ = case.cell(header, lambda _: case.rng.random() < 0.5)
    return case.refused(column=header, rows=row)


@kind("workbook")
def numbers_as_text(case):
    header = case.header("integer", "number")
    place = case.at(header)
    for row in case.rows()[1:]:
        row[place] = text(row[place])
    return case.same()
