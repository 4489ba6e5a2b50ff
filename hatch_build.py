"""Put what `drive-eval init` writes into the wheel; an editable install takes it from the tree instead."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TemplateHook(BuildHookInterface):
    """Adds the files that pyproject.toml lists under ``tool.drive-eval.template``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them under ``drive_eval/template``, each at its place in the tree."""
        if version == "standard":
            listed = self.metadata.config["tool"]["drive-eval"]["template"]
            build_data["force_include"] |= {name: f"drive_eval/template/{name}" for name in listed}
