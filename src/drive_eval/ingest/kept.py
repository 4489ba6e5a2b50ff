"""Pictures kept from earlier runs: drawing is the dear part of an exhibit, and most numbers do not change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from drive_eval.ingest.files import write_bytes


class Kept:
    """Finished pictures in a folder, each named by its exhibit and a key of all that decides how it looks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, exhibit: str, key: str, kinds: Iterable[str]) -> dict[str, bytes] | None:
        """The picture in each of these kinds, or nothing if one of them is not there."""
        try:
            return {kind: (self.folder / f"{exhibit}.{key}.{kind}").read_bytes() for kind in kinds}
        except FileNotFoundError:
            return None

    def put(self, exhibit: str, key: str, pictures: Mapping[str, bytes]) -> None:
        """Keep a picture, in place of earlier ones of the same exhibit."""
        names = {f"{exhibit}.{key}.{kind}": content for kind, content in pictures.items()}
        for old in self.folder.glob(f"{exhibit}.*"):
            if old.name not in names:
                old.unlink(missing_ok=True)
        for name, content in names.items():
            write_bytes(self.folder / name, content)
