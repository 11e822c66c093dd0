"""The views and users' queries as streams of rows, all as of one time. Other programs may write meanwhile."""

import functools
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from archiver.errors import ArchiveError, ArchiveReadOnly, UsageError
from archiver.model.table import Column, Row, Table
from archiver.store import columns
from archiver.store.authorizers import only_reading
from archiver.store.connection import FAILURES, Connection, as_archive_error
from archiver.store.open_file import read_only
from archiver.store.partitions import partition_sql
from archiver.store.query_text import check_query, distinct_names
from archiver.store.sql_errors import sql_error
from archiver.store.temp_views import hide_pages, overlay_views
from archiver.store.view_sql import View
from archiver.text.near import did_you_mean

_WRONG = (*FAILURES, sqlite3.Warning, ValueError)  # Warning: two statements at once (3.11); ValueError: a NUL in it
_STEPS = 20_000  # of SQLite's virtual machine, about a millisecond, between two checks of a query's time
_text = functools.partial(str, encoding="utf-8", errors="surrogateescape")


class Tables:
    """The tables of an archive, as of the time of opening (`tables_of`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.raw
        self._is_stopped: Callable[[], bool] = bool
        self._too_long = ""
        self._sqlite.row_factory = None
        self._sqlite.text_factory = _text
        self._sqlite.execute("PRAGMA query_only=ON")
        self._sqlite.execute("BEGIN")
        self._sqlite.execute("SELECT count(*) FROM sqlite_schema").fetchone()

    def view(self, name: str, site: str | None = None) -> Table:
        """Return a view, as a whole or one site's part of it.

        Raises:
            UsageError: there is no such view, or it needs a search.
        """
        if name in columns.SEARCHED:
            raise UsageError(f"{name}: this view needs a search; query it with SQL: … WHERE words MATCH '…'")
        view = next((each for each in columns.READABLE if each.name == name), None)
        if view is None:
            known = [each.name for each in columns.READABLE]
            raise UsageError(f"{name}: no such view; {did_you_mean(name, known)}known: {', '.join(known)}")
        where, values = ("", ()) if site is None else (" WHERE site = ?", (site,))
        names, rows = self._select(f"SELECT * FROM {view.name}{where}", values)
        described = tuple(columns.column(view, each) for each in names)
        return Table(name, described, rows, view.meaning, columns.key(view), columns.references(view))

    def views(self, site: str | None = None) -> Iterator[Table]:
        """Yield all views except those that need a search."""
        for each in columns.TABLES:
            yield self.view(each.name, site)

    def partitions(self, view: View, site: str, first_id: int) -> Table:
        """Return a view for the tables of a fleet: before its columns, each row has its partition (`store.partitions`).

        Args:
            view: one of `columns.READABLE`.
            site: of rows that are of the whole archive.
            first_id: is added to all ids.
        """
        _, rows = self._select(partition_sql(view), {"site": site, "first": first_id})
        described = tuple(columns.column(view, name) for name in view.columns)
        return Table(view.name, described, rows, view.meaning, columns.key(view), columns.references(view))

    def limit(self, seconds: float | None, is_stopped: Callable[[], bool]) -> None:
        """End queries that take too long, or when `is_stopped` returns true.

        Such a query raises UsageError or KeyboardInterrupt, also while its rows are read.

        Args:
            seconds: the limit, from now; None for no limit.
            is_stopped: called about every millisecond while a query runs.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        self._too_long = f"SQL: stopped after {seconds} s; select less, or raise --timeout"

        def is_over() -> bool:
            return is_stopped() or (ends is not None and time.monotonic() > ends)

        self._is_stopped = is_stopped
        self._sqlite.set_progress_handler(is_over, _STEPS)

    def query(self, sql: str, name: str, params: Mapping[str, str] | None = None) -> Table:
        """Run a user's query; of two columns with the same name, the second is called NAME_2.

        Raises:
            UsageError: the SQL is wrong, returns no rows, or would write, also while rows are read; or a parameter is none
                of the query's.
        """
        check_query(sql, params or ())
        self._sqlite.set_authorizer(only_reading)
        names, rows = self._select(sql, params or {})
        self._sqlite.set_authorizer(None)
        if not names:
            raise UsageError("SQL: this statement returns no rows; use SELECT")
        return Table(name, tuple(map(Column, distinct_names(names))), rows)

    def copy(self, target: Path, progress: Callable[[int, int], None]) -> None:
        """Copy the whole file of the archive, as of the same time.

        Args:
            target: the new file.
            progress: called with the pages that are copied, and their total.

        Raises:
            ArchiveError: the target cannot be written.
        """
        try:
            with closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA synchronous=OFF")  # the caller syncs the finished file once
                self._sqlite.backup(copy, pages=4096, progress=lambda _, left, total: progress(total - left, total))
        except sqlite3.Error as error:
            raise as_archive_error(error, target) or ArchiveError(f"{target}: {error}") from error

    def profiles(self, site: str | None = None) -> list[tuple[str, str]]:
        """Return each site's name and the text of its current profile; sites without one are left out."""
        _, rows = self._select(
            "SELECT s.name, e.profile FROM _extractor e JOIN _site s ON s.site_id = e.site_id "
            "WHERE e.current = 1 AND e.profile <> '' AND s.name = coalesce(?, s.name) ORDER BY s.name",
            (site,),
        )
        return [(str(name), str(text)) for name, text in rows]

    def _select(
        self, sql: str, values: tuple[str | None, ...] | Mapping[str, str | int] = ()
    ) -> tuple[list[str], Iterator[Row]]:
        try:
            cursor = self._sqlite.execute(sql, values)
        except _WRONG as error:
            raise self._converted(error, sql) from error
        return [column[0] for column in cursor.description or ()], self._rows(cursor, sql)

    def _rows(self, cursor: sqlite3.Cursor, sql: str) -> Iterator[Row]:
        try:
            yield from iter(cursor.fetchone, None)  # yielding from the cursor would close it after its connection
        except _WRONG as error:
            raise self._converted(error, sql) from error

    def _converted(self, error: Exception, sql: str) -> BaseException:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            return KeyboardInterrupt() if self._is_stopped() else UsageError(self._too_long)
        converted = as_archive_error(error, self._connection.path) if isinstance(error, FAILURES) else None
        if converted is not None and not isinstance(converted, ArchiveReadOnly):
            return converted
        return UsageError(sql_error(str(error), sql))


@contextmanager
def tables_of(path: Path, without: Sequence[int] = ()) -> Iterator[Tables]:
    """Open an archive's tables as of now, on a separate connection.

    Args:
        path: `archive.db`.
        without: pages that no view shows.

    Raises:
        ArchiveError: the archive cannot be read.
    """
    connection = read_only(path)
    try:
        overlay_views(connection)
        hide_pages(connection, without)
        yield Tables(connection)
    finally:
        connection.close()
