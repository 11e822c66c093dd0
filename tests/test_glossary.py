"""docs/explain/glossary.md has the words of the project, in order, and names only views, columns and commands that exist."""

import re
from pathlib import Path

import pytest

from archiver.cli.commands import every_command
from archiver.store.views import VIEWS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "explain" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| **")
]
WORDS = [row[0].strip("*") for row in ROWS]

NEEDED = """absence capture chain change content delta extractor fixity frontier head keyframe outcome page reading reason
record requisite revisit run scope seed site TimeMap version visit""".split()


def _commands() -> set[str]:
    return {name for name, _ in every_command()}


def test_the_words_are_there_once_and_in_order() -> None:
    assert sorted(WORDS, key=str.casefold) == WORDS
    assert len(set(WORDS)) == len(WORDS)
    assert set(NEEDED) <= set(WORDS)
    assert "payload digest" in WORDS


@pytest.mark.parametrize("row", ROWS, ids=WORDS)
def test_a_word_has_a_short_meaning_and_a_place_that_exists(row: list[str]) -> None:
    _, meaning, where = row
    assert 1 <= len(re.findall(r"[.…](?= |$)", meaning)) <= 3, "one or two sentences"
    views = {view.name: view for view in VIEWS}
    for name in re.findall(r"view `(\w+)`", where):
        assert name in views
    for column, view in re.findall(r"column `(\w+)` of view `(\w+)`", where):
        assert column in views[view].columns
    for command in re.findall(r"`archiver ([a-z -]+)`", where):
        assert command in _commands()
    for target in re.findall(r"\]\(([^)#]+)", where):
        assert (PAGE.parent / target).resolve().is_file()
    assert re.search(r"`|\]\(", where), "a view, a command or a page"


def test_every_view_with_a_word_of_its_own_is_in_the_glossary() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in ("sites", "pages", "versions", "changes", "readings", "visits", "absences", "links", "sources", "runs"):
        assert f"view `{name}`" in page
