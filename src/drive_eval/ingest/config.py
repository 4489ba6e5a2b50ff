"""Load the configuration of a study: YAML files checked against the closed schemas beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from drive_eval.contracts.model import Contract, build_contract
from drive_eval.ingest.files import read_yaml
from drive_eval.study import ConfigurationError, Study, build_study, check_closed


def check_config(root: Path, config: Mapping[str, Any]) -> None:
    """Check ``config/config.yaml`` as Snakemake read it.

    Raises
    ------
    ConfigurationError
        If it breaks ``schemas/config.schema.yaml``.
    """
    check_closed(dict(config), read_yaml(root / "schemas" / "config.schema.yaml"), file="config.yaml")


def load_study(root: Path, name: str) -> Study:
    """Load ``config/<name>``.

    Raises
    ------
    ConfigurationError
        If a file is missing, is not YAML or breaks its schema; all faults of a file at once.
    """
    folder = root / "config" / name
    study = _checked(root, folder / "study.yaml", "study")
    if study["study"] != name:
        raise ConfigurationError(f"{folder / 'study.yaml'}, study: is {study['study']!r}, its folder is {name!r}")
    return build_study(study, _checked(root, folder / "exhibits.yaml", "exhibits"))


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
