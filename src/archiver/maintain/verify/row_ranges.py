"""Reads files that may be damaged: connections without checks, and rows by ranges of their key.

An unreadable range is halved until the unreadable rows are found, so one damaged page does not hide other rows.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveReadOnly
from archiver.store.connection import Connection, Row, as_archive_error
from archiver.store.plain_files import PlainConnection, open_plain

DAMAGE = (
    ArchiveError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, MemoryError, RecursionError,
    sqlite3.Error,
)  # fmt: skip
"""The exceptions of reading a damaged row: for example a number instead of text, or a missing column."""

_STEP = 500  # rows read at a time
_ABSURD = 10_000  # how far a last key may exceed the number of rows


def open_unchecked(path: Path) -> PlainConnection:
    """Open a file that may be damaged, read-only, also in a read-only folder.

    Raises:
        ArchiveError: the file is missing, or SQLite cannot open it.
    """
    if not path.is_file():
        raise ArchiveError(f"{path}: is missing; restore this file from a copy")
    connection = open_plain(path, write=False)
    try:
        connection.value("SELECT count(*) FROM sqlite_schema")
    except ArchiveReadOnly:
        connection.close()
        connection = _open_immutable(path)
        connection.value("SELECT count(*) FROM sqlite_schema")
    return connection


def _open_immutable(path: Path) -> PlainConnection:
    """Open the file without its write-ahead log, which would need a writable folder."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise as_archive_error(error, path) or ArchiveDamaged(f"{path}: {error}") from error
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return PlainConnection(path, connection, read_only=True)


def last_key(connection: Connection, table: str, key: str, given: int = 0) -> int:
    """Return the largest key of a table; the number of its rows when the key is implausible or unreadable.

    Args:
        connection: the file.
        table: the table.
        key: its key.
        given: keys up to this one are plausible, however few rows there are.
    """
    known = []
    for what in (f"max({key})", "count(*)"):
        try:
            value = connection.value(f"SELECT {what} FROM {table} NOT INDEXED")
        except DAMAGE:
            continue
        known.append(value if isinstance(value, int) else 0)
    if not known:
        return 0
    return known[0] if known[0] <= max(given, 4 * known[-1] + _ABSURD) else known[-1]


def rows_by_range(
    connection: Connection, sql: str, last: int, unreadable: Callable[[int, str], None], first: int = 1
) -> Iterator[tuple[range, list[Row]]]:
    """Yield the rows of a query by ranges of keys.

    Args:
        connection: the file.
        sql: a query with `BETWEEN ? AND ?` once, for the first and the last key of a range.
        last: the largest key.
        unreadable: called with each key whose row cannot be read, and why.
        first: the smallest key.
    """
    for start in range(first, last + 1, _STEP):
        end = min(last, start + _STEP - 1)
        yield range(start, end + 1), _rows(connection, sql, (start, end), unreadable)


def _rows(
    connection: Connection, sql: str, bounds: tuple[int, int], unreadable: Callable[[int, str], None]
) -> list[Row]:
    start, end = bounds
    try:
        if start == end:  # for a table that is small by its statistics, SQLite may read beyond the end of a range
            return connection.rows(sql.replace("BETWEEN ? AND ?", "= ?"), (start,))
        return connection.rows(sql, bounds)
    except ArchiveFull:
        raise
    except DAMAGE as error:
        if start == end:
            unreadable(start, str(error))
            return []
        middle = (start + end) // 2
        return _rows(connection, sql, (start, middle), unreadable) + _rows(
            connection, sql, (middle + 1, end), unreadable
        )
