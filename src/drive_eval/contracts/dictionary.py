"""The data dictionary: the contracts as a page for people, so that it cannot go stale."""

from __future__ import annotations

from collections.abc import Iterable

from drive_eval.contracts.model import Column, Contract

HEAD = """# Data dictionary

Generated from `schemas/extracts/*.yaml` by `drive-eval document`; do not edit by hand.
"""


def data_dictionary(contracts: Iterable[Contract]) -> str:
    """Markdown page with one table per sheet and one line per column."""
    parts = [HEAD]
    for contract in contracts:
        parts.append(f"## {contract.title}\n\n{contract.description}\n")
        for sheet in contract.sheets.values():
            parts.append(f"### {sheet.name} -> `{sheet.table}`\n\n{sheet.description}\n")
            parts.append("| column | header | type | blank | codes or limits | meaning | source |")
            parts.append("| --- | --- | --- | --- | --- | --- | --- |")
            parts += [_line(column) for column in sheet.columns.values()]
            parts.append("")
        if contract.rules:
            parts.append("Rules between columns and sheets:\n")
            parts += [
                f"- {rule.get('severity', 'error')}: {rule['rule']} (`{rule['left']}`"
                + (f", `{rule['right']}`" if "right" in rule else "")
                + ")"
                for rule in contract.rules
            ]
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _line(column: Column) -> str:
    kind = f"{column.type}, {column.unit}" if column.unit else column.type
    cells = (
        f"`{column.name}`",
        column.header,
        kind + (", unique" if column.unique else ""),
        "may be" if column.nullable else "no",
        _limits(column),
        column.description,
        column.source,
    )
    return "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"


def _limits(column: Column) -> str:
    if column.codes:
        return "; ".join(
            f"`{raw}` = {code.canonical} ({code.meaning}{', missing' if code.missing else ''})"
            for raw, code in column.codes.items()
        )
    limits = [str(limit) for limit in (column.minimum, column.maximum) if limit is not None]
    return " to ".join(limits) or (f"form `{column.pattern}`" if column.pattern else "")
