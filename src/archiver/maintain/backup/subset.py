"""Exports the views as tables of a plain SQLite file, with the same names and columns."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from archiver.errors import ArchiveError
from archiver.model.table import Column, ColumnKind, Row, Table, batches, valid_rows
from archiver.store.connection import as_archive_error

_BATCH = 4096
_BATCH_SIZE = 4 * 1024 * 1024
_TYPES = {ColumnKind.INTEGER: "INTEGER", ColumnKind.UNKNOWN: "ANY"}


class Subset:
    """A file to which tables are written (`new_subset`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("PRAGMA journal_mode=MEMORY")  # in a new file the journal only serves savepoints
        connection.execute("PRAGMA synchronous=OFF")  # the caller syncs the finished file once
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TABLE _doc(view TEXT, column TEXT, meaning TEXT, PRIMARY KEY(view, column)) WITHOUT ROWID"
        )

    def put(self, table: Table) -> Iterator[int]:
        """Create and fill a table, with its descriptions in `_doc`; yield the number of rows after each batch."""
        self._connection.execute(_statement(table))
        docs = [(table.name, "", table.meaning), *((table.name, each.name, each.meaning) for each in table.columns)]
        self._connection.executemany("INSERT INTO _doc VALUES (?, ?, ?)", docs)
        insert = f"INSERT INTO {_quoted(table.name)} VALUES ({', '.join('?' * len(table.columns))})"
        count = 0
        yield count
        for batch in batches(table.rows, _BATCH, _BATCH_SIZE):
            self._insert(insert, batch)
            count += len(batch)
            yield count

    def _insert(self, statement: str, rows: Sequence[Row]) -> None:
        self._connection.execute("SAVEPOINT rows")
        try:
            self._connection.executemany(statement, rows)
        except UnicodeEncodeError:
            self._connection.execute("ROLLBACK TO rows")
            self._connection.executemany(statement, valid_rows(rows)[0])
        self._connection.execute("RELEASE rows")


@contextmanager
def new_subset(path: Path) -> Iterator[Subset]:
    """Create a new file for tables; it is complete when the block ends.

    Raises:
        ArchiveError: the file cannot be written.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield Subset(connection)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise as_archive_error(error, path) or ArchiveError(f"{path}: {error}") from error


def _statement(table: Table) -> str:
    parts = [_declared(column) for column in table.columns]
    if table.key:
        parts.append(f"PRIMARY KEY ({', '.join(map(_quoted, table.key))})")
    parts += [
        f"FOREIGN KEY ({_quoted(each.column)}) REFERENCES {_quoted(each.table)} ({_quoted(each.target)})"
        for each in table.references
    ]
    return f"CREATE TABLE {_quoted(table.name)} ({', '.join(parts)})"


def _declared(column: Column) -> str:
    return f"{_quoted(column.name)} {_TYPES.get(column.kind, 'TEXT')}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
