"""Read SPSS (.sav, .zsav) and Stata (.dta) files: values as text, with the words of their value labels beside them.

Rows are numbered as the data view of SPSS does: the first case is row 1. Values that the file declares as user-missing
are read like any other, so that a mapping must say what they mean.
"""

from __future__ import annotations

from pathlib import Path

from drive_eval.ingest.grid import LIMITS, Book, Grid, Limits, Unreadable, as_text, content

HEADER_ROW = 0


def open_statistical(path: Path, limits: Limits = LIMITS) -> Book:
    """Open a file of SPSS or Stata.

    Raises
    ------
    Unreadable
        If it is missing, empty, too large, or not of the format that its ending says.
    """
    import pyreadstat

    content(path, limits)
    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        _, about = read(str(path), metadataonly=True)
        most = limits.sheet_cells // (about.number_columns or 1)
        frame, meta = read(str(path), user_missing=True, output_format="dict", row_limit=most + 1)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as error:
        advice = f"export it again as SPSS (.sav) or Stata (.dta); the reader says: {type(error).__name__}"
        raise Unreadable("not an SPSS or Stata file", advice) from error
    if frame and len(next(iter(frame.values()))) > most:
        raise Unreadable(
            "more cells than the limit", f"the limit is {limits.sheet_cells:,} (limits in study.yaml); use CSV"
        )
    columns = [[as_text(cell) for cell in cells] for cells in frame.values()]
    rows = [list(frame), *zip(*columns, strict=True)]
    labels = {
        header: {str(as_text(value)): str(as_text(word) or "") for value, word in words.items()}
        for header, words in meta.variable_value_labels.items()
    }
    titles = {header: title for header, title in meta.column_names_to_labels.items() if title}
    grid = Grid(rows, first=HEADER_ROW, header_row=HEADER_ROW, labels=labels, titles=titles)
    notes = {str(text) for text in (meta.file_label, *(meta.notes or ())) if text}
    return Book(path.name, (), lambda _: grid, texts={"properties": notes})
