"""Reading and writing our own files: every write goes to a temporary file first and is then renamed."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from drive_eval.errors import UserError
from drive_eval.spreadsheet import inert_frame

if TYPE_CHECKING:
    import pandas as pd

MOST_NODES = 1_000_000

UNFINISHED = ".part"
"""How the name of a temporary file ends; the next run removes those that a killed one left."""

_SPACE = "free some space on that disk"
_RIGHT = "make the folder writable"
ADVICE = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EROFS: _RIGHT,
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
}


class NotWritten(UserError):
    """A file could not be written; the message names it and says why."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically: readers see the old content or the new, never a part.

    Raises
    ------
    NotWritten
        If the disk is full, the folder may only be read, or the like.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise NotWritten(f"{path}: cannot be written: {reason(error)}") from error


def reason(error: OSError) -> str:
    """Why the system refused, and what to do where that is plain."""
    advice = ADVICE.get(error.errno or 0)
    words = (error.strerror or type(error).__name__).lower()
    return f"{words}; {advice}, then run again" if advice else words


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, document: Any) -> None:
    """Write sorted, indented JSON, atomically."""
    write_text(path, json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as CSV with full float precision and no index, atomically; no cell is a formula."""
    write_text(path, inert_frame(frame).to_csv(index=False, lineterminator="\n"))


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet without an index, atomically; the same frame gives the same bytes."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd")
    write_bytes(path, buffer.getvalue())


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a Parquet file that the pipeline wrote, or only some of its columns."""
    import pandas as pd

    with path.open("rb") as stream:  # of an absent file this names it, pyarrow does not
        return pd.read_parquet(stream, engine="pyarrow", columns=None if columns is None else list(columns))


def parquet_columns(path: Path) -> list[str]:
    """The columns of a Parquet file, without reading its rows."""
    from pyarrow.parquet import read_schema

    return list(read_schema(path).names)


def parquet_rows(path: Path) -> int:
    """The number of rows of a Parquet file, without reading them."""
    from pyarrow.parquet import read_metadata

    return int(read_metadata(path).num_rows)


def read_text(path: Path) -> str:
    """Read a text file that the pipeline wrote."""
    return path.read_text(encoding="utf-8")


def read_bytes(path: Path) -> bytes:
    """Read a file as it is."""
    return path.read_bytes()


def read_texts(folder: Path, suffix: str) -> dict[str, str]:
    """Read every text file of a folder with this suffix, by its name without it; no folder gives none."""
    return {path.stem: read_text(path) for path in sorted(folder.glob(f"*{suffix}"))}


def read_json(path: Path) -> Any:
    """Read a JSON file that the pipeline wrote."""
    return json.loads(read_text(path))


def read_yaml(path: Path) -> Any:
    """Read a configuration file with the safe loader; a repeated key is an error, and so is a file that unfolds hugely.

    Raises
    ------
    yaml.YAMLError
        If the file is not YAML, a mapping names a key twice, or its aliases stand for more than `MOST_NODES` values.
    """
    document = yaml.load(read_text(path), Loader=_UniqueKeyLoader)  # noqa: S506 (a safe loader)
    if _unfolded(document, {}) > MOST_NODES:
        raise yaml.YAMLError(f"{path.name}: aliases that stand for more than {MOST_NODES:,} values")
    return document


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file of ours as one mapping of text per row; nothing is guessed, blank stays blank."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def sha256(path: Path) -> str:
    """The SHA-256 digest of a file, as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unfolded(node: Any, sizes: dict[int, int]) -> int:
    """The number of values below a node with all aliases written out; one that holds itself counts as endless."""
    if not isinstance(node, dict | list):
        return 1
    if id(node) not in sizes:
        sizes[id(node)] = MOST_NODES + 1
        sizes[id(node)] = 1 + sum(
            _unfolded(part, sizes) for part in (node.values() if isinstance(node, dict) else node)
        )
    return sizes[id(node)]


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, refusing a mapping that names a key twice (YAML itself would keep the last)."""


def _unique_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> Mapping[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
    if repeated:
        raise yaml.YAMLError(f"{node.start_mark}: key given twice: {', '.join(repeated)}")
    mapping: Mapping[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
