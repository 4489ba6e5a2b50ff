"""Making many exhibits: files do not depend on processes; a kept picture is used only while all of it stands."""

import dataclasses
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drive_eval import drawing
from drive_eval.errors import UserError
from drive_eval.ingest.kept import Kept


@pytest.fixture
def few(study):
    return [entry for entry in study.exhibits if entry.chapter == "victims"]


def draw(few, registry, study, code=lambda form: "a", find=lambda exhibit, key: None, jobs=1):
    return {drawn.exhibit.id: drawn for drawn in drawing.draw(few, registry, study, code=code, find=find, jobs=jobs)}


def test_two_processes_give_the_files_of_one(few, registry, study):
    one, two = (draw(few, registry, study, jobs=jobs) for jobs in (1, 2))
    assert list(one) == list(two) == [entry.id for entry in few]
    for name, drawn in one.items():
        assert (drawn.pictures, drawn.key) == (two[name].pictures, two[name].key)
        assert drawn.data.equals(two[name].data)


def keys(*arguments, **named):
    return {name: drawn.key for name, drawn in draw(*arguments, **named).items() if drawn.key}


def test_the_key_changes_with_a_number_a_word_and_the_code(few, registry, study):
    before = keys(few, registry, study)
    assert before == keys(few, registry, study)
    share = registry["exhibit"].str.contains("figure_9") & (registry["statistic"] == "proportion")
    moved = registry.assign(value=registry["value"].where(~share, registry["value"] + 1e-9))
    renamed = [dataclasses.replace(entry, title=entry.title + ".") for entry in few]
    relabelled = dataclasses.replace(study, labels={**study.labels, "drive": "Drive arm"})
    for name, after in {
        "number": keys(few, moved, study),
        "title": keys(renamed, registry, study),
        "label": keys(few, registry, relabelled),
        "code": keys(few, registry, study, code=lambda form: "b"),
    }.items():
        assert after["figure_9"] != before["figure_9"], name


def test_a_kept_picture_is_not_drawn_again(few, registry, study, tmp_path, monkeypatch):
    kept, first = Kept(tmp_path), draw(few, registry, study)
    for name, drawn in first.items():
        kept.put(name, drawn.key, drawn.pictures)
    monkeypatch.setattr(drawing, "files", lambda made, study: pytest.fail(f"{made.exhibit.id} was drawn again"))
    again = draw(few, registry, study, find=lambda exhibit, key: kept.get(exhibit, key, drawing.KINDS))
    assert {name: drawn.pictures for name, drawn in again.items()} == {
        name: drawn.pictures for name, drawn in first.items()
    }


def test_only_the_newest_picture_of_an_exhibit_is_kept(tmp_path):
    kept = Kept(tmp_path)
    kept.put("figure_1", "old", {"svg": b"1", "png": b"1"})
    kept.put("figure_10", "old", {"svg": b"10", "png": b"10"})
    kept.put("figure_1", "new", {"svg": b"2", "png": b"2"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figure_1.new.png", "figure_1.new.svg", "figure_10.old.png", "figure_10.old.svg",
    ]  # fmt: skip
    assert kept.get("figure_1", "old", ("svg", "png")) is None
    (tmp_path / "figure_1.new.png").unlink()
    assert kept.get("figure_1", "new", ("svg", "png")) is None


def test_one_exhibit_that_fails_does_not_stop_the_others(few, registry, study):
    without = registry[~registry["exhibit"].str.contains("figure_9")]
    found = draw(few, without, study)
    assert "figure_9" in found["figure_9"].failure  # the other shows numbers of figure 9
    failed = {name for name, drawn in found.items() if drawn.failure}
    assert failed == {"figure_9", "table_relative_reduction"} < set(found)


def test_a_process_that_is_killed_while_it_draws_ends_the_others_with_a_clear_error(few, monkeypatch):
    monkeypatch.setattr(drawing, "make", lambda *_: signal.raise_signal(signal.SIGKILL))
    with pytest.raises(UserError, match="a process of this job was killed"):
        draw(few, None, None, jobs=2)


DRAWING = """
import os, time
from drive_eval import drawing
def make(*_):
    print(os.getpid(), flush=True)
    time.sleep(60)
drawing.make = make
list(drawing.draw([1, 2], None, None, code=None, find=None, jobs=2))
"""


def test_processes_that_draw_end_with_the_one_that_forked_them_even_if_it_is_killed():
    with subprocess.Popen([sys.executable, "-c", DRAWING], stdout=subprocess.PIPE, text=True) as process:
        forked = [Path("/proc") / process.stdout.readline().strip() / "stat" for _ in range(2)]
        assert all(path.is_file() for path in forked)
        process.kill()
        end = time.monotonic() + 20
        while any(path.is_file() and ") Z " not in path.read_text() for path in forked):
            assert time.monotonic() < end
            time.sleep(0.02)
