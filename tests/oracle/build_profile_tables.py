"""Tables for the R oracle of the profile chapter, counted from the raw workbooks with plain pandas.

Writes counts only: ``profile_descriptives.csv`` (outcome, group, value, count), ``profile_frequencies.csv`` (outcome,
group, term, n, base), ``share_comparison.csv`` (outcome, group, yes and base of both groups) and
``group_differences.csv`` (outcome, kind, group, value, count). `group` of the first two is population/group. Made-up
cases for the awkward corners come last.
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAW = HERE.parents[1] / "data/raw/year2"
UNKNOWN = {"", "N/K", "n/k", "?", "Not known", "Not asked", "Declined", "Prefer not to say"}
BIOGRAPHY = {
    "gender": ("Gender", {"F": "women", "Female": "women", "M": "men", "Male": "men"}),
    "ethnicity": ("Ethnicity", {"White British": "white_british", "White other": "white_other",
                                "Black or Black British": "black_black_british",
                                "Asian or Asian British": "asian_asian_british", "Other ethnicity": "other"}),
    "sexual_orientation": ("Sexual orientation", {"Heterosexual": "heterosexual", "Lesbian, gay or bisexual": "lgb"}),
    "living_situation": ("Living with perpetrator", {"Not living together": "not_living_together",
                                                     "Living together": "living_together"}),
    "children": ("Children in household", {"Yes": "present", "No": "not_present"}),
    "relationship": ("Relationship to perpetrator", {"Intimate partner": "intimate_partner",
                                                     "Ex-intimate partner": "ex_intimate_partner",
                                                     "Family member": "family", "Other": "other"}),
}  # fmt: skip
VICTIM_NEEDS = ["Mental health need", "Alcohol need", "Substance misuse need", "Employment need", "Financial need",
                "Disability"]  # fmt: skip
CORNERS = {"empty_cell": (0, 12, 5, 20), "both_all": (8, 8, 9, 9), "equal": (5, 10, 10, 20), "small": (3, 4, 1, 6)}
TIED = [("a", 1, 4), ("a", 2, 1), ("b", 1, 1), ("b", 2, 5)]


def sheet(file: str, name: str) -> pd.DataFrame:
    frame = pd.read_excel(RAW / file, sheet_name=name, dtype=str, keep_default_na=False, engine="openpyxl")
    return frame.apply(lambda column: column.str.split().str.join(" "))


def counted(rows: list[tuple], columns: list[str], out: Path) -> None:
    pd.DataFrame(rows, columns=columns).to_csv(out, index=False, lineterminator="\n")


def insights() -> pd.DataFrame:
    """Intake forms with the codes of the register; blank and unknown answers are missing."""
    forms = sheet("insights_extract.xlsx", "Intake")
    people = pd.DataFrame({"arm": forms["Trial arm"].str.lower(), "site": forms["Service area"]})
    for name, (header, codes) in BIOGRAPHY.items():
        assert set(forms[header]) - UNKNOWN <= set(codes), header
        people[name] = forms[header].map(codes)
    number = (forms[VICTIM_NEEDS] == "Yes").sum(axis=1)
    people["complex_needs"] = number.clip(upper=3).map({0: "none", 1: "one", 2: "two", 3: "three_or_more"})
    people["age"] = pd.to_numeric(forms["Age"]).where(lambda age: age > 0)
    return people


def service_users() -> pd.DataFrame:
    """Cases joined with needs: answers as 1, 0 or missing."""
    cases, needs = (sheet("cms_extract.xlsx", name).set_index("Service user ID") for name in ("Cases", "Needs"))
    answer = {"Yes": 1, "No": 0}
    people = pd.DataFrame({"age": pd.to_numeric(cases["Age"])})
    people["children_involved"] = cases["Children involved"].map(answer)
    people["child_protection"] = cases["Child protection concerns"].map(answer)
    people["contacted"] = cases["Direct contact"].map(answer)
    people["engaged"] = cases["Engagement"].isin(["Fully engaged", "Partially engaged"]).astype(int)
    needs = needs.reindex(people.index)
    for need, words in (("mental_health", "Mental health"), ("housing", "Housing")):
        levels = needs[[f"{words} - {time}" for time in ("intake", "during", "closure")]]
        known = levels.isin(["No need", "Need", "High need"]).any(axis=1)
        people[f"{need}_high"] = (levels == "High need").any(axis=1).astype(int)
        people[need] = levels.isin(["Need", "High need"]).any(axis=1).astype(int).where(known)
    return people


def pairs(people: pd.DataFrame) -> list[tuple]:
    """Yes and base of an outcome in two groups; people without an answer to either are left out."""
    wanted = [
        ("engaged", "children_involved", "with_children_v_without_children"),
        ("engaged", "child_protection", "with_child_protection_v_without_child_protection"),
        ("child_protection", "engaged", "engaged_v_not_engaged"),
        ("contacted", "mental_health", "with_mental_health_need_v_without"),
        ("mental_health_high", "contacted", "contacted_v_not_contacted"),
        ("housing_high", "contacted", "contacted_v_not_contacted"),
    ]
    rows = []
    for outcome, by, group in wanted:
        cells = []
        for code in (1, 0):
            answers = people.loc[people[by] == code, outcome].dropna()
            cells += [int(answers.sum()), len(answers)]
        rows.append((outcome, group, *cells))
    return rows + [(name, "first_v_second", *cells) for name, cells in CORNERS.items()]


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    forms, users = insights(), service_users()
    victims = sheet("cms_extract.xlsx", "Victims")
    index = pd.to_numeric(victims.loc[victims["Index victim"] == "Yes", "Age"])
    arms = {"all": forms, "drive": forms[forms["arm"] == "drive"], "control": forms[forms["arm"] == "control"]}
    ages = {"service_users/all": users["age"], "index_victims/all": index}
    ages |= {f"intake_profile/{arm}": members["age"] for arm, members in arms.items()}
    ages |= {"corner/ties": pd.Series([3, 3, 3, 8]), "corner/two": pd.Series([1, 2])}
    described = [
        ("age", group, int(value), int(count))
        for group, numbers in ages.items()
        for value, count in numbers.dropna().value_counts().sort_index().items()
    ]
    counted(described, ["outcome", "group", "value", "count"], out / "profile_descriptives.csv")
    shares = []
    for arm, members in arms.items():
        for name in (*BIOGRAPHY, "complex_needs"):
            valid = members[name].dropna()
            shares += [
                (name, f"intake_profile/{arm}", code, int((valid == code).sum()), len(valid))
                for code in sorted(forms[name].dropna().unique())
            ]
    counted(shares, ["outcome", "group", "term", "n", "base"], out / "profile_frequencies.csv")
    counted(pairs(users), ["outcome", "group", "yes", "base", "other_yes", "other_base"], out / "share_comparison.csv")
    sites = []
    for name in (*BIOGRAPHY, "complex_needs", "age"):
        kind = "number" if name == "age" else "category"
        found = forms.groupby(["site", name]).size()
        sites += [
            (name, kind, site, value if kind == "category" else int(value), int(count))
            for (site, value), count in found.items()
        ]
    sites += [("tied", "number", group, value, count) for group, value, count in TIED]
    counted(sites, ["outcome", "kind", "group", "value", "count"], out / "group_differences.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "tables")
