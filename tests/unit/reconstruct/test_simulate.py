"""Simulated trials: accepted by the contracts, the same every time, and grown from exactly the truth they state.

Sampling error is judged at 4 standard errors with fixed seeds: a right program fails such a comparison once in
16,000 times, and the seeds below do not.
"""

import dataclasses
import io
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from drive_eval.contracts.check import check_extract
from drive_eval.errors import UserError
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.reconstruct import simulate_delivery
from drive_eval.reconstruct.delimited import csv_bytes
from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.simulate import FILES, Effects, simulate
from drive_eval.reconstruct.simulate_delivery import delimited
from drive_eval.reconstruct.simulate_model import SCORE, superpopulation
from drive_eval.reconstruct.simulate_people import draw_people
from drive_eval.reconstruct.simulate_tables import add_months, insights
from drive_eval.reconstruct.simulate_truth import build_truth

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = {name: load_contract(ROOT, name) for name in FILES}
NOTHING_HIDDEN = {"missing_exit": 0.0, "missing_severity": 0.0, "missing_item": 0.0}
EXPECTED_WARNINGS = {"police data of a perpetrator outside the Insights sample", "no cell is filled"}
"""The police find everybody of a simulated trial; in the pilot they were asked about some with an exit form.
A simulated trial leaves columns blank that none of its outcomes needs."""


def with_room(contract):
    """The contract with ids of up to nine digits."""

    def widened(column):
        pattern = column.pattern
        for digits in "456":
            pattern = pattern.replace(f"{{{digits}}}", f"{{{digits},9}}")
        return dataclasses.replace(column, pattern=pattern)

    sheets = {
        name: dataclasses.replace(sheet, columns={key: widened(column) for key, column in sheet.columns.items()})
        for name, sheet in contract.sheets.items()
    }
    return dataclasses.replace(contract, sheets=sheets)


ROOMY = {name: with_room(contract) for name, contract in CONTRACTS.items()}


def small(contracts=CONTRACTS, *, seed=1, **changes):
    settings = {"n_drive": 60, "n_control": 90, "effects": Effects()} | changes
    return simulate(contracts, seed=seed, **settings)


def draw(effects, n, *, seed=11):
    """World, people and the truth document of a trial with arms of equal size."""
    world = superpopulation(effects)
    people = draw_people(world, effects, n_drive=n // 2, n_control=n - n // 2, seed=seed)
    return world, people, build_truth(world, people, effects, seed=seed, files={})


def estimands(truth):
    return {(entry["outcome"], entry["time"]): entry for entry in truth["estimands"]}


def within_4_errors(values, truth):
    """Mean of the values against the truth, by the standard error of the mean."""
    return abs(np.mean(values) - truth) <= 4 * np.std(values, ddof=1) / np.sqrt(len(values))


def difference_agrees(drive, control, truth):
    error = np.sqrt(np.var(drive, ddof=1) / len(drive) + np.var(control, ddof=1) / len(control))
    return abs(np.mean(drive) - np.mean(control) - truth) <= 4 * error


@pytest.fixture(scope="module")
def files():
    return small()


@pytest.mark.parametrize("extract", FILES)
def test_contracts_accept_every_file(extract, files, tmp_path):
    path = tmp_path / FILES[extract]
    path.write_bytes(files[path.name])
    frames, faults = read_extract(path, CONTRACTS[extract])
    checked = check_extract(CONTRACTS[extract], frames, file=path.name, read_faults=faults)
    assert not checked.failed
    assert {fault.rule for fault in checked.faults} <= EXPECTED_WARNINGS
    assert set(checked.tables) == {sheet.table for sheet in CONTRACTS[extract].sheets.values()}
    for table in checked.tables.values():
        assert (table["data_origin"] == "synthetic").all()


def test_sizes_are_those_asked_for(files):
    subjects = pd.read_csv(io.BytesIO(files["police_subjects.csv"]))
    truth = json.loads(files["truth.json"])
    assert subjects["Group"].value_counts().to_dict() == {"Control": 90, "Drive": 60}
    assert truth["n"] == {"drive": 60, "control": 90}
    for arms in truth["n_by_site"].values():
        assert abs(arms["drive"] / sum(arms.values()) - 0.4) * sum(arms.values()) < 1
    assert truth["rows"]["police_subjects.csv"] == truth["rows"]["allocation_register.csv"] == 150


def test_same_call_gives_same_bytes_and_other_seed_others(files):
    assert small() == files
    other = small(seed=2)
    assert all(other[name] != content for name, content in files.items())


def test_a_file_does_not_depend_on_which_others_are_made(files):
    alone = small({"police": CONTRACTS["police"]})
    assert set(alone) == {"police_extract.csv", "truth.json"}
    assert alone["police_extract.csv"] == files["police_extract.csv"]


def test_effects_change_neither_people_nor_allocation():
    _, under_effect, _ = draw(Effects(), 500)
    _, under_null, _ = draw(Effects.null(), 500)
    for name in ("cell", "arm", "intake", "frailty", "allocation_date"):
        assert (getattr(under_effect, name) == getattr(under_null, name)).all()
    assert (under_effect.exit[0] == under_null.exit[0]).all()


def test_column_writer_gives_what_the_row_writer_gives():
    contract = CONTRACTS["police_subjects"]
    (sheet,) = contract.sheets.values()
    table = pd.DataFrame(
        {
            "data_origin": pd.Categorical(["synthetic"] * 3),
            "subject_id": ['PS-0001, "so called"', "PS-0002", "PS-0003"],
            "arm": pd.Categorical(["drive", "control", "drive"]),
            "site": pd.Categorical(["essex", None, "west_sussex"]),
            "allocation_date": pd.to_datetime(["2017-02-28", None, "2016-12-01"]),
        }
    )
    rows = [
        {name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in table.to_dict(orient="records")
    ]
    assert set(table) < set(sheet.columns)
    assert delimited(contract, table) == csv_bytes(contract, rows)


def test_incidents_lie_in_their_windows_as_often_as_drawn(files):
    subjects = pd.read_csv(io.BytesIO(files["police_subjects.csv"]))
    incidents = pd.read_csv(io.BytesIO(files["police_extract.csv"])).merge(subjects, on="Person key")
    day = pd.to_datetime(incidents["Recorded date"]).to_numpy().astype("datetime64[D]")
    allocated = pd.to_datetime(incidents["Date allocated"], format="%d/%m/%Y").to_numpy().astype("datetime64[D]")
    limits = [add_months(allocated, months) for months in (-12, -6, 0, 10, 16)]
    window = sum((day >= limit).astype(int) for limit in limits)
    assert set(window) == {1, 2, 3, 4}
    assert min(np.abs((day - limit).astype(int)).min() for limit in limits) >= 6
    effects = Effects()
    world = superpopulation(effects)
    people = draw_people(world, effects, n_drive=60, n_control=90, seed=1)
    found = incidents.groupby([incidents["DVA flag"].map({"Y": "dva", "N": "non_dva"}), window]).size()
    for (kind, name), counts in people.incidents.items():
        place = ["earlier", "before", "during", "after"].index(name) + 1
        assert found[kind, place] == people.observed(counts).sum()


def test_files_hold_the_outcomes_of_the_allocated_arm(files, tmp_path):
    path = tmp_path / "insights_extract.xlsx"
    path.write_bytes(files[path.name])
    exits = pd.read_excel(path, sheet_name="Exit", keep_default_na=False, engine="calamine")
    world = superpopulation(Effects())
    people = draw_people(world, Effects(), n_drive=60, n_control=90, seed=1)
    kept = people.observed(people.has_exit)
    assert len(exits) == kept.sum()
    for place, abuse in enumerate(("Physical abuse", "Sexual abuse")):
        known = (exits[abuse] != "Not known").to_numpy()
        assert ((exits[abuse] == "Yes").to_numpy() == people.observed(people.exit)[place, kept])[known].all()


def test_null_effects_are_exactly_null():
    _, _, truth = draw(Effects.null(), 1000)
    for entry in truth["estimands"]:
        for scope in {"population", "sample", "complete_case"} & set(entry):
            effect = entry[scope]
            assert effect["difference"] == 0
            assert effect["ratio"] == 1
            assert effect.get("odds_ratio", 1) == 1


@pytest.mark.parametrize(
    "effects",
    [Effects.null(), Effects(), Effects(physical=-1.2, effect_spread=0.5)],
    ids=["null", "moderate", "varied"],
)
def test_differences_in_the_tables_are_within_4_errors_of_the_truth(effects):
    effects = dataclasses.replace(effects, **NOTHING_HIDDEN)
    world, people, truth = draw(effects, 20_000)
    sheets = insights(ROOMY["insights"], world, people, effects, seed=11)
    at_exit = sheets["Exit"].merge(sheets["Intake"][["case_id", "intake_date"]], on="case_id")
    days = (at_exit["exit_date"] - at_exit["intake_date"]).dt.days
    is_drive = (at_exit["arm"] == "drive").to_numpy()
    known = estimands(truth)
    for abuse in TYPES:
        has = (at_exit[abuse] == "yes").to_numpy().astype(float)
        assert difference_agrees(has[is_drive], has[~is_drive], known[abuse, "exit"]["population"]["difference"])
        assert difference_agrees(has[is_drive], has[~is_drive], known[abuse, "exit"]["sample"]["difference"])
    assert difference_agrees(days[is_drive], days[~is_drive], known["support_days", "exit"]["population"]["difference"])


@pytest.mark.parametrize("effects", [Effects.null(), Effects()], ids=["null", "moderate"])
def test_rates_in_the_police_file_are_within_4_errors_of_the_truth(effects):
    made = simulate(
        {name: ROOMY[name] for name in ("police", "police_subjects")},
        n_drive=10_000,
        n_control=10_000,
        effects=effects,
        seed=3,
    )
    subjects = pd.read_csv(io.BytesIO(made["police_subjects.csv"]))
    incidents = pd.read_csv(io.BytesIO(made["police_extract.csv"])).merge(subjects, on="Person key")
    day = pd.to_datetime(incidents["Recorded date"]).to_numpy().astype("datetime64[D]")
    allocated = pd.to_datetime(incidents["Date allocated"], format="%d/%m/%Y").to_numpy().astype("datetime64[D]")
    known = estimands(json.loads(made["truth.json"]))
    is_drive = (subjects["Group"] == "Drive").to_numpy()
    limits = {"before": -6, "during": 0, "after": 10, "end": 16}
    for (window, start), (_, end) in pairwise(limits.items()):
        inside = (day >= add_months(allocated, start)) & (day < add_months(allocated, end))
        for kind, flag in (("dva", "Y"), ("non_dva", "N")):
            chosen = incidents[inside & (incidents["DVA flag"] == flag).to_numpy()]
            counts = {"": chosen, "_criminal": chosen[chosen["Criminal"] == "Y"]}
            for suffix, rows in counts.items():
                number = subjects["Person key"].map(rows["Person key"].value_counts()).fillna(0).to_numpy()
                truth = known[f"police_{kind}{suffix}", window]["population"]["difference"]
                assert difference_agrees(number[is_drive], number[~is_drive], truth)
            number = subjects["Person key"].isin(chosen["Person key"]).to_numpy().astype(float)
            truth = known[f"police_{kind}_any", window]["population"]["difference"]
            assert difference_agrees(number[is_drive], number[~is_drive], truth)


def test_conditional_odds_ratios_are_what_a_right_logistic_regression_finds():
    effects = Effects(**NOTHING_HIDDEN)
    world, people, _ = draw(effects, 20_000)
    severity = (world.score[people.cell] - SCORE["mean"]) / SCORE["sd"]
    for place, abuse in enumerate(TYPES):
        columns = {
            "arm": people.arm,
            "severity": severity,
            "needs": world.needs[people.cell],
            "age": world.age[people.cell] / 10,
            "intake": people.intake[place],
            "south_wales": world.site[people.cell] == 1,
            "west_sussex": world.site[people.cell] == 2,
        }
        design = sm.add_constant(pd.DataFrame(columns).astype(float))
        fit = sm.Logit(people.observed(people.exit)[place], design).fit(disp=0)
        assert abs(fit.params["arm"] - getattr(effects, abuse)) <= 4 * fit.bse["arm"]


@pytest.mark.parametrize("dispersion", [0.0, 1.0], ids=["poisson", "frailty"])
def test_exact_averages_agree_with_brute_force(dispersion):
    effects = Effects(effect_spread=0.3, missing_mnar=1.0, police_dispersion=dispersion)
    _, people, truth = draw(effects, 300_000)
    known = estimands(truth)
    for arm, name in enumerate(("control", "drive")):
        values = {("any_abuse", "exit"): people.exit[arm].any(axis=0), ("support_days", "exit"): people.support[arm]}
        for place, abuse in enumerate(TYPES):
            values[abuse, "intake"] = people.intake[place]
            values[abuse, "exit"] = people.exit[arm, place]
        for kind in ("dva", "non_dva"):
            for window in ("before", "during", "after"):
                values[f"police_{kind}", window] = people.incidents[kind, window][arm]
                values[f"police_{kind}_any", window] = people.incidents[kind, window][arm] > 0
        assert set(values) == {key for key in known if "criminal" not in key[0]}
        for key, outcome in values.items():
            assert within_4_errors(outcome, known[key]["population"][name]), key
            assert within_4_errors(outcome, known[key]["sample"][name]), key
            if key[1] == "exit":
                assert within_4_errors(outcome[people.has_exit[arm]], known[key]["complete_case"][name]), key
        missing = 1 - people.has_exit[arm]
        assert within_4_errors(missing, truth["missing_exit_forms"]["population"][name])
        assert within_4_errors(missing, truth["missing_exit_forms"]["sample"][name])


def test_complete_cases_are_unbiased_only_if_completely_at_random():
    gap = {}
    for name, changes in {"MCAR": {}, "MAR": {"missing_severity": 1.0}, "MNAR": {"missing_mnar": 2.0}}.items():
        effects = Effects(**({"missing_severity": 0.0} | changes))
        assert effects.missing_mechanism == name
        _, people, truth = draw(effects, 20_000)
        known = estimands(truth)["physical", "exit"]
        gap[name] = known["complete_case"]["difference"] - known["population"]["difference"]
        kept, outcome = people.observed(people.has_exit), people.observed(people.exit)[0].astype(float)
        drive, control = (outcome[kept & (people.arm == arm)] for arm in (1, 0))
        assert difference_agrees(drive, control, known["complete_case"]["difference"])
        assert difference_agrees(drive, control, known["population"]["difference"]) or name != "MCAR"
        assert within_4_errors(control, known["population"]["control"]) == (name == "MCAR")
    assert abs(gap["MCAR"]) < 1e-11
    assert min(abs(gap["MAR"]), abs(gap["MNAR"])) > 0.005


def test_weighting_by_the_score_mends_missing_at_random():
    effects = Effects(missing_severity=1.0, missing_arm=0.6)
    world, people, truth = draw(effects, 20_000)
    kept, outcome = people.observed(people.has_exit), people.observed(people.exit)[0].astype(float)
    for arm, name in enumerate(("control", "drive")):
        mine = people.arm == arm
        weight = kept / (1 - world.missing[arm, 0, people.cell])
        assert within_4_errors((weight * outcome)[mine], estimands(truth)["physical", "exit"]["population"][name])


def test_missing_answers_are_as_many_as_asked_for():
    effects = Effects(missing_item=0.2)
    world, people, _ = draw(effects, 5_000)
    sheets = insights(ROOMY["insights"], world, people, effects, seed=11)
    unknown = (sheets["Intake"][list(TYPES)] == "not_known").to_numpy().ravel()
    assert within_4_errors(unknown, 0.2)
    assert sheets["Intake"][["age", "dash_score", "need_alcohol"]].notna().all().all()


def test_effects_are_read_from_the_command_line():
    assert Effects.from_text([]) == Effects.from_text(["moderate"]) == Effects()
    assert Effects.from_text(["null", "physical=-1"]) == dataclasses.replace(Effects.null(), physical=-1.0)


@pytest.mark.parametrize(
    "setting",
    ["large", "physical", "physical=much", "physical=nan", "emotional=1", "police_after=-1", "missing_exit=1"],
    ids=["no_such_preset", "no_number", "a_word", "not_a_number", "no_such_effect", "rate_below_0", "all_missing"],
)
def test_effects_that_mean_nothing_are_refused(setting):
    with pytest.raises(UserError, match=setting.partition("=")[0]):
        Effects.from_text([setting])


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"n_drive": 0}, "at least one person"), ({"n_control": -5}, "at least one person"), ({"seed": -1}, "seed")],
    ids=["no_drive", "negative_size", "negative_seed"],
)
def test_calls_that_cannot_be_answered_are_refused(changes, words):
    with pytest.raises(UserError, match=words):
        small(**changes)


def test_more_people_than_ids_are_refused():
    contract = CONTRACTS["police_subjects"]
    (sheet,) = contract.sheets.values()
    column = dataclasses.replace(sheet.columns["subject_id"], pattern=r"PS-\d{2}")
    narrow = dataclasses.replace(sheet, columns={**sheet.columns, "subject_id": column})
    with pytest.raises(UserError, match="150 ids do not fit"):
        small({"police_subjects": dataclasses.replace(contract, sheets={sheet.name: narrow})})


def test_a_contract_column_that_nothing_is_known_of_is_named():
    contract = CONTRACTS["police_subjects"]
    (sheet,) = contract.sheets.values()
    column = dataclasses.replace(sheet.columns["subject_id"], name="warrant", header="Warrant")
    wider = dataclasses.replace(sheet, columns={**sheet.columns, "warrant": column})
    with pytest.raises(UserError, match=r"police_subjects\.warrant"):
        small({"police_subjects": dataclasses.replace(contract, sheets={sheet.name: wider})})


def test_more_rows_than_excel_holds_are_refused_before_writing(monkeypatch):
    monkeypatch.setattr(simulate_delivery, "EXCEL_ROWS", 150)
    with pytest.raises(UserError, match="sheet Intake: 150 rows"):
        small({"insights": CONTRACTS["insights"]})
