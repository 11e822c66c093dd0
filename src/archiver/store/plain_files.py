"""Connections and snapshots for backup and repair: files are opened without checks and copied as of one time."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull
from archiver.store.connection import Connection, Value, as_archive_error
from archiver.store.raw_reads import open_tracked

Progress = Callable[[str, int, int | None], None]
"""Called with the present step, the units done, and their total (None: not known)."""

_STEP = 256  # pages between two calls of progress


class PlainConnection(Connection):
    """A connection to a file that may be damaged: every error of SQLite means damage, not a bug.

    Attributes:
        full: the error of a full disk, if a statement met one. It must not be reported as damage.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        super().__init__(path, connection, read_only=read_only)
        self.full: ArchiveFull | None = None

    @contextmanager
    def _converting_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except UnicodeDecodeError as error:  # SQLite's message quotes the damaged value
            raise ArchiveDamaged(f"{self.path}: the file is damaged") from error
        except sqlite3.Error as error:
            converted = as_archive_error(error, self.path) or ArchiveDamaged(f"{self.path}: {error}")
            if isinstance(converted, ArchiveFull):
                self.full = converted
            raise converted from error

    def execute(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        with self._converting_errors():
            return self._sqlite.execute(sql, values)


def silent(_text: str, _done: int, _total: int | None) -> None:
    """Ignore progress."""


def take_snapshot(connection: Connection, target: Path, text: str = "", progress: Progress = silent) -> None:
    """Copy the file of a connection, page by page, as it is now; other programs may write meanwhile.

    The function holds a read transaction. Without it, SQLite restarts the copy whenever another process commits: during
    a crawl of 300 visits a second, a copy of 0.9 GB never finished. With it, the copy took 1.3 to 3.4 s (`VACUUM INTO`:
    4.0 s) and did not slow the writer; the write-ahead log grows until the copy is done.

    Raises:
        ArchiveError: the file cannot be read, or the target cannot be written.
    """
    target.unlink(missing_ok=True)
    copy = open_plain(target, write=True)
    try:
        copy.execute("PRAGMA synchronous=OFF")  # the caller syncs the finished file once
        copy.execute("PRAGMA journal_mode=OFF")
        connection.execute("BEGIN")
        try:
            connection.value("SELECT count(*) FROM sqlite_schema")
            connection.raw.backup(
                copy.raw,
                pages=_STEP,
                progress=lambda _status, left, total: progress(text, total - left, total),
                sleep=0,
            )
        finally:
            connection.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")  # any program can then open it, even in a read-only folder
    except sqlite3.Error as error:
        raise as_archive_error(error, target) or ArchiveError(f"{target}: {error}") from error
    finally:
        copy.raw.close()


def open_plain(path: Path, *, write: bool, wait: float = 30.0) -> PlainConnection:
    """Open a file that may be damaged, or a copy, without checks, migration and durable commits.

    Invalid UTF-8 is read with surrogates for the wrong bytes, so that a flipped bit does not stop a check.

    Args:
        path: the file; created when `write` is true and it does not exist.
        write: open it for writing; otherwise read-only.
        wait: seconds to wait for another program's lock.

    Raises:
        ArchiveError: SQLite cannot open it.
    """
    uri = path.absolute().as_uri() + ("" if write else "?mode=ro")
    try:
        connection = open_tracked(path, uri, wait)
    except sqlite3.Error as error:
        raise as_archive_error(error, path) or ArchiveError(f"{path}: {error}") from error
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return PlainConnection(path, connection, read_only=True)


def problems(connection: PlainConnection, *, thorough: bool = False) -> list[str]:
    """Return SQLite's messages about errors in a file, at most 100; [] when it is sound.

    The quick check of SQLite 3.40 finds NULL values that are not there, in tables without rowid. The full check decides then.

    Args:
        connection: the file.
        thorough: also compare indexes with their tables.
    """
    try:
        found = [str(row[0]) for row in connection.rows(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}")]
    except ArchiveError as error:
        return [str(error)]
    if not thorough and any(line.startswith("NULL value in ") for line in found):
        return problems(connection, thorough=True)
    return [line for line in found if line != "ok"]
