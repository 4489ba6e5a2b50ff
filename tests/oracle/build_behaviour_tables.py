"""Tables of the behaviour chapter for the R oracle, from the raw workbook with plain pandas, apart from the pipeline.

Writes ``tables/chi_square.csv`` (counts), ``tables/wilcoxon_signed_rank.csv`` (pairs of levels with their number) and
``tables/logistic_regression.csv`` (patterns of change and needs with their number); made-up cases come last.
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAW = HERE.parents[1] / "data/raw/year2/cms_extract.xlsx"
TYPES = {
    "physical": "Physical abuse",
    "sexual": "Sexual abuse",
    "harassment_stalking": "Harassment and stalking",
    "jealousy_control": "Jealous and controlling behaviour",
}
NEEDS = {
    "drug_misuse": "Drug misuse",
    "alcohol_misuse": "Alcohol misuse",
    "housing": "Housing",
    "employment_training_education": "Employment, training or education",
    "mental_health": "Mental health",
    "financial": "Finances",
    "children_family": "Children and family",
    "parenting": "Parenting capacity",
    "social_isolation": "Social isolation",
    "physical_health": "Physical health",
}
LEVELS = {"Standard": 1, "Moderate": 2, "High": 3}
CORNERS = {"even": (10, 10, 10, 10), "small": (3, 9, 1, 12), "empty": (0, 7, 5, 9), "large": (310, 690, 250, 750)}
STEPS = {"few": [(3, 0), (2, 1), (1, 1), (0, 2), (3, 1)], "up": [(0, 1), (0, 1), (1, 3), (2, 2)]}
COLUMNS = ["outcome", "group", "with_yes", "with_no", "without_yes", "without_no"]


def main(out: Path) -> None:
    sheets = pd.read_excel(RAW, None, dtype=str, keep_default_na=False, engine="openpyxl")
    cases, needs = (sheets[name].set_index("Service user ID") for name in ("Cases", "Needs"))
    actions, behaviour = sheets["Actions"], sheets["Behaviour"]
    worked = set(actions.loc[actions["Activity"] == "Behaviour change work", "Service user ID"])
    at = {
        time: behaviour[behaviour["Time point"] == time].set_index("Service user ID").reindex(cases.index)
        for time in ("Intake", "Case closure")
    }
    contacted = cases["Direct contact"] == "Yes"
    known = at["Intake"]["Physical abuse"].isin(["Yes", "No"])
    chi, signed = [], []
    for outcome, header in TYPES.items():
        use = at["Case closure"][header]
        for group, base in (("behaviour_contacted", contacted & known), ("behaviour_known", known)):
            cells = [
                int((base & (cases.index.isin(worked) == work) & (use == answer)).sum())
                for work in (True, False)
                for answer in ("Yes", "No")
            ]
            chi.append((outcome, group, *cells))
        severity = {
            time: frame[f"{header} severity"].map(LEVELS).where(frame[header] == "Yes", 0).where(known)
            for time, frame in at.items()
        }
        pairs = pd.DataFrame(severity).dropna().astype(int).value_counts().sort_index()
        signed += [(f"{outcome}_severity", *pair, n) for pair, n in pairs.items()]
    chi += [(name, "corner", *cells) for name, cells in CORNERS.items()]
    for name, steps in STEPS.items():
        signed += [(name, first, last, 1) for first, last in steps]
    out.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(chi, columns=COLUMNS).to_csv(out / "chi_square.csv", index=False, lineterminator="\n")
    pd.DataFrame(signed, columns=["outcome", "before", "after", "people"]).to_csv(
        out / "wilcoxon_signed_rank.csv", index=False, lineterminator="\n"
    )
    logistic(needs, at, out)


def logistic(needs: pd.DataFrame, at: dict[str, pd.DataFrame], out: Path) -> None:
    started = pd.DataFrame({outcome: at["Intake"][header] == "Yes" for outcome, header in TYPES.items()})
    ended = pd.DataFrame({outcome: at["Case closure"][header] == "No" for outcome, header in TYPES.items()})
    frame = pd.DataFrame({"behaviour_change": (started & ended).any(axis=1).astype(int)})
    for need, header in NEEDS.items():
        columns = needs[[f"{header} - {time}" for time in ("intake", "during", "closure")]].reindex(frame.index)
        frame[need] = columns.isin(["Need", "High need"]).any(axis=1).astype(int)
    specific = (needs["Needs information"] == "Specific needs").reindex(frame.index)
    used = frame[specific & started.any(axis=1)]
    counted = used.value_counts(sort=False).sort_index().rename("people").reset_index()
    counted.to_csv(out / "logistic_regression.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "tables")
