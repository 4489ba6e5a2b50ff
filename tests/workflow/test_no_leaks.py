"""Nothing of a case leaves data/: planted canaries are searched in every byte of results, logs, records and output."""

import io
import re
import zipfile
import zlib

import pandas as pd
import pytest
import xlsxwriter

from drive_eval.ingest.config import load_contract
from drive_eval.ingest.extract import read_extract

from .test_workflow import RESULTS, Project

pytestmark = pytest.mark.slow
ID = re.compile(r"\b(SU-|CP-|CV-|VS-|AL-|AV-|EV-|PS-|A|C)(\d{4,6})\b")
SEEN = re.compile(rb"\b(?:SU-|CP-|CV-|VS-|AL-|AV-|EV-|PS-|A|C)946\d{6}\b")
EVIL = "<script>alert(1)</script>"
VALIDATIONS = [
    f"validate_{name}" for name in ("cms", "insights", "police", "police_subjects", "allocation", "interviews")
]


def canary(text):
    """The same text with every id longer and easy to know again; their order stays."""
    return ID.sub(lambda found: f"{found[1]}946{int(found[2]):06d}", text)


def plant_ids(folder):
    """Give every person, form and event of the raw extracts a canary for an id; the ids."""
    planted = set()
    for path in sorted((folder / "data/raw/year2").iterdir()):
        if path.suffix == ".csv":
            text = canary(path.read_text(encoding="utf-8"))
            path.write_text(text, encoding="utf-8")
        else:
            with zipfile.ZipFile(path) as old:
                members = {name: old.read(name) for name in old.namelist()}
            text = canary(members["xl/sharedStrings.xml"].decode())
            members["xl/sharedStrings.xml"] = text.encode()
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
                for name, content in members.items():
                    new.writestr(name, content)
        planted |= set(SEEN.findall(text.encode()))
    return planted


def contents(path):
    """The bytes of a file, and what it holds packed: members of a zip, texts of a PNG, cells of a Parquet file."""
    found = path.read_bytes()
    yield found
    if found.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(found)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if found.startswith(b"PAR1"):
        frame = pd.read_parquet(path)
        yield (frame.to_csv() + str(frame.attrs)).encode()
    if found.startswith(b"\x89PNG"):
        for packed in re.findall(rb"(?:zTXt|iTXt).*?(\x78[\x01\x9c\xda].*)", found, re.DOTALL):
            yield zlib.decompressobj().decompress(packed)


def leaks(folder, output, wanted):
    """Files outside data/ that hold any of the wanted bytes, with the number found; `output` is what was printed."""
    kept = [path for name in ("results", ".snakemake") for path in sorted((folder / name).rglob("*")) if path.is_file()]
    assert any(path.suffix == ".log" for path in kept)
    everything = [("output", output.encode()), *((str(path), part) for path in kept for part in contents(path))]
    pattern = re.compile(b"|".join(map(re.escape, sorted(wanted)))) if isinstance(wanted, set) else wanted
    return {name: len(found) for name, part in everything if (found := set(pattern.findall(part)))}


@pytest.fixture(scope="module")
def good(tmp_path_factory, root):
    """A full run on extracts whose ids are canaries, and markup for the name of a site; its output and canaries."""
    project = Project(tmp_path_factory.mktemp("good"), root)
    planted = plant_ids(project.folder)
    study = project.folder / "config/year2/study.yaml"
    old = "  essex: Essex (Area 1)\n"
    assert old in study.read_text()
    study.write_text(study.read_text().replace(old, f"  essex: '{EVIL}'\n"))
    code, output = project.run()
    assert code == 0, output
    return project, output, planted


def test_no_id_leaves_the_data_in_a_good_run(good):
    project, output, planted = good
    assert len(planted) >= 300
    cases = pd.read_parquet(project.folder / "data/processed/year2/cms_cases.parquet")
    assert SEEN.fullmatch(cases["su_id"].iloc[0].encode())  # the canaries were read
    assert leaks(project.folder, output, SEEN) == {}


def test_no_posterior_of_a_person_leaves_the_data(good):
    project, output, _ = good
    classes = pd.read_parquet(project.folder / "data/processed/year2/cms_need_classes.parquet")
    shares = classes.select_dtypes("float").to_numpy().ravel()
    own = {repr(float(share)).encode() for share in shares if 0.001 < share < 0.999 and len(repr(float(share))) > 14}
    assert len(own) > 50
    assert leaks(project.folder, output, own) == {}


def test_markup_in_a_label_shows_as_text_and_no_cell_is_changed_for_a_spreadsheet(good):
    folder = good[0].folder / RESULTS
    pages = [path for path in folder.rglob("*") if path.suffix in (".html", ".svg")]
    assert not [path.name for path in pages if EVIL[:14] in path.read_text()]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (folder / "report/index.html").read_text()
    for path in folder.rglob("*.csv"):
        cells = pd.read_csv(path, dtype=str, keep_default_na=False).to_numpy().ravel()
        assert not [cell for cell in cells if cell.startswith("'")], path


@pytest.mark.parametrize(
    ("module", "call", "target"),
    [
        ("analyses/mcnemar.py", "def analyse(cases, **_):", f"{RESULTS}/chapters/victims.parquet"),
        ("derive/caseload.py", "def derive(tables, **_):\n    cases = tables['cms_cases']", "derive"),
    ],
    ids=["analysis", "derivation"],
)
def test_an_error_of_the_program_tells_its_place_and_no_value(good, module, call, target):
    project, _, _ = good
    path = project.folder / "src/drive_eval" / module
    source = path.read_text()
    path.write_text(f"{source}\n\n{call}\n    raise ValueError(cases.to_csv(), {{**cases.iloc[0]}})\n")
    code, output = project.run(target)
    path.write_text(source)
    assert code != 0
    assert f"internal error: ValueError at {path.name} line" in output
    assert "Traceback" not in output
    assert leaks(project.folder, output, SEEN) == {}


def write(folder, name, entry, frames):
    """Write an extract in the format of the shipped one."""
    path = folder / "data/raw/year2" / entry["file"]
    if path.suffix == ".csv":
        next(iter(frames.values())).to_csv(path, index=False)
        return
    book = xlsxwriter.Workbook(str(path))
    for sheet, frame in frames.items():
        page = book.add_worksheet(sheet)
        for number, row in enumerate(
            [list(frame), *frame.astype("object").where(frame.notna(), "").to_numpy().tolist()]
        ):
            page.write_row(number, 0, row)
    book.close()


@pytest.fixture(scope="module")
def raw(root, study):
    contracts = {name: load_contract(root, entry["contract"]) for name, entry in study.extracts.items()}
    return {
        name: read_extract(root / "data/raw/year2" / study.extracts[name]["file"], contract)[0]
        for name, contract in contracts.items()
    }


def test_no_faulty_value_leaves_the_data(tmp_path, root, study, raw):
    """In every column of every sheet one cell that breaks the contract: unknown codes, wrong types, ids of no form."""
    project, planted = Project(tmp_path, root), set()
    for name, frames in raw.items():
        damaged = {sheet: frame.head(120).copy() for sheet, frame in frames.items()}
        for frame in damaged.values():
            for position in range(frame.shape[1]):
                token = f"Qzx{len(planted):04d}canary"
                frame.iloc[position % len(frame), position] = token
                planted.add(token.encode())
        write(tmp_path, name, study.extracts[name], damaged)
    code, output = project.run("--keep-going", *VALIDATIONS)
    assert code != 0
    assert len(planted) >= 280
    for rule in ("unknown code", "not a whole number", "not a date", "not of the agreed form"):
        assert rule in output, output
    assert leaks(tmp_path, output, planted) == {}


def test_no_identifier_and_no_row_of_a_broken_delivery_leaves_the_data(tmp_path, root, study, raw):
    """Six deliveries that fail in six ways: by the gate, header row, duplicates, damage, encoding and formulas."""
    project = Project(tmp_path, root)
    plant_ids(tmp_path)
    folder = tmp_path / "data/raw/year2"
    names = {b"Jane Quillfeather", b"07700 900946", b"CM1 1QH", b"9434765919", b"12/03/1946", b"2003/0062845E"}
    lines = (folder / "interviews.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    for number, name in enumerate(sorted(names), start=1):
        cells[number][7] = name.decode()
    (folder / "interviews.csv").write_text("\n".join(map(",".join, cells)))
    lines = (folder / "allocation_register.csv").read_text().splitlines()
    (folder / "allocation_register.csv").write_text("\n".join(lines[1:]))  # no header row
    lines = (folder / "police_subjects.csv").read_text().splitlines()
    (folder / "police_subjects.csv").write_text("\n".join([*lines, *lines[1:]]))  # every subject twice
    found = (folder / "cms_extract.xlsx").read_bytes()
    (folder / "cms_extract.xlsx").write_bytes(found[: len(found) // 2])
    found = (folder / "police_extract.csv").read_bytes()
    (folder / "police_extract.csv").write_bytes(found + b'synthetic,"EV-946000001,\x81\x8d')
    frames = {sheet: frame.map(canary, na_action="ignore") for sheet, frame in raw["insights"].items()}
    frames["Exit"].iloc[3, 1] = "=Intake!A2"
    write(tmp_path, "insights", study.extracts["insights"], frames)
    code, output = project.run("--keep-going", *VALIDATIONS)
    assert code != 0
    rules = (
        "identifier: name",
        "value in place of a header",
        "given more than once",
        "not a workbook",
        "bytes that are not",
    )
    for rule in rules:
        assert rule in output, output
    assert leaks(tmp_path, output, SEEN) == {}
    assert leaks(tmp_path, output, names) == {}
    assert not list((tmp_path / "data").rglob("*.parquet"))
