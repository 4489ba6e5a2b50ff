"""The police sample shows Figures 23 and 24 and the executive summary, recomputed from the files as read back."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract
from drive_eval.ingest.files import read_rows
from drive_eval.reconstruct.allocation import allocate
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.delimited import csv_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.police import build
from drive_eval.reconstruct.police_counts import mean_share, solve_pairs
from drive_eval.reconstruct.spine import SITES, build_spine
from drive_eval.reference.register import read_register

ROOT = Path(__file__).resolve().parents[3]
REGISTER = read_register(read_rows(ROOT / "config/year2/reference.csv"))
EXIT_FORMS = {"drive": (29, 21, 23), "control": (70, 182, 89)}
ASSUMED = read_rows(ROOT / "config/year2/assumed.csv")
ASSUMED += [
    {"id": f"insights.site.{arm}.{site}.exit_forms", "value": str(forms)}
    for arm, by_site in EXIT_FORMS.items()
    for site, forms in zip(SITES, by_site, strict=True)
]
CONTRACTS = {
    "police_extract": load_contract(ROOT, "police"),
    "police_subjects": load_contract(ROOT, "police_subjects"),
}
WINDOWS = {"before": (-6, 0), "during": (0, 10), "after": (10, 16)}


def changed(**values):
    """Assumed values, some of them changed."""
    return Assumed([row | {"value": str(values.get(row["id"], row["value"]))} for row in ASSUMED])


def delivered(seed):
    sheets = build(REGISTER, changed(), seed=seed)
    return {name: csv_bytes(contract, sheets[name]) for name, contract in CONTRACTS.items()}


@pytest.fixture(scope="module", params=[2019, 1, 2])
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def tables(seed, tmp_path_factory):
    """Subjects and incidents, typed, and the window and month of each incident."""
    folder, found = tmp_path_factory.mktemp("raw"), {}
    for name, content in delivered(seed).items():
        path = folder / f"{name}.csv"
        path.write_bytes(content)
        frames, faults = read_extract(path, CONTRACTS[name])
        checked = check_extract(CONTRACTS[name], frames, file=path.name, read_faults=faults)
        assert checked.faults == []
        found |= checked.tables
    return found["police_subjects"], found["police_incidents"]


def by_window(subjects, incidents, *, month=None):
    """Counts per subject, DVA flag and window; months as calendar months or of a given length in days."""
    joined = incidents.merge(subjects[["subject_id", "allocation_date"]], on="subject_id", validate="m:1")
    joined["window"] = ""
    for window, (first, last) in WINDOWS.items():
        limits = [
            joined["allocation_date"] + (pd.DateOffset(months=m) if month is None else pd.Timedelta(days=m * month))
            for m in (first, last)
        ]
        joined.loc[(joined["recorded_date"] >= limits[0]) & (joined["recorded_date"] < limits[1]), "window"] = window
    joined["is_criminal"] = (joined["criminal"] == "yes").astype(int)
    inside = joined[joined["window"] != ""]
    keys = ["arm", "dva_flag", "window", "subject_id"]
    return inside.groupby(keys, observed=True)["is_criminal"].agg(["size", "sum"])


def means(counts):
    """Mean share, and sums, per arm, DVA flag and window."""
    counts = counts.assign(share=counts["sum"] / counts["size"])
    return counts.groupby(level=["arm", "dva_flag", "window"], observed=True).agg(
        n=("share", "size"), share=("share", "mean"), incidents=("size", "sum"), criminal=("sum", "sum")
    )


def holds(relation, share):
    left, sign, right = relation.split()
    if sign == ">":
        return share[left] > share[right]
    return abs(share[left] - share[right]) <= 0.1 * max(share[left], share[right])


def half_up(value):
    return int(Decimal(repr(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_samples_and_subjects_without_an_incident(tables):
    subjects, incidents = tables
    for arm in ("drive", "control"):
        assert (subjects["arm"] == arm).sum() == REGISTER[f"police.sample.{arm}"].number
    counts = by_window(subjects, incidents)
    for flag, figure in (("yes", "police.fig23_n"), ("no", "police.fig24_n")):
        contributing = counts.xs(flag, level="dva_flag").index.get_level_values("subject_id").nunique()
        assert contributing == REGISTER[figure].number
    assert subjects["subject_id"].isin(incidents["subject_id"]).sum() == REGISTER["police.fig23_n"].number


@pytest.mark.parametrize("month", [None, 30, 30.4375, 31], ids=["calendar", "30 days", "mean month", "31 days"])
def test_trends_and_changes(tables, month):
    found = means(by_window(*tables, month=month))
    for prefix in ("police", "exec.police"):
        for arm in ("drive", "control"):
            for kind, flag in (("dva", "yes"), ("non_dva", "no")):
                entry = REGISTER.get(f"{prefix}.{kind}.{arm}.trend")
                share = found.loc[(arm, flag), "share"]
                assert entry is None or all(holds(relation, share) for relation in entry.value), entry.published_id
    if month in (None, 30.4375):
        drive, control = found.loc[("drive", "yes")], found.loc[("control", "yes")]
        for measure in ("share", "criminal"):
            fall = 100 * (1 - drive.loc["after", measure] / drive.loc["before", measure])
            assert half_up(float(fall)) == REGISTER["exec.police.dva.drive.reduction"].number
            assert abs(1 - control.loc["after", measure] / control.loc["before", measure]) < 0.05


def test_assumed_values_of_the_figures(tables):
    found, assumed = means(by_window(*tables)), changed()
    sizes = {arm: REGISTER[f"police.sample.{arm}"].number for arm in ("drive", "control")}
    for arm in ("drive", "control"):
        for kind, flag in (("dva", "yes"), ("non_dva", "no")):
            for window in WINDOWS:
                row, prefix = found.loc[(arm, flag, window)], f"police.{kind}.{arm}.{window}"
                assert round(100 * row["share"], 1) == assumed[f"{prefix}.mean_percent"]
                assert row["incidents"] == assumed[f"{prefix}.incidents"]
                assert row["criminal"] == assumed[f"{prefix}.criminal"]
                assert sizes[arm] - row["n"] == assumed[f"{prefix}.undefined"] > 0


def test_inclusion_rule_and_windows_lie_within_the_search(tables):
    subjects, incidents = tables
    allocated = subjects["allocation_date"]
    months = int(REGISTER["cms.inclusion.months_allocated"].number)
    cut_off = pd.Timestamp(REGISTER["police.inclusion.cutoff_date"].value)
    assert (allocated + pd.DateOffset(months=months) <= cut_off).all()
    before, during, after = (
        int(REGISTER[f"exec.police.window.{window}_months"].number) for window in ("before", "during", "after")
    )
    assert {"before": (-before, 0), "during": (0, during), "after": (during, during + after)} == WINDOWS
    assert len(WINDOWS) == REGISTER["police.time_points"].number
    assert (subjects["searched_from"] <= allocated - pd.DateOffset(months=before)).all()
    assert (subjects["searched_to"] >= allocated + pd.DateOffset(months=during + after)).all()
    joined = incidents.merge(subjects, on="subject_id")
    assert joined["recorded_date"].between(joined["searched_from"], joined["searched_to"]).all()
    since = (joined["recorded_date"] - joined["allocation_date"]).dt.days
    assert not since.between(-6, 6).any()


def test_traps_of_a_real_extract_are_there(tables):
    subjects, incidents = tables
    assert (incidents["dva_flag"] == "not_known").any()
    assert ((incidents["recorded_date"] - incidents["offence_from"]).dt.days > 365).any()
    assert (incidents["record_type"] == "cancelled_crime").any()
    assert by_window(subjects, incidents)["size"].sum() < len(incidents)
    arms = subjects.set_index("subject_id")["arm"].astype("str")
    assert (incidents["subject_id"].map(arms) == incidents["arm"].astype("str")).all()


def test_subjects_are_those_of_the_allocation_register_under_other_ids(tables, seed):
    subjects, _ = tables
    rows = allocate(REGISTER, changed(), build_spine(REGISTER, seed=seed), seed=seed)
    expected = sorted(
        (row["arm"], row["site"], row["allocation_date"].isoformat()) for row in rows if row["police_data"] == "found"
    )
    days = subjects["allocation_date"].dt.strftime("%Y-%m-%d")
    assert sorted(zip(subjects["arm"], subjects["site"], days, strict=True)) == expected


def test_numbers_of_incidents_are_skewed_with_a_long_tail():
    pairs = solve_pairs(REGISTER, changed())
    for found in pairs.values():
        incidents = sorted(every for every, _ in found if every)
        assert incidents[len(incidents) // 2] < sum(incidents) / len(incidents) < incidents[-1] / 2
        assert all(0 <= criminal <= every for every, criminal in found)


def test_same_seed_same_bytes_other_seed_other_people(seed):
    assert delivered(seed) == delivered(seed)
    assert delivered(seed) != delivered(seed + 10)


@pytest.mark.parametrize(
    ("name", "value", "figure"),
    [
        ("police.dva.drive.after.mean_percent", 48.0, "exec.police.dva.drive.reduction"),
        ("police.dva.drive.after.criminal", 66, "exec.police.dva.drive.reduction"),
        ("police.dva.control.after.criminal", 81, "exec.police.dva.control.change"),
        ("police.dva.control.during.mean_percent", 61.0, "police.dva.control.trend"),
        ("police.dva.control.after.mean_percent", 53.0, "police.dva.control.trend"),
        ("police.non_dva.drive.after.mean_percent", 30.0, "police.non_dva.drive.trend"),
        ("police.dva.drive.before.incidents", 40, "police.dva.drive.before"),
        ("police.dva.drive.before.criminal", 143, "police.dva.drive.before"),
        ("police.dva.drive.before.mean_percent", 99.9, "police.dva.drive.before"),
        ("police.subjects_without_incident.control", 2, "police.fig23_n"),
    ],
)
def test_numbers_that_do_not_fit_are_named(name, value, figure):
    with pytest.raises(Infeasible, match=rf"^{figure}\b"):
        solve_pairs(REGISTER, changed(**{name: value}))


def test_mean_share_leaves_out_subjects_without_incidents():
    assert mean_share([(0, 0), (2, 1), (4, 4)]) == Fraction(3, 4)
