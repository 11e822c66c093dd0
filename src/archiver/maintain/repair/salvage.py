"""Rebuilds a file that SQLite cannot open: from its readable rows, and from the copy's rows for the others.

The damaged file is only read, and kept. Rows are read by ranges of their key; an unreadable range is halved until the
unreadable rows are found. When the first page (the header and the list of tables) is damaged, a duplicate of the file
gets the first page of the copy: a copy has the same pages.

A file of an earlier schema is rebuilt with the tables of that schema, which are then migrated. A copy of an earlier
schema is rebuilt and migrated, too, before its rows are used.
"""

import mmap
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError
from archiver.maintain.backup.manifest import SIDE_FILES
from archiver.maintain.repair.small_tables import same_ids
from archiver.maintain.repair.table_reader import TableReader, key_of
from archiver.maintain.verify.row_ranges import open_unchecked
from archiver.maintain.verify.verify_file import tables_of
from archiver.store.connection import Connection
from archiver.store.open_file import migrate, open_connection
from archiver.store.plain_files import PlainConnection, Progress, open_plain

_BEYOND = 10_000  # keys beyond twice the copy's rows up to which rows are searched
_MADE_ANEW = ("_doc", "_words%", "sqlite_%")
_NOT_OF_A_COPY = ("_visit", "_unread", "_meta")
"""Tables that are not filled from the copy: visits need the chain, unread marks may be outdated, the identity is our own."""
_LATER_NAMES = {"_content": "_stored_content"}
"""Tables that a migration renames."""
_HEADER = 100
_VERSION = slice(60, 64)  # of the header: the schema


@dataclass
class SalvageResult:
    """The result of rebuilding a file.

    Attributes:
        unread: the number of unreadable rows by table; an upper bound where whole pages are lost.
        filled: the number of rows from the copy, by table.
        bare: tables that could not be read and that are empty in the copy.
        counted: the highest ids by SQLite's counters; none of them may be reused.
        schema: the schema of the damaged file; the new file has the present one.
    """

    unread: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    counted: list[int] = field(default_factory=list)
    schema: int = 0


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
    salvaged = SalvageResult()
    with _readable(damaged, target, spare, kind) as old:
        schema = salvaged.schema = schema_of(old, kind) if old else len(kind.migrations)
        first = kind.migrations[:schema]
        open_connection(target, application_id=kind.application_id, migrations=first, write=True).close()
        with closing(open_plain(target, write=True)) as new:
            for pragma in ("foreign_keys=OFF", "journal_mode=MEMORY", "synchronous=OFF"):
                new.execute(f"PRAGMA {pragma}")
            sources = [name for name, path in (("old", old), ("spare", spare)) if path and _attach(new, path, name)]
            if not sources:
                what = "nothing in it can be read" if damaged.exists() else "is missing"
                raise ArchiveDamaged(f"{damaged}: {what}; name a copy of the archive with --from")
            if "old" in sources:
                _take_readable(new, salvaged, sources, progress)
            salvaged.counted = _counted(new, sources)
            for name in sources:
                new.execute(f"DETACH {name}")
            if schema < len(kind.migrations):
                migrate(new, kind.application_id, kind.migrations, references=False)
            if spare is not None and "spare" in sources:
                is_older = schema < len(kind.migrations)
                present = present_copy(spare, duplicate_of(target), target, kind, progress, is_needed=is_older)
                _attach(new, present, "spare")
                _take_missing(new, salvaged, progress)
            new.execute("DELETE FROM _meta WHERE key = 'views'")  # the next opening creates the views
    salvaged.unread = {_LATER_NAMES.get(table, table): count for table, count in salvaged.unread.items() if count}
    salvaged.filled = {table: count for table, count in salvaged.filled.items() if count}
    return salvaged


def present_copy(
    spare: Path, duplicate: Path, main: Path, kind: DatabaseKind, progress: Progress, *, is_needed: bool = False
) -> Path:
    """Return a file with the rows of a copy in the present schema: the copy itself, or a migrated duplicate of it.

    Args:
        spare: the file of the copy.
        duplicate: where a duplicate is written; an existing file is replaced.
        main: the sound file of the archive that rows are restored to; the duplicate gets its ids.
        kind: which of the two files it is.
        progress: called with the present table.
        is_needed: make a duplicate, whatever the copy's schema is: migrations of the two files gave different ids.

    Raises:
        ArchiveDamaged: nothing of the copy can be read.
        ArchiveError: the duplicate cannot be written.
    """
    if not is_needed and schema_of(spare, kind) == len(kind.migrations):
        return spare
    rebuild(spare, duplicate, None, kind, progress)
    same_ids(duplicate, main)
    return duplicate


def duplicate_of(new: Path) -> Path:
    """Return the path of the migrated duplicate of a copy, by that of the rebuilt file."""
    return new.with_name(new.name + ".copy")


def schema_of(path: Path, kind: DatabaseKind) -> int:
    """Return the schema of a file, from 1; the present one when its number and its tables do not agree."""
    newest = len(kind.migrations)
    try:
        with closing(open_unchecked(path)) as connection:
            version = connection.value("PRAGMA user_version")
            names = {row[0] for row in connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except ArchiveError:
        return newest
    if not 0 < version < newest or not names <= tables_of(kind.migrations[:version]):
        return newest
    return int(version)


def _take_readable(new: PlainConnection, salvaged: SalvageResult, sources: list[str], progress: Progress) -> None:
    tables = _tables(new)
    for number, table in enumerate(tables):
        progress(f"rows of {table}", number, len(tables))
        salvaged.unread[table] = TableReader(new, table, "old").copy(_bound(new, table, sources))


def _take_missing(new: PlainConnection, salvaged: SalvageResult, progress: Progress) -> None:
    tables = [table for table in _tables(new) if table not in _NOT_OF_A_COPY]
    for number, table in enumerate(tables):
        progress(f"rows of {table}", number, len(tables))
        before = _count(new, table)
        TableReader(new, table, "spare").copy(_bound(new, table, ["spare"]))
        salvaged.filled[table] = _count(new, table) - before
        if not _count(new, table):
            salvaged.bare.add(table)


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
def _readable(damaged: Path, target: Path, spare: Path | None, kind: DatabaseKind) -> Iterator[Path | None]:
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
        if spare is not None and _has_schema_of(spare, damaged, kind):
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


def _has_schema_of(spare: Path, damaged: Path, kind: DatabaseKind) -> bool:
    """Whether a damaged file has the schema of the copy; otherwise the copy's first page lists other tables.

    A file whose whole list of tables was on its first page, such as a vault, is taken to have it.
    """
    with damaged.open("rb") as file:
        ours = int.from_bytes(file.read(_HEADER)[_VERSION], "big")
    if 0 < ours <= len(kind.migrations):
        return ours == schema_of(spare, kind)
    return _newest_tables(damaged, kind) in (0, _newest_tables(spare, kind))


def _newest_tables(path: Path, kind: DatabaseKind) -> int:
    """Return the last migration whose new tables a file has, by the text of its pages; 0 when it has none."""
    if not path.stat().st_size:
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        for step in range(len(kind.migrations), 0, -1):
            names = tables_of(kind.migrations[:step]) - tables_of(kind.migrations[: step - 1])
            if any(pages.find(f"CREATE TABLE {name}(".encode()) >= 0 for name in names):
                return step
    return 0


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
    key = key_of(new, table)
    bounds, readable = [0], True
    for source in sources:
        try:
            bound = new.value(f"SELECT max({key}) FROM {source}.{table}")
        except ArchiveDamaged:
            readable = False
        else:
            bounds.append(bound if isinstance(bound, int) else 0)
    return max(bounds) if readable else 2 * max(bounds) + _BEYOND
