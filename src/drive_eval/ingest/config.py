"""Load the configuration of a study: YAML files checked against the closed schemas beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from drive_eval.contracts.identifiers import find
from drive_eval.contracts.mapping import FileMapping, build_mapping
from drive_eval.contracts.model import Contract, build_contract
from drive_eval.ingest.files import read_yaml
from drive_eval.ingest.grid import Limits
from drive_eval.study import ConfigurationError, Study, build_study, check_closed, raw_files


def check_config(root: Path, config: Mapping[str, Any]) -> None:
    """Check ``config/config.yaml`` as Snakemake read it.

    Raises
    ------
    ConfigurationError
        If it breaks ``schemas/config.schema.yaml``.
    """
    check_closed(dict(config), read_yaml(root / "schemas" / "config.schema.yaml"), file="config.yaml")


def load_study(root: Path, name: str, *, findings: bool = True) -> Study:
    """Load ``config/<name>``; without its findings where a job has no use for them, to save their check.

    Raises
    ------
    ConfigurationError
        If a file is missing, is not YAML or breaks its schema; all faults of a file at once.
    """
    folder = root / "config" / name
    study = _checked(root, folder / "study.yaml", "study")
    _check_deliveries(root, study, folder)
    if study["study"] != name:
        raise ConfigurationError(f"{folder / 'study.yaml'}, study: is {study['study']!r}, its folder is {name!r}")
    told = folder / "findings.yaml"
    return build_study(
        study,
        _checked(root, folder / "exhibits.yaml", "exhibits"),
        _checked(root, told, "findings") if findings and told.is_file() else None,
    )


def load_contract(root: Path, name: str) -> Contract:
    """Load ``schemas/extracts/<name>.yaml``.

    Raises
    ------
    ConfigurationError
        If the file is missing, breaks the schema of contracts, or a rule names a column that is not there.
    """
    path = root / "schemas" / "extracts" / f"{name}.yaml"
    try:
        return build_contract(_checked(root, path, "contract"))
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def load_delivery(root: Path, study: str, extract: str) -> tuple[Contract, FileMapping | None, Limits]:
    """Load what one extract of a study must look like: its contract, its mapping if it has one, and limits of size.

    Reads of the study what it needs and no more, since each validation is a job of its own.

    Raises
    ------
    ConfigurationError
        If the study has no such extract, or a file is missing or broken.
    """
    folder = root / "config" / study
    document = _checked(root, folder / "study.yaml", "study")
    _check_deliveries(root, document, folder)
    extracts = document["extracts"]
    if extract not in extracts:
        raise ConfigurationError(f"study.yaml, extracts: no extract {extract!r}; there are {', '.join(extracts)}")
    contract = load_contract(root, extracts[extract]["contract"])
    path = mapping_path(root, study, extracts[extract])
    limits = Limits(**document.get("limits", {}))
    return contract, load_mapping(root, path, contract) if path else None, limits


def load_mapping(root: Path, path: Path, contract: Contract) -> FileMapping:
    """Load a mapping of files to a contract.

    Raises
    ------
    ConfigurationError
        If it is missing, is not YAML, breaks ``schemas/mapping.schema.yaml`` or names what the contract does not have.
    """
    try:
        return build_mapping(path.name, _checked(root, path, "mapping"), contract)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def mapping_path(root: Path, study: str, entry: Mapping[str, Any]) -> Path | None:
    """The mapping of an extract, from its entry in ``study.yaml``."""
    return root / "config" / study / "mapping" / f"{entry['mapping']}.yaml" if "mapping" in entry else None


def load_links(root: Path, study: str) -> list[Mapping[str, Any]]:
    """Load ``config/<study>/links.yaml``, the rules across extracts; a study without one has none.

    Raises
    ------
    ConfigurationError
        If it is not YAML or breaks ``schemas/links.schema.yaml``.
    """
    path = root / "config" / study / "links.yaml"
    rules: list[Mapping[str, Any]] = _checked(root, path, "links")["rules"] if path.is_file() else []
    return rules


def load_audit(root: Path, name: str) -> Mapping[str, Any]:
    """Load ``config/<name>/audit.yaml``, the relations between published figures that the audit examines.

    Raises
    ------
    ConfigurationError
        If it is missing, is not YAML or breaks ``schemas/audit.schema.yaml``.
    """
    document: Mapping[str, Any] = _checked(root, root / "config" / name / "audit.yaml", "audit")
    return document


def contract_names(root: Path) -> list[str]:
    """The contracts there are."""
    return sorted(path.stem for path in (root / "schemas" / "extracts").glob("*.yaml"))


def _check_deliveries(root: Path, study: Mapping[str, Any], folder: Path) -> None:
    """Refuse names of files that lead out of the project, through a link too, or that hold what identifies a person."""
    for name, entry in study["extracts"].items():
        place = f"{folder / 'study.yaml'}, extracts/{name}"
        for file in raw_files(entry):
            if find([re.sub(r"[_.-]+", " ", file)]):
                raise ConfigurationError(
                    f"{place}: the name of a file holds what may identify a person; rename the file"
                )
            _inside(root, root / "data" / "raw" / study["study"] / file, f"{place}: {file!r}")
        if path := mapping_path(root, study["study"], entry):
            _inside(root, path, f"{place}/mapping: {entry['mapping']!r}")


def _inside(root: Path, path: Path, what: str) -> None:
    found, project = path.resolve(), root.resolve()
    if path.name in (".", "..") or not found.is_relative_to(project):
        raise ConfigurationError(f"{what} lies outside the project; put the file itself there, not a link or a path")


def _checked(root: Path, path: Path, schema: str) -> Any:
    try:
        document = read_yaml(path)
        rules = read_yaml(root / "schemas" / f"{schema}.schema.yaml")
    except FileNotFoundError as error:
        raise ConfigurationError(f"{error.filename}: file not found") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not YAML: {error}") from error
    check_closed(document, rules, file=path.name)
    return document
