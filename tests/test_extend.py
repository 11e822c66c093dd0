"""docs/howto/extend.md is true: its changes, applied to a copy of the source, work and touch as few files as it says."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.model.outcome import CAUSE_TEXT, TRAITS, Cause, Outcome
from archiver.model.reason import TEXT as REASON_TEXT
from archiver.model.reason import ReasonCode
from archiver.model.record import FIELDS
from made import Bench

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "howto" / "extend.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "archiver"

SELECTIONS = {
    "model/record.py",
    "extract/declared.py",
    "store/page_views.py",
    "app/benching/agreement.py",
    "learn/template_rules.py",
}
"""Files that may name many content fields: the dataclass, the readers of fields, and selections of columns or fields."""


def _changes(heading: str) -> dict[str, list[str]]:
    """The hunks of a section of the guide by file."""
    section = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    changes: dict[str, list[str]] = {}
    for name, hunks in re.findall(r"^```diff\n--- (\S+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        changes.setdefault(name, []).extend(hunks.split("@@\n"))
    return changes


def _apply(hunk: str, text: str) -> str:
    lines = hunk.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    if not old:
        return text + new + "\n"
    found = re.findall("^" + re.escape(old).replace("…", "(.*?)"), text, re.DOTALL | re.MULTILINE)
    assert len(found) == 1, f"the guide's lines stand {len(found)} times in the file:\n{old}"
    if "…" not in old:
        return text.replace(old, new)
    return text.replace(old.replace("…", found[0]), new.replace("…", found[0].strip().rstrip(",")))


def _extended(heading: str, folder: Path) -> tuple[Path, int]:
    """A copy of the source with the changes of a section, and the number of files changed."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    changes = _changes(heading)
    for name, hunks in changes.items():
        path = folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for hunk in hunks:
            text = _apply(hunk, text)
        path.write_text(text, encoding="utf-8")
    return folder / "src", len(changes)


def _python(source: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        env={"PYTHONPATH": f"{source}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin", "ARCHIVER_STATE": str(source.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_NEW_OUTCOME = """
import sys
from pathlib import Path

from archiver.maintain.verify.verify import verify
from archiver.model.outcome import TRAITS, Outcome
from scripted import Scripted

assert list(TRAITS) and set(TRAITS) == set(Outcome)
site = Scripted(Path(sys.argv[1]) / "archive.db")
site.answers["/"] = (402, {}, b"pay")
state = site.archive.capture(site.url + "/").state
assert (state.outcome, state.state) == ("unpaid", "blocked"), state
assert site.rows("SELECT outcome FROM blind WHERE status = 402") == [("unpaid",)]
assert "unpaid" in site.rows("SELECT meaning FROM _doc WHERE view = 'visits' AND column = 'outcome'")[0][0]
assert verify(site.archive.settings.archive, deep=True).whole
site.close()
"""


def test_an_outcome_takes_two_files(tmp_path: Path) -> None:
    source, count = _extended("Add an outcome", tmp_path)
    assert count <= 2
    (tmp_path / "archive").mkdir()
    _python(source, "-c", _NEW_OUTCOME, str(tmp_path / "archive"))


def test_every_outcome_has_its_row_and_every_cause_its_text() -> None:
    assert set(TRAITS) == set(Outcome)
    assert set(CAUSE_TEXT) == set(Cause)
    assert set(REASON_TEXT) == set(ReasonCode)


_NEW_FIELD = """
import json, sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from archiver.app.reading.state import record_json
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.maintain.verify.verify import verify
from archiver.model.record import Content
from archiver.store.archive import Store
from made import Bench, capture

page = '<meta name=geo.placename content=Huế><title>T</title><h1>T</h1><i>Vinh</i>'.encode()
head = '[site]\\nname="a"\\nhome="http://portal.example/"\\n[[page]]\\nkind="article"\\n[page.fields]\\n'
declared = read(capture("http://portal.example/1", page), None).content
ruled = read(capture("http://portal.example/1", page), parse_profile(head + 'place = "i"', "a.toml")).content
assert (declared.place, ruled.place) == ("Huế", "Vinh"), (declared, ruled)
assert Content.from_plain(json.loads(json.dumps(asdict(ruled)))) == ruled
assert record_json(ruled)["place"] == "Vinh"
with Store.open(Path(sys.argv[1])) as store:
    bench = Bench(store, 1, 1)
    (before,) = store.history.versions(1)
    assert before.content == Content(title="T")
    bench.now += timedelta(days=1)
    bench.visit(Content(title="T"))
    assert len(store.history.versions(1)) == 1, "an empty new field makes no version"
    bench.visit(ruled)
    assert store.history.versions(1)[-1].content == ruled
    assert [row["place"] for row in store.sql("SELECT place FROM versions ORDER BY version")] == [None, "Vinh"]
    (change,) = store.sql("SELECT field, old, new FROM changes WHERE field = 'place'")
    assert change == {"field": "place", "old": None, "new": "Vinh"}, change
    path, new = store.path, store.path.with_name("new.db")
Store.open(new).close()
assert verify(new, deep=True).whole, "a new archive has the same tables"
assert [each.what for each in verify(path, deep=True).findings] == []
"""


def test_a_content_field_takes_three_files(bench: Bench, path: Path, tmp_path: Path) -> None:
    from archiver.model.record import Content

    bench.visit(Content(title="T"))
    bench.store.close()
    source, files = _extended("Add a content field", tmp_path / "copy")
    assert files <= 3
    _python(source, "-c", _NEW_FIELD, str(path))


def test_an_export_format_takes_two_files(lived: Path, tmp_path: Path) -> None:
    source, files = _extended("Add an export format", tmp_path / "copy")
    assert files <= 2
    sql = "SELECT 1 AS a, NULL AS b, 'x|y' AS c"
    words = ("-m", "archiver", "--archive", str(lived), "export")
    assert (
        _python(source, *words, "markdown", "-", "--sql", sql) == "| a | b | c |\n|---|---|---|\n| 1 |  | x&#124;y |\n"
    )
    assert "Write a Markdown table" in _python(source, *words, "markdown", "--help")
    assert "--excel" not in _python(source, *words, "markdown", "--help")
    _python(source, *words, "markdown", str(tmp_path / "out"), "--describe")
    assert (tmp_path / "out" / "pages.markdown").is_file()


def _named(node: ast.AST) -> list[object]:
    if isinstance(node, ast.Dict):
        return [key.value for key in node.keys if isinstance(key, ast.Constant)]
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [each.value for each in node.elts if isinstance(each, ast.Constant)]
    if isinstance(node, ast.Call):
        return [each.arg for each in node.keywords if getattr(node.func, "id", "") == "Content"]
    return []


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_content_fields_are_listed_once(path: Path) -> None:
    """A list of five or more content fields stands in the dataclass only; every other place uses `CONTENT_FIELDS`."""
    if path.relative_to(SOURCE).as_posix() in SELECTIONS:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        listed = [name for name in _named(node) if name in FIELDS]
        assert len(listed) < 5, f"line {getattr(node, 'lineno', 0)} lists {listed}"
