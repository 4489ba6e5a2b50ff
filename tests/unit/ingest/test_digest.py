import ast

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


def imported(source):
    """The modules of the package that a module imports, by Python's own parser."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == digest.PACKAGE:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == digest.PACKAGE)


def test_imports_are_those_that_a_parser_finds_in_every_module(root):
    modules = sorted((root / "src").rglob("*.py"))
    assert len(modules) > 150
    for path in modules:
        found = {name for name in imported(path.read_bytes()) if digest._path(name) is not None}
        assert set(digest._imports(path.read_bytes())) == found, path
