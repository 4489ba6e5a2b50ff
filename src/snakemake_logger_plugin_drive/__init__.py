"""A short console for Snakemake: one line per finished job, a failed job with its log, progress on a terminal.

The full record of a run stays in ``.snakemake/log``. The profile chooses it with ``logger: drive``.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

_SILENT = {LogEvent.WORKFLOW_STARTED, LogEvent.RUN_INFO, LogEvent.RESOURCES_INFO, LogEvent.JOB_STARTED}
_NOISE = (
    "Adding ",
    "Assuming unrestricted shared filesystem usage",
    "Building DAG of jobs",
    "Execute ",
    "Exiting because a job execution failed",
    "Provided cores",
    "Rules claiming more threads",
    "Select jobs to execute",
    "Using shell",
)


class LogHandler(LogHandlerBase):
    """Writes what happens to the terminal, or the lines alone where there is none."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.running: dict[int, tuple[str, float]] = {}
        self.finished: list[str] = []
        self.count = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, in few words where words are known for it."""
        try:
            self._write(self._words(record))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Leave the terminal without a line of progress."""
        self.running.clear()
        self._write([])
        super().close()

    def _words(self, record: logging.LogRecord) -> list[str]:
        event, told = getattr(record, "event", None), vars(record)
        if self.common_settings.dryrun or self.common_settings.verbose:
            return [self.format(record)]
        if event == LogEvent.JOB_INFO:
            self.running[told["jobid"]] = _name(told), time.monotonic()
        elif event == LogEvent.JOB_FINISHED:
            name, start = self.running.pop(told["job_id"], ("", time.monotonic()))
            self.finished.append(f"{name} ({time.monotonic() - start:.1f} s)")
        elif event == LogEvent.PROGRESS:
            self.count = f"{told['done']:>{len(str(told['total']))}}/{told['total']}"
            names, self.finished = self.finished, []
            return [f"{self.count}  {name}" for name in names if not name.startswith("all ")]
        elif event == LogEvent.JOB_ERROR:
            return self._failure(told)
        elif event in _SILENT or (event is None and record.levelno <= logging.INFO and _noise(record)):
            return []
        else:
            return [self.format(record)]
        return []

    def _failure(self, told: dict[str, Any]) -> list[str]:
        """The job and the first of its logs, which holds its messages; others are reports for the reader."""
        name, _ = self.running.pop(told["jobid"], (told["rule_name"], 0.0))
        log = Path(told["log"][0]) if told["log"] else None
        lines = [f"FAILED {name}" + (f", see {log}" if log else "")]
        if log and log.is_file() and self.common_settings.show_failed_logs:
            lines += [f"  {line}" for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return lines

    def _write(self, lines: list[str]) -> None:
        terminal = self.stream.isatty()
        text = ("\r\x1b[K" if terminal else "") + "".join(f"{line}\n" for line in lines)
        if terminal and self.running:
            names = ", ".join(name for name, _ in self.running.values())
            text += f"{self.count or '0'}  running: {names}"[:79]
        if text:
            self.stream.write(text)
            self.stream.flush()


def _name(told: dict[str, Any]) -> str:
    return " ".join([told["rule_name"], *map(str, (told["wildcards"] or {}).values())])


def _noise(record: logging.LogRecord) -> bool:
    text = str(record.msg or "").strip()
    return not text or text.startswith(_NOISE)
