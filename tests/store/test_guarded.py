"""A server's archive: SQLite refuses every statement but queries, reads as of one time, and stops what takes too long."""

import sqlite3
import threading
from pathlib import Path

import pytest

import archiver
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.serving import file_mark, open_for_server, prepare_to_serve
from archiver.errors import ArchiveReadOnly, QueryTimedOut, UsageError
from archiver.settings import Settings
from archiver.store import columns
from archiver.store.archive import Store
from filled import fill

WRITES = (
    "DELETE FROM _meta",
    "UPDATE sqlite_master SET sql = ''",
    "UPDATE _meta SET value = ''",
    "INSERT INTO _meta VALUES ('a', 'b')",
    "CREATE TABLE x(y)",
    "CREATE TEMP TABLE x(y)",
    "CREATE TEMP VIEW x AS SELECT 1",
    "DROP TABLE _meta",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "PRAGMA query_only=OFF",
    "PRAGMA writable_schema=ON",
    "PRAGMA journal_mode=DELETE",
    "PRAGMA user_version=1",
    "VACUUM",
    "VACUUM INTO '/nowhere/x.db'",
    "REINDEX",
    "ANALYZE",
)
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS most FROM n"


@pytest.fixture
def reader(path: Path) -> ArchiveReader:
    fill(path)
    return open_for_server(Settings(path))


@pytest.mark.parametrize("statement", WRITES)
def test_every_statement_but_a_query_is_refused(reader: ArchiveReader, statement: str) -> None:
    for connection in (reader.store._main, reader.store._vault._connection):
        with pytest.raises((ArchiveReadOnly, sqlite3.OperationalError), match=r"only for queries|may not be modified"):
            connection.execute(statement)
    with pytest.raises(UsageError):
        list(reader.sql(statement))


def test_extensions_are_not_loaded(reader: ArchiveReader) -> None:
    with pytest.raises(sqlite3.OperationalError, match="not authorized"):
        reader.store._main.execute("SELECT load_extension('x')")


def test_all_views_and_the_search_can_be_read(lived: Path) -> None:
    with open_for_server(Settings(lived)) as served, archiver.open(lived, write=False) as plain:
        for view in columns.TABLES:
            count = f"SELECT count(*) AS n FROM {view.name}"
            assert list(served.sql(count)) == list(plain.sql(count))
        title = next(plain.sql("SELECT title FROM pages WHERE kind = 'article'"))["title"]
        assert served.search(title) == plain.search(title)
        assert served.search(title, plain=True)
        page = next(plain.sql("SELECT url FROM pages WHERE state = 'live' AND kind = 'article'"))["url"]
        with served.within(60):
            visit = plain.page(page).versions[-1].first_visit
            assert served.page(page).block(visit) == plain.page(page).block(visit)
            assert served.changes() == plain.changes()
            assert "".join(served.feed()) == "".join(plain.feed())


def test_a_query_is_stopped_and_the_next_one_works(reader: ArchiveReader) -> None:
    with pytest.raises(QueryTimedOut), reader.within(0.05):
        reader.store._main.value(ENDLESS)
    with pytest.raises(QueryTimedOut), reader.within(0.05):
        list(reader.sql(ENDLESS))
    with pytest.raises(QueryTimedOut), reader.within(-1):
        reader.store._main.value("SELECT 1")
    with reader.within(60):
        assert reader.store._main.value("SELECT 1") == 1
    with pytest.raises(ArchiveReadOnly):
        reader.store._main.execute("DELETE FROM _meta WHERE key = 'x'")


def test_a_users_query_does_not_lift_the_guard(reader: ArchiveReader) -> None:
    main = reader.store._main
    assert list(main.query("SELECT 1 AS one", (), lambda message, _: message)) == [{"one": 1}]
    with pytest.raises(ArchiveReadOnly):
        main.execute("CREATE TEMP TABLE x(y)")
    with pytest.raises(ArchiveReadOnly):
        main.execute("DELETE FROM _meta")


def test_a_request_reads_as_of_one_time_while_another_program_writes(reader: ArchiveReader, path: Path) -> None:
    count = "SELECT count(*) FROM _visit"
    with reader.within(60):
        before = reader.store._main.value(count)
        fill(path)
        assert reader.store._main.value(count) == before
    assert reader.store._main.value(count) > before


def test_a_reader_can_be_used_in_another_thread(reader: ArchiveReader) -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(len(reader.changes())))
    thread.start()
    thread.join()
    assert found == [len(reader.changes())]


def test_an_older_archive_is_migrated_once_at_the_start(path: Path) -> None:
    with Store.open(path) as store:
        store._main.execute("PRAGMA user_version=10")
    with pytest.raises(ArchiveReadOnly, match="older archiver"):
        open_for_server(Settings(path))


def test_the_start_says_what_is_missing(path: Path) -> None:
    fill(path)
    assert prepare_to_serve(Settings(path)) == ""
    before = file_mark(path)
    path.with_name("archive.vault.db").unlink()
    assert "is missing" in prepare_to_serve(Settings(path))
    assert file_mark(path) != before
    with open_for_server(Settings(path)) as reader:
        assert reader.changes()
