"""The Insights forms print as the report does, recomputed with plain pandas from the rows as they are delivered."""

import csv
import itertools
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct import insights
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delivery import Raw, workbook_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.insights_before import quantiles
from drive_eval.reconstruct.insights_outcomes import solve_outcomes
from drive_eval.reconstruct.insights_profile import solve_ages
from drive_eval.reconstruct.insights_support import solve_support
from drive_eval.reference.register import read_register

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
ASSUMED = list({row["id"]: row for row in ASSUMED}.values())
CONTRACT = load_contract(ROOT, "insights")
ELSEWHERE = {"insights.sample.drive_possible", "insights.sample.control_allocated"}  # in the allocation register
AREAS = {"area_1": "essex", "area_2": "south_wales", "area_3": "west_sussex"}
ARMS = ("drive", "control")
PROFILE = ("gender", "ethnicity", "sexual_orientation", "living_situation", "children", "relationship", "complex_needs")
NEEDS = ["mental_health", "alcohol", "substance_misuse", "employment", "financial", "disability"]
DAYS_A_MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def solved():
    return solve_ages(REGISTER), solve_support(REGISTER, Assumed(ASSUMED))


@pytest.fixture(scope="module", params=[2019, 1, 2])
def sheets(request, solved):
    rows = insights.compose(REGISTER, Assumed(ASSUMED), *solved, seed=request.param)
    return {name: clean(name, found) for name, found in rows.items()}


@pytest.fixture(scope="module")
def found(sheets):
    return {**profile(sheets), **outcomes(sheets), **support(sheets), **before(sheets)}


def clean(sheet, rows):
    """Rows as a reader would have them: stray blanks gone, words of the provider translated, dates as dates."""
    frame = pd.DataFrame(rows, dtype="object")
    for name, column in CONTRACT.sheets[sheet].columns.items():
        if column.type == "code":
            words = {raw: None if code.missing else code.canonical for raw, code in column.codes.items()}
            gone = {code.canonical for code in column.codes.values() if code.missing}
            frame[name] = [
                words[" ".join(cell.split())] if isinstance(cell, Raw) else None if cell in gone else cell
                for cell in frame[name]
            ]
        elif column.type == "date":
            frame[name] = pd.to_datetime(
                [pd.to_datetime(cell, format="%d/%m/%Y") if isinstance(cell, Raw) else cell for cell in frame[name]]
            )
        elif column.type == "integer":
            frame[name] = pd.array(frame[name], dtype="Int64")
    assert set(frame) == set(CONTRACT.sheets[sheet].columns)
    return frame


def by_group(frame):
    return {"all": frame, **{arm: frame[frame.arm == arm] for arm in ARMS}}


def profile(sheets):
    people = sheets["Intake"].copy()
    number = (people[[f"need_{need}" for need in NEEDS]] == "yes").sum(axis=1).clip(upper=3)
    people["complex_needs"] = number.map({0: "none", 1: "one", 2: "two", 3: "three_or_more"})
    result = {"insights.vs.all_n": len(people)}
    for group, members in by_group(people).items():
        prefix = f"insights.appendix2.{group}"
        result[f"{prefix}.n"] = len(members)
        age = members.age[members.age > 0].astype(float)
        for part in ("mean", "std", "median", "min", "max"):
            result[f"{prefix}.age.{'sd' if part == 'std' else part}"] = getattr(age, part)()
        assert len(age) == REGISTER[f"{prefix}.age.mean"].n
        for variable in PROFILE:
            counts = members[variable].value_counts()
            for name in people[variable].dropna().unique():
                result[f"{prefix}.{variable}.{name}.n"] = counts.get(name, 0)
                result[f"{prefix}.{variable}.{name}.pct"] = 100 * counts.get(name, 0) / counts.sum()
    result["insights.vs.sites_similar"] = all(
        stats.chi2_contingency(pd.crosstab(people.site, people[name]), correction=False).pvalue > 0.05
        for name in PROFILE
    )
    columns = {"risk level": ["dash_score"], "needs": [f"need_{need}" for need in NEEDS]}
    columns["demographics"] = ["age", "gender", "ethnicity", "sexual_orientation", "relationship", "children"]
    result["police.matching.variables"] = tuple(
        name for name, needed in columns.items() if people[needed].notna().any().all()
    )
    return result


def outcomes(sheets):
    """Of each person the last form with an answer: the exit form, else the latest review."""
    reviews = sheets["Reviews"].sort_values("review_date")
    forms = pd.concat([reviews, sheets["Exit"]]).dropna(subset="risk_change")
    last = forms.drop_duplicates("case_id", keep="last")
    result, reduced = {}, {}
    for arm in ARMS:
        changes = last.risk_change[last.arm == arm].value_counts()
        terms = last.sustainability[last.arm == arm].value_counts()
        shares = {"risk_change": 100 * changes / changes.sum(), "sustainability": 100 * terms / terms.sum()}
        for item, counts in (("risk_change", changes), ("sustainability", terms)):
            result[f"insights.{item}.{arm}.n"] = counts.sum()
            result |= {f"insights.{item}.{arm}.{name}": share for name, share in shares[item].items()}
            result |= {f"counts of insights.{item}.{arm}.{name}": size for name, size in counts.items()}
        reduced[arm] = shares["risk_change"][["significant_reduction", "moderate_reduction"]]
        result[f"exec.vs.risk_reduction.{arm}"] = reduced[arm].sum()
        eliminated = shares["sustainability"]["permanently_eliminated"]
        result[f"insights.sustainability.permanently_eliminated.text_{arm}"] = eliminated
        result[f"exec.vs.risk_eliminated.{arm}"] = eliminated
    result["insights.risk_change.overall"] = all(reduced[arm].sum() > 50 for arm in ARMS)
    result["insights.risk_change.drive_vs_control"] = bool((reduced["drive"] > reduced["control"]).all())
    result["exec.vs.risk_reduction.direction"] = reduced["drive"].sum() > reduced["control"].sum()
    drive, control = (result[f"exec.vs.risk_eliminated.{arm}"] for arm in ARMS)
    result["insights.sustainability.permanently_eliminated.direction"] = drive > control
    result["exec.vs.risk_eliminated.ratio"] = drive / control
    return result


def spss(drive, control):
    """t, df and p of the form that Levene's test (centre mean) picks."""
    drive, control = (list(map(float, values)) for values in (drive, control))
    pooled = stats.levene(drive, control, center="mean").pvalue > 0.05
    test = stats.ttest_ind(drive, control, equal_var=pooled)
    return {"t": test.statistic, "df": test.df, "p": test.pvalue}, "student_t" if pooled else "welch_t"


def support(sheets):
    forms = sheets["Exit"].merge(sheets["Intake"][["case_id", "intake_date"]], on="case_id", validate="one_to_one")
    forms["support_days"] = (forms.exit_date - forms.intake_date).dt.days
    result = {}
    for item, column in (
        ("support_days", "support_days"),
        ("contacts", "idva_contacts"),
        ("support_interventions", "support_interventions"),
    ):
        for place, site in {"": None, **AREAS}.items():
            local = forms[forms.site.eq(site)] if site else forms
            prefix = f"insights.{item}.{place}".rstrip(".")
            values = {arm: local.loc[local.arm == arm, column].dropna().astype(float) for arm in ARMS}
            for arm in ARMS:
                for part in ("mean", "std", "median", "min", "max"):
                    result[f"{prefix}.{arm}.{'sd' if part == 'std' else part}"] = getattr(values[arm], part)()
            test, form = spss(*values.values())
            result |= {f"{prefix}.{part}": value for part, value in test.items()}
            result[f"{prefix}.significance"] = test["p"]
            result[f"form of {prefix}"] = form
            drive, control = values.values()
            result[f"{prefix}.direction"] = drive.mean() > control.mean()
            result[f"{prefix}.mean_direction"] = control.mean() > drive.mean()
            result[f"{prefix}.median_direction"] = drive.median() > control.median()
            result[f"sizes of {prefix}"] = (len(drive), len(control))
    for arm in ARMS:
        days = result[f"insights.support_days.{arm}.mean"]
        result[f"insights.support_days.{arm}.months_approx"] = days / DAYS_A_MONTH
    return result


def before(sheets):
    people, with_exit = sheets["Intake"], set(sheets["Exit"].case_id)
    result = {"insights.self_mobilised.window_months": 12}
    for column in ("attempts_to_leave", "a_and_e_visits", "police_calls", "specialist_da_support", "gp_visits"):
        p = []
        for members in (people, people[people.case_id.isin(with_exit)]):
            values = [members.loc[members.arm == arm, column].dropna().astype(float) for arm in ARMS]
            p += [stats.ttest_ind(*values, equal_var=equal).pvalue for equal in (True, False)]
        result[f"insights.self_mobilised.{column}.significance"] = min(p)
    return result


def constrained():
    names = [
        name
        for name, entry in REGISTER.items()
        if entry.extract == "insights"
        and not name.startswith(
            ("insights.dva.", "exec.vs.physical", "exec.vs.each", "exec.vs.reduction", "exec.sample")
        )
    ]
    return sorted(set(names) - ELSEWHERE - {"insights.sample.drive", "insights.sample.control"})


def shows(value, entry):
    if entry.kind == "approx" and entry.range:
        return entry.range[0] <= value <= entry.range[1]
    if entry.kind == "significance":
        return (value <= entry.alpha) == (entry.value == "significant")
    if entry.unranked:
        return set(value) == set(entry.value)
    if entry.kind in ("ordering", "approx"):
        return bool(value)
    if isinstance(entry.value, str):
        return value == 0
    if entry.op:
        return value < entry.number if entry.op == "<" else value > entry.number
    step = Decimal(1).scaleb(-entry.decimals)
    wanted = entry.number if entry.expected is None else entry.expected
    return Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP) == Decimal(repr(float(wanted)))


@pytest.mark.parametrize("published_id", constrained())
def test_prints_as_published(found, published_id):
    entry = REGISTER[published_id]
    assert published_id in found, "no number answers this entry"
    assert shows(found[published_id], entry), f"{found[published_id]} against {entry.printed}"


def test_counts_behind_shares_are_those_implied(found):
    implied = {
        name: entry.implied_count
        for name, entry in REGISTER.items()
        if name.startswith(("insights.risk_change.", "insights.sustainability.")) and entry.implied_count is not None
    }
    assert implied
    assert {name: found[f"counts of {name}"] for name in implied} == implied


def test_levene_picks_the_printed_form(found):
    printed = {
        name.removesuffix(".t"): entry.test
        for name, entry in REGISTER.items()
        if name.startswith(("insights.contacts", "insights.support")) and name.endswith(".t")
    }
    printed["insights.support_interventions"] = printed["insights.support_interventions.area_3"] = "student_t"
    assert len(printed) == 8
    assert {name: found[f"form of {name}"] for name in printed} == printed


def test_sizes_recovered_from_the_degrees_of_freedom(found):
    assert found["sizes of insights.support_days"] == (68, 320)
    assert found["sizes of insights.contacts"] == (73, 340)
    assert [found[f"sizes of insights.contacts.{area}"] for area in AREAS] == [(29, 70), (21, 182), (23, 88)]
    assert [found[f"sizes of insights.support_interventions.{area}"] for area in AREAS] == [
        (29, 70),
        (21, 182),
        (23, 89),
    ]


def test_abuse_at_intake_and_exit_stays_as_published(sheets):
    intake = sheets["Intake"].set_index("case_id")
    forms = sheets["Exit"].set_index("case_id")
    assert forms.arm.value_counts().to_dict() == {"control": 341, "drive": 73}
    assumed = {row["id"]: int(row["value"]) for row in ASSUMED if row["id"].startswith("insights.dva.")}
    for arm, abuse in itertools.product(ARMS, ("physical", "sexual", "harassment_stalking", "jealousy_control")):
        members = forms.index[forms.arm == arm]
        for time, answers in (("intake", intake.loc[members]), ("exit", forms.loc[members])):
            prefix = f"insights.dva.{arm}.{abuse}.{time}"
            assert answers[abuse].notna().sum() == REGISTER[f"{prefix}_n"].number
            levels = answers[f"{abuse}_level"][answers[abuse] == "yes"].value_counts()
            assert levels.to_dict() == {name: assumed[f"{prefix}.{name}"] for name in ("standard", "moderate", "high")}


def test_dates_follow_each_other(sheets):
    intake = sheets["Intake"].set_index("case_id")
    exits, reviews = sheets["Exit"], sheets["Reviews"]
    assert (exits.exit_date.dropna() >= exits.case_id.map(intake.intake_date)[exits.exit_date.notna()]).all()
    assert (reviews.review_date >= reviews.case_id.map(intake.intake_date)).all()
    last = reviews.case_id.map(exits.set_index("case_id").exit_date)
    assert (reviews.review_date[last.notna()] <= last.dropna()).all()
    dates = pd.concat([intake.intake_date, exits.exit_date, reviews.review_date]).dropna()
    assert dates.min() >= pd.Timestamp("2016-04-01")
    assert dates.max() <= pd.Timestamp("2018-03-31")


def test_lasting_is_judged_only_where_risk_was_reduced(sheets):
    forms = pd.concat([sheets["Reviews"], sheets["Exit"]])
    reduced = forms.risk_change.isin(["significant_reduction", "moderate_reduction"])
    assert (forms.sustainability.notna() == reduced).all()


def test_joint_structure_is_that_of_a_caseload(sheets):
    people = sheets["Intake"]
    exits = sheets["Exit"].merge(people[["case_id", "intake_date"]], on="case_id")
    together = people.living_situation.eq("living_together").groupby(people.relationship).mean()
    assert together["intimate_partner"] > 5 * together["ex_intimate_partner"]
    age = people.age.astype(float).groupby(people.relationship).mean()
    assert age["family"] > age["ex_intimate_partner"] + 3
    needs = (people[[f"need_{need}" for need in NEEDS]] == "yes").sum(axis=1)
    assert needs.corr(people.dash_score.astype(float)) > 0.15
    days = (exits.exit_date - exits.intake_date).dt.days
    assert days.corr(exits.idva_contacts.astype(float)) > 0.3
    drugs = people.need_substance_misuse.eq("yes").groupby(people.need_alcohol).mean()
    assert drugs["yes"] > drugs["no"]


def test_workbook_is_accepted_with_the_one_intended_warning(tmp_path, solved):
    rows = insights.compose(REGISTER, Assumed(ASSUMED), *solved, seed=2019)
    raw = [cell for name in rows for row in rows[name] for cell in row.values() if isinstance(cell, Raw)]
    assert {"N/K", "F", "South  Wales"} <= set(raw)
    assert any(cell[2:3] == "/" and len(cell) == 10 for cell in raw)
    path = tmp_path / "insights_extract.xlsx"
    path.write_bytes(workbook_bytes(CONTRACT, rows, notice="Notice"))
    frames, faults = read_extract(path, CONTRACT)
    checked = check_extract(CONTRACT, frames, file=path.name, read_faults=faults)
    assert [(fault.severity, fault.rule, len(fault.rows)) for fault in checked.faults] == [
        ("warning", "age recorded as 0", 1)
    ]
    assert set(checked.tables) == {"insights_intake", "insights_reviews", "insights_exit"}
    assert {row["data_origin"] for name in rows for row in rows[name]} == {"synthetic"}


def test_same_seed_same_rows_other_seed_other_people(solved):
    first, again, other = (insights.compose(REGISTER, Assumed(ASSUMED), *solved, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert {row["case_id"] for row in first["Intake"]} != {row["case_id"] for row in other["Intake"]}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("insights.risk_change.control.no_change", "42", "sum to", id="people_do_not_add_up"),
        pytest.param("insights.risk_change.control.moderate_reduction", "150", "sum to", id="one_category_too_small"),
        pytest.param(
            "insights.sustainability.control.long_term_over_2_years", "110", "sum to", id="terms_do_not_add_up"
        ),
    ],
)
def test_contradicting_outcomes_are_named(name, value, message):
    rows = [row | {"value": value} if row["id"] == name else row for row in ASSUMED]
    with pytest.raises(Infeasible, match=message):
        solve_outcomes(REGISTER, Assumed(rows), "control")


def test_share_that_prints_otherwise_is_named():
    changed = {
        "insights.risk_change.control.moderate_reduction": "150",
        "insights.risk_change.control.limited_reduction": "87",
    }
    rows = [row | {"value": changed.get(row["id"], row["value"])} for row in ASSUMED]
    with pytest.raises(Infeasible, match="moderate_reduction: 150 of 473"):
        solve_outcomes(REGISTER, Assumed(rows), "control")


def test_quantiles_have_the_mean_of_the_distribution():
    values = quantiles(1000, 3.0, 0.9)
    assert values == sorted(values)
    assert sum(values) / 1000 == pytest.approx(3.0, abs=0.1)  # a thousand middle quantiles cut a little of the tail
    assert values[0] == 0


def test_unconstrained_entries_exist_and_have_a_reason():
    with (ROOT / "config/year2/unconstrained.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert all(row["published_id"] in REGISTER and row["reason"] for row in rows)
