"""The audit against the list of known discrepancies, and against numbers changed on purpose.

EXPECTED is written from the list of discrepancies, code by code, with the entries concerned. What the audit finds
beyond it stands in NEW, each explained in docs/methods/audit.md. Everything else must hold or be untestable.
"""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from drive_eval.reference.audit import AUDIT_COLUMNS, audit, summarise
from drive_eval.reference.register import Register, read_register

ROOT = Path(__file__).parents[2]
FOUND = ("impossible", "tension")
APPENDIX = "insights.appendix2"

pytestmark = pytest.mark.slow

EXPECTED = {
    # 1. Percentages that do not follow from their own count and base
    "Y02": {f"{APPENDIX}.drive.complex_needs.three_or_more.pct"},
    "Y03": {f"{APPENDIX}.all.relationship.intimate_partner.pct"},
    "Y04": {
        f"{APPENDIX}.control.relationship.intimate_partner.pct",
        f"{APPENDIX}.all.relationship.family.pct",
        f"{APPENDIX}.all.ethnicity.black_black_british.pct",
        f"{APPENDIX}.all.ethnicity.asian_asian_british.pct",
        f"{APPENDIX}.drive.ethnicity.black_black_british.pct",
        f"{APPENDIX}.drive.ethnicity.asian_asian_british.pct",
        f"{APPENDIX}.control.ethnicity.white_other.pct",
        f"{APPENDIX}.control.ethnicity.asian_asian_british.pct",
    },
    # two cells on another base than their block, and the columns whose blocks stop short of their total
    "Y05": {
        f"{APPENDIX}.all.sexual_orientation.heterosexual.pct",
        f"{APPENDIX}.all.children.not_present.pct",
        f"{APPENDIX}.all.n",
        f"{APPENDIX}.drive.n",
        f"{APPENDIX}.control.n",
    },
    "Y11": {"cms.behaviour_change_work.pct_restated"},
    "C01": {"croydon.year2.interventions.infographic.support", "croydon.year2.interventions.infographic.disrupt"},
    # 2. Sums that do not add up
    "Y01": {"interviews.practitioners.total"},
    "Y09": {"police.fig23_n", "police.fig24_n"},
    "X05": {"exec.cms.perceived_risk.reduced_greatly_or_slightly"},
    "C03": {"croydon.total.perpetrators"},
    "C04": {"croydon.year2.open_cases"},
    # 3. Year 2 report, internal
    "Y06": {
        "cms.vs.sexual_orientation.heterosexual",
        "cms.vs.ethnicity.white_british",
        "cms.vs.gender.women",
        "cms.vs.age.mean",
        "cms.vs.age.sd",
        "cms.vs.age.median",
        "cms.vs.relationship.partner_or_ex",
        "cms.vs.relationship.ex_intimate_partner",
        "cms.vs.relationship.intimate_partner",
        "cms.vs.living.not_with_perpetrator",
        "cms.vs.children_present",
        "cms.vs.needs.three_or_more",
    },
    # samples larger than the sample they should come from; 68 and 175 are not
    "Y07": {
        "insights.risk_change.drive.n",
        "insights.risk_change.control.n",
        "insights.sustainability.control.n",
        f"{APPENDIX}.control.n",
    },
    "Y14": {"cms.multi_agency.police", "cms.multi_agency.probation_crc_nps"},
    "Y15": {"cms.length.over_10_months"},
    "Y16": {
        "insights.dva.physical.exit.ci_low",
        "insights.dva.physical.exit.mh.significance",
        "exec.vs.physical.exit.times_more_likely",
        "exec.vs.physical.exit.odds_ratio",
    },
    "Y17": {"insights.support_days.drive.months_approx", "insights.support_days.control.months_approx"},
    "Y18": {
        "insights.support_interventions.drive.mean",
        "insights.support_interventions.drive.sd",
        "insights.support_interventions.control.mean",
        "insights.support_interventions.control.sd",
    },
    "Y20": {"insights.contacts.area_3.mean_direction", "insights.contacts.area_3.median_direction"},
    "Y21": {"cms.vs.n"},
    "Y22": {"cms.engagement.with_children", "cms.engagement.with_child_protection"},
    "Y26": {
        "cms.class_behaviour.intake.physical.highest",
        "cms.class_behaviour.closure.physical.highest",
        "cms.class_behaviour.alcohol_housing_unemployment.reduction",
        "cms.class_behaviour.multiple_needs.reduction",
        "cms.class_behaviour.no_or_low_needs.change",
    },
    # 4. Executive summary against the report
    "X01": {"exec.sample.drive_victims", "exec.sample.control_victims"},
    "X02": {"exec.interviews.victims"},
    "X03": {"exec.su.needs.one_or_more", "exec.su.needs.three_or_more"},
    "X06": {"exec.step_down.pct"},
    "X08": {"exec.vs.risk_eliminated.ratio"},
    # 5. Croydon
    "C05": {"croydon.cost.physical_emotional_harm"},
    "C06": {"croydon.dapp.observed_reviews"},
    "C09": {"croydon.soag.n_victims", "croydon.soag.direct.n", "croydon.soag.non_direct.n"},
    "C14": {"croydon.delivery.months_at_review"},
    # 6. West Mercia
    "W03": {"west_mercia.target.accepted_pct"},
}

NEW = {
    "A01": {"croydon.year2.interventions"},
    "A02": {f"{APPENDIX}.drive.age.max"},
    "A03": {"croydon.caseload.year2"},
    "A04": {
        "cms.dash.posthoc.intake_vs_midpoint.significance",
        "cms.dash.posthoc.intake_vs_closure.significance",
        "cms.dash.posthoc.midpoint_vs_closure.significance",
    },
}

NOT_ARITHMETIC = {
    "Y10": "two measures, one of which is not printed",
    "Y12": "wording of a caption",
    "Y13": "wording: intake or closure",
    "Y19": "names of the areas; the df agree",
    "Y23": "relative or percentage points is not said; both are possible",
    "Y24": "no base, and what counts as similar",
    "Y25": "no base; GRIM passes on both. The three test facts are A04",
    "X07": "wording: need or help",
    "X09": "wording: exit or closure",
    "X10": "printed once",
    "C02": "wording: open cases or all",
    "C07": "reconciled in the print: five and one are six",
    "C08": "numbers of figures, not in the register",
    "C10": "50 lies in 50 to 60",
    "C11": "other cohorts",
    "C12": "one base fits both figures",
    "C13": "order of agencies whose numbers are not printed",
    "C15": "wording: every type or every level; the numbers hold",
    "C16": "wording: cases or victims",
    "W01": "a date is missing",
    "W02": "two windows for two things",
    "W04": "no base",
    "F01": "a target and a result that are not comparable",
}


def read(root=ROOT):
    with (root / "config/year2/reference.csv").open(newline="") as stream:
        return read_register(csv.DictReader(stream))


@pytest.fixture(scope="module")
def register():
    return read()


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load((ROOT / "config/year2/audit.yaml").read_text())


@pytest.fixture(scope="module")
def table(register, document):
    return audit(register, document)


@pytest.fixture(scope="module")
def blind(register, document):
    """The audit of a register that knows nothing of faults."""
    entries = (replace(entry, issue="", expected=None, implied_count=None, reason="") for entry in register.values())
    return audit(Register(entries), {**document, "codes": []})


def found_in(table):
    return table[table["verdict"].isin(FOUND)]


def by_code(table):
    found = found_in(table)
    return {code: set(rows["published_id"]) for code, rows in found.groupby("code")}


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_every_arithmetic_discrepancy_is_found(code, blind):
    found = set(found_in(blind)["published_id"])
    assert found >= EXPECTED[code]


def test_nothing_else_is_found(blind):
    known = set().union(*EXPECTED.values(), *NEW.values())
    assert set(found_in(blind)["published_id"]) == known


def test_findings_are_named_as_in_the_list(table):
    assert by_code(table) == EXPECTED | NEW


def test_the_verdicts_do_not_depend_on_what_is_known(table, blind):
    columns = ["published_id", "check", "verdict", "detail", "related_ids"]
    assert table[columns].equals(blind[columns])


def test_every_code_of_the_list_is_placed():
    years = {f"Y{number:02}" for number in range(1, 27)} - {"Y08"}
    summary = {f"X{number:02}" for number in range(1, 11)} - {"X04"}
    others = {f"C{number:02}" for number in range(1, 17)} | {f"W{number:02}" for number in range(1, 5)} | {"F01"}
    assert set(EXPECTED) | set(NOT_ARITHMETIC) == years | summary | others
    assert not set(EXPECTED) & set(NOT_ARITHMETIC)


def test_every_entry_has_a_row_and_every_row_is_unique(table, register):
    assert tuple(table.columns) == AUDIT_COLUMNS
    assert set(table["published_id"]) == set(register)
    assert not table.duplicated(["published_id", "check"]).any()
    order = {name: place for place, name in enumerate(register)}
    places = [(order[row.published_id], row.check) for row in table.itertuples()]
    assert places == sorted(places)


def test_the_summary_counts_entries(table, register):
    summary = summarise(table, register)
    assert summary["entries"] == len(register)
    assert sum(summary["verdicts"].values()) == len(register)
    assert sum(sum(counts.values()) for counts in summary["documents"].values()) == len(register)
    worst = found_in(table).groupby("published_id")["verdict"].agg(lambda seen: "impossible" in set(seen))
    assert summary["verdicts"]["impossible"] == worst.sum()
    assert summary["verdicts"]["tension"] == (~worst).sum()


@pytest.mark.parametrize(
    ("published_id", "check", "verdict", "words"),
    [
        pytest.param(
            "insights.dva.physical.exit.odds_ratio",
            "odds ratio and limits from whole counts",
            "holds",
            "whole counts that fit: 4 of 70 and 48 of 325",
            id="one table behind the odds ratio (N1)",
        ),
        pytest.param(
            "insights.dva.physical.exit.ci_low",
            "odds ratio and limits from whole counts",
            "tension",
            "0.996 to 8.209",
            id="the lower limit hides that 1 is inside (Y16)",
        ),
        pytest.param(
            "insights.support_days.df",
            "t and df from means and SDs",
            "holds",
            "sample sizes that fit: 68 and 320",
            id="one pair of sizes (N2)",
        ),
        pytest.param(
            "insights.contacts.area_3.control.median",
            "median of whole numbers",
            "holds",
            "15.5 needs an even n",
            id="a half needs an even n",
        ),
        pytest.param(
            "croydon.soag.all.physical.intake.high",
            "severity tables together",
            "holds",
            "one solution in whole counts only",
            id="the only solution (N6)",
        ),
        pytest.param(
            "west_mercia.engaged.pct",
            "contact and engagement together",
            "holds",
            "one solution in whole counts only",
            id="77 with contact, 51 engaged (N5)",
        ),
        pytest.param(
            "exec.cms.perceived_risk.reduced_greatly_or_slightly",
            "sum",
            "tension",
            "only 112 of 196 fits all",
            id="62 + 50 = 112 of 196 (X05)",
        ),
        pytest.param(
            "croydon.cost.physical_emotional_harm", "largest part", "impossible", "GBP billion", id="the unit (C05)"
        ),
        pytest.param(
            "croydon.year2.interventions.infographic.support",
            "same quantity",
            "impossible",
            "are exchanged",
            id="the labels (C01)",
        ),
        pytest.param(
            "croydon.total.perpetrators",
            "case flow",
            "tension",
            "unsuitable cases removed",
            id="a footnote explains 170 (C03)",
        ),
        pytest.param(
            "croydon.year2.open_cases", "case flow", "impossible", "cannot hold", id="no reading explains 96 (C04)"
        ),
    ],
)
def test_what_a_finding_says(table, published_id, check, verdict, words):
    row = table.set_index(["published_id", "check"]).loc[(published_id, check)]
    assert row["verdict"] == verdict
    assert words in row["detail"]


def test_the_smallest_conflict_of_class_behaviour_is_named(table):
    """All five statements and the overall reduction are needed; the order and number of classes are not (Y26)."""
    rows = table[(table["check"] == "behaviour by needs class") & (table["verdict"] == "tension")]
    for row in rows.itertuples():
        assert {row.published_id, *row.related_ids.split()} == EXPECTED["Y26"] | {"exec.dva.physical.reduction"}


CHANGED = {
    f"{APPENDIX}.drive.gender.men.pct": 3.0,
    f"{APPENDIX}.control.complex_needs.one.n": 90,
    f"{APPENDIX}.all.age.mean": 33.9,
    "interviews.victims.female": 13,
    "cms.background_research.top_three": 76,
    "cms.agency_cases.courts.pct": 7.6,
    "cms.dash.friedman.kendalls_w": 0.040,
    "cms.direct.contacts.median": 2.3,
    "insights.contacts.p": 0.036,
    "insights.contacts.drive.max": 196,
    "insights.support_days.df": 79.24,
    "insights.support_interventions.area_1.p": 0.007,
    "insights.dva.physical.exit.odds_ratio": 2.90,
    "insights.sustainability.drive.permanently_eliminated": 14,
    "exec.su.age.mean": 36,
    "croydon.total.victims": 204,
    "croydon.soag.direct.physical.intake.high": 54,
    "croydon.soag.all.sexual.reduction.high": 76,
    "croydon.year2.other_open.on_hold": 12,
}


@pytest.fixture(scope="module")
def disturbed(register, document):
    """The audit after sound numbers were changed by a unit or two of their last digit."""
    entries = (
        replace(entry, value=float(CHANGED[name]), printed=str(CHANGED[name])) if name in CHANGED else entry
        for name, entry in register.items()
    )
    return audit(Register(entries), document)


@pytest.mark.parametrize("published_id", sorted(CHANGED))
def test_a_changed_number_is_found(published_id, table, disturbed):
    before = {(row.published_id, row.check) for row in found_in(table).itertuples()}
    assert published_id not in {name for name, _ in before}
    names = [
        {row.published_id, *row.related_ids.split()}
        for row in found_in(disturbed).itertuples()
        if (row.published_id, row.check) not in before
    ]
    assert any(published_id in mentioned for mentioned in names)
