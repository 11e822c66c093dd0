"""Rebuilds a file that SQLite cannot open: from its readable rows, and from the copy's rows for the others.

The damaged file is only read, and kept. Rows are read by ranges of their key; an unreadable range is halved until the
unreadable rows are found. When the first page (the header and the list of tables) is damaged, a duplicate of the file
gets the first page of the copy: a copy has the same pages.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError
from archiver.maintain.backup.manifest import SIDE_FILES
from archiver.store.connection import FAILURES, Connection
from archiver.store.open_file import open_connection
from archiver.store.plain_files import PlainConnection, Progress, open_plain

_GIVE_UP = 20_000  # after this many unreadable rows in a sequence, the rest of the table counts as unreadable
_BEYOND = 10_000  # keys beyond twice the copy's rows up to which rows are searched
_MADE_ANEW = ("_doc", "_words%", "sqlite_%")
_NOT_OF_A_COPY = ("_visit", "_unread", "_meta")
"""Tables that are not filled from the copy: visits need the chain, unread marks may be outdated, the identity is our own."""
_FORMER_NAMES = {"_stored_content": "_content"}
"""Tables that have another name in files of earlier schemas."""
_HEADER = 100


@dataclass
class SalvageResult:
    """The result of rebuilding a file.

    Attributes:
        unread: the number of unreadable rows by table; an upper bound where whole pages are lost.
        filled: the number of rows from the copy, by table.
        bare: tables that could not be read and that are empty in the copy.
        counted: the highest ids by SQLite's counters; none of them may be reused.
    """

    unread: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    counted: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DatabaseKind:
    """One of an archive's two files, with the arguments of `open_connection`."""

    application_id: int
    migrations: tuple[str, ...]


def rebuild(damaged: Path, target: Path, spare: Path | None, kind: DatabaseKind, progress: Progress) -> SalvageResult:
    """Write a new file from the readable rows of a damaged one, and from a copy.

    Args:
        damaged: the damaged file; it is only read, and may be missing.
        target: the new file; an existing file is replaced.
        spare: the same file of a copy.
        kind: which of the two files it is.
        progress: called with the present table.

    Raises:
        ArchiveDamaged: nothing can be read and there is no copy.
        ArchiveError: the new file cannot be written.
    """
    remove(target)
    open_connection(target, application_id=kind.application_id, migrations=kind.migrations, write=True).close()
    salvaged = SalvageResult()
    with closing(open_plain(target, write=True)) as new, _readable(damaged, target, spare) as old:
        for pragma in ("foreign_keys=OFF", "journal_mode=MEMORY", "synchronous=OFF"):
            new.execute(f"PRAGMA {pragma}")
        sources = [name for name, path in (("old", old), ("spare", spare)) if path and _attach(new, path, name)]
        if not sources:
            raise ArchiveDamaged(f"{damaged}: nothing in it can be read; name a copy with --from")
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
        new.execute("DELETE FROM _meta WHERE key = 'views'")  # the next opening creates the views
    salvaged.unread = {table: count for table, count in salvaged.unread.items() if count}
    salvaged.filled = {table: count for table, count in salvaged.filled.items() if count}
    return salvaged


def remove(path: Path) -> None:
    """Remove a file and the files that SQLite creates with it."""
    for end in ("", *SIDE_FILES):
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
    """Return the damaged file, or a duplicate with the first page of the copy; None when neither is readable."""
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
    """Write a duplicate of a damaged file with the first page of the copy (SQLite file format, 1.3)."""
    shutil.copyfile(damaged, graft)
    log = damaged.with_name(damaged.name + "-wal")
    if log.exists():
        shutil.copyfile(log, graft.with_name(graft.name + "-wal"))
    with spare.open("rb") as file:
        head = file.read(_HEADER)
        size = int.from_bytes(head[16:18], "big")
        size = 65536 if size == 1 else size
        page = bytearray(head + file.read(size - _HEADER))
    page[18:20] = (
        b"\x02\x02" if log.exists() else b"\x01\x01"
    )  # file format versions: with or without a write-ahead log
    page[28:32] = (graft.stat().st_size // size).to_bytes(
        4, "big"
    )  # pages in the file; valid while the next two values agree
    page[92:96] = page[24:28]
    page[32:40] = bytes(8)  # no free pages: the duplicate is only read
    with graft.open("r+b") as file:
        file.write(page)


def _tables(new: Connection) -> list[str]:
    """Return the tables to fill in the order of their creation: referenced tables first."""
    no = " ".join(f"AND name NOT LIKE '{name}' ESCAPE '~'" for name in _MADE_ANEW)
    rows = new.rows(f"SELECT name FROM sqlite_schema WHERE type = 'table' {no} ORDER BY rowid")
    return [row[0] for row in rows]


def _count(new: Connection, table: str) -> int:
    return int(new.value(f"SELECT count(*) FROM {table}"))


def _counted(new: Connection, sources: list[str]) -> list[int]:
    """Return the highest frame ids by SQLite's counters; the last rows themselves may be lost."""
    found = []
    for source in sources:
        with suppress(ArchiveDamaged):  # or a file without counters
            found += [row[0] for row in new.rows(f"SELECT seq FROM {source}.sqlite_sequence WHERE name = '_frame'")]
    return found


def _bound(new: Connection, table: str, sources: list[str]) -> int:
    """Return an upper bound of a table's keys."""
    key = _key(new, table)
    bounds, readable = [0], True
    for source in sources:
        try:
            bound = new.value(f"SELECT max({key}) FROM {source}.{_name_in(new, source, table)}")
        except ArchiveDamaged:
            readable = False
        else:
            bounds.append(bound if isinstance(bound, int) else 0)
    return max(bounds) if readable else 2 * max(bounds) + _BEYOND


def _key(new: Connection, table: str) -> str:
    """Return the key by which rows are read: the rowid, or the first column of the primary key."""
    if new.value("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,)):
        return str(new.value(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1"))
    return "rowid"


def _name_in(new: Connection, source: str, table: str) -> str:
    """Return the name of a table in a file, which may have an earlier schema."""
    former = _FORMER_NAMES.get(table, table)
    with suppress(ArchiveDamaged):
        if not new.value(f"SELECT 1 FROM {source}.sqlite_schema WHERE type = 'table' AND name = ?", (table,)):
            return former
    return table


def _version(new: PlainConnection, source: str) -> int:
    try:
        return int(new.value(f"PRAGMA {source}.user_version"))
    except ArchiveDamaged:
        return 0


class _TableReader:
    """Copies the rows of one table from a file that may be damaged."""

    def __init__(self, new: PlainConnection, table: str, source: str) -> None:
        self._new = new
        origin = _name_in(new, source, table)
        theirs = {row[0] for row in self._their_columns(source, origin)}
        columns = ", ".join(
            row[0] for row in new.rows(f"SELECT name FROM pragma_table_info('{table}')") if row[0] in theirs
        )
        self._sql = (
            f"INSERT OR IGNORE INTO main.{table}({columns}) SELECT {columns} FROM {source}.{origin}" if columns else ""
        )
        self._is_older = 0 < _version(new, source) < _version(new, "main")  # then a table that it lacks is new
        self._select = f"SELECT {columns} FROM {source}.{origin}"
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
        """Copy all readable rows; return an upper bound of the number of unreadable ones."""
        if not self._sql:
            return 0 if self._is_older else 1
        if self._try(self._sql):
            return 0
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
