import errno

import pandas as pd
import pytest
import yaml

from drive_eval.ingest import files


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(tmp_path, monkeypatch):
    path = tmp_path / "numbers.csv"
    files.write_text(path, "old")

    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(files.NotWritten, match="no space left on device; free some space"):
        files.write_text(path, "new")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("numbers.csv", "old")]


def test_the_same_frame_gives_the_same_parquet_bytes(tmp_path):
    frame = pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]})
    for name in ("one", "two"):
        files.write_parquet(tmp_path / name, frame)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_key_given_twice_is_an_error(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("a: 1\nb: {c: 1, c: 2}\n")
    with pytest.raises(yaml.YAMLError, match="key given twice: c"):
        files.read_yaml(path)


def test_yaml_builds_no_objects(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("a: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(yaml.YAMLError):
        files.read_yaml(path)
