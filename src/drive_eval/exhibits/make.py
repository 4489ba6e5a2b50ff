"""Make one exhibit from the registry: its numbers, their printed form, the sentence of its finding, its files."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass

import matplotlib as mpl
import pandas as pd

from drive_eval.errors import UserError
from drive_eval.exhibits import style
from drive_eval.exhibits.wording import fill, show
from drive_eval.study import Exhibit, Study


class NotMade(UserError):
    """An exhibit cannot be made from this registry; the message says which number is not there."""


@dataclass(frozen=True)
class Made:
    """An exhibit with its words: raw numbers as shown, the same as printed text, alt text and methods.

    `base` has its slots filled, like `alt`. `answers` are the result ids it stands for: what a table shows, everything
    computed for a figure.
    """

    exhibit: Exhibit
    numbers: pd.DataFrame
    printed: pd.DataFrame
    alt: str
    methods: tuple[str, ...]
    answers: frozenset[str]
    synthetic: bool
    base: str


def make(exhibit: Exhibit, registry: pd.DataFrame, study: Study) -> Made:
    """Select the numbers of an exhibit and write them out.

    Raises
    ------
    NotMade
        If the registry lacks a number that the exhibit shows or its alt text or base names.
    """
    asking = {names for names in registry["exhibit"].unique() if exhibit.id in names.split()}
    rows = registry[registry["exhibit"].isin(asking)]
    if rows.empty:
        raise NotMade(f"{exhibit.id}: the registry has no number of this exhibit")
    form = importlib.import_module(f"drive_eval.exhibits.{exhibit.form}")
    alt, base = (
        _filled(exhibit, place, words, rows) for place, words in (("alt text", exhibit.alt), ("base", exhibit.base))
    )
    numbers = form.select(rows, exhibit.display)
    missing = int(numbers["result_id"].isna().sum())
    if missing:
        raise NotMade(f"{exhibit.id}: {missing} of {len(numbers)} numbers to show are not in the registry")
    table = exhibit.kind == "table"
    own = hasattr(form, "lay_out")
    printed = form.lay_out(numbers, exhibit.display, study.labels) if own else _printed(numbers, exhibit, study)
    methods = tuple(dict.fromkeys(method for method in numbers["method"] if method))
    answers = frozenset((numbers if table else rows)["result_id"])
    synthetic = bool((rows["data_origin"] == "synthetic").any())
    return Made(exhibit, numbers, printed, alt, methods, answers, synthetic, base)


def files(made: Made, study: Study) -> dict[str, bytes]:
    """The picture of a figure as `svg` and `png`; nothing for a table."""
    if made.exhibit.kind == "table":
        return {}
    form = importlib.import_module(f"drive_eval.exhibits.{made.exhibit.form}")
    with style.in_style():
        figure = form.draw(made.numbers, made.exhibit.display, study.labels, made.exhibit.title)
        style.finish(figure, base=made.base, synthetic=made.synthetic)
        return style.render(figure, name=made.exhibit.id, alt=made.alt)


def identity(made: Made, study: Study) -> str:
    """All that decides how the picture of an exhibit looks, but for the code that draws it."""
    entry, numbers = vars(made.exhibit) | {"base": made.base, "alt": made.alt}, made.numbers
    words = json.dumps([entry, study.labels, made.synthetic, mpl.__version__], sort_keys=True, default=str)
    return words + numbers.to_csv()


def data_of(made: Made) -> pd.DataFrame:
    """What goes beside the exhibit as CSV: the raw numbers of a figure, the printed text of a table."""
    if made.exhibit.kind == "table":
        return made.printed
    shown = ["result_id", "outcome", "group", "time", "stratum", "term", "statistic", "value", "n", "denominator"]
    return made.numbers[[*shown, "data_origin"]]


def _filled(exhibit: Exhibit, place: str, words: str, rows: pd.DataFrame) -> str:
    try:
        return fill(words, rows)
    except KeyError as error:
        raise NotMade(f"{exhibit.id}: {place}: {error.args[0]}") from error


def _printed(numbers: pd.DataFrame, exhibit: Exhibit, study: Study) -> pd.DataFrame:
    keys = [key for key in ("outcome", "group", "time", "term") if len(set(numbers[key])) > 1]
    headers, words = exhibit.display.get("row_headers", {}), {**study.labels, **exhibit.display.get("words", {})}
    named = {headers.get(key, study.label(key)): numbers[key].map(lambda name: words.get(name, name)) for key in keys}
    shares = {
        "Number": [show(value, "count") for value in numbers["n"]],
        "Valid answers": [show(value, "count") for value in numbers["denominator"]],
        "Share": [show(value, "percent1") for value in numbers["value"]],
    }
    return pd.DataFrame(named | shares)
