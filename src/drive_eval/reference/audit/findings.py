"""One finding per published entry and check, the table of all of them, and their summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from drive_eval.reference.register import Register

VERDICTS = ("impossible", "tension", "holds", "not testable")
"""Worst first. `tension`: true only under a condition or a reading that the print does not give."""

AUDIT_COLUMNS = ("published_id", "check", "verdict", "detail", "related_ids", "code")


@dataclass(frozen=True)
class Finding:
    """What one check says of one entry; `related` are the entries that it was held against."""

    published_id: str
    check: str
    verdict: str
    detail: str
    related: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"{self.published_id}: no verdict {self.verdict!r}")


@dataclass(frozen=True)
class Code:
    """The name that a finding has in the list of known discrepancies; joined after the verdicts."""

    code: str
    published_id: str
    check: str


def members(finding: Finding, published_ids: Iterable[str], *, confirmed: bool) -> list[Finding]:
    """Rows of the entries that a relation rests on: confirmed by it, or unconfirmed because it fails at its subject."""
    verdict = "holds" if confirmed else "not testable"
    start = "fits" if confirmed else "is not confirmed, as the relation fails at"
    text = f"{start} {finding.published_id}: {finding.detail}"
    return [
        Finding(name, finding.check, verdict, text, (finding.published_id,))
        for name in dict.fromkeys(published_ids)
        if name != finding.published_id
    ]


def table_of(findings: Sequence[Finding], register: Register, codes: Sequence[Code]) -> pd.DataFrame:
    """One row per entry and check, in the order of the register, then of the check.

    Where a check says several things of an entry, the worst verdict counts and its details are joined. The code of a
    finding that does not hold is taken from `codes`, else from the entry's `issue`: the only place where that is read.
    """
    named = {(code.published_id, code.check): code.code for code in codes}
    position = {name: place for place, name in enumerate(register)}
    grouped: dict[tuple[int, str], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        grouped.setdefault((position[finding.published_id], finding.check), []).append(finding)
    rows = []
    for key in sorted(grouped):
        row = _merged(grouped[key])
        found = row.verdict in ("impossible", "tension")
        code = named.get((row.published_id, row.check), register[row.published_id].issue) if found else ""
        rows.append((row.published_id, row.check, row.verdict, row.detail, " ".join(row.related), code))
    return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))


def _merged(findings: Sequence[Finding]) -> Finding:
    verdict = min((finding.verdict for finding in findings), key=VERDICTS.index)
    telling = [finding for finding in findings if finding.verdict == verdict]
    detail = "; ".join(dict.fromkeys(finding.detail for finding in telling))
    related = tuple(dict.fromkeys(name for finding in telling for name in finding.related))
    return Finding(telling[0].published_id, telling[0].check, verdict, detail, related)


def summarise(audit: pd.DataFrame, register: Register) -> dict[str, Any]:
    """Entries by their worst verdict, in all and per document; the entries found, by code.

    Parameters
    ----------
    audit : DataFrame with `AUDIT_COLUMNS`
    register : Register
    """
    rank = {verdict: place for place, verdict in enumerate(VERDICTS)}
    worst: dict[str, str] = {}
    for name, verdict in zip(audit["published_id"], audit["verdict"], strict=True):
        worst[name] = min(verdict, worst.get(name, verdict), key=rank.__getitem__)
    found = audit[audit["verdict"].isin(["impossible", "tension"])]
    by_code: dict[str, list[str]] = {}
    for code, name in zip(found["code"], found["published_id"], strict=True):
        by_code.setdefault(code or "none", []).append(name)
    return {
        "entries": len(worst),
        "rows": len(audit),
        "verdicts": _counted(worst),
        "documents": {
            document: _counted({name: worst[name] for name in worst if register[name].document == document})
            for document in sorted({entry.document for entry in register.values()})
        },
        "found": {code: list(dict.fromkeys(names)) for code, names in sorted(by_code.items())},
    }


def _counted(verdicts: Mapping[str, str]) -> dict[str, int]:
    counts = Counter(verdicts.values())
    return {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
