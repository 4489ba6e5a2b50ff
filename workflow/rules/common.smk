# Names that every rule uses. What can be tested lives in the package.
import os
from glob import glob
from pathlib import Path

from drive_eval.ingest.config import (
    check_config,
    load_contract,
    load_study,
    mapping_path,
)
from drive_eval.ingest.digest import source_digest
from drive_eval.ingest.run import shell_prefix
from drive_eval.ingest.surroundings import git_revision, package_digest
from drive_eval.study import exhibit_files, modules_of, plain, raw_files
from drive_eval.warm import begin_run

check_config(Path(), config)
STUDY = load_study(Path(), config["study"])
RAW = f"data/raw/{STUDY.name}"
PROCESSED = f"data/processed/{STUDY.name}"
RESULTS = f"results/{STUDY.name}"
# Once, here: later would be in threads, where Python 3.11 before 3.11.5 may fail to parse a module.
CODE_OF_CHAPTER = {
    chapter: source_digest(modules_of(STUDY.chapter(chapter)))
    for chapter in STUDY.chapters
}
FORMS = sorted({f"exhibits.{exhibit.form}" for exhibit in STUDY.exhibits})
CONTRACTS = {
    name: load_contract(Path(), entry["contract"])
    for name, entry in STUDY.extracts.items()
}

shell.prefix(shell_prefix())


onstart:
    # Jobs inherit the claim on this folder: it holds as long as one of them is at work, also without this process.
    shell._process_args["pass_fds"] = begin_run([Path(RESULTS), Path(PROCESSED)])


wildcard_constraints:
    study=STUDY.name,
    extract="|".join(STUDY.extracts),
    chapter="|".join(STUDY.chapters),


def in_report(path, caption, category, **labels):
    """A result marked for `snakemake --report`, with the words it is shown under."""
    return report(
        f"{RESULTS}/{path}",
        caption=f"../report/{caption}.rst",
        category=category,
        labels=labels,
    )


def files_of_exhibits(exhibits):
    """The files of exhibits; the picture of a figure and the data of a table are marked for the report."""
    for exhibit in exhibits:
        shown = "svg" if exhibit.kind == "figure" else "csv"
        words = {"exhibit": exhibit.title, "base": exhibit.base}
        for path in exhibit_files([exhibit]):
            if path.endswith(shown):
                category = STUDY.label(exhibit.chapter)
                yield in_report(path, exhibit.kind, category, **words)
            else:
                yield f"{RESULTS}/{path}"


def folder_of_output(wildcards, output):
    """The folder that all outputs of a job lie in."""
    return os.path.commonpath([os.path.dirname(path) for path in output])
