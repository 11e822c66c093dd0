"""Damage to derived rows: `verify` finds it, `repair` removes or corrects it, and nothing else is reported afterwards."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.app.archive import Archive
from archiver.cli import run
from archiver.maintain.repair.repair import repair
from archiver.maintain.verify.verify import verify
from archiver.settings import Settings
from crawl.test_editions import Front
from damaged import alter

EDITION = "archiver extract --site t"
DAMAGE: dict[str, tuple[str, str, str]] = {
    "all editions": ("DELETE FROM _edition", "have lost their edition", EDITION),
    "all items": ("DELETE FROM _placed", "shows the same as the one before it", EDITION),
    "an edition": ("DELETE FROM _edition WHERE number = 2", "has lost the edition before it", EDITION),
    "the last visits of editions": ("UPDATE _edition SET last_visit = NULL", "another one follows", EDITION),
    "volumes": ("UPDATE _edition SET volume = 3 WHERE number = 2", "is in a wrong volume", EDITION),
    "a visit of another page": ("UPDATE _edition SET first_visit = 1", "rests on visits of another page", EDITION),
    "natures": ("UPDATE _change SET nature = 'media'", "the nature or the words of another edit", "computed again"),
    "words": ("UPDATE _change SET context = 'lies'", "the nature or the words of another edit", "computed again"),
    "redesigns of changes": ("UPDATE _change SET redesign_id = 7", "has lost its redesign", "looks for redesigns"),
    "a redesign without parts": (
        "INSERT INTO _redesign VALUES (1, 1, 1, 'article', 'title', '2022-10-21 09:00:00', 'x')",
        "does not say what it changes",
        "looks for redesigns",
    ),
    "parts without a redesign": (
        "INSERT INTO _redesign_part VALUES (4, 'article', 'title', 0, 'affix', 'a', 'b')",
        "redesign 4 is lost",
        "corrected",
    ),
    "numbers of words": ("UPDATE _content_words SET words = words + 1", "another number of words", "corrected"),
    "a claim": (
        "INSERT INTO _modified SELECT page_id, '2001-01-01 00:00:00', first_visit, extractor_id, 'x', NULL, NULL, NULL FROM _version LIMIT 1",
        "a claim of page",
        EDITION,
    ),
    "a move": (
        "INSERT INTO _move(page_id, to_page, to_url, how, visit_id) SELECT page_id, page_id, 'http://other.example/', 'near', first_visit FROM _version LIMIT 1",
        "leads to another address than its page",
        EDITION,
    ),
    "a share": ("UPDATE _health SET found = read + 1", "the health of run", "corrected"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """An archive with editions and an edited article."""
    front = Front(tmp_path_factory.mktemp("made"))
    shown: list[list[int | tuple[int, str]]] = [[2, 1], [3, 2, 1], [3, 2, 1], [4, 3, (2, "Tin hai"), 1]]
    for items in shown:
        front.show(items)
    front.site.archive.close()
    yield front
    front.site.close()


@pytest.fixture
def archive(made: Front, tmp_path: Path) -> Path:
    for each in made.site.archive.store.path.parent.glob("archive*.db*"):
        shutil.copy(each, tmp_path)
    return tmp_path / "archive.db"


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_to_derived_rows_is_found_and_repaired(archive: Path, name: str) -> None:
    damage, finding, note = DAMAGE[name]
    described = "SELECT change_id, nature, context FROM _change ORDER BY change_id"
    before = rows(archive, described)
    assert before
    alter(archive, damage)
    assert finding in "\n".join(found.what for found in verify(archive, deep=True).findings)
    report = repair(archive, stamp="now")
    assert report.whole
    assert note in "\n".join(report.notes)
    assert verify(archive, deep=True).findings == []
    assert rows(archive, described) == before


@pytest.mark.parametrize(
    "damage", ["DELETE FROM _edition", "DELETE FROM _placed", "DELETE FROM _edition WHERE number = 2"]
)
def test_lost_editions_are_derived_again(made: Front, archive: Path, damage: str) -> None:
    shown = "SELECT edition, seen_from, seen_last, seen_until, position, title FROM editions ORDER BY 1, 5"
    before = rows(archive, shown)
    for _ in range(2):
        alter(archive, damage)
        assert run(["--archive", str(archive), "repair"]) == 0
        assert rows(archive, shown) == []
        with Archive(Settings(archive, (made.site.selectors,))) as opened:
            opened.extract("t")
        assert rows(archive, shown) == before
    assert verify(archive, deep=True).findings == []
