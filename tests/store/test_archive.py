"""Opening archives: other files, newer schemas, mismatched files; and the descriptions of the views."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveLocked,
    ArchiveReadOnly,
    ArchiveTooNew,
    NotAnArchive,
    UsageError,
)
from archiver.store import archive as archive_module
from archiver.store import open_file as opening
from archiver.store.archive import Store, vault_path
from archiver.store.open_file import statements
from archiver.store.schema import APPLICATION_ID, MIGRATIONS
from archiver.store.views import VIEWS

DESIGN_COLUMNS = {
    "sites": "name title home language timezone pages last_run",
    "pages": "site page_id url title first_seen last_visited state views",
    "versions": "site page_id url version_id version seen_from seen_last seen_until published published_utc published_raw title "
    "section summary body captions bylines tags language extra content_id",
    "changes": "site page_id url change_id version_id field old new not_before not_after chars_added chars_removed",
    "readings": "site page_id url name read_at value gained",
    "visits": "site page_id url visit_id run_id visited_at status outcome final_url media_type bytes sha256 milliseconds note",
    "absences": "site page_id url last_seen gone_by back_by misses evidence",
    "captions": "version_id position text",
    "bylines": "version_id position name",
    "tags": "version_id position name",
    "files": "version_id position url media_type sha256 visit_id",
    "links": "from_url to_url text seen_from seen_last",
    "sources": "version_id field rule rank raw node_path profile_sha256 code_version recorded_at",
    "reinterpretations": "seen_from field was now was_by now_by",
    "found": "words title context seen_from seen_last seen_until version_id",
    "found_plain": "words title context seen_from seen_last seen_until version_id",
    "runs": "run_id kind started_at finished_at visits new_versions gone errors ended",
}


def test_every_view_has_the_columns_of_the_design_and_says_what_they_mean(path: Path) -> None:
    Store.open(path).close()
    database = sqlite3.connect(path)
    for view, columns in DESIGN_COLUMNS.items():
        present = {row[1] for row in database.execute(f"PRAGMA table_info({view})")}
        assert set(columns.split()) <= present, view
        documented = {row[0] for row in database.execute("SELECT column FROM _doc WHERE view = ?", (view,))}
        assert documented == present | {""}, view
        database.execute(f"SELECT * FROM {view} LIMIT 1").fetchall()
    assert not any(name == "at" for view in VIEWS for name in view.columns)
    assert database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    database.close()


def test_a_file_that_is_no_archive_is_refused_and_not_changed(path: Path) -> None:
    path.write_text("not a database, but somebody's notes", encoding="utf-8")
    with pytest.raises(NotAnArchive, match="not changed"):
        Store.open(path)
    assert path.read_text(encoding="utf-8") == "not a database, but somebody's notes"


def test_another_database_is_refused_and_not_changed(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE recipes(name)")
    database.commit()
    database.close()
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(NotAnArchive):
            Store.open(path, write=write)
    assert path.read_bytes() == before
    assert not vault_path(path).exists()


def test_a_folder_and_a_missing_archive_have_different_errors(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="folder"):
        Store.open(tmp_path)
    with pytest.raises(ArchiveError, match="archiver capture"):
        Store.open(tmp_path / "none.db", write=False)
    assert not (tmp_path / "none.db").exists()


def test_an_archive_of_a_newer_archiver_opens_to_read_only(path: Path) -> None:
    Store.open(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 999")
    database.close()
    with pytest.raises(ArchiveTooNew, match="upgrade"):
        Store.open(path)
    with Store.open(path, write=False) as store:
        assert "newer archiver" in store.notice
        assert list(store.sql("SELECT count(*) AS pages FROM pages")) == [{"pages": 0}]


def test_the_vault_of_another_archive_is_refused(path: Path, tmp_path: Path) -> None:
    Store.open(path).close()
    other = tmp_path / "other.db"
    Store.open(other).close()
    vault_path(other).replace(vault_path(path))
    with pytest.raises(ArchiveDamaged, match="another archive"):
        Store.open(path)


def test_an_archive_that_is_locked_too_long_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.store.open_file.BUSY_SECONDS", 0.05)
    Store.open(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store.open(path) as store, pytest.raises(ArchiveLocked, match="let it finish"), store.transaction():
        pass
    other.execute("ROLLBACK")
    other.close()


def test_a_users_query_can_only_read(path: Path) -> None:
    from archiver.errors import UsageError

    with Store.open(path) as store:
        assert next(store.sql("SELECT 1 AS one")) == {"one": 1}
        for query in ("DELETE FROM _visit", "CREATE TABLE x(y)", "SELEC 1"):
            with pytest.raises(UsageError, match="SQL"):
                list(store.sql(query))


def test_a_migration_script_runs_statement_by_statement() -> None:
    script = "CREATE TABLE a(x);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1; SELECT 2;\nEND;\nDROP TABLE a;\n"
    assert [one.split()[0] for one in statements(script)] == ["CREATE", "CREATE", "DROP"]
    assert int.from_bytes(b"ARCH", "big") == APPLICATION_ID


def test_a_reader_migrates_an_older_archive(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(archive_module, "MIGRATIONS", MIGRATIONS[:2])
        older.setattr(archive_module, "refresh_views", lambda _: None)
        older.setattr(archive_module, "describe_changes", lambda _: None)
        Store.open(path).close()
    with Store.open(path, write=False) as store:
        assert list(store.sql("SELECT reason FROM visits")) == []
        assert list(store.sql("SELECT user_version FROM pragma_user_version")) == [{"user_version": len(MIGRATIONS)}]


def test_an_older_archive_that_cannot_be_written_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(archive_module, "MIGRATIONS", MIGRATIONS[:2])
        older.setattr(archive_module, "refresh_views", lambda _: None)
        older.setattr(archive_module, "describe_changes", lambda _: None)
        Store.open(path).close()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(opening, "BUSY_SECONDS", 0.01)
        with pytest.raises(ArchiveReadOnly, match="older archiver"):
            Store.open(path, write=False)


def test_a_reader_has_the_views_of_its_own_code(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP VIEW found")
        database.execute("UPDATE _meta SET value = 'of old' WHERE key = 'views'")
        database.commit()
    with Store.open(path, write=False) as store:
        assert list(store.sql("SELECT content_id FROM found WHERE words MATCH 'x'")) == []


@pytest.mark.parametrize(
    "sql", ["ATTACH '{}' AS e", "VACUUM INTO '{}'", "PRAGMA journal_mode=DELETE", "PRAGMA user_version=9"]
)
def test_a_query_creates_no_file_and_changes_no_setting(path: Path, tmp_path: Path, sql: str) -> None:
    other = tmp_path / "other.db"
    with Store.open(path) as store:
        with pytest.raises(UsageError):
            list(store.sql(sql.format(other)))
        assert list(store.sql("SELECT name FROM pragma_table_info('pages') LIMIT 1")) == [{"name": "site"}]
    assert not other.exists()
