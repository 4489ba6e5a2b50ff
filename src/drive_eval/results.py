"""The result frame (one row per estimate) and the registry (one row per number).

Every analysis returns a result frame; the registry is its long view and the only thing that is printed
from. Values are raw floats: rounding, suppression and wording are the last step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from drive_eval.errors import UserError

if TYPE_CHECKING:
    import pandera.pandas as pa

KEYS = ("analysis", "population", "outcome", "group", "time", "stratum", "term")
NUMBERS = (
    "n",
    "denominator",
    "n_missing",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "ci_level",
    "statistic",
    "df",
    "p_value",
    "p_adjusted",
)
TEXTS = ("measure", "unit", "layer", "method", "options", "note")
RESULT_COLUMNS = (*KEYS, *NUMBERS, *TEXTS)
REGISTRY_COLUMNS = (
    "result_id",
    "study",
    "chapter",
    "layer",
    "exhibit",
    *KEYS,
    "statistic",
    "value",
    "n",
    "denominator",
    "unit",
    "method",
    "options",
    "note",
    "data_origin",
)
LAYERS = ("replication", "extension")
WHOLE = "all"
"""Written in a key that does not apply, so that every `result_id` has the same number of parts."""

_ESTIMATE_SCALE = ("estimate", "std_error", "ci_low", "ci_high")
_COUNTS = ("n", "denominator", "n_missing")


class DuplicateResult(UserError):
    """Two exhibits give different numbers under one result id."""


def options_text(**options: Any) -> str:
    """Write the choices behind a number as sorted JSON."""
    return json.dumps(options, sort_keys=True, ensure_ascii=False)


def result_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Build a result frame from one mapping per estimate; keys left out become `all`, numbers NaN, texts empty.

    Raises
    ------
    ValueError
        If a row names a column that a result frame does not have, or an unknown layer.
    """
    listed = list(rows)
    unknown = {name for row in listed for name in row} - set(RESULT_COLUMNS)
    if unknown:
        raise ValueError(f"not a result column: {sorted(unknown)}")
    frame = pd.DataFrame(listed, columns=list(RESULT_COLUMNS))
    for key in KEYS:
        frame[key] = frame[key].where(frame[key].notna(), WHOLE).astype("str")
    for number in NUMBERS:
        frame[number] = frame[number].astype("float64")
    for text in TEXTS:
        default = "replication" if text == "layer" else ""
        frame[text] = frame[text].where(frame[text].notna(), default).astype("str")
    return frame


def check_results(frames: Iterable[pd.DataFrame]) -> None:
    """Check result frames against their schema, all in one pass.

    Raises
    ------
    pandera.errors.SchemaError
        If a key holds a dot or a space, a layer is unknown, or a p value lies outside 0 to 1.
    """
    result_schema().validate(pd.concat(frames, ignore_index=True))


def to_registry(results: pd.DataFrame, *, study: str, chapter: str, exhibit: str, data_origin: str) -> pd.DataFrame:
    """Turn a result frame into registry rows, one per number that is not missing.

    The estimate is named by its `measure` (for example `odds_ratio`); the other numbers by their column.
    A `result_id` is the seven keys and that name, joined by dots.
    """
    rows = []
    for result in results.to_dict("records"):
        for column in NUMBERS:
            if pd.isna(result[column]) or (column == "estimate" and not result["measure"]):
                continue
            statistic = result["measure"] if column == "estimate" else column
            rows.append(
                {
                    "result_id": ".".join([*(result[key] for key in KEYS), statistic]),
                    "study": study,
                    "chapter": chapter,
                    "layer": result["layer"],
                    "exhibit": exhibit,
                    **{key: result[key] for key in KEYS},
                    "statistic": statistic,
                    "value": float(result[column]),
                    "n": result["n"],
                    "denominator": result["denominator"],
                    "unit": _unit(column, result["unit"]),
                    "method": result["method"],
                    "options": result["options"],
                    "note": result["note"],
                    "data_origin": data_origin,
                }
            )
    return pd.DataFrame(rows, columns=list(REGISTRY_COLUMNS))


def merge_registries(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join registry parts into one, sorted by result id; a number shared by exhibits is kept once and names both.

    Raises
    ------
    DuplicateResult
        If one result id carries two different values.
    """
    merged = join_parts(parts)
    if merged.empty:
        return merged
    validated: pd.DataFrame = registry_schema().validate(merged)
    return validated


def join_parts(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join registry parts as `merge_registries` does, without checking their schema again.

    Raises
    ------
    DuplicateResult
        If one result id carries two different values.
    """
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=list(REGISTRY_COLUMNS))
    joined = pd.concat(filled, ignore_index=True)
    distinct = joined.groupby("result_id")["value"].nunique(dropna=False)
    clashes = sorted(distinct.index[distinct > 1])
    if clashes:
        raise DuplicateResult(
            f"{len(clashes)} result ids carry two different values: {', '.join(clashes[:5])}; "
            "give the exhibits different populations or settings that show in the keys"
        )
    exhibits = joined.groupby("result_id")["exhibit"].agg(
        lambda names: " ".join(sorted({name for text in names for name in text.split()}))
    )
    merged = joined.drop_duplicates("result_id").sort_values("result_id", ignore_index=True)
    merged["exhibit"] = merged["result_id"].map(exhibits)
    return merged


def result_schema() -> pa.DataFrameSchema:
    """The pandera schema of a result frame: closed, every column typed."""
    import pandera.pandas as pa

    columns = {key: pa.Column(str, pa.Check.str_matches(r"^[^.\s]+$")) for key in KEYS}
    columns |= {number: pa.Column(float, nullable=True) for number in NUMBERS}
    columns |= {text: pa.Column(str) for text in TEXTS}
    columns["layer"] = pa.Column(str, pa.Check.isin(LAYERS))
    columns["p_value"] = pa.Column(float, pa.Check.in_range(0, 1), nullable=True)
    return pa.DataFrameSchema(columns, strict=True, ordered=True)


def registry_schema() -> pa.DataFrameSchema:
    """The pandera schema of the registry: closed, `result_id` unique, `value` never missing."""
    import pandera.pandas as pa

    numbers = {"value": False, "n": True, "denominator": True}
    columns = {
        name: pa.Column(float, nullable=numbers[name]) if name in numbers else pa.Column(str)
        for name in REGISTRY_COLUMNS
    }
    columns["result_id"] = pa.Column(str, unique=True)
    columns["layer"] = pa.Column(str, pa.Check.isin(LAYERS))
    columns["data_origin"] = pa.Column(str, pa.Check.isin(("synthetic", "delivered")))
    return pa.DataFrameSchema(columns, strict=True, ordered=True)


def _unit(column: str, estimate_unit: str) -> str:
    if column in _ESTIMATE_SCALE:
        return estimate_unit
    if column in _COUNTS:
        return "persons"
    return {"ci_level": "share", "p_value": "probability", "p_adjusted": "probability"}.get(column, "")
