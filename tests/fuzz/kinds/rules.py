"""Valid values that break a rule between columns, sheets or extracts."""

import datetime as dt
import re

from ..deliveries import document
from ..judge import columns_of, text, value
from .base import Claim, NotHere, kind


def _rules(case, wanted):
    rules = [rule for rule in document(case.delivery.extract)["rules"] if rule["kind"] == wanted]
    if not rules:
        raise NotHere
    rule = case.rng.choice(rules)
    case.sheet = rule["left"].partition(".")[0]
    case.columns = columns_of(case.delivery.extract, case.sheet)
    return rule


def _header(case, place):
    sheet, _, name = place.partition(".")
    return next(header for header, column in columns_of(case.delivery.extract, sheet).items() if column["name"] == name)


def _values(case, place, sheet=None):
    """Row and value of every cell of a column."""
    sheet, header = sheet or place.partition(".")[0], _header(case, place)
    rows = case.delivery.sheets[sheet]
    at = rows[0].index(header)
    return [(number, value(case.delivery.extract, sheet, header, row[at])) for number, row in enumerate(rows) if number]


def _told(case, rule, number):
    must = "told" if rule.get("severity") == "warning" else "refused"
    return Claim(must, case.sheet, {"sheet": case.place, "rule": rule["rule"], "rows": number + 1})


@kind()
def dates_in_wrong_order(case):
    rule = _rules(case, "not_before")
    keys = dict(_values(case, rule["key"]))
    home, name = rule["right"].partition(".")[0], rule["key"].partition(".")[2]
    their_keys, limits = dict(_values(case, f"{home}.{name}")), {}
    for number, day in _values(case, rule["right"]):
        if day is not None:
            limits[their_keys[number]] = min(day, limits.get(their_keys[number], day))
    lowest = case.columns[_header(case, rule["left"])]["minimum"]
    fitting = [number for number, key in keys.items() if key in limits and limits[key] > lowest]
    if not fitting:
        raise NotHere
    number = case.rng.choice(fitting)
    limit = limits[keys[number]]
    day = max(lowest, limit - dt.timedelta(case.rng.randrange(1, 60)))
    case.rows()[number][case.at(_header(case, rule["left"]))] = case.date(day)
    return _told(case, rule, number)


@kind()
def id_unknown(case):
    rule = _rules(case, "has_match")
    known = {found for _, found in _values(case, rule["right"])}
    header = _header(case, rule["left"])
    number, old = case.rng.choice(_values(case, rule["left"]))
    new = next(
        word for _ in range(10_000) if (word := re.sub(r"\d", lambda _: str(case.rng.randrange(10)), old)) not in known
    )
    case.rows()[number][case.at(header)] = new
    claim = _told(case, rule, number)
    claim.quiet = (new,)
    return claim


@kind()
def id_with_two_values(case):
    rule = _rules(case, "one_value")
    column, key = rule["left"].partition(".")[2], rule["key"].partition(".")[2]
    times = {}
    for sheet, spec in document(case.delivery.extract)["sheets"].items():
        if {column, key} <= set(spec["columns"]):
            for _, found in _values(case, f"{sheet}.{key}"):
                times[found] = times.get(found, 0) + 1
    values, header = _values(case, rule["left"]), _header(case, rule["left"])
    fitting = [number for number, found in _values(case, rule["key"]) if times.get(found, 0) > 1]
    if not fitting:
        raise NotHere
    number = case.rng.choice(fitting)
    own = dict(values)[number]
    others = [other for other, found in values if found not in (None, own)]
    rows, place = case.rows(), case.at(header)
    rows[number][place] = rows[case.rng.choice(others)][place]
    return _told(case, rule, number)


@kind()
def answers_that_exclude_each_other(case):
    rule = _rules(case, "only_if")
    left, right = (_header(case, rule[side]) for side in ("left", "right"))
    number = case.rng.randrange(1, len(case.delivery.sheets[case.sheet]))
    row = case.rows()[number]
    row[case.at(left)] = _cell(case, left, lambda found: found in rule["values"])
    if right != left:
        row[case.at(right)] = _cell(case, right, lambda found: found not in rule["then"])
    return _told(case, rule, number)


def _cell(case, header, wanted):
    column = case.columns[header]
    if column["type"] == "integer":
        found = next(number for number in range(column["minimum"], column["maximum"] + 1) if wanted(number))
        return float(found) if case.delivery.is_workbook else str(found)
    fitting = [raw for raw, code in column["codes"].items() if wanted(code["canonical"])]
    if not fitting:
        raise NotHere
    return case.rng.choice(fitting)


@kind()
def disagrees_with_another_extract(case):
    places = {
        "police": ("police_extract", "Person key", "incident of an unknown subject"),
        "police_subjects": ("police_subjects", "Group", "arm is not that of the subject"),
        "cms": ("Cases", "Area", "site is not that of the allocation register, or of the actions"),
    }
    if case.delivery.extract not in places:
        raise NotHere
    case.sheet, header, rule = places[case.delivery.extract]
    case.columns = columns_of(case.delivery.extract, case.sheet)
    if header == "Person key":
        case.cell(header, lambda _: "PS-999999999")
    else:
        codes = {code["canonical"]: raw for raw, code in case.columns[header]["codes"].items()}
        case.cell(
            header,
            lambda cell: case.rng.choice(
                [raw for word, raw in codes.items() if word != case.columns[header]["codes"][text(cell)]["canonical"]]
            ),
        )
    return Claim("refused", case.sheet, {"rule": rule} if case.sheet != "Cases" else {})
