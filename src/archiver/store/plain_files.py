"""What copying and mending ask of SQLite beyond the connection: a file's pages as of one moment, and connections that check nothing."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull
from archiver.store.connection import Connection, Value, as_archive_error

Progress = Callable[[str, int, int | None], None]
"""Told what is done now, how far it is, and of how much (None: not known)."""

_STEP = 256  # pages between two words of progress


class PlainConnection(Connection):
    """A connection to a file that may be damaged: whatever SQLite finds wrong with it is damage, and no bug of ours.

    Attributes:
        full: the failure of a full disk that a statement met, if one did. Who collects damage must not take it for such.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        super().__init__(path, connection, read_only=read_only)
        self.full: ArchiveFull | None = None

    @contextmanager
    def _turning(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except UnicodeDecodeError as error:  # SQLite quotes what is damaged
            raise ArchiveDamaged(f"{self.path}: the file is damaged") from error
        except sqlite3.Error as error:
            turned = as_archive_error(error, self.path) or ArchiveDamaged(f"{self.path}: {error}")
            if isinstance(turned, ArchiveFull):
                self.full = turned
            raise turned from error

    def execute(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        with self._turning():
            return self._sqlite.execute(sql, values)


def silent(_text: str, _done: int, _total: int | None) -> None:
    """Progress nobody wants to hear of."""


def take_snapshot(connection: Connection, target: Path, text: str = "", progress: Progress = silent) -> None:
    """Copy the file behind a connection, page by page, as it is at this moment; others may go on writing.

    A read transaction is held meanwhile. Without it SQLite begins the copy anew whenever another process commits: with a
    crawl of 300 visits a second, 0.9 GB were never done. With it, they took 1.3 to 3.4 s (`VACUUM INTO`: 4.0 s), the
    writer no slower; its write-ahead log grows until the copy is done.

    Raises:
        ArchiveError: the file cannot be read, or the target not be written.
    """
    target.unlink(missing_ok=True)
    copy = open_plain(target, write=True)
    try:
        copy.execute("PRAGMA synchronous=OFF")  # the caller forces the file to disk once, when it is whole
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
        copy.execute("PRAGMA journal_mode=DELETE")  # so that it opens where nothing can be written, by any program
    except sqlite3.Error as error:
        raise as_archive_error(error, target) or ArchiveError(f"{target}: {error}") from error
    finally:
        copy.raw.close()


def open_plain(path: Path, *, write: bool, wait: float = 30.0) -> PlainConnection:
    """A connection to a file that may be damaged, or a copy: neither looked at, nor migrated, nor made durable at each commit.

    Text that is no UTF-8 is read with surrogates for the wrong bytes: a flipped bit must not stop who looks for it.

    Args:
        path: the file; made when `write` and not there.
        write: else it is opened to read only.
        wait: seconds to wait for another program's lock.

    Raises:
        ArchiveError: SQLite cannot open it at all.
    """
    uri = path.absolute().as_uri() + ("" if write else "?mode=ro")
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None)
    except sqlite3.Error as error:
        raise as_archive_error(error, path) or ArchiveError(f"{path}: {error}") from error
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return PlainConnection(path, connection, read_only=True)


def problems(connection: PlainConnection, *, thorough: bool = False) -> list[str]:
    """What SQLite finds wrong with a file, at most 100 lines; none when it is sound.

    Args:
        connection: the file.
        thorough: compare indexes with their tables, too.
    """
    try:
        found = [str(row[0]) for row in connection.rows(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}")]
    except ArchiveError as error:
        return [str(error)]
    return [line for line in found if line != "ok"]
