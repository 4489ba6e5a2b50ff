"""Put the content of a report together from the registry, the comparison and the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from drive_eval import __version__
from drive_eval.exhibits import findings
from drive_eval.exhibits.make import Made, make
from drive_eval.reference.verdicts import results_named
from drive_eval.report.content import Finding, Report, Shown
from drive_eval.study import Study


def assemble(
    study: Study,
    registry: pd.DataFrame,
    *,
    comparison: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    audit: Iterable[Mapping[str, str]],
    faults: Iterable[Mapping[str, Any]],
    methods: Mapping[str, str],
    picture: Callable[[str, str], bytes],
) -> Report:
    """Make the content of a report.

    Parameters
    ----------
    study : Study
    registry : DataFrame, registry columns
    comparison : sequence of mapping
        Rows of ``reproduction/comparison.csv``.
    summary : mapping
        ``reproduction/summary.json``.
    audit : iterable of mapping
        Rows of ``audit/audit.csv``; those impossible or in tension are told.
    faults : iterable of mapping
        Faults of the validation reports; warnings are told.
    methods : mapping of method to Markdown
    picture : callable
        Gives the bytes of a figure by exhibit id and kind (`svg`, `png`).

    Raises
    ------
    NotMade
        If the registry lacks a number that an exhibit shows.
    FindingNotMade
        If it lacks a number of a finding.
    """
    answers = [frozenset(results_named(row["result_id"])) for row in comparison]

    def shown(made: Made) -> Shown:
        exhibit, figure = made.exhibit, made.exhibit.kind == "figure"
        return Shown(
            id=exhibit.id,
            chapter=exhibit.chapter,
            kind=exhibit.kind,
            title=exhibit.title,
            base=made.base,
            alt=made.alt,
            footnotes=exhibit.footnotes,
            method=made.methods,
            analyses=tuple(dict.fromkeys(call["analysis"] for call in exhibit.calls)),
            svg=picture(exhibit.id, "svg").decode() if figure else "",
            png=picture(exhibit.id, "png") if figure else b"",
            table=made.printed,
            published=[row for row, named in zip(comparison, answers, strict=True) if made.answers & named],
        )

    return Report(
        title=study.title,
        chapters={entry.chapter: study.label(entry.chapter) for entry in study.exhibits},
        exhibits=[shown(make(entry, registry, study)) for entry in study.exhibits],
        findings=[Finding(**vars(told)) for told in findings.write(study, registry)],
        summary=summary,
        audit=[row for row in audit if row["verdict"] in ("impossible", "tension")],
        warnings=[fault for fault in faults if fault["severity"] == "warning"],
        methods=methods,
        synthetic=bool((registry["data_origin"] == "synthetic").any()),
        version=__version__,
    )
