"""Tables of a simulated trial in the Drive arm only: the case management system."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drive_eval.contracts.model import Contract, Sheet
from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.simulate_delivery import Codes, coded, drawn, ids
from drive_eval.reconstruct.simulate_model import Floats, Superpopulation
from drive_eval.reconstruct.simulate_people import LEVELS, People, stream
from drive_eval.reconstruct.simulate_tables import add_months, closure_dates
from drive_eval.reconstruct.simulate_truth import DASH_TIMES
from drive_eval.reconstruct.spine import SITES

ORGANISATION = ("d1", "d2", "d4")
MANAGERS_PER_SITE = 30
YEAR_2 = np.datetime64("2017-04-01")
ACTIONS, CONTACTS = 8.0, 4.0
CATEGORIES = (
    "contact_making",
    "support",
    "behaviour_change_work",
    "indirect_year1",
    "multi_agency",
    "case_update",
    "background_research",
)
AGENCIES = {"police": 35, "idva": 30, "childrens_social_services": 20, "housing": 10, "other": 5}


def cms(contract: Contract, world: Superpopulation, people: People, *, seed: int) -> dict[str, pd.DataFrame]:
    """All sheets; behaviour is that of the linked victim/survivor, between the two forms it is either of them."""
    sheets = contract.sheets
    drive = np.flatnonzero(people.arm == 1)
    everybody = ids(sheets["Cases"].columns["su_id"], "SU-", len(people.arm))
    cases = _cases(world, people, everybody, seed).iloc[drive].reset_index(drop=True)
    key = cases[["data_origin", "su_id"]]
    cells = people.cell[drive]
    actions = _actions(sheets["Actions"], cases, seed)
    return {
        "Cases": cases.drop(columns="days"),
        "Victims": key.assign(
            vs_id=ids(sheets["Victims"].columns["vs_id"], "CV-", len(people.arm))[drive],
            is_index=coded(("yes",), np.zeros(len(key), dtype=int)),
            age=world.age[cells],
        ),
        "Risk": key.assign(review_date=cases["closure_date"]),
        "Needs": key.assign(
            needs_information=coded(("specific",), np.zeros(len(key), dtype=int)),
            **_needs(sheets["Needs"], world.needs[cells] / 6, seed),
        ),
        "Behaviour": _behaviour(key, cases, people, drive, seed),
        "DASH": _dash(key, cases, world.dash_items[:, :, cells], seed),
        "Actions": actions,
        "Contacts": _contacts(sheets["Contacts"], cases, seed),
    }


def _cases(world: Superpopulation, people: People, su_id: NDArray[np.object_], seed: int) -> pd.DataFrame:
    """Cases of everybody as if in Drive, so that a case does not depend on who else is in Drive; `days` is spare."""
    random = stream(seed, "cases")
    n, site = len(su_id), world.site[people.cell]
    closure = closure_dates(people, seed)
    days = (closure - people.allocation_date).astype(int)
    manager = random.integers(0, MANAGERS_PER_SITE, n) + MANAGERS_PER_SITE * site + 1
    step_down, contacted, children = (random.random(n) < share for share in (0.1, 0.65, 0.7))
    engagement = np.where(contacted, random.integers(0, 3, n), 2)
    return pd.DataFrame(
        {
            "data_origin": coded(["synthetic"], np.zeros(n, dtype=int)),
            "su_id": su_id,
            "site": coded(SITES, site),
            "delivery_organisation": coded(ORGANISATION, site),
            "case_manager_id": np.array([f"CM{number:02d}" for number in range(100)], dtype=object)[manager],
            "allocation_date": people.allocation_date,
            "start_date": people.allocation_date + random.integers(0, 29, n),
            "planned_end_date": add_months(people.allocation_date, 10),
            "closure_date": closure,
            "months_open": np.ceil(days / 30.4375).astype(int),
            "step_down": coded(("no", "yes"), step_down.astype(int)),
            "step_down_months": pd.Series(random.integers(1, 4, n)).astype("Int64").where(step_down),
            "direct_contact": coded(("no", "yes"), contacted.astype(int)),
            "engagement": coded(("fully_engaged", "partially_engaged", "not_engaged"), engagement),
            "age": np.clip(world.age[people.cell] + random.integers(-4, 8, n), 18, 90),
            "children_involved": coded(("no", "yes"), children.astype(int)),
            "child_protection": coded(("no", "yes"), (children & (random.random(n) < 0.4)).astype(int)),
            "days": days,
        }
    )


def _needs(sheet: Sheet, share: Floats, seed: int) -> dict[str, Codes]:
    """Each need independently, as common as the needs of the victim/survivor; the same level at all times."""
    columns = {}
    for name in [name for name, column in sheet.columns.items() if "Need" in column.codes]:
        chance = stream(seed, f"need {name.rpartition('_')[0]}").random(len(share))
        level = np.where(chance < share / 3, 2, np.where(chance < share, 1, 0))
        columns[name] = coded(("no_need", "need", "high_need"), level)
    return columns


def _behaviour(key: pd.DataFrame, cases: pd.DataFrame, people: People, drive: NDArray[Any], seed: int) -> pd.DataFrame:
    later = stream(seed, "midpoint").random((len(TYPES), len(drive))) < 0.5
    has = {"intake": people.intake[:, drive], "closure": people.exit[1][:, drive]}
    level = {"intake": people.level["intake"][:, drive], "closure": people.level["exit"][:, drive]}
    has["midpoint"] = np.where(later, has["closure"], has["intake"])
    level["midpoint"] = np.where(later, level["closure"], level["intake"])
    blocks = []
    for place, time in enumerate(("intake", "midpoint", "closure")):
        block = key.assign(
            time_point=coded(("intake", "midpoint", "closure"), np.full(len(key), place)),
            assessment_date=_part_way(cases, place),
        )
        for k, abuse in enumerate(TYPES):
            block[abuse] = coded(("no", "yes"), has[time][k].astype(int))
            block[f"{abuse}_level"] = coded(LEVELS, np.where(has[time][k], level[time][k], 0))
        blocks.append(block)
    return _interleaved(blocks)


def _dash(key: pd.DataFrame, cases: pd.DataFrame, likely: Floats, seed: int) -> pd.DataFrame:
    blocks = []
    for place, time in enumerate(DASH_TIMES):
        has = stream(seed, f"dash {time}").random(likely[place].shape) < likely[place]
        block = key.assign(time=coded(DASH_TIMES, np.full(len(key), place)), assessment_date=_part_way(cases, place))
        items = {f"item_{number:02d}": coded(("no", "yes"), yes.astype(int)) for number, yes in enumerate(has, start=1)}
        blocks.append(block.assign(**items))
    return _interleaved(blocks)


def _part_way(cases: pd.DataFrame, place: int) -> pd.Series:
    """The day of the first, second or third assessment: at allocation, half way, at closure."""
    return cases["allocation_date"] + pd.to_timedelta(cases["days"] * place // 2, unit="D")


def _interleaved(blocks: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of blocks of the same people, person by person."""
    return pd.concat(blocks).sort_index(kind="stable").reset_index(drop=True)


def _actions(sheet: Sheet, cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The first action on the day that work starts, others until closure; the form follows the project year."""
    random = stream(seed, "actions")
    person, day = _events(cases, random.poisson(ACTIONS, len(cases)), random)
    n = len(person)
    year_2, direct = day >= YEAR_2, random.random(n) < 0.2
    category = np.where(direct, random.integers(0, 3, n), np.where(year_2, random.integers(4, 7, n), 3))
    allocated = cases["allocation_date"].to_numpy().astype("datetime64[D]")[person]
    months = (day.astype("datetime64[M]") - allocated.astype("datetime64[M]")).astype(int)
    key = cases.iloc[person][["data_origin", "su_id", "site"]].reset_index(drop=True)
    return key.assign(
        action_id=ids(sheet.columns["action_id"], "A", n),
        action_date=day,
        month=1 + months - (_day_of_month(day) < _day_of_month(allocated)),
        project_year=coded(("year1", "year2"), year_2.astype(int)),
        work_type=coded(("indirect", "direct"), direct.astype(int)),
        category=coded(CATEGORIES, category),
        agency=drawn(AGENCIES, n, random, where=category >= 4),
        purpose=drawn({"support_and_disrupt": 50, "disrupt": 30, "support": 20}, n, random, where=category == 4),
    )


def _contacts(sheet: Sheet, cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    random = stream(seed, "contacts")
    contacted = (cases["direct_contact"] == "yes").to_numpy()
    person, day = _events(cases[contacted], random.poisson(CONTACTS, contacted.sum()), random)
    key = cases[contacted].iloc[person][["data_origin", "su_id"]].reset_index(drop=True)
    return key.assign(
        contact_id=ids(sheet.columns["contact_id"], "C", len(person)),
        contact_date=day,
        duration_minutes=5 * random.integers(2, 19, len(person)),
    )


def _events(
    cases: pd.DataFrame, further: NDArray[np.int64], random: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Place of the case and day of each event: one on the day that work starts and so many later, in order."""
    start, end = (cases[name].to_numpy().astype("datetime64[D]") for name in ("start_date", "closure_date"))
    person = np.repeat(np.arange(len(cases)), 1 + further)
    first = np.concatenate([[True], person[1:] != person[:-1]]) if len(person) else np.zeros(0, dtype=bool)
    chance = np.where(first, 0.0, random.random(len(person)))
    day = start[person] + (chance * (end - start)[person].astype(int)).astype(int)
    order = np.lexsort((day, person))
    return person, day[order]


def _day_of_month(days: NDArray[Any]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    return found
