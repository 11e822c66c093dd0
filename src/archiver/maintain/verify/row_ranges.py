"""Reading a file that may be damaged: connections that open it as it lies, and rows by ranges of their key.

A range that cannot be read is halved until the rows are found that cannot: one broken page does not hide the others.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveReadOnly
from archiver.store.connection import Connection, Row, as_archive_error
from archiver.store.plain_files import PlainConnection, open_plain

ODD = (
    ArchiveError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, MemoryError, RecursionError,
    sqlite3.Error,
)  # fmt: skip
"""All that reading a row can raise whose bytes were altered: a number where text should be, a column that is gone."""

_STEP = 500  # rows read at a time
_ABSURD = 10_000  # how far beyond the number of rows a last key may lie


def open_as_it_lies(path: Path) -> PlainConnection:
    """A connection to a file that may be damaged, to read only; also where nothing can be written.

    Raises:
        ArchiveError: it is not there, or SQLite can make nothing of it.
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
    """A write-ahead log needs a folder that can be written; without one, the file as it lies is all there is."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise as_archive_error(error, path) or ArchiveDamaged(f"{path}: {error}") from error
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return PlainConnection(path, connection, read_only=True)


def last_key(connection: Connection, table: str, key: str, given: int = 0) -> int:
    """The largest key of a table; the number of its rows when that is absurd or cannot be read.

    Args:
        connection: the file.
        table: the table.
        key: its key.
        given: a key up to this one is not absurd, however few rows there are.
    """
    known = []
    for what in (f"max({key})", "count(*)"):
        try:
            value = connection.value(f"SELECT {what} FROM {table} NOT INDEXED")
        except ODD:
            continue
        known.append(value if isinstance(value, int) else 0)
    if not known:
        return 0
    return known[0] if known[0] <= max(given, 4 * known[-1] + _ABSURD) else known[-1]


def rows_by_range(
    connection: Connection, sql: str, last: int, unreadable: Callable[[int, str], None], first: int = 1
) -> Iterator[tuple[range, list[Row]]]:
    """The rows of a query, with the range of keys they are of.

    Args:
        connection: the file.
        sql: a query with `BETWEEN ? AND ?` once, for the first and the last key of a range.
        last: the largest key.
        unreadable: told each key whose row cannot be read, and why.
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
        if start == end:  # SQLite may read a range beyond its end, where its statistics say that the table is small
            return connection.rows(sql.replace("BETWEEN ? AND ?", "= ?"), (start,))
        return connection.rows(sql, bounds)
    except ArchiveFull:
        raise
    except ODD as error:
        if start == end:
            unreadable(start, str(error))
            return []
        middle = (start + end) // 2
        return _rows(connection, sql, (start, middle), unreadable) + _rows(
            connection, sql, (middle + 1, end), unreadable
        )
