"""Faults of an extract and how they are told: file, sheet, row, column, rule, what to do; never the value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

EXAMPLES = 20
"""Rows, and values that may be quoted, named per fault where no setting says how many; the count is always full."""


@dataclass(frozen=True, order=True)
class Fault:
    """One broken rule at one place of an extract.

    `rows` are Excel row numbers, empty when the fault concerns a whole column, sheet or file.
    `severity` is `error` (stops the run) or `warning` (printed in the report).
    `quoted` holds offending values, only where the contract marks the column as safe to quote.
    """

    file: str
    sheet: str
    rows: tuple[int, ...]
    column: str
    rule: str
    advice: str
    severity: str = "error"
    quoted: tuple[str, ...] = ()

    def at(self, file: str, sheet: str) -> Fault:
        """The same fault, placed in a file and sheet."""
        return replace(self, file=file, sheet=sheet)

    def sentence(self, examples: int = EXAMPLES) -> str:
        """The fault in one line, with so many of its rows."""
        place = [self.file]
        if self.sheet:
            place.append(f"sheet {self.sheet}")
        if self.rows:
            place.append(_rows(self.rows, examples))
        if self.column:
            place.append(f"column {self.column!r}")
        values = ", ".join(repr(value) for value in self.quoted[:examples])
        quoted = f" (found: {values})" if self.quoted else ""
        return f"{self.severity}: {', '.join(place)}: {self.rule}{quoted}; {self.advice}"


def collect(faults: Iterable[Fault]) -> list[Fault]:
    """Sort faults by place, errors before warnings; the same fault of the same column is told once with all rows."""
    found: dict[Fault, tuple[set[int], set[str]]] = {}
    for fault in faults:
        rows, quoted = found.setdefault(replace(fault, rows=(), quoted=()), (set(), set()))
        rows.update(fault.rows)
        quoted.update(fault.quoted)
    merged = [
        replace(fault, rows=tuple(sorted(rows)), quoted=tuple(sorted(quoted)))
        for fault, (rows, quoted) in found.items()
    ]
    return sorted(
        merged, key=lambda fault: (fault.severity, fault.file, fault.sheet, fault.rows[:1], fault.column, fault.rule)
    )


def failure_report(faults: Sequence[Fault], examples: int = EXAMPLES) -> list[dict[str, object]]:
    """The faults as plain records for JSON and HTML; rows are cut to the first examples, counts are full."""
    return [
        {
            "severity": fault.severity,
            "file": fault.file,
            "sheet": fault.sheet,
            "column": fault.column,
            "rule": fault.rule,
            "rows": list(fault.rows[:examples]),
            "n_rows": len(fault.rows),
            "advice": fault.advice,
            "found": list(fault.quoted[:examples]),
            "sentence": fault.sentence(examples),
        }
        for fault in faults
    ]


def report_document(faults: Sequence[Fault], *, examples: int = EXAMPLES, **facts: object) -> dict[str, object]:
    """The failure report as one document: what was read, counts, the faults, and the same grouped by rule.

    A group is what has the same severity and rule; errors come first.
    """
    records = failure_report(faults, examples)
    groups: dict[tuple[object, object], list[dict[str, object]]] = {}
    for record in records:
        groups.setdefault((record["severity"], record["rule"]), []).append(record)
    n_errors = sum(fault.severity == "error" for fault in faults)
    return {
        **facts,
        "n_errors": n_errors,
        "n_warnings": len(faults) - n_errors,
        "faults": records,
        "groups": [
            {
                "severity": severity,
                "rule": rule,
                "n_faults": len(group),
                "n_rows": sum(int(str(record["n_rows"])) for record in group),
            }
            for (severity, rule), group in groups.items()
        ],
    }


def _rows(rows: tuple[int, ...], examples: int) -> str:
    named = ", ".join(str(row) for row in rows[:examples])
    if len(rows) == 1:
        return f"row {named}"
    more = f" and {len(rows) - examples:,} more" if len(rows) > examples else ""
    return f"{len(rows):,} rows ({named}{more})"
