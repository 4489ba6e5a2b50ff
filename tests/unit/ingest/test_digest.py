from drive_eval.ingest import digest


def test_a_digest_follows_imports_at_any_depth_and_nothing_else(tmp_path, monkeypatch):
    package = tmp_path / "drive_eval"
    (package / "analyses").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "analyses" / "__init__.py").write_text("")
    (package / "results.py").write_text("from drive_eval.errors import E\n")
    (package / "errors.py").write_text("E = 1\n")
    (package / "analyses" / "one.py").write_text("def f():\n    from drive_eval.results import R\n")
    (package / "analyses" / "two.py").write_text("X = 1\n")
    monkeypatch.setattr(digest, "_ROOT", package)
    first = digest.source_digest(["analyses.one"])
    (package / "analyses" / "two.py").write_text("X = 2\n")
    assert digest.source_digest(["analyses.one"]) == first
    (package / "errors.py").write_text("E = 2\n")
    assert digest.source_digest(["analyses.one"]) != first


def test_a_digest_covers_the_templates_beside_a_module(tmp_path, monkeypatch):
    package = tmp_path / "drive_eval"
    (package / "report" / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "report" / "__init__.py").write_text("")
    (package / "report" / "html.py").write_text("X = 1\n")
    (package / "results.py").write_text("X = 1\n")
    sheet = package / "report" / "templates" / "style.css"
    sheet.write_text("a { color: red }")
    monkeypatch.setattr(digest, "_ROOT", package)
    page, other = digest.source_digest(["report.html"]), digest.source_digest(["results"])
    sheet.write_text("a { color: blue }")
    assert digest.source_digest(["report.html"]) != page
    assert digest.source_digest(["results"]) == other
