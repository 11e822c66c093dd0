"""A new file in the place of one that SQLite refuses: the rows that can still be read, and the copy's where they cannot.

The damaged file is only read, and kept. Rows are read by ranges of their key; a range that cannot be read is halved until
the rows are found that cannot. When not even the first page is whole (the header, and where the tables are), the first
page of a copy stands in for it, in a duplicate: a copy is the same file, page by page.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError
from archiver.maintain.backup.manifest import BESIDE
from archiver.store.connection import FAILURES, Connection
from archiver.store.open_file import open_connection
from archiver.store.plain_files import PlainConnection, Progress, open_plain

_GIVE_UP = 20_000  # rows of a table that cannot be read, one after the other: then it is the rest that cannot
_BEYOND = 10_000  # how far beyond twice the copy's rows ours are looked for
_MADE_ANEW = ("_doc", "_words%", "sqlite_%")
_NOT_OF_A_COPY = ("_visit", "_unread", "_meta")
"""Visits are taken by the chain, what was read since must not be read again, and only we say which archive we are."""
_HEADER = 100


@dataclass
class SalvageResult:
    """What came of a file.

    Attributes:
        unread: rows that could not be read, by table; more than there were, where whole pages are gone.
        filled: rows that are the copy's, by table.
        bare: tables of which nothing could be read, and the copy has no rows of either.
        counted: the highest numbers that its files say they gave; none of them may be given again.
    """

    unread: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    counted: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DatabaseKind:
    """Which of an archive's two files it is, as `open_connection` takes it."""

    application_id: int
    migrations: tuple[str, ...]
    page_size: int


def rebuild(damaged: Path, target: Path, spare: Path | None, kind: DatabaseKind, progress: Progress) -> SalvageResult:
    """Write a new file from what can be read of a damaged one, and from a copy.

    Args:
        damaged: only read; it may be missing.
        target: written; what was there is removed.
        spare: the same file of a copy.
        kind: what the file is.
        progress: told the tables.

    Raises:
        ArchiveDamaged: nothing can be read, and there is no copy.
        ArchiveError: the disk does not take the new file.
    """
    remove(target)
    open_connection(
        target, application_id=kind.application_id, migrations=kind.migrations, page_size=kind.page_size, write=True
    ).close()
    salvaged = SalvageResult()
    with closing(open_plain(target, write=True)) as new, _readable(damaged, target, spare) as old:
        for pragma in ("foreign_keys=OFF", "journal_mode=MEMORY", "synchronous=OFF"):
            new.execute(f"PRAGMA {pragma}")
        sources = [name for name, path in (("old", old), ("spare", spare)) if path and _attach(new, path, name)]
        if not sources:
            raise ArchiveDamaged(f"{damaged}: nothing of it can be read; name a copy to repair it from with --from")
        tables = _tables(new)
        for number, table in enumerate(tables):
            progress(f"rows of {table}", number, len(tables))
            if "old" in sources:
                salvaged.unread[table] = _TableReader(new, table, "old").copy(_bound(new, table, sources))
            if "spare" in sources and table not in _NOT_OF_A_COPY:
                before = _count(new, table)
                _TableReader(new, table, "spare").copy(_bound(new, table, ["spare"]))
                salvaged.filled[table] = _count(new, table) - before
                if not _count(new, table):
                    salvaged.bare.add(table)
        salvaged.counted = _counted(new, sources)
        new.execute("DELETE FROM _meta WHERE key = 'views'")  # the views are made at the next opening
    salvaged.unread = {table: count for table, count in salvaged.unread.items() if count}
    salvaged.filled = {table: count for table, count in salvaged.filled.items() if count}
    return salvaged


def remove(path: Path) -> None:
    """Remove a file of ours and what SQLite puts beside it."""
    for end in ("", *BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _attach(new: Connection, path: Path, name: str) -> bool:
    try:
        new.execute(f"ATTACH ? AS {name}", (path.absolute().as_uri() + "?mode=ro",))
        new.value(f"SELECT count(*) FROM {name}.sqlite_schema")
    except ArchiveError:
        return False
    return True


@contextmanager
def _readable(damaged: Path, target: Path, spare: Path | None) -> Iterator[Path | None]:
    """The damaged file, or a duplicate with the first page of the copy; None when neither can be read at all."""
    if not damaged.is_file():
        yield None
        return
    if _opens(damaged):
        yield damaged
        return
    graft = target.with_name(target.name + ".graft")
    remove(graft)
    try:
        if spare is not None:
            _graft(damaged, graft, spare)
        yield graft if spare is not None and _opens(graft) else None
    finally:
        remove(graft)


def _opens(path: Path) -> bool:
    try:
        with closing(open_plain(path, write=False)) as connection:
            return bool(connection.value("SELECT count(*) FROM sqlite_schema"))
    except ArchiveError:
        return False


def _graft(damaged: Path, graft: Path, spare: Path) -> None:
    """A duplicate of a damaged file whose first page is the copy's (SQLite file format, 1.3)."""
    shutil.copyfile(damaged, graft)
    log = damaged.with_name(damaged.name + "-wal")
    if log.exists():
        shutil.copyfile(log, graft.with_name(graft.name + "-wal"))
    with spare.open("rb") as file:
        head = file.read(_HEADER)
        size = int.from_bytes(head[16:18], "big")
        size = 65536 if size == 1 else size
        page = bytearray(head + file.read(size - _HEADER))
    page[18:20] = b"\x02\x02" if log.exists() else b"\x01\x01"  # with a write-ahead log, or without
    page[28:32] = (graft.stat().st_size // size).to_bytes(4, "big")  # pages in the file; holds while the next two agree
    page[92:96] = page[24:28]
    page[32:40] = bytes(8)  # no free pages: it is only read
    with graft.open("r+b") as file:
        file.write(page)


def _tables(new: Connection) -> list[str]:
    """The tables to fill, in the order they were made: parents first."""
    no = " ".join(f"AND name NOT LIKE '{name}' ESCAPE '~'" for name in _MADE_ANEW)
    rows = new.rows(f"SELECT name FROM sqlite_schema WHERE type = 'table' {no} ORDER BY rowid")
    return [row[0] for row in rows]


def _count(new: Connection, table: str) -> int:
    return int(new.value(f"SELECT count(*) FROM {table}"))


def _counted(new: Connection, sources: list[str]) -> list[int]:
    """How far the numbers of frames had come, by SQLite's own count; the rows that bore the last ones may be lost."""
    found = []
    for source in sources:
        with suppress(ArchiveDamaged):  # or a file that counts nothing
            found += [row[0] for row in new.rows(f"SELECT seq FROM {source}.sqlite_sequence WHERE name = '_frame'")]
    return found


def _bound(new: Connection, table: str, sources: list[str]) -> int:
    """A key that none of a table's rows is beyond."""
    key = _key(new, table)
    bounds, readable = [0], True
    for source in sources:
        try:
            bound = new.value(f"SELECT max({key}) FROM {source}.{table}")
        except ArchiveDamaged:
            readable = False
        else:
            bounds.append(bound if isinstance(bound, int) else 0)
    return max(bounds) if readable else 2 * max(bounds) + _BEYOND


def _key(new: Connection, table: str) -> str:
    """What a table's rows are read by: the rowid, or the first column of its key."""
    if new.value("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,)):
        return str(new.value(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1"))
    return "rowid"


class _TableReader:
    """The rows of one table of a file that may be damaged, into the new one."""

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
        self._key = _key(new, table)
        keys = new.rows(f"SELECT name, type FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")
        self._order = [row[0] for row in keys] if self._key != "rowid" else []
        self._is_numbered = not self._order or keys[0]["type"] == "INTEGER"

    def _their_columns(self, source: str, table: str) -> list[tuple[str]]:
        try:
            return [(row[0],) for row in self._new.rows("SELECT name FROM pragma_table_info(?, ?)", (table, source))]
        except ArchiveDamaged:
            return []

    def copy(self, bound: int) -> int:
        """Copy all that can be read; how many rows, at most, could not."""
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

        One key is asked for by `=`: SQLite may read a range beyond its end, to the place that cannot be read, where its
        statistics say that the table is small.
        """
        if first == last:
            return self._try(f"{self._sql} WHERE {self._key} = ?", (first,))
        return self._try(f"{self._sql} WHERE {self._key} BETWEEN ? AND ?", (first, last))

    def _from_both_ends(self, where: str, values: tuple[int, ...]) -> int:
        """Copy what stands before the first place that cannot be read, and after the last; how many rows are lost.

        Nobody can count those between: one is told for each end that broke off.
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
