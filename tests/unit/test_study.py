from copy import deepcopy
from dataclasses import replace

import pytest
import yaml

from drive_eval.ingest.config import load_study
from drive_eval.study import ConfigurationError, check_closed


def places(document, schema, above=()):
    """Every object of a document whose schema is closed."""
    yield above
    for key, inner in document.items():
        part = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if isinstance(inner, dict) and isinstance(part, dict) and "properties" in part:
            yield from places(inner, part, (*above, key))
        elif isinstance(inner, dict) and isinstance(part, dict) and isinstance(part.get("additionalProperties"), dict):
            for name, entry in inner.items():
                if isinstance(entry, dict):
                    yield from places(entry, part["additionalProperties"], (*above, key, name))


@pytest.mark.parametrize("name", ["study", "exhibits"])
def test_a_misspelt_key_is_an_error_at_every_level(root, name):
    schema = yaml.safe_load((root / f"schemas/{name}.schema.yaml").read_text())
    text = (root / f"config/year2/{name}.yaml").read_text()
    whole = yaml.load(text, yaml.CSafeLoader)
    found = list(places(whole, schema))
    assert len(found) >= 5
    for place in found:
        if name == "exhibits" and not place:
            continue  # its top level is the open list of exhibits
        document = inner = deepcopy({place[0]: whole[place[0]]} if name == "exhibits" else whole)
        for step in place:
            inner = inner[step]
        inner["mispelt"] = 1
        with pytest.raises(ConfigurationError, match="mispelt"):
            check_closed(document, schema, file=f"{name}.yaml")


def test_all_faults_of_a_file_are_named_at_once(root):
    schema = yaml.safe_load((root / "schemas/study.schema.yaml").read_text())
    with pytest.raises(ConfigurationError) as caught:
        check_closed({"study": "Year 2", "titel": "x"}, schema, file="study.yaml")
    assert len(str(caught.value).splitlines()) >= 3
    assert "study.yaml, study: 'Year 2' does not match" in str(caught.value)


def test_an_unknown_population_is_named(root, tmp_path):
    for folder in ("schemas", "config"):
        (tmp_path / folder).symlink_to(root / folder) if folder == "schemas" else (tmp_path / folder).mkdir()
    study = tmp_path / "config" / "year2"
    study.mkdir()
    (study / "study.yaml").write_text((root / "config/year2/study.yaml").read_text())
    text = (root / "config/year2/exhibits.yaml").read_text()
    (study / "exhibits.yaml").write_text(text.replace("population: intake_form", "population: everybody", 1))
    with pytest.raises(ConfigurationError, match="population 'everybody' is not defined"):
        load_study(tmp_path, "year2")


def test_a_study_that_is_not_there_is_one_clear_message(root):
    with pytest.raises(ConfigurationError, match=r"study\.yaml: file not found"):
        load_study(root, "year9")


def test_generated_pages_are_current(root, tmp_path, monkeypatch):
    from drive_eval.cli.produce import document

    monkeypatch.chdir(root)
    document(out=tmp_path)
    for page in ("docs/data_dictionary.md", "config/README.md"):
        assert (root / page).read_text() == (tmp_path / page).read_text(), f"run drive-eval document for {page}"


def test_a_chapter_names_its_analysis_sets_and_settings_once(study):
    populations = {"all": {"table": "b", "flag": ""}, "some": {"table": "a", "flag": "x"}}
    calls = [{"analysis": "counts", "population": name, "settings": {}} for name in ("all", "some", "all")]
    first, second = (replace(study.exhibits[0], id=name, chapter=name, calls=tuple(calls)) for name in ("one", "two"))
    small = replace(study, exhibits=(first, second, first), populations=populations)
    assert small.chapters == ["one", "two"]
    assert small.sets_of("one") == ["a", "b"]
    before = small.settings_of("one")
    assert replace(small, exhibits=(replace(first, title="Other"), second)).settings_of("one") == before
    calls[0] = {**calls[0], "settings": {"exact": True}}
    assert replace(small, exhibits=(replace(first, calls=tuple(calls)), second)).settings_of("one") != before
