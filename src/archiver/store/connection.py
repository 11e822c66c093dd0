"""A connection to one SQLite file: statements, transactions, and the conversion of SQLite's errors.

Only operational failures (locked, full, read-only, damaged) become an ArchiveError. A wrong statement stays a bug.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from archiver.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveReadOnly,
    NotAnArchive,
    QueryTimedOut,
    UsageError,
)
from archiver.store.authorizers import Authorizer, only_reading, only_selecting
from archiver.store.disk_space import has_room, temporary_folder

if TYPE_CHECKING:
    from sqlite_utils import Database

Value = str | int | float | bytes | None
Params = Sequence[Value] | Mapping[str, Value]
Row = sqlite3.Row

_FULL = "the disk is full; make room, then run this again (acknowledged data is safe)"
_BY_CODE: dict[int, tuple[type[ArchiveError], str]] = {
    sqlite3.SQLITE_BUSY: (ArchiveLocked, "another program is writing to it; let it finish, then run this again"),
    sqlite3.SQLITE_LOCKED: (ArchiveLocked, "another program is writing to it; let it finish, then run this again"),
    sqlite3.SQLITE_FULL: (ArchiveFull, _FULL),
    sqlite3.SQLITE_IOERR: (
        ArchiveFull,
        "writing to the disk failed; check that the disk is sound and has room, then run this again",
    ),
    sqlite3.SQLITE_READONLY: (
        ArchiveReadOnly,
        "it cannot be written; change its permissions, or name another archive with --archive",
    ),
    sqlite3.SQLITE_AUTH: (ArchiveReadOnly, "it is open only for queries"),
    sqlite3.SQLITE_CANTOPEN: (ArchiveReadOnly, "it cannot be opened; check that its folder exists and is writable"),
    sqlite3.SQLITE_PERM: (
        ArchiveReadOnly,
        "it cannot be opened; change its permissions, or name another archive with --archive",
    ),
    sqlite3.SQLITE_CORRUPT: (ArchiveDamaged, "the file is damaged; restore it from a copy"),
    sqlite3.SQLITE_NOTADB: (
        NotAnArchive,
        "this is not an SQLite file and was not changed; name another archive with --archive",
    ),
}


_CANNOT_READ = frozenset(
    (
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
        sqlite3.SQLITE_IOERR_DATA if hasattr(sqlite3, "SQLITE_IOERR_DATA") else 8202,
    )
)
"""Disk errors that have nothing to do with free space."""

_MAY_BE_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)

Failure = sqlite3.Error | UnicodeDecodeError
FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""The exceptions of SQLite's module; the second when a name in a damaged schema is not valid text."""


def as_archive_error(error: Failure, path: Path) -> ArchiveError | None:
    """Return the ArchiveError for an operational failure of SQLite; None for a bug."""
    if isinstance(error, UnicodeDecodeError) or str(error).startswith("Could not decode to UTF-8"):
        return ArchiveDamaged(f"{path}: the file is damaged (a text value is not valid UTF-8); run `archiver verify`")
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if code not in _BY_CODE:
        return None
    if extended in _CANNOT_READ:
        return ArchiveDamaged(f"{path}: the disk cannot read it; restore the file from a copy")
    if code in _MAY_BE_FULL and (where := _full_disk(path)):
        return ArchiveFull(f"{path}: {where}")
    kind, advice = _BY_CODE[code]
    if code == sqlite3.SQLITE_CANTOPEN and path.parent.is_dir() and not os.access(path.parent, os.W_OK):
        advice = "its folder is not writable or is on a read-only file system; name another archive with --archive"
    return kind(f"{path}: {advice}")


def _full_disk(path: Path) -> str:
    """Return which disk is full and what to do; "" when no disk is full."""
    if not has_room(path.absolute().parent):
        return _FULL
    folder = temporary_folder()
    if not has_room(folder):
        return (
            f"the disk of SQLite's temporary files ({folder}) is full; make room there, or name another folder in "
            "SQLITE_TMPDIR, then run this again"
        )
    return ""


_STEPS = 20_000  # of SQLite's virtual machine, about a millisecond, between two checks of the time


class _Closed:
    """Replaces the connection of a closed file; each use raises UsageError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __getattr__(self, _name: str) -> NoReturn:
        raise UsageError(f"{self._path}: this archive is closed; open it again")


class Connection:
    """One open SQLite file. Not shared between threads at the same time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        connection.row_factory = sqlite3.Row
        self.path = path
        self.read_only = read_only
        self._sqlite = connection
        self._depth = 0
        self.before_commit: Callable[[], None] | None = None
        """Called before a transaction is committed, and before it begins; what it raises rolls it back."""
        self._authorizer: Authorizer | None = None
        self._ends: float | None = None  # when queries are stopped, of the monotonic clock

    @property
    def raw(self) -> sqlite3.Connection:
        """The `sqlite3` connection, for operations that this class does not have. It raises SQLite's own errors."""
        return self._sqlite

    @property
    def tables(self) -> "Database":
        """The same connection as a sqlite-utils database, for schema work; too slow for the crawl."""
        from sqlite_utils import Database  # noqa: PLC0415  (it loads pandas where there is one: 70 MB, 0.3 s)

        return Database(self._sqlite)

    def guard(self) -> None:
        """Allow only queries on this connection from now on: SQLite itself refuses all other statements."""
        self._sqlite.execute("PRAGMA query_only=ON")
        self._authorizer = only_selecting
        self._sqlite.set_authorizer(only_selecting)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Run a block of queries that read as of one time. After so many seconds they are stopped.

        Raises:
            QueryTimedOut: the time is over; also at the next query, when none was running.
        """
        self.execute("BEGIN")
        self.stop_at(time.monotonic() + seconds)
        try:
            yield
        finally:
            self.stop_at(None)
            if not isinstance(self._sqlite, _Closed) and self._sqlite.in_transaction:
                self._sqlite.execute("ROLLBACK")

    @property
    def ends(self) -> float | None:
        """When queries are stopped, on the monotonic clock; None: never."""
        return self._ends

    def stop_at(self, ends: float | None) -> None:
        """Stop queries at a time of the monotonic clock; None: never."""
        self._ends = ends
        if not isinstance(self._sqlite, _Closed):
            self._sqlite.set_progress_handler(None if ends is None else self._is_late, _STEPS)

    def _is_late(self) -> bool:
        return self._ends is not None and time.monotonic() > self._ends

    def _check_time(self) -> None:
        if self._ends is not None and self._is_late():
            raise self._timed_out()

    def _timed_out(self) -> QueryTimedOut:
        return QueryTimedOut(f"{self.path}: this query takes too long and was stopped; ask for less")

    def _converted(self, error: Failure) -> ArchiveError | None:
        if self._ends is not None and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            return self._timed_out()
        return as_archive_error(error, self.path)

    @contextmanager
    def _converting_errors(self) -> Iterator[None]:
        self._check_time()
        try:
            yield
        except FAILURES as error:
            converted = self._converted(error)
            if converted is None:
                raise
            raise converted from error

    def execute(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        self._check_time()
        if self.before_commit is not None and not self._sqlite.in_transaction:  # it may commit by itself
            self.before_commit()
        try:
            return self._sqlite.execute(sql, values)
        except FAILURES as error:
            converted = self._converted(error)
            if converted is None:
                raise
            raise converted from error

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement for many rows."""
        with self._converting_errors():
            self._sqlite.executemany(sql, rows)

    def insert(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run an INSERT and return the new row's id."""
        row = self.execute(sql, values).lastrowid
        return row if row is not None else 0

    def rows(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._converting_errors():
            return self._sqlite.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> Iterator[Row]:
        """Yield the rows of a query while it runs."""
        with self._converting_errors():
            for row in self._sqlite.execute(sql, values):  # noqa: UP028  (its end would close the cursor of a closed file)
                yield row

    def row(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        with self._converting_errors():
            found: Row | None = self._sqlite.execute(sql, values).fetchone()
            return found

    def value(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> Any:  # noqa: ANN401
        """Return the first column of the first row, or None."""
        row = self.row(sql, values)
        return None if row is None else row[0]

    def query(self, sql: str, params: Params, explain: Callable[[str, str], str]) -> Iterator[dict[str, Any]]:
        """Run a user's read-only query; yield rows as dicts.

        Args:
            sql: the query.
            params: its values.
            explain: makes the message of a UsageError from SQLite's message and the query.

        Raises:
            UsageError: the SQL is wrong, or it would write.
        """
        if self._authorizer is None:
            self._sqlite.execute("PRAGMA query_only=ON")
        self._sqlite.set_authorizer(only_reading)
        try:
            cursor = self._sqlite.execute(sql, params if isinstance(params, Mapping) else tuple(params))
            names = [column[0] for column in cursor.description or ()]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except FAILURES as error:
            converted = self._converted(error)
            if converted is not None and not isinstance(converted, ArchiveReadOnly):
                raise converted from error
            raise UsageError(explain(str(error), sql)) from error
        finally:
            self._sqlite.set_authorizer(self._authorizer)
            if self._authorizer is None:
                self._sqlite.execute("PRAGMA query_only=OFF")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction; take the write lock at once. A nested transaction joins the outer one."""
        if self._depth:
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            if self.before_commit is not None:
                self.before_commit()
            self.execute("COMMIT")
        except BaseException:
            if self._sqlite.in_transaction:
                self._sqlite.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a savepoint within a transaction: an exception rolls back only the block."""
        self.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            if self._sqlite.in_transaction:
                self._sqlite.execute("ROLLBACK TO step")
                self._sqlite.execute("RELEASE step")
            raise
        self.execute("RELEASE step")

    def close(self) -> None:
        """Close the file; a writer checkpoints its write-ahead log first. A second call does nothing."""
        if isinstance(self._sqlite, _Closed):
            return
        if not self.read_only:
            try:
                self._sqlite.execute("PRAGMA optimize")
                self._sqlite.execute("PRAGMA busy_timeout=0")  # do not wait for other programs
                self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error:  # a full or busy disk: the next opening reads the log
                pass
        self._sqlite.close()
        self._sqlite = _Closed(self.path)  # type: ignore[assignment]  # (each use raises UsageError)
