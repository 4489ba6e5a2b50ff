"""Whether a profile differs between groups: one test per attribute, and one row that says whether none differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drive_eval.results import options_text, result_frame


def analyse(
    cases: pd.DataFrame, *, categories: Sequence[str], numbers: Sequence[str], by: str, alpha: float, statement: str
) -> pd.DataFrame:
    """Test each attribute for a difference between the groups.

    Parameters
    ----------
    cases : DataFrame, one row per person
        Uses `by` and the attributes; a missing one leaves the person out of that test.
    categories : sequence of str
        Attributes tested with Pearson's chi-square, no correction.
    numbers : sequence of str
        Attributes tested with Kruskal-Wallis (ties corrected).
    by : str
        Grouping column.
    alpha : float
        Level of each test; not adjusted for their number, so that `similar` is harder to say.
    statement : str
        Key (outcome) of the row that says whether no attribute differs.

    Returns
    -------
    DataFrame, result columns
        Group `by_<by>`. Per attribute `chi_square` with `cramers_v` as estimate, or `kruskal_wallis` with
        `epsilon_squared`; both layer extension. One row `similar`: `holds` is 1 if every p value is above `alpha`,
        else 0, with the smallest p value as `p_value`.

    Raises
    ------
    ValueError
        If a row has no group, or no attribute can be tested.

    Notes
    -----
    Sources: Kruskal and Wallis (1952), JASA 47, 583-621; Tomczak and Tomczak (2014), Trends in Sport Sciences 21,
    19-25 (epsilon squared). Method page `docs/methods/group_differences.md`.
    """
    if cases[by].isna().any():
        raise ValueError(f"{int(cases[by].isna().sum())} rows have no {by}")
    rows: list[dict[str, object]] = [
        {"outcome": name, **_chi_square(cases[name], cases[by], alpha)} for name in categories
    ]
    rows += [{"outcome": name, **_kruskal_wallis(cases[name], cases[by], alpha)} for name in numbers]
    tested = [float(str(row["p_value"])) for row in rows if row.get("p_value") is not None]
    if not tested:
        raise ValueError("no attribute varies, so none can be tested")
    rows.append(
        {
            "outcome": statement,
            "term": "similar",
            "n": sum(p_value > alpha for p_value in tested),
            "denominator": len(tested),
            "estimate": float(min(tested) > alpha),
            "measure": "holds",
            "p_value": min(tested),
            "method": "whether no attribute differs between groups",
            "options": options_text(alpha=alpha, adjusted=False),
            "note": f"p is the smallest of {len(tested)}; each test at {alpha:g}, not adjusted",
        }
    )
    return result_frame({"analysis": "group_differences", "group": f"by_{by}", **row} for row in rows)


def _chi_square(answers: pd.Series, groups: pd.Series, alpha: float) -> dict[str, object]:
    from scipy.stats import chi2_contingency

    table = pd.crosstab(answers.astype("object"), groups.astype("object")).to_numpy()
    size = int(table.sum())
    row: dict[str, object] = {
        "term": "chi_square",
        "layer": "extension",
        "n": size,
        "denominator": len(answers),
        "n_missing": len(answers) - size,
        "method": "Pearson chi-square, no correction",
        "options": options_text(correction=False, alpha=alpha),
    }
    if min(table.shape) < 2:
        return row | {"note": "not defined: one category or one group only"}
    test = chi2_contingency(table, correction=False)
    thin = int((test.expected_freq < 5).sum())
    return row | {
        "statistic": float(test.statistic),
        "df": int(test.dof),
        "p_value": float(test.pvalue),
        "estimate": float(np.sqrt(test.statistic / (size * (min(table.shape) - 1)))),
        "measure": "cramers_v",
        "note": f"{thin} of {table.size} expected counts below 5" if thin else "",
    }


def _kruskal_wallis(values: pd.Series, groups: pd.Series, alpha: float) -> dict[str, object]:
    from scipy.stats import kruskal

    valid = values.dropna()
    samples = list(_samples(valid, groups))
    row: dict[str, object] = {
        "term": "kruskal_wallis",
        "layer": "extension",
        "n": len(valid),
        "denominator": len(values),
        "n_missing": len(values) - len(valid),
        "method": "Kruskal-Wallis test, ties corrected",
        "options": options_text(alpha=alpha),
    }
    if len(samples) < 2 or valid.nunique() < 2:
        return row | {"note": "not defined: one value or one group only"}
    test = kruskal(*samples)
    return row | {
        "statistic": float(test.statistic),
        "df": len(samples) - 1,
        "p_value": float(test.pvalue),
        "estimate": float(test.statistic) / (len(valid) - 1),
        "measure": "epsilon_squared",
    }


def _samples(values: pd.Series, groups: pd.Series) -> Iterator[np.ndarray]:
    for _, part in values.groupby(groups.loc[values.index].astype("object")):
        yield part.to_numpy(dtype="float64")
