"""The password of a protected workbook: from the environment or typed in, never from a file or an option."""

from __future__ import annotations

import getpass
import os
import sys

from drive_eval.ingest.workbook import Password


def password_of(extract: str) -> Password:
    """What gives the password of the files of an extract.

    ``DRIVE_EVAL_PASSWORD_<EXTRACT>`` goes before ``DRIVE_EVAL_PASSWORD``; without either a person is asked.
    """

    def password(file: str) -> str | None:
        for name in (f"DRIVE_EVAL_PASSWORD_{extract.upper()}", "DRIVE_EVAL_PASSWORD"):
            if os.environ.get(name):
                return os.environ[name]
        return getpass.getpass(f"Password of {file}: ") if sys.stdin.isatty() else None

    return password
