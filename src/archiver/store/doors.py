"""The door to SQLite: opening, pragmas, transactions, migrations; its errors become ours here.

Only *operational* failures are turned (locked, full, read-only, damaged): a wrong statement stays a bug.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archiver.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveReadOnly,
    ArchiveTooNew,
    NotAnArchive,
    UsageError,
)

MINIMUM_SQLITE = (3, 40, 0)
BUSY_SECONDS = 30.0  # a batch commits within a second; a re-reading of 2,000 captures within ten
WAL_LIMIT = 64 * 1024 * 1024  # bytes the write-ahead log keeps after a checkpoint

Value = str | int | float | bytes | None
Row = sqlite3.Row

_BY_CODE: dict[int, tuple[type[ArchiveError], str]] = {
    sqlite3.SQLITE_BUSY: (ArchiveLocked, "another program is writing to it; let it finish, then run this again"),
    sqlite3.SQLITE_LOCKED: (ArchiveLocked, "another program is writing to it; let it finish, then run this again"),
    sqlite3.SQLITE_FULL: (
        ArchiveFull,
        "the disk is full; make room, then run this again (what was acknowledged is safe)",
    ),
    sqlite3.SQLITE_IOERR: (ArchiveFull, "the disk does not take what is written; see that it is whole and has room"),
    sqlite3.SQLITE_READONLY: (
        ArchiveReadOnly,
        "it may not be written; change the rights, or name another with --archive",
    ),
    sqlite3.SQLITE_CANTOPEN: (ArchiveReadOnly, "it cannot be opened; does its folder exist, and may you write there?"),
    sqlite3.SQLITE_PERM: (ArchiveReadOnly, "it may not be opened; change the rights, or name another with --archive"),
    sqlite3.SQLITE_CORRUPT: (ArchiveDamaged, "the file is damaged; restore it from a copy"),
    sqlite3.SQLITE_NOTADB: (NotAnArchive, "this is no SQLite file and was left untouched; name another with --archive"),
}


def as_archive_error(error: sqlite3.Error, path: Path) -> ArchiveError | None:
    """Our error for an operational failure of SQLite; None for what is a bug."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _BY_CODE:
        return None
    kind, mend = _BY_CODE[code]
    return kind(f"{path}: {mend}")


class Door:
    """One open SQLite file. Not shared between threads at the same time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        connection.row_factory = sqlite3.Row
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._depth = 0

    @property
    def tables(self) -> Database:
        """The same connection through sqlite-utils: schema and reads by people's hands, not the hot path."""
        return Database(self._connection)

    @contextmanager
    def _turning(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            turned = as_archive_error(error, self.path)
            if turned is None:
                raise
            raise turned from error

    def execute(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            turned = as_archive_error(error, self.path)
            if turned is None:
                raise
            raise turned from error

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement for many rows."""
        with self._turning():
            self._connection.executemany(sql, rows)

    def insert(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run an INSERT and give the new row's id."""
        row = self.execute(sql, values).lastrowid
        return row if row is not None else 0

    def rows(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> list[Row]:
        """All rows of a query."""
        with self._turning():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._turning():
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def value(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> Any:  # noqa: ANN401
        """The first column of the first row, or None."""
        row = self.row(sql, values)
        return None if row is None else row[0]

    def query(self, sql: str) -> Iterator[dict[str, Any]]:
        """Run a person's query, one that only reads; rows as dicts.

        Raises:
            UsageError: the SQL is wrong or would write.
        """
        self._connection.execute("PRAGMA query_only=ON")
        try:
            cursor = self._connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            turned = as_archive_error(error, self.path)
            if turned is not None and not isinstance(turned, ArchiveReadOnly):
                raise turned from error
            raise UsageError(f"SQL: {error} (the views are described in the table _doc)") from error
        finally:
            self._connection.execute("PRAGMA query_only=OFF")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the write lock is taken at once. A transaction within one joins it."""
        if self._depth:
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def close(self) -> None:
        """Let go of the file; a writer tidies its write-ahead log first."""
        if not self.read_only:
            try:
                self._connection.execute("PRAGMA optimize")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error:  # a full or busy disk: the log is found and read at the next opening
                pass
        self._connection.close()


def check_sqlite() -> None:
    """Raise ArchiveError when this Python's SQLite is older than the archive needs."""
    if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        raise ArchiveError(
            f"SQLite {sqlite3.sqlite_version} is too old: archives need 3.40 or newer; use a newer Python or SQLite"
        )


def open_door(path: Path, *, application_id: int, migrations: tuple[str, ...], page_size: int, write: bool) -> Door:
    """Open (and, to write, make or migrate) one file of an archive.

    Raises:
        NotAnArchive: the file is something else; it was not touched.
        ArchiveTooNew: to write a file made by a newer archiver.
        ArchiveError: any other operational failure, with the mend.
    """
    check_sqlite()
    _look_at_file(path, application_id, exists_required=not write)
    door = _connect(path, write=write)
    try:
        _check_version(door, application_id, len(migrations), write=write)
        if write:
            _prepare(door, application_id, migrations, page_size)
    except BaseException:
        door._connection.close()  # noqa: SLF001
        raise
    return door


def _look_at_file(path: Path, application_id: int, *, exists_required: bool) -> None:
    """Look at the file's first bytes, before SQLite could touch it: magic, then application id at byte 68."""
    head = _first_bytes(path)
    if head is None and exists_required:
        raise ArchiveError(f"{path}: there is no archive here; make one with `archiver capture URL`, or name another")
    if not exists_required and (not head or _is_without_tables(head)):
        return  # none, or one whose making was cut short
    if head is None or not head.startswith(b"SQLite format 3\0"):
        raise NotAnArchive(f"{path}: this is no archive of ours and was left untouched; name another with --archive")
    if int.from_bytes(head[68:72], "big") != application_id and not path.with_name(path.name + "-wal").exists():
        raise NotAnArchive(
            f"{path}: a SQLite file, but no archive of ours; it was left untouched; name another with --archive"
        )


def _first_bytes(path: Path) -> bytes | None:
    if path.is_dir():
        raise NotAnArchive(f"{path}: this is a folder; name a file, such as {path / 'archive.db'}")
    try:
        with path.open("rb") as file:
            return file.read(108)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveReadOnly(
            f"{path}: cannot be read: {error.strerror}; change the rights, or name another"
        ) from error


def _is_without_tables(head: bytes) -> bool:
    """Whether a SQLite file bears no application's id and its schema (the b-tree on page 1) has no rows."""
    return head[68:72] == bytes(4) and head[100:101] == b"\x0d" and head[103:105] == bytes(2)


def _connect(path: Path, *, write: bool) -> Door:
    if write:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveReadOnly(
                f"{path.parent}: cannot be made: {error.strerror}; name another place with --archive"
            ) from error
    uri = path.absolute().as_uri() + ("" if write else "?mode=ro")
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        turned = as_archive_error(error, path)
        if write or not isinstance(turned, ArchiveReadOnly):
            raise turned or ArchiveError(f"{path}: {error}") from error
        connection = _connect_immutable(path, error)
    return Door(path, connection, read_only=not write)


def _connect_immutable(path: Path, cause: sqlite3.Error) -> sqlite3.Connection:
    """A WAL file in a folder we may not write: readable as it lies, when nobody else writes there."""
    try:
        connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True, isolation_level=None)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        raise as_archive_error(cause, path) or ArchiveError(f"{path}: {cause}") from cause
    return connection


def _check_version(door: Door, application_id: int, newest: int, *, write: bool) -> None:
    found, version = door.value("PRAGMA application_id"), door.value("PRAGMA user_version")
    if found != application_id and (found or door.value("SELECT count(*) FROM sqlite_schema")):
        raise NotAnArchive(
            f"{door.path}: a SQLite file, but no archive of ours; it was left untouched; name another with --archive"
        )
    if version > newest and write:
        raise ArchiveTooNew(
            f"{door.path}: written by a newer archiver (schema {version}, this one knows {newest}); "
            "it can be read, not written: upgrade archiver"
        )


def _prepare(door: Door, application_id: int, migrations: tuple[str, ...], page_size: int) -> None:
    if not door.value("SELECT count(*) FROM sqlite_schema"):
        door.execute(f"PRAGMA page_size={page_size}")
        door.execute("PRAGMA journal_mode=WAL")
    if door.value("PRAGMA journal_mode") != "wal":
        door.execute("PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"journal_size_limit={WAL_LIMIT}"):
        door.execute(f"PRAGMA {pragma}")
    if door.value("PRAGMA user_version") < len(migrations):
        _migrate(door, application_id, migrations)


def _migrate(door: Door, application_id: int, migrations: tuple[str, ...]) -> None:
    with door.transaction():
        version = door.value("PRAGMA user_version")  # again, now under the lock: another process may have been first
        for step in migrations[version:]:
            for statement in statements(step):
                door.execute(statement)
        door.execute(f"PRAGMA application_id={application_id}")
        door.execute(f"PRAGMA user_version={len(migrations)}")
        if door.rows("PRAGMA foreign_key_check"):
            raise ArchiveDamaged(f"{door.path}: rows point nowhere; nothing was changed; restore it from a copy")


def statements(script: str) -> Iterator[str]:
    """The single statements of a script: `executescript` would commit our transaction."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part.strip()
            part = ""
