"""Needs, classes and abusive behaviour print as the report does, recomputed from the workbook as it is read back."""

import csv
import itertools
import math
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from drive_eval.contracts.check import check_extract
from drive_eval.ingest.extract import read_extract
from drive_eval.reconstruct import cms_needs
from drive_eval.reconstruct.assumed import Assumed
from drive_eval.reconstruct.cms_needs_statements import chi_square_p, sign_test_p
from drive_eval.reconstruct.delivery import workbook_bytes
from drive_eval.reconstruct.dva import Infeasible
from drive_eval.reconstruct.spine import build_spine
from drive_eval.reference.register import read_register

from .parts import part_of

ROOT = Path(__file__).resolve().parents[3]
SEEDS = (2019, 1, 2)
TYPES = ("physical", "sexual", "harassment_stalking", "jealousy_control")
HALVED = ("physical", "harassment_stalking", "jealousy_control")
BANDS = ("under_28", "28_33", "34_42", "43_plus")
LOW, ALCOHOL, MULTIPLE, FAMILY = CLASSES = (
    "no_or_low_needs",
    "alcohol_housing_unemployment",
    "multiple_needs",
    "family_children_parenting",
)
NEEDS = (
    "employment_training_education",
    "mental_health",
    "alcohol_misuse",
    "drug_misuse",
    "housing",
    "financial",
    "children_family",
    "parenting",
    "social_isolation",
    "physical_health",
)


def rows_of(name):
    with (ROOT / "config/year2" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


REGISTER = read_register(rows_of("reference.csv"))
ASSUMED = rows_of("assumed.csv")
CONTRACT = part_of("cms", "Needs", "Behaviour")


def build(seed, **changed):
    rows = [row | {"value": str(changed.get(row["id"], row["value"]))} for row in ASSUMED]
    return cms_needs.build(REGISTER, Assumed(rows), build_spine(REGISTER, seed=seed), seed=seed)


class Extract:
    """One delivery as an analysis sees it: one row per service user, missing codes missing."""

    def __init__(self, seed, folder):
        built = build(seed)
        path = folder / f"cms_{seed}.xlsx"
        path.write_bytes(workbook_bytes(CONTRACT, built.sheets, notice="Notice"))
        frames, faults = read_extract(path, CONTRACT)
        checked = check_extract(CONTRACT, frames, file=path.name, read_faults=faults)
        self.faults = checked.faults
        self.needs, behaviour = (
            checked.tables[name].astype(object).replace("not_known", np.nan) for name in ("cms_needs", "cms_behaviour")
        )
        self.rows = len(behaviour)
        self.needs = self.needs.set_index("su_id")
        wide = behaviour.pivot(index="su_id", columns="time_point", values=[*TYPES, *(f"{t}_level" for t in TYPES)])
        self.behaviour = wide.reindex(self.needs.index)
        spine = build_spine(REGISTER, seed=seed)
        self.users = pd.DataFrame([vars(user) for user in spine]).set_index("su_id").reindex(self.needs.index)
        self.users["band"] = pd.Series(built.age_band)
        self.users["need_class"] = pd.Series(built.true_class)
        self.built = built

    def used(self, abuse, time):
        return self.behaviour[abuse, time].eq("yes")

    def level(self, abuse, time):
        """0 none to 3 high, missing where not known."""
        level = self.behaviour[f"{abuse}_level", time].where(self.used(abuse, time), "none")
        return level.map({"none": 0, "standard": 1, "moderate": 2, "high": 3})

    def need(self, *levels):
        """Needs at any time: 1, 0 or missing."""
        found = {}
        for need in NEEDS:
            cells = self.needs[[f"{need}_{time}" for time in ("intake", "during", "closure")]]
            known = cells.notna().any(axis=1)
            found[need] = cells.isin(levels).any(axis=1).astype(float).where(known)
        return pd.DataFrame(found)

    @property
    def informed(self):
        """The 207: behaviour is known at intake."""
        return self.behaviour["physical", "intake"].notna()


@pytest.fixture(scope="module", params=SEEDS)
def extract(request, tmp_path_factory):
    return Extract(request.param, tmp_path_factory.mktemp("cms"))


def printed(value, decimals=0):
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def within(published_id, value):
    entry = REGISTER[published_id]
    low, high = entry.range
    beyond = {">": value > entry.number, "<": value < entry.number}.get(entry.op, True)
    return low <= value <= high and beyond


def pairs(published_id):
    return [tuple(item.split(" > ")) for item in REGISTER[published_id].value]


def reduction(before, after):
    return 100 * (1 - after / before)


def test_workbook_is_valid_without_any_fault(extract):
    assert extract.faults == []
    assert len(extract.needs) == REGISTER["cms.appendix3.n"].number == 212
    assert extract.rows == 3 * 212


def test_bases(extract):
    informed, specific = extract.needs.needs_information != "none", extract.needs.needs_information == "specific"
    for name in ("cms.needs.intake_info_n", "cms.dva.fig5_n", "cms.needs_behaviour.fig7_n"):
        assert informed.sum() == REGISTER[name].number
    assert (informed == extract.informed).all()
    assert (extract.behaviour[list(TYPES)][informed].notna()).all().all()
    needs = extract.need("need", "high_need")
    assert specific.sum() == REGISTER["cms.needs.specific_info_n"].number
    assert needs.notna().all(axis=1).equals(specific)
    assert needs[~specific].isna().all().all()


def test_shares_with_each_need_on_207(extract):
    shares = 100 * extract.need("need", "high_need").sum() / extract.informed.sum()
    for need in ("employment_training_education", "mental_health", "alcohol_misuse", "housing"):
        assert within(f"cms.needs.{need}", shares[need])
    assert all(shares[high] > shares[low] for high, low in pairs("cms.needs.fig2_order"))


def test_number_of_needs_on_151(extract):
    number = extract.need("need", "high_need").dropna().sum(axis=1)
    assert within("cms.needs.none_recorded", 100 * number.eq(0).mean())
    for name, least in (
        ("cms.needs.two_or_more", 2),
        ("exec.su.needs.three_or_more", 3),
        ("exec.su.needs.one_or_more", 1),
    ):
        assert printed(100 * number.ge(least).mean()) == REGISTER[name].number


def test_needs_hardly_change(extract):
    for need in NEEDS:
        present = {
            time: extract.needs[f"{need}_{time}"].dropna().isin(["need", "high_need"]).mean()
            for time in ("intake", "closure")
        }
        assert abs(present["intake"] - present["closure"]) < 0.03


def test_needs_and_engagement(extract):
    number = extract.need("need", "high_need").sum(axis=1, min_count=1)
    contacted = extract.users.contacted
    assert number[contacted].mean() > 1.15 * number[~contacted].mean()
    assert number.fillna(0)[contacted].mean() > 1.5 * number.fillna(0)[~contacted].mean()
    mental = extract.need("need", "high_need").mental_health
    for base in (mental.notna(), mental.notna() | True):
        assert contacted[base & mental.eq(1)].mean() > contacted[base & ~mental.eq(1)].mean() + 0.03


def test_high_mental_health_need_doubles_the_odds_of_contact(extract):
    high = extract.need("high_need").mental_health.eq(1)
    none = ~extract.need("need", "high_need").mental_health.eq(1)
    contacted = extract.users.contacted

    def odds(part):
        return (part & contacted).sum() / (part & ~contacted).sum()

    for reading in (
        odds(high) / odds(~high),
        odds(high) / odds(none),
        high[contacted].mean() / high[~contacted].mean(),
    ):
        assert within("cms.engagement.high_mental_health_ratio", reading)


def test_use_falls_at_both_steps_by_the_printed_shares(extract):
    falls = {}
    for abuse in TYPES:
        users = {time: int(extract.used(abuse, time).sum()) for time in ("intake", "midpoint", "closure")}
        assert all(users[high] > users[low] for high, low in pairs(f"cms.dva.{abuse}.trend"))
        falls[abuse] = reduction(users["intake"], users["closure"])
        assert within(f"exec.dva.{abuse}.reduction", falls[abuse])
    assert all(falls[high] > falls[low] for high, low in pairs("exec.dva.reduction_order"))


def test_high_severity_falls(extract):
    falls = {
        abuse: reduction(*(extract.level(abuse, time).eq(3).sum() for time in ("intake", "closure"))) for abuse in TYPES
    }
    assert printed(falls["physical"]) == REGISTER["cms.dva.physical.high_severity.reduction"].number
    ranked = [falls[abuse] for abuse in REGISTER["cms.dva.high_severity.reduction_order"].value]
    assert ranked == sorted(ranked, reverse=True)
    assert max(falls, key=falls.get) == "physical"


@pytest.mark.parametrize("abuse", TYPES)
def test_severity_falls_significantly(extract, abuse):
    before, after = (extract.level(abuse, time)[extract.informed] for time in ("intake", "closure"))
    assert before.notna().all()
    assert after.notna().all()
    assert stats.wilcoxon(before, after).pvalue < 0.01
    b, c = ((before == 3) & (after < 3)).sum(), ((before < 3) & (after == 3)).sum()
    assert stats.binomtest(int(b), int(b + c)).pvalue < 0.03
    assert sign_test_p(int(b), int(c)) == pytest.approx(stats.binomtest(int(b), int(b + c)).pvalue)


@pytest.mark.parametrize("base", ["207", "151"])
def test_composition_by_class(extract, base):
    part = extract.informed if base == "207" else extract.needs.needs_information == "specific"
    shares = {
        (abuse, time): extract.users.need_class[part & extract.used(abuse, time)].value_counts(normalize=True)
        for abuse in TYPES
        for time in ("intake", "closure")
    }
    assert shares["physical", "intake"].idxmax() == ALCOHOL
    assert shares["harassment_stalking", "intake"].idxmax() == MULTIPLE
    assert shares["jealousy_control", "intake"].idxmax() == MULTIPLE
    assert shares["physical", "closure"].idxmax() == FAMILY
    assert shares["physical", "closure"][FAMILY] > shares["physical", "closure"].drop(FAMILY).max() + 0.05
    falls = pd.DataFrame({abuse: reduction(shares[abuse, "intake"], shares[abuse, "closure"]) for abuse in TYPES})
    for fall in (*falls.loc[ALCOHOL, list(HALVED)], falls.loc[ALCOHOL, list(HALVED)].mean()):
        assert within("cms.class_behaviour.alcohol_housing_unemployment.reduction", fall)
    assert falls.loc[ALCOHOL, "sexual"] < 20
    assert falls.loc[MULTIPLE].between(0, 20).all()
    assert falls.loc[LOW].abs().max() <= 10
    assert falls.mean(axis=1).idxmax() == ALCOHOL


def test_greatest_change_within_classes_too(extract):
    users = {
        time: pd.concat([extract.used(abuse, time) for abuse in TYPES], axis=1)
        .sum(axis=1)
        .groupby(extract.users.need_class)
        .sum()
        for time in ("intake", "closure")
    }
    assert users["intake"].sum() > users["closure"].sum()
    assert reduction(users["intake"], users["closure"]).idxmax() == ALCOHOL


def behaviour_change(extract):
    stopped = [extract.used(abuse, "intake") & ~extract.used(abuse, "closure") for abuse in TYPES]
    users = [extract.used(abuse, "intake") for abuse in TYPES]
    return pd.concat(stopped, axis=1).any(axis=1), pd.concat(users, axis=1).any(axis=1)


def test_change_is_likelier_with_needs(extract):
    changed, users = behaviour_change(extract)
    specific = extract.needs.needs_information == "specific"
    for base in (extract.informed, extract.informed & users, specific, specific & users):
        with_needs = extract.users.need_class != LOW
        assert changed[base & with_needs].mean() > changed[base & ~with_needs].mean() + 0.05


def test_no_need_is_related_to_behaviour_change(extract):
    changed, users = behaviour_change(extract)
    needs = extract.need("need", "high_need")[users].dropna()
    fit = sm.Logit(changed[needs.index].astype(float), sm.add_constant(needs)).fit(disp=0)
    assert fit.mle_retvals["converged"]
    assert fit.params.abs().max() < 4
    assert fit.pvalues.drop("const").min() > 0.12


@pytest.mark.parametrize("base", ["contacted", "207"])
def test_behaviour_change_work_by_abuse_at_closure(extract, base):
    part = extract.informed & (extract.users.contacted if base == "contacted" else True)
    for abuse in TYPES:
        table = pd.crosstab(extract.users.behaviour_change_work[part], extract.used(abuse, "closure")[part])
        p_value = stats.chi2_contingency(table, correction=False).pvalue
        assert chi_square_p(table.to_numpy().tolist()) == pytest.approx(p_value)
        shares = table[True] / table.sum(axis=1)
        assert (p_value < 0.04) == (abuse == "physical")
        if abuse == "physical":
            assert shares[True] < shares[False]
        else:
            assert p_value > 0.12


def test_reductions_by_age_band(extract):
    falls = pd.DataFrame(
        {
            abuse: reduction(
                *(
                    extract.used(abuse, time)[extract.informed].groupby(extract.users.band).mean()
                    for time in ("intake", "closure")
                )
            )
            for abuse in TYPES
        }
    )
    for abuse, band in (("physical", "28_33"), ("jealousy_control", "28_33"), ("sexual", "43_plus")):
        assert REGISTER[f"cms.age_quartiles.{abuse}.greatest_reduction"].value in (band, (band,))
        assert falls[abuse].idxmax() == band
        assert falls[abuse][band] > falls[abuse].drop(band).max() + 5
    assert falls.harassment_stalking.max() < 1.1 * falls.harassment_stalking.min()


def test_ages_with_the_printed_figures_fit_the_bands():
    """Some 212 whole ages have the band sizes, quartiles 28/33/43, mean 35, SD 11.2 and the range 17 to 77."""
    from ortools.sat.python import cp_model

    sizes = pd.Series(build(2019).age_band).value_counts()
    low, high = (int(REGISTER[f"cms.su.age.{end}"].number) for end in ("min", "max"))
    model = cp_model.CpModel()
    number = {age: model.new_int_var(0, 14, "") for age in range(low, high + 1)}
    model.add(sum(number.values()) == 212)
    for band, ages in zip(BANDS, ((low, 27), (28, 33), (34, 42), (43, high)), strict=True):
        model.add(sum(number[age] for age in range(ages[0], ages[1] + 1)) == int(sizes[band]))
    model.add(number[low] >= 1)
    model.add(number[high] >= 1)
    for rank, age in ((53, 28), (106, 33), (159, 43)):
        model.add(sum(number[each] for each in number if each < age) <= rank - 1)
        model.add(sum(number[each] for each in number if each <= age) >= rank + 1)
    total = 35 * 212
    model.add(sum(age * count for age, count in number.items()) == total)
    squares = sum(age * age * count for age, count in number.items())
    for bound, sign in ((11.15, 1), (11.25, -1)):
        model.add(sign * squares >= sign * math.ceil(bound**2 * 211 + total**2 / 212))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    ages = [age for age, count in number.items() for _ in range(solver.value(count))]
    assert [*np.quantile(ages, (0.25, 0.5, 0.75), method="weibull")] == list(REGISTER["cms.age_quartiles.bounds"].value)
    assert printed(np.std(ages, ddof=1), 1) == REGISTER["cms.su.age.sd"].number


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_four_latent_classes_are_recovered(extract):
    from stepmix.stepmix import StepMix

    everyone = extract.need("need", "high_need")
    needs = everyone.dropna()
    fits = {
        classes: StepMix(
            n_components=classes,
            measurement="binary_nan",
            n_init=starts,
            max_iter=2000,
            abs_tol=1e-9,
            random_state=7,
            progress_bar=0,
            verbose=0,
        ).fit(needs)
        for classes, starts in ((3, 15), (4, 30), (5, 15))
    }
    criteria = {classes: fit.bic(needs) for classes, fit in fits.items()}
    assert min(criteria, key=criteria.get) == REGISTER["cms.lca.n_classes"].number
    best = fits[4]
    reached = np.array(best.lower_bound_buffer_)
    assert (reached > reached.max() - 1e-5).mean() > 0.8

    planted = extract.users.need_class[needs.index]
    table = pd.crosstab(planted, best.predict(needs))
    assert (table > 0).to_numpy().sum() == 4, "every modal class is one planted class"
    order = list(table.sum(axis=1).sort_values(ascending=False).index)
    assert order == list(REGISTER["cms.lca.class_order"].value)
    named = {int(table.loc[name].idxmax()): name for name in CLASSES}
    weights = {named[position]: share for position, share in enumerate(best.predict_proba(needs).mean(axis=0))}
    assert sorted(weights, key=weights.get, reverse=True) == order
    without_data = best.predict(everyone[everyone.isna().all(axis=1)].astype(float))
    assert {named[int(position)] for position in without_data} == {LOW}, "no data: class sizes decide"

    parameters = best.get_parameters()["measurement"]["pis"]
    profile = {named[position]: dict(zip(NEEDS, row, strict=True)) for position, row in enumerate(parameters)}
    assert min(profile[MULTIPLE].values()) > 0.5
    for name, high in ((FAMILY, ("children_family", "parenting")), (ALCOHOL, (NEEDS[0], "alcohol_misuse", "housing"))):
        others = [share for need, share in profile[name].items() if need not in high]
        assert min(profile[name][need] for need in high) > max(others) + 0.2
    assert max(profile[LOW].values()) < 0.2


def test_same_seed_same_rows_other_seed_other_people():
    first, again, other = build(2019), build(2019), build(1)
    assert first == again
    assert [str(row) for row in first.sheets["Behaviour"]] == [str(row) for row in again.sheets["Behaviour"]]
    assert first.true_class != other.true_class
    assert {row["su_id"] for row in first.sheets["Needs"]} != {row["su_id"] for row in other.sheets["Needs"]}


def test_rows_say_that_they_are_synthetic():
    rows = itertools.chain.from_iterable(build(2019).sheets.values())
    assert {row["data_origin"] for row in rows} == {"synthetic"}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"cms.dva.physical.closure.high": 19, "cms.dva.physical.closure.moderate": 8}, "physical.high_severity"),
        ({"cms.lca.no_or_low_needs.one": 22, "cms.lca.no_or_low_needs.none": 53}, "exec.su.needs.one_or_more"),
        ({"cms.age.under_28": 53, "cms.age.43_plus": 53}, "cms.age_quartiles.bounds"),
        ({"cms.dva.physical.family_children_parenting.closure": 9}, "cms.dva.physical: groups"),
    ],
    ids=["58_per_cent", "66_per_cent", "quartiles", "sums"],
)
def test_contradictions_name_the_figure(changed, named):
    with pytest.raises(Infeasible, match=named):
        build(2019, **changed)
