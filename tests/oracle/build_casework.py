"""Tables for the R oracle of the casework chapter, from the raw workbook with plain pandas, apart from the pipeline.

Writes ``tables/action_shares.csv`` (outcome, group, number and size: actions of a kind and actions in all of one
case, sorted, without the case) and ``tables/contact_numbers.csv`` (outcome, group, number); made-up corners come last.
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAW = HERE.parents[1] / "data/raw/year2/cms_extract.xlsx"
POLICE = ("Police", "Police DA unit")
CORNERS = {"two_cases": [(1, 4), (2, 3)], "alike": [(1, 2), (1, 2), (1, 2), (2, 4)], "rare": [(0, 90), (1, 60), (0, 7)]}
NUMBERS = {"two": [3, 8], "five": [1, 2, 2, 4, 90], "ties": [2, 2, 2, 7]}


def main(out: Path) -> None:
    sheets = pd.read_excel(RAW, ["Cases", "Actions", "Contacts"], dtype=str, keep_default_na=False, engine="openpyxl")
    actions, contacts = sheets["Actions"], sheets["Contacts"]
    by = "Service user ID"
    parts = []
    for group, year in (("year1", "2016/17"), ("year2", "2017/18")):
        here = actions[actions["Project year"].str.strip() == year]
        parts.append(("direct", group, here[by], here["Type of work"].str.strip() == "Direct"))
    for group, activity in (
        ("multi_agency", "Multi-agency work"),
        ("case_update", "Case update (information sharing)"),
    ):
        here = actions[actions["Activity"].str.strip() == activity]
        parts.append(("police", group, here[by], here["Agency"].str.strip().isin(POLICE)))
    rows = []
    for outcome, group, case, chosen in parts:
        counts = chosen.groupby(case).agg(["sum", "size"]).sort_values(["size", "sum"])
        rows += [(outcome, group, int(number), int(size)) for number, size in counts.itertuples(index=False)]
    rows += [("corner", name, *pair) for name, pairs in CORNERS.items() for pair in pairs]
    numbers = [("contacts", "all", n) for n in sorted(contacts.groupby(by).size())]
    numbers += [("months_open", "all", n) for n in sorted(sheets["Cases"]["Month closed"].astype(float).astype(int))]
    numbers += [("corner", name, n) for name, values in NUMBERS.items() for n in values]
    out.mkdir(parents=True, exist_ok=True)
    for name, found, columns in (
        ("action_shares", rows, ["outcome", "group", "number", "size"]),
        ("contact_numbers", numbers, ["outcome", "group", "number"]),
    ):
        pd.DataFrame(found, columns=columns).to_csv(out / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "tables")
