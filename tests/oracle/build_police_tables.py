"""Table for the R oracle of mean proportions, counted from the raw police files apart from the pipeline.

Writes ``tables/mean_proportions.csv``: outcome, group, and per person the criminal and all incidents before, during and
after; made-up people for the awkward corners come after the shipped ones.
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAW = HERE.parents[1] / "data/raw/year2"
WINDOWS = {"before": (-6, 0), "during": (0, 10), "after": (10, 16)}
CORNERS = {
    # ties and zero changes in Drive, few defined pairs in control
    "corner": {
        "drive": [(1, 2, 0, 1, 1, 2), (1, 2, 0, 0, 2, 2), (2, 2, 1, 1, 1, 2), (0, 3, 1, 2, 1, 3), (3, 4, 2, 2, 0, 0)],
        "control": [(0, 0, 1, 2, 1, 2), (1, 4, 0, 1, 3, 4), (2, 3, 0, 0, 1, 3), (4, 4, 4, 4, 3, 4)],
    },
}


def dates(text):
    """Days as the police and the register write them: ISO or day first."""
    iso = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    return iso.fillna(pd.to_datetime(text, format="%d/%m/%Y", errors="coerce"))


def main(out: Path) -> None:
    people = pd.read_csv(RAW / "police_subjects.csv", dtype=str, keep_default_na=False)
    incidents = pd.read_csv(RAW / "police_extract.csv", dtype=str, keep_default_na=False)
    people["start"], incidents["day"] = dates(people["Date allocated"]), dates(incidents["Recorded date"])
    incidents = incidents.merge(people[["Person key", "start"]], on="Person key", validate="many_to_one")
    flag = incidents["DVA flag"].map({"Y": "dva", "Yes": "dva", "N": "non_dva", "No": "non_dva"})
    rows = []
    for outcome in ("dva", "non_dva"):
        for person in people.sort_values("Person key").to_dict("records"):
            own = incidents[(incidents["Person key"] == person["Person key"]) & (flag == outcome)]
            counts = []
            for first, after in WINDOWS.values():
                opens, closes = (person["start"] + pd.DateOffset(months=month) for month in (first, after))
                inside = own[(own["day"] >= opens) & (own["day"] < closes)]
                counts += [int((inside["Criminal"] == "Y").sum()), len(inside)]
            rows.append((outcome, person["Group"].lower(), *counts))
    for outcome, groups in CORNERS.items():
        rows += [(outcome, group, *counts) for group, found in groups.items() for counts in found]
    columns = ["outcome", "group", *(f"{word}_{window}" for window in WINDOWS for word in ("criminal", "all"))]
    out.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=columns).to_csv(out / "mean_proportions.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "tables")
