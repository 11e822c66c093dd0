"""Opening one file of an archive: checks of its type and version; creation and migration when it is written."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveReadOnly, ArchiveTooNew, NotAnArchive
from archiver.store.connection import FAILURES, Connection, Failure, as_archive_error
from archiver.store.raw_reads import first_bytes, open_tracked

MINIMUM_SQLITE = (3, 40, 0)
BUSY_SECONDS = 30.0  # a batch commits within a second; reading 2,000 captures again commits within ten
PAGE_SIZE = 4096  # of new files; vaults of earlier versions have 65,536
CACHE = 4 * 1024 * 1024  # bytes of a file's pages that are cached
WAL_LIMIT = 64 * 1024 * 1024  # bytes of the write-ahead log after a checkpoint
CHECKPOINT = 16 * 1024 * 1024  # bytes of the log that start one; each writes a page once, however often it changed


def check_sqlite() -> None:
    """Raise ArchiveError when this Python's SQLite is older than the archive needs."""
    if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        raise ArchiveError(
            f"SQLite {sqlite3.sqlite_version} is too old: archives need 3.40 or newer; use a newer Python or SQLite"
        )


def open_connection(path: Path, *, application_id: int, migrations: tuple[str, ...], write: bool) -> Connection:
    """Open one file of an archive; when `write` is true, create or migrate it.

    Raises:
        NotAnArchive: the file is something else; it is not changed.
        ArchiveTooNew: a newer archiver made the file, and `write` is true.
        ArchiveError: any other operational failure; the message says what to do.
    """
    check_sqlite()
    _check_header(path, application_id, exists_required=not write)
    connection = _connect(path, write=write)
    try:
        _check_version(connection, application_id, len(migrations), write=write)
        if write:
            _prepare(connection, application_id, migrations)
        # In bytes, because SQLite's default is a number of pages, and older vaults have large ones.
        connection.execute(f"PRAGMA cache_size=-{CACHE // 1024}")
    except BaseException:
        connection.raw.close()
        raise
    return connection


def read_only(path: Path) -> Connection:
    """Open a second, read-only connection to an open file."""
    return _connect(path, write=False)


def _check_header(path: Path, application_id: int, *, exists_required: bool) -> None:
    """Check the file's first bytes before SQLite opens it: the magic, and the application id at byte 68."""
    head = _first_bytes(path)
    if head is None and exists_required:
        raise ArchiveError(
            f"{path}: there is no archive here; create one with `archiver capture URL`, or name another with --archive"
        )
    if not exists_required and (not head or _is_without_tables(head)):
        return  # no file, or one whose creation was interrupted
    if head is None or not head.startswith(b"SQLite format 3\0"):
        raise NotAnArchive(f"{path}: this is not an archive and was not changed; name another with --archive")
    if int.from_bytes(head[68:72], "big") != application_id and not path.with_name(path.name + "-wal").exists():
        raise NotAnArchive(
            f"{path}: this SQLite file is not an archive and was not changed; name another with --archive"
        )


def _first_bytes(path: Path) -> bytes | None:
    if path.is_dir():
        raise NotAnArchive(f"{path}: this is a folder; name a file, such as {path / 'archive.db'}")
    try:
        return first_bytes(path, 108)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveReadOnly(
            f"{path}: cannot be read: {error.strerror}; change its permissions, or name another archive with --archive"
        ) from error


def has_application_id(path: Path, application_id: int) -> bool:
    """Whether a path is a SQLite file with this application id. What cannot be read is none."""
    try:
        head = _first_bytes(path)
    except ArchiveError:
        return False
    return head is not None and int.from_bytes(head[68:72], "big") == application_id


def is_unfinished(path: Path) -> bool:
    """Whether there is no file, or one whose creation was interrupted before it had tables."""
    head = _first_bytes(path)
    return not head or _is_without_tables(head)


def _is_without_tables(head: bytes) -> bool:
    """Whether a SQLite file has no application id and no tables (the b-tree on page 1 has no rows)."""
    return head[68:72] == bytes(4) and head[100:101] == b"\x0d" and head[103:105] == bytes(2)


def _connect(path: Path, *, write: bool) -> Connection:
    if write:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveReadOnly(
                f"{path.parent}: cannot be created: {error.strerror}; name another place with --archive"
            ) from error
    uri = path.absolute().as_uri() + ("" if write else "?mode=ro")
    try:
        connection = open_tracked(path, uri, BUSY_SECONDS)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except FAILURES:
            connection.close()
            raise
    except FAILURES as error:
        converted = as_archive_error(error, path)
        if write or not isinstance(converted, ArchiveReadOnly):
            raise converted or ArchiveError(f"{path}: {error}") from error
        return Connection(path, _connect_immutable(path, error), read_only=True)
    return Connection(path, connection, read_only=not write)


def _connect_immutable(path: Path, cause: Failure) -> sqlite3.Connection:
    """Open a WAL file in a read-only folder as it is. No other program may write to it meanwhile."""
    try:
        uri = path.absolute().as_uri() + "?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        raise as_archive_error(cause, path) or ArchiveError(f"{path}: {cause}") from cause
    return connection


def _check_version(connection: Connection, application_id: int, newest: int, *, write: bool) -> None:
    found, version = connection.value("PRAGMA application_id"), connection.value("PRAGMA user_version")
    if found != application_id and (found or connection.value("SELECT count(*) FROM sqlite_schema")):
        raise NotAnArchive(
            f"{connection.path}: this SQLite file is not an archive and was not changed; name another with --archive"
        )
    if version > newest and write:
        raise ArchiveTooNew(
            f"{connection.path}: written by a newer archiver (schema {version}, this one knows {newest}); "
            "it can be read but not written; upgrade archiver"
        )


def _prepare(connection: Connection, application_id: int, migrations: tuple[str, ...]) -> None:
    if not connection.value("SELECT count(*) FROM sqlite_schema"):
        connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode=WAL")
    if connection.value("PRAGMA journal_mode") != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"journal_size_limit={WAL_LIMIT}"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT // int(connection.value('PRAGMA page_size'))}")
    if connection.value("PRAGMA user_version") < len(migrations):
        try:
            migrate(connection, application_id, migrations)
        except (ArchiveDamaged, sqlite3.DatabaseError) as error:
            why = _dangling(connection) or str(error).removeprefix(f"{connection.path}: ").partition(";")[0]
            raise ArchiveDamaged(
                f"{connection.path}: the migration to schema {len(migrations)} failed ({why}); nothing was changed; "
                "run `archiver repair`, with --from COPY if there is a copy"
            ) from error


def migrate(
    connection: Connection, application_id: int, migrations: tuple[str, ...], *, references: bool = True
) -> None:
    """Run the migrations that a file lacks, in one transaction.

    Args:
        connection: the file, open for writing.
        application_id: what the file gets as its application id.
        migrations: all migrations of this kind of file.
        references: also check that every referenced row exists.

    Raises:
        ArchiveDamaged: a reference is checked, and a referenced row is missing.
        sqlite3.DatabaseError: the rows contradict a constraint.
    """
    with connection.transaction():
        version = connection.value(
            "PRAGMA user_version"
        )  # again, now under the lock: another process may have migrated it
        for step in migrations[version:]:
            for statement in statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id={application_id}")
        connection.execute(f"PRAGMA user_version={len(migrations)}")
        if references and (dangling := _dangling(connection)):
            raise ArchiveDamaged(f"{connection.path}: {dangling}")


def _dangling(connection: Connection) -> str:
    """Return which row references a missing row; "" when none does, or when that cannot be read."""
    try:
        found = connection.row("PRAGMA foreign_key_check")
    except (ArchiveDamaged, sqlite3.DatabaseError):
        return ""
    return f"a row of {found[0]} references a missing row of {found[2]}" if found else ""


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one; `executescript` would commit the transaction."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part.strip()
            part = ""
