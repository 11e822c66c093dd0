"""The rules of CONTRIBUTING that a test can check: size of files and functions, documented commands and names."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc", "tools"}


def _functions() -> list[tuple[str, int]]:
    lengths = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append((f"{path.name}:{node.name}", length))
    return lengths


def _faults(path: Path) -> list[str]:
    text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT / "src")
    said = {
        f"{name}: the first line says why the file exists": bool(ast.get_docstring(ast.parse(text))),
        f"{name}: a file of more than 330 lines has two reasons to exist": len(text.splitlines()) <= 330,
        f"{name}: name a file for what it holds": path.stem not in DRAWERS,
    }
    return [fault for fault, is_well in said.items() if not is_well]


def test_each_file_has_a_docstring_and_stays_small() -> None:
    assert len(SOURCES) > 300
    assert [fault for path in SOURCES for fault in _faults(path)] == []


def test_functions_are_small() -> None:
    lengths = sorted(length for _, length in _functions())
    assert lengths[int(len(lengths) * 0.9)] <= 25
    assert statistics.median(lengths) <= 10
    longest = max(_functions(), key=lambda item: item[1])
    assert longest[1] <= 65, longest


def test_every_command_is_in_the_reference() -> None:
    from archiver.cli.commands import every_command

    reference = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    names = [name for name, _ in every_command()]
    assert len(names) >= 14
    for name in names:
        assert f"## archiver {name}\n" in reference


def test_every_error_and_view_is_in_the_reference() -> None:
    from archiver import errors
    from archiver.store.views import VIEWS

    reference = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.ArchiverError):
            assert f"`{name}`" in reference
    views = (ROOT / "docs" / "reference" / "views.md").read_text(encoding="utf-8")
    for view in VIEWS:
        assert f"## {view.name}\n" in views


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    explained = (ROOT / "docs/explain/dependencies.md").read_text(encoding="utf-8")
    rows = {name for line in explained.splitlines() if line.startswith("| ") for name in line.split("|")[1].split(",")}
    listed = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    assert {re.split(r"[ ;<>=]", each)[0] for each in listed} <= {name.strip() for name in rows}


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    pins = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    assert "--hash=sha256:" in pins


def test_every_document_with_examples_is_run() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "README.md", "docs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        if re.search(r"^```(console|python)\n", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert f"{path.relative_to(ROOT)}::" in listed


TWICE: set[str] = set()
"""Class names that still have two meanings. Remove a name here when its classes are renamed; add none."""


def test_a_class_name_has_one_meaning() -> None:
    names = Counter(
        node.name
        for path in SOURCES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert {name for name, count in names.items() if count > 1} <= TWICE
