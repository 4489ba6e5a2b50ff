"""Bars of means with their confidence limits: one cluster per stratum, one bar per group, mean and n on each bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from drive_eval.exhibits import style
from drive_eval.exhibits.wording import show

STATISTICS = ("mean", "ci_low", "ci_high")


def select(rows: pd.DataFrame, display: Mapping[str, Any]) -> pd.DataFrame:
    """The registry rows that are drawn: mean and limits of each bar, in drawing order."""
    keys = ["stratum", "group", "statistic"]
    places = pd.MultiIndex.from_product([display["strata"], display["groups"], STATISTICS], names=keys)
    chosen = rows[(rows["term"] == "mean") & rows["outcome"].isin(display["outcomes"])]
    return places.to_frame(index=False).merge(chosen, on=keys, how="left", validate="one_to_one")


def draw(drawn: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str], title: str) -> Figure:
    """Draw the selected rows.

    Parameters
    ----------
    drawn : DataFrame
        From `select`.
    display : mapping
        `outcomes` (one), `strata`, `groups`, `y_label`.
    labels : mapping
        Words for strata and groups.
    title : str
    """
    groups, strata = display["groups"], display["strata"]
    width = 0.76 / len(groups)
    figure, axes = style.new_figure(title, width=max(7.5, 1.1 * len(groups) * len(strata) + 1))
    for k, group in enumerate(groups):
        bars = drawn[drawn["group"] == group].pivot_table(index="stratum", columns="statistic", values="value")
        sizes = drawn[drawn["group"] == group].drop_duplicates("stratum").set_index("stratum")["n"]
        for position, stratum in enumerate(strata):
            place = position + (k - (len(groups) - 1) / 2) * width
            mean, low, high = bars.loc[stratum, list(STATISTICS)]
            words = labels.get(group, group) if not position else None
            axes.bar([place], [mean], width * 0.92, label=words, linewidth=1, **style.look(k))
            for color, line, cap in (("white", 4.0, 5.5), (style.INK, 1.4, 4)):
                axes.errorbar([place], [mean], [[mean - low], [high - mean]], color=color, capsize=cap, capthick=line,
                              linewidth=line)  # fmt: skip
            axes.annotate(show(mean, "decimal1"), (place, high), (0, 3), textcoords="offset points", ha="center",
                          va="bottom", fontsize=10, fontweight="bold")  # fmt: skip
            axes.annotate(f"n={show(sizes[stratum], 'count')}", (place, 0), (0, -3), textcoords="offset points",
                          ha="center", va="top", fontsize=8.5, color=style.MUTED)  # fmt: skip
    axes.set_ylim(bottom=min(0.0, float(drawn["value"].min())))
    axes.margins(y=0.1)
    axes.set_ylabel(display["y_label"])
    axes.set_xticks(range(len(strata)), [labels.get(stratum, stratum) for stratum in strata])
    axes.tick_params(axis="x", pad=16)
    axes.tick_params(length=0)
    axes.grid(axis="y")
    style.legend_on_top(axes)
    return figure


def lay_out(numbers: pd.DataFrame, display: Mapping[str, Any], labels: Mapping[str, str]) -> pd.DataFrame:
    """One line per stratum and group, for the page."""
    lines = []
    for (stratum, group), bar in numbers.groupby(["stratum", "group"], sort=False):
        values = bar.set_index("statistic")["value"]
        lines.append(
            {
                labels.get("site", "Area"): labels.get(str(stratum), str(stratum)),
                labels.get("group", "Group"): labels.get(str(group), str(group)),
                "n": show(bar["n"].iloc[0], "count"),
                "Mean": show(values["mean"], "decimal1"),
                "Lower": show(values["ci_low"], "decimal1"),
                "Upper": show(values["ci_high"], "decimal1"),
            }
        )
    return pd.DataFrame(lines)
