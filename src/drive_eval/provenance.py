"""The record of a run: a Workflow Run RO-Crate that names every input, setting, program and output by its digest.

The record holds no clock time of the run, no user, host or absolute path, and no content of an input, so that the same
input gives the same bytes and the record can leave a safe room together with the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from drive_eval import __version__
from drive_eval.study import Study

if TYPE_CHECKING:
    from rocrate.model.entity import Entity
    from rocrate.rocrate import ROCrate

BASE = "arcp://name,drive-eval/"
"""Names files of the project folder that the record does not hold: an absolute URI without a host."""
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
TERMS = {name: f"https://w3id.org/ro/terms/workflow-run#{name}" for name in ("sha256", "environment")}
"""Terms of the profile that the context of RO-Crate 1.1 does not have."""
_OFFICE = "application/vnd.openxmlformats-officedocument"
_FORMATS = {
    "csv": "text/csv",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "html": "text/html",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "png": "image/png",
    "svg": "image/svg+xml",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "yaml": "application/yaml",
}
"""By the end of a name; everything else is plain text."""


@dataclass(frozen=True)
class Recorded:
    """A file as the record knows it: its path in the project folder, size in bytes and SHA-256 digest."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Revision:
    """The revision of the project folder under version control: commit, its date (ISO 8601), and edits beyond it."""

    commit: str
    date: str
    edited: bool


@dataclass(frozen=True)
class Run:
    """Everything that the record of a run says.

    `extracts` maps an extract to its file and the origin that its rows state; `workflow` are the files of the
    workflow, main file first, which the record holds; `settings` are configuration and locks; `seeds` are named by
    their place in the configuration; `system` describes the kind of machine; `differing` are the numbers that
    failed the comparison. `date` is that of the state that ran, see ``docs/provenance.md``.
    """

    study: str
    title: str
    date: str
    revision: Revision | None
    source_digest: str
    extracts: Mapping[str, tuple[Recorded, str]]
    workflow: Sequence[Recorded]
    settings: Sequence[Recorded]
    outputs: Sequence[Recorded]
    seeds: Mapping[str, int]
    packages: Mapping[str, str]
    system: Mapping[str, str]
    differing: Sequence[str]


def describe(run: Run) -> dict[str, Any]:
    """The record as the content of ``ro-crate-metadata.json``.

    Returns
    -------
    dict
        JSON-LD, Workflow Run Crate 0.5 on RO-Crate 1.1; entities in a fixed order.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms = dict(TERMS)
    root = crate.root_dataset
    root["datePublished"] = run.date
    root["name"] = f"{run.title}: record of a run"
    root["description"] = (
        f"What went into the results of study {run.study}, and every file that came out. {_origin(run)}"
    )
    root["license"] = _licence(run)
    root["conformsTo"] = [
        crate.add_jsonld({"@id": uri, "@type": "CreativeWork", "name": name, "version": version})
        for uri, (name, version) in PROFILES.items()
    ]
    action = _action(crate, run, _workflow(crate, run))
    root["mentions"] = action
    document: dict[str, Any] = crate.metadata.generate()
    return document


def seeds_of(study: Study) -> dict[str, int]:
    """Every seed in the configuration of a study, named by its place there."""
    found: dict[str, int] = {}

    def walk(place: str, node: Any) -> None:
        if isinstance(node, Mapping):
            if "seed" in node:
                found[place] = int(node["seed"])
            node = list(node.values())
        if isinstance(node, list | tuple):
            for child in node:
                walk(place, child)

    for name, entry in study.derivations.items():
        walk(f"derivation {name}", entry)
    for exhibit in study.exhibits:
        walk(f"exhibit {exhibit.id}", exhibit.calls)
    return found


def _origin(run: Run) -> str:
    origins = sorted({origin for _, origin in run.extracts.values()})
    return f"Origin of the data: {', '.join(origins)}."


def _licence(run: Run) -> str:
    if {origin for _, origin in run.extracts.values()} == {"synthetic"}:
        return "GPL-3.0-or-later, as the program; the data are synthetic"
    return "No licence is given by this record; the results are for release only after disclosure control"


def _workflow(crate: ROCrate, run: Run) -> Entity:
    """The main workflow with its parts, its parameters and the programs it runs on."""
    main, *parts = run.workflow
    workflow = crate.add_workflow(
        dest_path=main.path,
        main=True,
        lang="snakemake",
        lang_version=run.packages.get("snakemake"),
        properties={"name": "drive-eval", "version": _version(run.revision), **_bytes(main)},
    )
    held = [crate.add_file(dest_path=file.path, properties={"name": file.path, **_bytes(file)}) for file in parts]
    programs = [
        crate.add_jsonld(
            {
                "@id": f"https://pypi.org/project/{name}/{version}/",
                "@type": "SoftwareApplication",
                "name": name,
                "softwareVersion": version,
                "url": f"https://pypi.org/project/{name}/",
            }
        )
        for name, version in run.packages.items()
    ]
    for name, entities in (("hasPart", held), ("softwareRequirements", programs)):
        if entities:
            workflow.append_to(name, entities)
    return workflow


def _version(revision: Revision | None) -> str:
    if revision is None:
        return f"{__version__}, not under version control"
    return f"{__version__}, commit {revision.commit}{', with uncommitted edits' if revision.edited else ''}"


def _action(crate: ROCrate, run: Run, workflow: Entity) -> Entity:
    extracts = [_extract(crate, workflow, name, *given) for name, given in run.extracts.items()]
    settings = [_file(crate, file) for file in run.settings]
    facts = {f"seed of {place}": str(seed) for place, seed in run.seeds.items()}
    facts["digest of the package source"] = run.source_digest
    facts["version control"] = _version(run.revision)
    failed = {"error": f"numbers that differ or moved: {', '.join(run.differing)}"} if run.differing else {}
    return crate.add_jsonld(
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"Run of drive-eval on study {run.study}",
            "description": "All rules of the workflow, extracts to report. Clock times are in the logs only.",
            "instrument": _reference(workflow),
            "object": [_reference(entity) for entity in (*extracts, *settings, *_facts(crate, facts, "fact"))],
            "result": [_reference(_file(crate, file)) for file in run.outputs],
            "environment": [_reference(entity) for entity in _facts(crate, run.system, "system")],
            "actionStatus": f"http://schema.org/{'Failed' if failed else 'Completed'}ActionStatus",
            **failed,
        }
    )


def _extract(crate: ROCrate, workflow: Entity, name: str, file: Recorded, origin: str) -> Entity:
    """An input: its name, size, digest and origin, and the parameter of the workflow that it is given for."""
    entity = _file(crate, file, description=f"Extract {name}, not held in this record; data_origin: {origin}")
    parameter = crate.add_jsonld(
        {
            "@id": f"#extract-{name}",
            "@type": "FormalParameter",
            "additionalType": "File",
            "name": name,
            "workExample": _reference(entity),
        }
    )
    entity["exampleOfWork"] = parameter
    workflow.append_to("input", parameter)
    return entity


def _file(crate: ROCrate, file: Recorded, **more: str) -> Entity:
    return crate.add_file(BASE + quote(file.path), properties={"name": file.path, **_bytes(file), **more})


def _bytes(file: Recorded) -> dict[str, str]:
    form = _FORMATS.get(file.path.rpartition(".")[2], "text/plain")
    return {"contentSize": str(file.size), "encodingFormat": form, "sha256": file.sha256}


def _facts(crate: ROCrate, facts: Mapping[str, str], kind: str) -> list[Entity]:
    return [
        crate.add_jsonld({"@id": f"#{kind}-{number}", "@type": "PropertyValue", "name": name, "value": value})
        for number, (name, value) in enumerate(facts.items(), start=1)
    ]


def _reference(entity: Entity) -> dict[str, str]:
    return {"@id": entity.id}
