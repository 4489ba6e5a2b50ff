"""Refuse files of data in a commit: workbooks, SPSS, Stata and Parquet files, by name or content, and real extracts.

Run by pre-commit with the files of a commit, and by `make lint` on all tracked files. Needs Python alone.
"""

import csv
import sys
import zipfile
from pathlib import Path

ENDINGS = (
    ".xlsx .xlsm .xlsb .xls .ods .sav .zsav .por .dta .sas7bdat .xpt .parquet .feather .arrow .rds .rdata .mdb .accdb"
    " .pkl .pickle .npy .npz .h5 .sqlite .db .duckdb"
)
STARTS = {b"PAR1": "Parquet", b"ARROW1": "Arrow", b"\xd0\xcf\x11\xe0": "an old or protected workbook", b"$FL2": "SPSS",
          b"$FL3": "SPSS", b"<stata_dta>": "Stata"}  # fmt: skip
SHIPPED = {
    f"data/raw/year2/{name}"
    for name in ("allocation_register.csv", "cms_extract.xlsx", "insights_extract.xlsx", "interviews.csv",
                 "police_extract.csv", "police_subjects.csv")
}  # fmt: skip
TEST_FILES = {
    f"tests/unit/ingest/files/{name}"
    for name in ("events.xls", "events.ods", "formula.xls", "formula.ods", "errors.xls", "errors.ods")
}


def fault_of(name: str, root: Path) -> str:
    """Why a file may not be committed; empty if it may."""
    path = root / name
    if name in TEST_FILES or not path.is_file():
        return ""
    if name in SHIPPED:
        return "" if is_synthetic(path) else "not every row is labelled synthetic"
    if name.startswith("data/"):
        return "nothing but the shipped synthetic extracts is committed below data/"
    if path.suffix.lower() in ENDINGS.split():
        return f"files of the kind {path.suffix.lower()} are not committed"
    with path.open("rb") as stream:
        start = stream.read(16)
    kind = next((kind for first, kind in STARTS.items() if start.startswith(first)), "")
    if start.startswith(b"PK\x03\x04") and holds_workbook(path):
        kind = "a workbook"
    return f"it is {kind} by its content" if kind else ""


def holds_workbook(path: Path) -> bool:
    """Whether a zip file is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return bool({"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & set(archive.namelist()))
    except zipfile.BadZipFile:
        return False


def is_synthetic(path: Path) -> bool:
    """Whether a shipped extract says of every row (CSV), or at all (workbook), that it is made up."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            return all(row.get("Data origin") == "synthetic" for row in csv.DictReader(stream))
    with zipfile.ZipFile(path) as archive:
        return b">synthetic<" in archive.read("xl/sharedStrings.xml")


def main(names: list[str], root: Path = Path()) -> int:
    """Name every file that may not be committed; 1 if there is one."""
    faults = [(name, fault_of(name, root)) for name in names]
    for name, fault in faults:
        if fault:
            sys.stderr.write(f"{name}: {fault}; data stay in data/raw and data/processed, which git ignores\n")
    return int(any(fault for _, fault in faults))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
