"""Damage to headers and whole columns."""

from ..judge import text
from .base import Claim, kind


@kind()
def column_dropped(case):
    header = case.header()
    place = case.at(header)
    for row in case.rows():
        del row[place]
    return case.refused(column=header, rule="missing column")


@kind()
def column_renamed(case):
    header = case.header()
    word = case.rng.choice(
        [header.upper(), header + " ?", header[:-1], header.replace(" ", "_") + "_", f"New {header}"]
    )
    case.rows()[0][case.at(header)] = word
    return case.refused(column=header, rule="missing column")


@kind()
def header_spaces(case):
    header = case.header()
    case.rows()[0][case.at(header)] = f"\u00a0{header.replace(' ', '  ')} "
    return case.same()


@kind()
def header_blank(case):
    header = case.header()
    case.rows()[0][case.at(header)] = ""
    return case.refused(column=header, rule="missing column")


@kind()
def headers_swapped(case):
    one, other = case.header(), case.header()
    first, second = case.at(one), case.at(other)
    head = case.rows()[0]
    head[first], head[second] = head[second], head[first]
    return case.judged()


@kind()
def column_moved(case):
    old, new = case.at(case.header()), case.at(case.header())
    for row in case.rows():
        row.insert(new, row.pop(old))
    return case.same()


@kind()
def column_twice(case):
    header = case.header()
    place = case.at(header)
    for row in case.rows():
        row.append(row[place])
    return case.refused(column=header, rule="column given twice")


@kind()
def column_extra(case):
    for number, row in enumerate(case.rows()):
        row.append("Worker's notes" if number == 0 else "spoke to mother")
    return Claim("refused", case.sheet, {"sheet": case.place, "column": "Worker's notes"}, ("spoke to mother",))


@kind()
def notes_without_header(case):
    rows = case.rows()
    number = case.rng.randrange(1, len(rows))
    for row in rows if not case.delivery.is_workbook else []:
        row.append("")
    for blank in range(case.rng.randrange(2)):
        rows[number].append("")
        del blank
    rows[number].append("see letter")
    at = {"sheet": case.place, "rows": number + 1}
    if not case.delivery.is_workbook and len(rows[number]) > len(rows[0]):
        return Claim("judged", case.sheet, quiet=("see letter",))
    return Claim("visible", case.sheet, at, ("see letter",))


@kind("workbook")
def headers_merged(case):
    rows = case.rows()
    place = case.rng.randrange(1, len(rows[0]) - 1)
    lost, rows[0][place + 1] = rows[0][place + 1], ""
    return case.refused(column=lost, rule="missing column")


@kind()
def column_blanked(case):
    header = case.header()
    place = case.at(header)
    for row in case.rows()[1:]:
        row[place] = ""
    return (
        case.judged()
        if not case.columns[header]["nullable"]
        else Claim("told", case.sheet, {"sheet": case.place, "column": header})
    )


@kind()
def column_shifted_down(case):
    header = case.header()
    place, rows = case.at(header), case.rows()
    cells = [row[place] for row in rows[1:]]
    for row, cell in zip(rows[1:], ["", *cells[:-1]], strict=True):
        row[place] = cell
    return case.judged()


@kind()
def column_sorted_alone(case):
    header = case.header()
    place, rows = case.at(header), case.rows()
    for row, cell in zip(rows[1:], sorted((row[place] for row in rows[1:]), key=text), strict=True):
        row[place] = cell
    return case.judged()


@kind()
def column_recased(case):
    header = case.header("code", "text")
    place = case.at(header)
    for row in case.rows()[1:]:
        row[place] = text(row[place]).lower()
    return case.judged()
