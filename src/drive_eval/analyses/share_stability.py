"""Whether shares change little between two times: the change of each, and one row that says whether all are small."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame, *, outcomes: Sequence[str], before: str, after: str, most: float, statement: str
) -> pd.DataFrame:
    """Change of the share with each outcome between two times.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `<outcome>_<before>` and `<outcome>_<after>` (0, 1 or missing).
    outcomes : sequence of str
    before, after : str
    most : float
        Largest change, as a share either way, that still counts as little.
    statement : str
        Key (outcome) of the row that says whether every change is at most that.

    Returns
    -------
    DataFrame, result columns
        Per outcome `proportion` at each time (term `yes`, on valid answers at that time) and `change` (after minus
        before). One row `holds`: 1 if no change is larger than `most`, else 0; term `largest_change` gives the
        largest one.

    Raises
    ------
    ValueError
        If an outcome has no valid answer at one of the times.

    Notes
    -----
    Method page `docs/methods/share_stability.md`.
    """
    rows: list[dict[str, object]] = []
    changes = []
    options = options_text(base="valid answers at each time", most=most)
    span = f"{before}_to_{after}"
    for outcome in outcomes:
        shares = []
        for time in (before, after):
            answers = cases[f"{outcome}_{time}"]
            valid = answers.dropna()
            if valid.empty:
                raise ValueError(f"{outcome}: nobody has an answer at {time}")
            count = int((valid == 1).sum())
            shares.append(count / len(valid))
            rows.append(
                {
                    "outcome": outcome,
                    "time": time,
                    "term": "yes",
                    "n": count,
                    "denominator": len(valid),
                    "n_missing": len(answers) - len(valid),
                    "estimate": shares[-1],
                    "measure": "proportion",
                    "unit": "share",
                    "method": "share of valid answers",
                    "options": options,
                }
            )
        changes.append(shares[1] - shares[0])
        rows.append(
            {
                "outcome": outcome,
                "time": span,
                "term": "change",
                "estimate": changes[-1],
                "measure": "change",
                "unit": "share",
                "method": "change of the share",
                "options": options,
            }
        )
    largest = max(changes, key=abs)
    words: dict[str, object] = {"outcome": statement, "time": span, "denominator": len(changes), "options": options}
    rows.append(
        words
        | {
            "term": "largest_change",
            "estimate": largest,
            "measure": "change",
            "unit": "share",
            "method": "largest change of a share, either way",
        }
    )
    rows.append(
        words
        | {
            "term": "little_change",
            "n": sum(abs(change) <= most for change in changes),
            "estimate": float(abs(largest) <= most),
            "measure": "holds",
            "method": "whether every change of a share is small",
            "note": f"every change is at most {most:g} as a share, either way",
        }
    )
    return result_frame({"analysis": "share_stability", **row} for row in rows)
