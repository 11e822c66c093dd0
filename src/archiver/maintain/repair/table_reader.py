"""Copies the readable rows of one table from a file that may be damaged, by ranges of their key."""

from archiver.errors import ArchiveDamaged, ArchiveError
from archiver.store.connection import FAILURES, Connection
from archiver.store.plain_files import PlainConnection

_GIVE_UP = 20_000  # after this many unreadable rows in a sequence, the rest of the table counts as unreadable


def key_of(new: Connection, table: str) -> str:
    """Return the key by which rows are read: the rowid, or the first column of the primary key."""
    if new.value("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,)):
        return str(new.value(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1"))
    return "rowid"


class TableReader:
    """Copies the rows of one table from a file that may be damaged."""

    def __init__(self, new: PlainConnection, table: str, source: str) -> None:
        self._new = new
        theirs = {row[0] for row in self._their_columns(source, table)}
        columns = ", ".join(
            row[0] for row in new.rows(f"SELECT name FROM pragma_table_info('{table}')") if row[0] in theirs
        )
        self._sql = (
            f"INSERT OR IGNORE INTO main.{table}({columns}) SELECT {columns} FROM {source}.{table}" if columns else ""
        )
        self._select = f"SELECT {columns} FROM {source}.{table}"
        marks = ", ".join("?" * len(columns.split(",")))
        self._insert = f"INSERT OR IGNORE INTO main.{table}({columns}) VALUES ({marks})"
        self._key = key_of(new, table)
        keys = new.rows(f"SELECT name, type FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")
        self._order = [row[0] for row in keys] if self._key != "rowid" else []
        self._is_numbered = not self._order or keys[0]["type"] == "INTEGER"

    def _their_columns(self, source: str, table: str) -> list[tuple[str]]:
        try:
            return [(row[0],) for row in self._new.rows("SELECT name FROM pragma_table_info(?, ?)", (table, source))]
        except ArchiveDamaged:
            return []

    def copy(self, bound: int) -> int:
        """Copy all readable rows; return an upper bound of the number of unreadable ones."""
        if not self._sql or self._try(self._sql):
            return 0 if self._sql else 1
        if not self._is_numbered:
            return self._from_both_ends("", ())
        ranges, unread, in_a_row = [(0, bound)], 0, 0
        while ranges and in_a_row < _GIVE_UP:
            first, last = ranges.pop()
            if self._try_range(first, last):
                in_a_row = 0
            elif first == last:
                lost = self._from_both_ends(f" WHERE {self._key} = ?", (first,)) if self._order else 1
                unread, in_a_row = unread + lost, in_a_row + 1
            else:
                middle = (first + last) // 2
                ranges += [(middle + 1, last), (first, middle)]
        return unread

    def _try_range(self, first: int, last: int) -> bool:
        """Copy the rows of a range of keys.

        A single key is read with `=`: for a table that is small by its statistics, SQLite may read beyond the end of a
        range and meet an unreadable page.
        """
        if first == last:
            return self._try(f"{self._sql} WHERE {self._key} = ?", (first,))
        return self._try(f"{self._sql} WHERE {self._key} BETWEEN ? AND ?", (first, last))

    def _from_both_ends(self, where: str, values: tuple[int, ...]) -> int:
        """Copy the rows before the first unreadable place and after the last; return a lower bound of the lost rows.

        The rows in between cannot be counted: each end that broke off counts as one.
        """
        broken = 0
        for way in ("", " DESC"):
            order = ", ".join(f"{name}{way}" for name in self._order)
            broken += not self._one_by_one(f"{self._select}{where} ORDER BY {order}", values)
        return broken

    def _one_by_one(self, sql: str, values: tuple[int, ...]) -> bool:
        try:
            cursor = self._new.execute(sql, values)
            while (row := cursor.fetchone()) is not None:
                self._new.execute(self._insert, tuple(row))
        except FAILURES:
            return False
        except ArchiveError:
            return False
        return True

    def _try(self, sql: str, values: tuple[int, ...] = ()) -> bool:
        try:
            self._new.execute(sql, values)
        except ArchiveDamaged:
            return False
        return True
