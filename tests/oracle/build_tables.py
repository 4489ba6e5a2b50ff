"""Tables for the R oracle, counted from the raw workbook with plain pandas, apart from the pipeline.

Writes ``tables/mcnemar.csv`` (outcome, group, both, stopped, started, neither) and ``tables/mantel_haenszel.csv``
(outcome, stratum, four cells); made-up cases for the awkward corners come after the shipped ones.
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAW = HERE.parents[1] / "data/raw/year2/insights_extract.xlsx"
HEADERS = {
    "physical": "Physical abuse",
    "sexual": "Sexual abuse",
    "harassment_stalking": "Harassment and stalking",
    "jealousy_control": "Jealous and controlling behaviour",
}
CORNERS = {"airway": (1, 1, 7, 12), "twelve_five": (4, 12, 5, 9), "equal": (2, 8, 8, 3), "none": (5, 0, 0, 6),
           "one_way": (0, 26, 0, 4), "edge_25": (1, 20, 5, 3), "edge_26": (1, 20, 6, 3)}  # fmt: skip
BERKELEY = {"A": (512, 313, 89, 19), "B": (353, 207, 17, 8), "C": (120, 205, 202, 391), "D": (138, 279, 131, 244),
            "E": (53, 138, 94, 299), "F": (22, 351, 24, 317)}  # fmt: skip
SMALL = {"a": (3, 9, 1, 12), "b": (5, 4, 2, 8), "c": (2, 7, 3, 6)}


def main(out: Path) -> None:
    sheets = pd.read_excel(RAW, ["Intake", "Exit"], dtype=str, keep_default_na=False, engine="openpyxl")
    sheets = {name: sheet.map(lambda cell: " ".join(cell.split())) for name, sheet in sheets.items()}
    intake, last = (sheets[name].set_index("Client ID").add_suffix(f" {name.lower()}") for name in ("Intake", "Exit"))
    both = last.join(intake)
    both["Service area exit"] = both["Service area exit"].str.split().str.join(" ")  # stray blanks of the export
    mcnemar, mantel = [], []
    for outcome, header in HEADERS.items():
        before, after = both[f"{header} intake"], both[f"{header} exit"]
        for arm in ("Control", "Drive"):
            here = both["Trial arm exit"] == arm
            cells = [
                int((here & (before == first) & (after == second)).sum())
                for first, second in (("Yes", "Yes"), ("Yes", "No"), ("No", "Yes"), ("No", "No"))
            ]
            mcnemar.append((outcome, arm.lower(), *cells))
        for site in sorted(both["Service area exit"].unique()):
            there = both["Service area exit"] == site
            cells = [
                int((there & (both["Trial arm exit"] == arm) & (after == answer)).sum())
                for arm in ("Control", "Drive")
                for answer in ("Yes", "No")
            ]
            mantel.append((outcome, site.lower().replace(" ", "_"), *cells))
    mcnemar += [(name, "corner", *cells) for name, cells in CORNERS.items()]
    mantel += [("berkeley", stratum, *cells) for stratum, cells in BERKELEY.items()]
    mantel += [("small", stratum, *cells) for stratum, cells in SMALL.items()]
    out.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(mcnemar, columns=["outcome", "group", "both", "stopped", "started", "neither"]).to_csv(
        out / "mcnemar.csv", index=False, lineterminator="\n"
    )
    columns = ["outcome", "stratum", "index_yes", "index_no", "reference_yes", "reference_no"]
    pd.DataFrame(mantel, columns=columns).to_csv(out / "mantel_haenszel.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "tables")
