"""Tables for the R oracle of scores and numbers, counted from the raw workbooks with plain pandas.

Writes ``tables/friedman.csv`` (outcome, three scores, people with them) and ``tables/mean_differences.csv`` (outcome,
stratum, arm, number, people with it); made-up ones for the awkward corners come after the shipped ones.
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAW = HERE.parents[1] / "data/raw/year2"
TIMES = ["Intake / 2 weeks", "5 months / 6 months", "Case closure"]
BEFORE = {
    "attempts_to_leave": "Attempts to leave (12 months)",
    "a_and_e_visits": "A&E visits (12 months)",
    "police_calls": "Calls to police (12 months)",
    "specialist_da_support": "Specialist support (12 months)",
    "gp_visits": "GP visits (12 months)",
}
DURING = {"idva_contacts": "Number of contacts", "support_interventions": "Support interventions"}
SMALL = {"untied": [(9, 5, 1), (8, 6, 2), (7, 5, 4), (6, 7, 3), (10, 8, 9), (5, 4, 2), (12, 9, 7), (11, 6, 8)],
         "ties": [(1, 1, 2), (3, 2, 2), (4, 4, 4), (5, 2, 3), (2, 2, 1), (6, 5, 5), (7, 3, 3), (8, 8, 6)]}  # fmt: skip
PAIRS = {"equal_sizes": ([1, 4, 6, 8, 11], [2, 3, 3, 4, 5]), "spread": ([1, 9, 20, 44], [5, 5, 6, 6, 6, 7, 7, 5])}


def read(file, sheet):
    frame = pd.read_excel(RAW / file, sheet, dtype=str, keep_default_na=False, engine="openpyxl")
    return frame.apply(lambda column: column.str.split().str.join(" "))


def dates(texts):
    british = texts.str.contains("/")
    found = pd.to_datetime(texts.where(~british).str[:10], format="%Y-%m-%d", errors="coerce")
    return found.fillna(pd.to_datetime(texts.where(british), format="%d/%m/%Y", errors="coerce"))


def scores():
    forms = read("cms_extract.xlsx", "DASH")
    items = [column for column in forms if column.startswith("Q")]
    assert len(items) == 20
    kept = forms[items].isin(["Yes", "No"]).sum(axis=1) >= 20 - 10
    forms["score"] = forms[items].eq("Yes").sum(axis=1).where(kept)
    wide = forms.pivot(index="Service user ID", columns="Assessment point", values="score")[TIMES].dropna().astype(int)
    rows = [("dash", *score) for score in wide.itertuples(index=False)]
    return rows + [(name, *score) for name, people in SMALL.items() for score in people]


def numbers():
    intake, last = (read("insights_extract.xlsx", sheet).set_index("Client ID") for sheet in ("Intake", "Exit"))
    both = last.join(intake[["Intake date"]])
    both["support_days"] = (dates(both["Exit date"]) - dates(both["Intake date"])).dt.days
    rows = []
    for forms, names in ((intake, BEFORE), (both, DURING | {"support_days": "support_days"})):
        for outcome, header in names.items():
            area = forms["Service area"].str.lower().str.replace(" ", "_")
            values = pd.to_numeric(forms[header], errors="coerce")
            known = pd.DataFrame({"stratum": area, "arm": forms["Trial arm"].str.lower(), "number": values}).dropna()
            for part in (known.assign(stratum="all"), *([known] if forms is both else [])):
                rows += [(outcome, *row) for row in part.itertuples(index=False)]
    for name, (index, reference) in PAIRS.items():
        rows += [(name, "all", arm, x) for arm, group in (("drive", index), ("control", reference)) for x in group]
    return rows


def write(rows, columns, path):
    table = pd.DataFrame(rows, columns=columns).value_counts().rename("people").reset_index().sort_values(columns)
    if "number" in table:
        table["number"] = table["number"].astype(int)
    table.to_csv(path, index=False, lineterminator="\n")


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write(scores(), ["outcome", "first", "second", "third"], out / "friedman.csv")
    write(numbers(), ["outcome", "stratum", "arm", "number"], out / "mean_differences.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "tables")
