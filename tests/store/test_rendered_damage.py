"""Damage to what browsers made: it is told with its address, a copy has it all, and a repair takes it from there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.maintain.backup.backup import back_up
from archiver.maintain.repair.repair import repair
from archiver.maintain.verify.verify import verify
from archiver.store.archive import Store
from archiver.store.real_file import vault_path
from browsed import HOME, Browsed
from damaged import alter

NOW, STAMP = "2022-10-21 09:00:00", "20221021090000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a copy that was made in two steps."""
    folder = tmp_path_factory.mktemp("made") / "data"
    folder.mkdir()
    site = Browsed(folder)
    for views in range(3):
        site.article("Bài thứ nhất.", views)
    site.archive.release_files()
    back_up(site.path, folder.parent / "copy", made_at=NOW, version="0.1.0")
    site.article("Bài thứ nhất, đã sửa.", 7)
    site.failed()
    site.article("Bài thứ hai.", 1, path="/a/2")
    site.close()
    back_up(site.path, folder.parent / "copy", made_at=NOW, version="0.1.0")
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Browsed:
    for name in ("a.db", "a.vault.db"):
        shutil.copy(made / name, tmp_path / name)
    return Browsed(tmp_path)


@pytest.fixture
def copy(made: Path) -> Path:
    return made.parent / "copy"


def _rendition(site: Browsed, kind: str, page: int = 1) -> int:
    number: int = site.value(
        f"SELECT max(rendition_id) FROM renditions WHERE kind = '{kind}' AND url = '{HOME}/a/{page}' AND outcome = 'ok'"
    )
    return number


def _lose_frame(site: Browsed) -> None:
    ((frame,),) = site.inside(f"SELECT frame_id FROM _visit WHERE visit_id = {_rendition(site, 'requests')}")
    alter(
        vault_path(site.path),
        f"DELETE FROM _frame WHERE frame_id = {frame}",
        f"DELETE FROM _mirror WHERE frame_id = {frame}",
    )


def _altered(kind: str, change: str) -> Callable[[Browsed], None]:
    def alter_row(site: Browsed) -> None:
        number = _rendition(site, kind)
        site.archive.release_files()
        alter(site.path, change.format(number))

    return alter_row


DAMAGE: dict[str, tuple[Callable[[Browsed], None], str]] = {
    "a document": (lambda site: site.damage(_rendition(site, "dom")), f"urn:dom:{HOME}/a/1"),
    "a screenshot": (lambda site: site.damage(_rendition(site, "screenshot")), f"urn:screenshot:{HOME}/a/1"),
    "a lost frame": (_lose_frame, f"urn:requests:{HOME}/a/1"),
    "how it was made": (_altered("dom", "UPDATE _visit SET made_by = '{{}}' WHERE visit_id = {}"), "row was altered"),
    "the visit it is of": (_altered("dom", "UPDATE _visit SET of_visit = 1 WHERE visit_id = {}"), "row was altered"),
    "no visit": (_altered("dom", "UPDATE _visit SET of_visit = 999 WHERE visit_id = {}"), "the visit in a browser that it is of is lost"),
    "who asked": (_altered("dom", "UPDATE _visit SET via = NULL WHERE visit_id = {}"), "row was altered"),
    "a lost rendition": (_altered("dom", "DELETE FROM _visit WHERE visit_id = {}"), "its row is gone"),
    "a lost page": (_altered("dom", "DELETE FROM _visit WHERE visit_id = (SELECT of_visit FROM _visit WHERE visit_id = {})"), "its row is gone"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_told_in_words_and_repaired_from_a_copy(site: Browsed, copy: Path, what: str) -> None:
    damage, said = DAMAGE[what]
    before = site.rows("SELECT * FROM renditions"), site.rows("SELECT * FROM visits")
    damage(site)
    site.archive.release_files()
    found = verify(site.path, deep=True)
    assert not found.whole
    assert said in "\n".join(map(str, found.findings))
    report = repair(site.path, copy, stamp=STAMP)
    assert report.whole, report
    assert verify(site.path, deep=True).whole
    assert (site.rows("SELECT * FROM renditions"), site.rows("SELECT * FROM visits")) == before
    site.close()


def test_a_copy_has_rows_and_bytes_of_what_browsers_made(site: Browsed, copy: Path) -> None:
    rows = "SELECT visit_id, page_id, via, of_visit, made_by, sha256, chain FROM _visit ORDER BY visit_id"
    (path,) = copy.rglob("a.db")
    assert verify(path, deep=True).whole
    with Store.open(path, write=False) as theirs:
        assert [tuple(row) for row in theirs._main.rows(rows)] == site.inside(rows)
        for (visit,) in site.rows("SELECT visit_id FROM renditions UNION SELECT rendition_id FROM renditions"):
            assert theirs.evidence.visit(visit) == site.archive.store.evidence.visit(visit)
    site.close()
