"""`archiver.open()` in a notebook: when the archive is created, the queries, and the error messages."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import archiver
from archiver.app.archive import Archive
from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveReadOnly, NoSuchVersion, NotInArchive, UsageError
from archiver.settings import bundled_profiles
from made import Works


@pytest.fixture
def address(works: Works) -> str:
    """A page visited on 2022-10-21 at 09:00 and, with a new title, at 10:00."""
    item = works.portal.items[0]
    works.archive.capture(works.portal.address(item))
    works.portal.retitle(item, "Tiêu đề mới")
    works.clock.advance(hours=1)
    works.archive.capture(works.portal.address(item))
    return works.portal.address(item)


@pytest.mark.parametrize("write", [True, False])
def test_reading_a_missing_archive_is_an_error_and_creates_none(tmp_path: Path, write: bool) -> None:
    path = tmp_path / "nope.db"
    with pytest.raises(ArchiveError, match="there is no archive here"), archiver.open(path, write=write) as archive:
        archive.stats()
    assert list(tmp_path.iterdir()) == []


def test_the_first_capture_creates_the_archive(works: Works, tmp_path: Path) -> None:
    path = tmp_path / "new" / "archive.db"
    with archiver.open(path, selectors=bundled_profiles()) as archive:
        assert not path.exists()
        archive.capture(works.portal.address(works.portal.items[0]))
        assert archive.stats()["bodies"] == 2
    with archiver.open(path, write=False) as archive:
        assert archive.stats()["bodies"] == 2


def test_an_invalid_address_or_profile_creates_no_archive(tmp_path: Path) -> None:
    with archiver.open(tmp_path / "archive.db") as archive:
        with pytest.raises(UsageError):
            archive.capture("htp://x")
        with pytest.raises(archiver.ArchiverError):
            archive.crawl("nosuch")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_created_by_another_process_is_found(works: Works, address: str, tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    with archiver.open(path) as early:
        with archiver.open(path, selectors=bundled_profiles()) as other:
            other.capture(address)
        assert early.page(address).versions


def test_reading_a_closed_archive_is_an_error(works: Works, address: str) -> None:
    page = works.archive.page(address)
    works.archive.close()
    works.archive.close()
    for ask in (
        works.archive.stats,
        works.archive.changes,
        lambda: list(works.archive.sql("SELECT 1")),
        lambda: works.archive.capture(address),
        lambda: page.visits,
    ):
        with pytest.raises(UsageError, match="archive is closed"):
            ask()


def test_a_moment_may_be_a_date_a_datetime_or_text(works: Works, address: str) -> None:
    page = works.archive.page(address)
    hanoi = timezone(timedelta(hours=7))
    assert page.at(date(2022, 10, 21)).version == 2
    assert page.at(datetime(2022, 10, 21, 9, 30)).version == 1  # noqa: DTZ001  (UTC)
    assert page.at(datetime(2022, 10, 21, 16, 30, tzinfo=hanoi)).version == 1
    assert page.at(datetime(2022, 10, 21, 10, tzinfo=UTC)).version == 2
    assert page.at("2022-10-21T16:30:00+07:00").version == 1
    assert page.state_at(date(2022, 10, 21)).version == 2
    with pytest.raises(NoSuchVersion, match="not yet seen at 2022-10-20 23:59:59"):
        page.at(date(2022, 10, 20))
    with pytest.raises(UsageError, match="not a moment"):
        page.at("999999w")


def test_changes_are_filtered_by_kind_and_moment(works: Works, address: str) -> None:
    archive = works.archive
    assert {row["kind"] for row in archive.changes()} == {"new", "edited"}
    assert [row["field"] for row in archive.changes("edited", field="title")] == ["title"]
    assert archive.changes(since=date(2022, 10, 22)) == []
    assert archive.changes(until=date(2022, 10, 21)) == archive.changes()
    assert [row["kind"] for row in archive.changes(until=datetime(2022, 10, 21, 9, tzinfo=UTC))] == ["new"]
    with pytest.raises(UsageError, match="known: new, edited, redesign, gone, moved, back"):
        archive.changes(["odd"])
    with pytest.raises(UsageError, match="wrods: no such nature of an edit; did you mean 'words'"):
        archive.changes(natures="wrods")
    with pytest.raises(NotInArchive, match="no such site"):
        archive.search("x", site="nosuch")


def test_sql_takes_parameters(works: Works, address: str) -> None:
    archive: Archive = works.archive
    by_order = "SELECT version FROM versions WHERE title LIKE ?"
    by_name = "SELECT version FROM versions WHERE title LIKE :title"
    assert list(archive.sql(by_order, ["Tiêu đề mới%"])) == [{"version": 2}]
    assert list(archive.sql(by_name, {"title": "Tiêu đề mới%"})) == [{"version": 2}]
    with pytest.raises(UsageError, match="SQL: "):
        list(archive.sql(by_order))


def test_an_archive_without_its_vault_can_be_read_but_not_written(works: Works, address: str) -> None:
    path = works.archive.settings.archive
    works.archive.close()
    bodies = path.with_name("archive.vault.db")
    bodies.rename(bodies.with_suffix(".away"))
    for write in (False, True, False):
        with pytest.raises(ArchiveDamaged, match=r"the bodies of .* are missing; restore this file from a copy"):
            archiver.open(path, write=write).page(address).block(1)
        assert not bodies.exists()


def test_an_unwritable_folder_and_a_missing_folder_are_different_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # tests may run as root, who can write everywhere
    with archiver.open("/proc/archive.db") as archive, pytest.raises(ArchiveReadOnly, match="read-only file system"):
        archive.capture("http://127.0.0.1:1/")
