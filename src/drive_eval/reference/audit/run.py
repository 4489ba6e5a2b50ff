"""The whole audit: every check on every published entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from drive_eval.reference.audit import areas, descriptions, odds_ratios, rank_tests, t_tests, wordings
from drive_eval.reference.audit.document import AuditDocument, build_document
from drive_eval.reference.audit.findings import Finding, table_of
from drive_eval.reference.audit.relations import check_relations
from drive_eval.reference.audit.sets import check_set
from drive_eval.reference.audit.shares import check_complete, check_shares
from drive_eval.reference.register import Published, Register

NO_CHECK = "no check"


def audit(register: Register, document: Mapping[str, Any]) -> pd.DataFrame:
    """Whether each published number can be true together with the others.

    Parameters
    ----------
    register : Register
        Its columns `issue` and `expected` are not looked at before all verdicts stand; `issue` then names findings.
    document : mapping
        ``config/<study>/audit.yaml``, checked against its schema.

    Returns
    -------
    DataFrame
        One row per entry and check, in the order of the register: `published_id`, `check`, `verdict` (holds,
        impossible, tension, not testable), `detail`, `related_ids` (by blanks), `code`.

    Raises
    ------
    UserError
        If the document names unknown entries or cannot be read.
    """
    if not register:  # a study without published numbers has nothing to examine, whatever relations it inherited
        return table_of((), register, ())
    declared = build_document(document, register)
    findings = list(find(register, declared))
    seen = {finding.published_id for finding in findings}
    findings += [
        Finding(name, NO_CHECK, "not testable", _why_not(register[name])) for name in register if name not in seen
    ]
    return table_of(findings, register, declared.codes)


def find(register: Register, declared: AuditDocument) -> Iterator[Finding]:
    """All findings, in no particular order."""
    yield from check_shares(register)
    yield from wordings.check_repeats(register)
    yield from wordings.check_significance(register)
    yield from check_relations(declared.relations, register)
    for complete in declared.complete:
        yield from check_complete(complete, register)
    for numbers in declared.sets:
        yield from check_set(numbers, register)
    yield from _worded(register, declared)
    yield from _tests(register, declared)


def _worded(register: Register, declared: AuditDocument) -> Iterator[Finding]:
    sections = declared.sections
    yield from wordings.check_orders(sections["orders"], register)
    yield from wordings.check_listed(sections["listed"], register)
    yield from wordings.check_opposite(sections["opposite"], register)
    yield from wordings.check_copies(sections["copies"], register)
    yield from wordings.check_worded(sections["worded"], declared.settings["words"], register)


def _tests(register: Register, declared: AuditDocument) -> Iterator[Finding]:
    sections, settings = declared.sections, declared.settings
    sizes = t_tests.possible_sizes(sections["tests"], register)
    pooled = [(item, areas.pool_areas(item, sizes, register)) for item in sections["pooled"]]
    groups = t_tests.sizes_by_group(sections["tests"], sizes, pooled)
    yield from t_tests.check_sizes(sections["tests"], sizes, register)
    for item, splits in pooled:
        yield from areas.check_pooled(item, splits, register)
    yield from t_tests.check_p_values(sections["tests"], sizes, groups, register)
    for item in sections["rank_tests"]:
        yield from rank_tests.check_rank_test(item, register)
    for item in sections["odds_ratios"]:
        yield from odds_ratios.check_odds_ratio(item, register)
    for item in sections["equal_overall"]:
        yield from areas.check_equal_overall(item, sizes, register, settings["notable_gap"])
    described = descriptions.descriptions_of(
        register, whole_units=settings["whole_units"], bases=sections["bases"], sizes=_sorted(groups)
    )
    for description in described:
        yield from descriptions.check_description(description)


def _sorted(groups: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    return {prefix: sorted(sizes) for prefix, sizes in groups.items()}


def _why_not(entry: Published) -> str:
    match entry.kind:
        case "percent":
            return "no base is printed and no other figure depends on it"
        case "ordering" | "approx":
            return "stated in words; the numbers behind it are not printed"
        case "significance":
            return "neither statistic nor p is printed"
        case "threshold":
            return "a setting or a date; no other figure depends on it"
    return "printed once, and no other figure depends on it"
