"""The workflow as a user runs it: Snakemake on a copy of the project, in processes of its own."""

import json

import pandas as pd
import pytest

from .project import RESULTS, Project
from .workbooks import Damaged

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def done(tmp_path_factory, root):
    """A project in which one full run has ended well."""
    project = Project(tmp_path_factory.mktemp("done"), root)
    code, output = project.run()
    assert code == 0, output
    return project


@pytest.fixture
def copy(done, tmp_path):
    """A copy of that project, with its results, to do something to."""
    return done.copy(tmp_path / "copy")


def test_a_full_run_makes_every_promised_file(done):
    made = set(done.digests())
    promised = {
        "registry.parquet",
        "registry.csv",
        "report/index.html",
        "report/report.docx",
        "report/tables.xlsx",
        "reproduction/comparison.csv",
    }
    promised |= {"reproduction/summary.json", "validation/insights.json", "validation/insights.html"}
    promised |= {f"figures/figure_{number}.{kind}" for number in (8, 9) for kind in ("svg", "png", "csv")}
    promised |= {"tables/table_mcnemar.csv", "tables/table_mantel_haenszel.csv", "provenance/ro-crate-metadata.json"}
    assert {str(RESULTS / name) for name in promised} <= made


def test_a_second_run_has_nothing_to_do(done):
    code, output = done.run()
    assert code == 0
    assert "Nothing to be done" in output


def test_editing_an_analysis_reruns_its_chapter_only(copy):
    module = copy.folder / "src/drive_eval/analyses/mcnemar.py"
    module.write_text(module.read_text() + "\n# edited\n")
    rules = copy.rules()
    assert "chapter" in rules
    _, output = copy.run("--dry-run")
    assert "chapter=victims" in output
    assert "chapter=samples" not in output
    assert not {rule for rule in rules if rule.startswith(("validate", "derive"))}


def test_editing_a_mapping_validates_its_extract_again(copy):
    study = copy.folder / "config/year2/study.yaml"
    entry = "file: police_subjects.csv, contract: police_subjects"
    study.write_text(study.read_text().replace(entry, f"{entry}, mapping: police_subjects"))
    mapping = copy.folder / "config/year2/mapping/police_subjects.yaml"
    mapping.parent.mkdir()
    mapping.write_text("contract: police_subjects\nsheets: {police_subjects: [{delimiter: ','}]}\n")
    table = "data/processed/year2/police_subjects.parquet"
    code, output = copy.run(table)
    assert code == 0, output
    assert copy.rules(table) == set()
    mapping.write_text(mapping.read_text() + "ignore_sheets: [Notes]\n")
    assert copy.rules(table) == {"validate_police_subjects"}


def test_editing_words_redraws_and_computes_nothing(copy):
    path = copy.folder / "config/year2/exhibits.yaml"
    path.write_text(path.read_text().replace("Figure 9. Abuse", "Figure 9. All abuse"))
    rules = copy.rules()
    assert "exhibits" in rules
    assert not rules & {"chapter", "registry"}


def test_editing_a_finding_redoes_what_readers_see_and_no_exhibit(copy):
    path = copy.folder / "config/year2/findings.yaml"
    path.write_text(path.read_text().replace('what: "the score"', 'what: "the DASH score"'))
    rules = copy.rules()
    assert "report" in rules
    assert not {rule for rule in rules if rule.startswith(("chapter", "registry", "exhibits"))}


@pytest.mark.parametrize(
    ("wanted", "header", "value", "moved"),
    [
        (
            {"Trial_arm": "Drive", "Physical_abuse": "Yes"},
            "Physical abuse",
            "No",
            {"insights.dva.physical.exit.odds_ratio", "exec.vs.physical.reduction.drive"},
        ),
        (
            {"Trial_arm": "Control", "Jealous_and_controlling_behaviour": "No"},
            "Jealous and controlling behaviour",
            "Yes",
            {"insights.dva.control.jealousy_control.exit.experienced"},
        ),
    ],
    ids=["a published number", "an assumed value only"],
)
def test_flipping_one_exit_answer_fails_and_names_the_numbers(copy, wanted, header, value, moved):
    damaged = Damaged(copy.folder / "data/raw/year2/insights_extract.xlsx")
    damaged.set("Exit", damaged.find("Exit", **wanted), header, value)
    damaged.save()
    code, output = copy.run()
    assert code != 0
    assert all(name in output for name in moved), output
    assert (copy.folder / RESULTS / "report/index.html").is_file()
    assert "FailedActionStatus" in (copy.folder / RESULTS / "provenance/ro-crate-metadata.json").read_text()
    summary = json.loads((copy.folder / RESULTS / "reproduction/summary.json").read_text())
    assert set(summary["differs"]) | set(summary["assumed"]["ids_moved"]) >= moved


def test_a_bad_workbook_stops_before_any_analysis_and_leaves_results_alone(copy):
    before = copy.digests()
    damaged = Damaged(copy.folder / "data/raw/year2/insights_extract.xlsx")
    damaged.set("Exit", 7, "Sexual abuse", "Perhaps")
    damaged.set("Exit", 12, "Exit date", "01/04/2016")
    damaged.save()
    code, output = copy.run()
    assert code != 0
    assert "sheet Exit, row 7, column 'Sexual abuse': unknown code" in output
    assert "sheet Exit, row 12, column 'Exit date': exit before intake" in output
    assert "Traceback" not in output
    after = copy.digests()
    assert {name for name in before if before[name] != after.get(name)} == {
        f"results/year2/validation/insights.{kind}" for kind in ("html", "json")
    }


def test_a_misspelt_key_is_named_before_anything_runs(copy):
    path = copy.folder / "config/year2/exhibits.yaml"
    path.write_text(path.read_text().replace("  kind: table\n", "  kind: table\n  formm: x\n", 1))
    code, output = copy.run()
    assert code != 0
    assert "formm" in output


NEW_EXHIBIT = """
table_forms_by_site:
  chapter: samples
  kind: table
  title: Insights intake forms by site
  analysis: counts
  population: intake_form
  settings: {outcome: forms, by: site}
  form: table
  base: All victims/survivors with an Insights intake form
  alt: "Intake forms: {forms.essex.all.all.all.count|count} of {forms.all.all.all.all.count|count} came from Essex."
  footnotes: []
  display:
    rows: [group]
    order: {group: [essex, south_wales, west_sussex, all]}
    columns:
      - {header: Intake forms, outcome: forms, statistic: count, style: count}
"""


def test_a_new_exhibit_is_one_entry_and_no_code(copy):
    path = copy.folder / "config/year2/exhibits.yaml"
    path.write_text(path.read_text() + NEW_EXHIBIT)
    code, output = copy.run()
    assert code == 0, output
    table = (copy.folder / RESULTS / "tables/table_forms_by_site.csv").read_text().splitlines()
    assert [line.rpartition(",")[2] for line in table] == ["Intake forms", "168", "314", "180", "662"]
    assert "Insights intake forms by site" in (copy.folder / RESULTS / "report/index.html").read_text()


def test_a_new_study_is_a_folder_and_no_code(tmp_path, root, done):
    project = Project(tmp_path / "renamed", root)
    for parent in ("config", "data/raw"):
        (project.folder / parent / "year2").rename(project.folder / parent / "year9")
    for name, old, new in (
        ("config/config.yaml", "study: year2", "study: year9"),
        ("config/year9/study.yaml", "study: year2", "study: year9"),
    ):
        path = project.folder / name
        path.write_text(path.read_text().replace(old, new, 1))
    code, output = project.run()
    assert code == 0, output
    folders = (done.folder / RESULTS, project.folder / "results/year9")
    old, new = (pd.read_csv(folder / "registry.csv", dtype=str) for folder in folders)
    assert set(new["study"]) == {"year9"}
    pd.testing.assert_frame_equal(old.drop(columns="study"), new.drop(columns="study"))


def test_report_needs_no_network_and_holds_every_figure(done):
    page = (done.folder / RESULTS / "report/index.html").read_text()
    assert page.count('role="img"') == len(list((done.folder / RESULTS / "figures").glob("*.svg"))) == 29
    for address in ("http://", "https://"):
        found = [part[:60] for part in page.split(address)[1:] if not part.startswith(("www.w3.org", "purl.org"))]
        assert found == [], found
    assert "Synthetic data" in page
    assert "2.86" in page
