"""The shipped extracts as another provider might deliver them: same people, other files, headers, codes and shapes.

Written from the cells of the shipped files with libraries of its own; what the mapping must say about a file is made
beside it. Rows keep their order, so that not even the last bit of a sum may differ.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from pathlib import Path

import pandas as pd
import pyreadstat
import xlsxwriter
import yaml

PASSWORD = "correct horse"
FILES = {
    "cms": ["casework_a.xlsx", "casework_b.xlsx"],
    "insights": ["in.sav", "rev.sav", "out.sav"],
    "police": ["events.csv"],
    "police_subjects": ["persons.xlsx"],
    "allocation": ["list.txt"],
    "interviews": ["talks.dta"],
}


class Provider:
    """Writes the files of one extract and the mapping that reads them."""

    def __init__(self, folder: Path, contract, frames) -> None:
        self.folder, self.contract, self.frames = folder, contract, frames
        self.mapping = {"contract": contract.extract, "sheets": {}}

    def columns(self, sheet):
        return {c.name: c for c in self.contract.sheets[sheet].columns.values() if c.header in self.frames[sheet]}

    def coded(self, sheet):
        """Cells with numbers for codes and ISO dates, and the codes of each column."""
        frame, codes = pd.DataFrame(), {}
        for name, column in self.columns(sheet).items():
            cells = self.frames[sheet][column.header]
            if column.codes:
                words = list(dict.fromkeys(code.canonical for code in column.codes.values()))
                codes[name] = {str(7 * k + 3): word for k, word in enumerate(words)}
                number = {word: key for key, word in codes[name].items()}
                cells = cells.map({raw: number[code.canonical] for raw, code in column.codes.items()})
            elif column.type == "date":
                cells = cells.map(lambda text: iso(text, column), na_action="ignore")  # noqa: B023
            frame[name] = cells.astype("object").where(cells.notna(), None)
        return frame, codes

    def map(self, sheet, entry):
        self.mapping["sheets"].setdefault(sheet, []).append(entry)


def iso(text, column):
    for form in column.date_formats:
        try:
            return dt.datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    raise AssertionError(column.name)


def plain(codes, headers):
    """Entries of `columns` for headers and codes."""
    return {
        name: {"header": header, "codes": codes[name]} if name in codes else header for name, header in headers.items()
    }


def sheet_rows(book, name, rows, first=0):
    page = book.add_worksheet(name)
    for number, row in enumerate(rows, start=first):
        for position, cell in enumerate(row):
            if not pd.isna(cell):
                page.write_string(number, position, str(cell))
    return page


def write_cms(provider):
    """Two workbooks: headers on row 3, site headings between the rows, a footer, wide forms, the log split in two."""
    paths = [provider.folder / name for name in FILES["cms"]]
    books = [xlsxwriter.Workbook(str(path)) for path in paths]
    for sheet in provider.contract.sheets:
        frame, codes = provider.coded(sheet)
        headers = {name: f"{name.replace('_', ' ').title()} ({sheet[0]})" for name in frame}
        repeats = {"Behaviour": "time_point", "DASH": "time"}
        columns = plain(codes, headers)
        entry = {"sheet": f"{sheet} export", "header_row": 3, "file": FILES["cms"][0], "columns": columns}
        ids = {"su_id": "SU-", "vs_id": None}
        if "su_id" in frame:
            frame["su_id"] = [str(int(text.removeprefix(ids["su_id"]))) for text in frame["su_id"]]
            columns["su_id"] = {"header": ["Person no", headers["su_id"]], "prefix": "SU-", "width": 5}
        columns["data_origin"] = {"value": "synthetic"}
        frame = frame.drop(columns="data_origin")
        if sheet == "Cases":
            write_sections(books[0], entry, frame, headers, codes)
        elif sheet in repeats:
            write_wide(books[0], entry, frame, headers, repeats[sheet], codes)
        elif sheet == "Actions":
            half = len(frame) // 2
            write_flat(books[0], entry, frame.iloc[:half], headers)
            provider.map(sheet, entry)
            others = {name: f"2 {header}" for name, header in headers.items()}
            entry = entry | {"file": "*_b.xlsx", "header_row": 1, "columns": dict(columns)}
            for name, column in columns.items():
                if name not in ("data_origin", "su_id"):
                    entry["columns"][name] = column | {"header": others[name]} if name in codes else others[name]
            write_flat(books[1], entry, frame.iloc[half:], others | {"su_id": "Person no"}, first=0)
        else:
            if sheet == "Contacts":
                columns["duration_minutes"] = {"header": headers["duration_minutes"], "multiply": 0.5}
                frame["duration_minutes"] = frame["duration_minutes"].map(lambda n: str(2 * int(n)), na_action="ignore")
            write_flat(books[0], entry, frame.assign(remark="not read"), headers | {"remark": "Remark 1"})
            entry["ignore"] = ["Remark*"]
        provider.map(sheet, entry)
    books[0].add_worksheet("Pivot")
    provider.mapping["ignore_sheets"] = ["Pivot"]
    for book in books:
        book.close()


def write_flat(book, entry, frame, headers, first=2):
    rows = [[headers[name] for name in frame], *frame.itertuples(index=False)]
    page = sheet_rows(book, entry["sheet"], rows, first)
    if first:
        page.merge_range(0, 0, 0, 3, "Casework export")
        page.write(first + len(rows), 0, f"Total: {len(frame)}")
        page.write(first + len(rows) + 1, 0, "Source: office")
        entry["footer"] = "^Total: "


def write_sections(book, entry, frame, headers, codes):
    """A heading row, merged over the sheet, whenever the site changes."""
    body = []
    for site, group in itertools.groupby(frame.itertuples(index=False), key=lambda row: row.site):
        body.append([f"Site {site}"])
        body += [[cell for name, cell in zip(frame, row, strict=True) if name != "site"] for row in group]
        body.append(["Subtotal", "x"])
    page = sheet_rows(book, entry["sheet"], [[headers[name] for name in frame if name != "site"], *body], 2)
    page.merge_range(3, 0, 3, 4, body[0][0])
    entry["columns"]["site"] = {"codes": {f"Site {key}": word for key, word in codes["site"].items()}}
    entry |= {"section": "site", "leave_out": ["^Subtotal$"]}


def write_wide(book, entry, frame, headers, time, codes):
    """One row per person, the three times side by side below merged headings."""
    moments = list(dict.fromkeys(frame[time]))
    own = [name for name in frame if name not in ("su_id", time)]
    top, head = [None], ["Person no"]
    for moment in moments:
        top += [f"T{moment}", *[None] * (len(own) - 1)]
        head += [headers[name] for name in own]
    people = {}
    for row in frame.to_dict("records"):
        people.setdefault(row["su_id"], {})[row[time]] = row
    body = [
        [person, *(forms.get(moment, {}).get(name) for moment in moments for name in own)]
        for person, forms in people.items()
    ]
    sheet_rows(book, entry["sheet"], [top, head, *body], 1)
    entry["heading_row"] = 2
    entry["repeat"] = {f"T{moment}": {time: codes[time][moment]} for moment in moments}
    del entry["columns"][time]
    for name in own:
        header = f"{{repeat}} / {headers[name]}"
        entry["columns"][name] = {"header": header, "codes": codes[name]} if name in codes else header


def write_labelled(provider, sheet, path, write):
    """SPSS or Stata: short names, numbers with value labels, true dates."""
    frame, codes = provider.coded(sheet)
    frame = frame.reset_index(drop=True)
    data, labels, columns = {}, {}, {}
    for position, (name, column) in enumerate(provider.columns(sheet).items()):
        short, cells = f"v{position}", frame[name]
        if name in codes:
            data[short] = pd.to_numeric(cells).astype("float64")
            labels[short] = {int(key): f"Answer {word}" for key, word in codes[name].items()}
            columns[name] = {"header": short, "codes": {f"Answer {word}": word for word in codes[name].values()}}
        elif column.type == "date":
            data[short] = cells.map(dt.date.fromisoformat, na_action="ignore")
            columns[name] = short
        elif column.type == "integer":
            blank = 99_999 if path.suffix == ".sav" else float("nan")
            data[short] = pd.to_numeric(cells).astype("float64").fillna(blank)
            columns[name] = {"header": short, "blank": ["99999"]}
        else:
            data[short], columns[name] = cells.fillna(""), short
    extra = {}
    if path.suffix == ".sav":
        extra["missing_ranges"] = {short: [99_999] for short, cells in data.items() if (cells == 99_999).any()}
    write(pd.DataFrame(data), str(path), variable_value_labels=labels, **extra)
    provider.map(sheet, {"file": path.name, "columns": columns})


def write_delimited(provider, path, *, delimiter, encoding):
    """A text file with days first and words of its own."""
    (sheet,) = provider.contract.sheets
    frame, codes = provider.coded(sheet)
    days = [name for name, column in provider.columns(sheet).items() if column.type == "date"]
    frame[days] = frame[days].map(lambda text: "/".join(reversed(text.split("-"))), na_action="ignore")
    headers = {name: f"{name.upper()} é" for name in frame}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(headers.values())
    writer.writerows(frame.astype("object").where(frame.notna(), "").itertuples(index=False))
    path.write_bytes(stream.getvalue().encode(encoding))
    columns = plain(codes, headers)
    for name in days:
        columns[name] = {"header": headers[name], "date_formats": ["%d/%m/%Y"]}
    entry = {"columns": columns, "encoding": encoding, "delimiter": delimiter}
    provider.map(sheet, entry)


def write_locked(provider, path):
    """A workbook under a password, with dates as day numbers."""
    from msoffcrypto.format.ooxml import OOXMLFile

    (sheet,) = provider.contract.sheets
    frame, codes = provider.coded(sheet)
    headers = {name: f"Col {k}" for k, name in enumerate(frame)}
    columns = plain(codes, headers)
    for name, column in provider.columns(sheet).items():
        if column.type == "date":
            zero = dt.date(1899, 12, 30)
            frame[name] = frame[name].map(lambda day: str((dt.date.fromisoformat(day) - zero).days), na_action="ignore")  # noqa: B023
            columns[name] = {"header": headers[name], "date_formats": ["excel_serial"]}
    stream, locked = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet_rows(book, "Sheet1", [list(headers.values()), *frame.itertuples(index=False)])
    book.close()
    OOXMLFile(stream).encrypt(PASSWORD, locked)
    path.write_bytes(locked.getvalue())
    provider.map(sheet, {"sheet": "Sheet1", "columns": columns})


def write_all(folder: Path, contracts, frames) -> dict:
    """Write every extract; the mappings by name of the extract."""
    made = {name: Provider(folder, contracts[name], frames[name]) for name in FILES}
    write_cms(made["cms"])
    for sheet, name in zip(("Intake", "Reviews", "Exit"), FILES["insights"], strict=True):
        write_labelled(made["insights"], sheet, folder / name, pyreadstat.write_sav)
    write_labelled(made["interviews"], "interviews", folder / FILES["interviews"][0], pyreadstat.write_dta)
    write_delimited(made["police"], folder / FILES["police"][0], delimiter=";", encoding="cp1252")
    write_delimited(made["allocation"], folder / FILES["allocation"][0], delimiter="\t", encoding="utf-16")
    write_locked(made["police_subjects"], folder / FILES["police_subjects"][0])
    return {name: provider.mapping for name, provider in made.items()}


def write_study(root: Path, target: Path, mappings: dict) -> None:
    """A study folder that differs in the files of its extracts and their mappings, and in nothing else."""
    folder = target / "config" / "year2"
    (folder / "mapping").mkdir(parents=True)
    (target / "schemas").symlink_to(root / "schemas")
    for path in (root / "config" / "year2").iterdir():
        if path.name != "study.yaml":
            (folder / path.name).symlink_to(path)
    text = (root / "config" / "year2" / "study.yaml").read_text()
    for name, files in FILES.items():
        entry = f"  {name}: {{files: [{', '.join(files)}], contract: {name}, mapping: {name}}}"
        text, changed = re.subn(rf"(?m)^  {name}: {{file: .*$", entry, text)
        assert changed == 1
        dumped = yaml.safe_dump(mappings[name], sort_keys=False, allow_unicode=True)
        (folder / "mapping" / f"{name}.yaml").write_text(dumped, encoding="utf-8")
    (folder / "study.yaml").write_text(text)
