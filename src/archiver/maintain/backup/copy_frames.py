"""Copies frames from the vault of an archive to the vault of its copy: only those the copy does not have."""

from collections.abc import Iterator

from archiver.store.connection import Connection, Row, Value
from archiver.store.plain_files import Progress, silent

_COMPARED = 64  # last frames of the copy that are compared before its vault is reused
_BATCH = 500  # frames between two calls of progress
_BIG = ("_frame", "_mirror")
_TABLES = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"


def can_be_continued(copy: Connection, vault: Connection) -> bool:
    """Whether a copy of a vault is an earlier state of it: it has the same tables, and the last common frames are equal.

    Ids of removed frames are not reused, except perhaps in a vault that `repair` rebuilt. A comparison of the last frames
    detects that.
    """
    if [tuple(row) for row in copy.rows(_TABLES)] != [tuple(row) for row in vault.rows(_TABLES)]:
        return False
    if copy.value("PRAGMA user_version") != vault.value("PRAGMA user_version"):
        return False
    last = copy.value("SELECT max(frame_id) FROM _frame") or 0
    ends = "SELECT frame_id FROM _frame WHERE frame_id <= ? ORDER BY frame_id DESC LIMIT ?"
    numbers = {row[0] for connection in (copy, vault) for row in connection.rows(ends, (last, _COMPARED))}
    return all(_same(copy, vault, number) for number in numbers)


def _same(copy: Connection, vault: Connection, number: int) -> bool:
    one, other = (connection.row("SELECT * FROM _frame WHERE frame_id = ?", (number,)) for connection in (copy, vault))
    return one is None or other is None or tuple(one) == tuple(other)


def append_frames(copy: Connection, vault: Connection, *, pruned: bool, progress: Progress = silent) -> None:
    """Update a copy of a vault to the state of the vault at one time, in one transaction.

    Args:
        copy: the copy; it is an earlier state of the vault.
        vault: the vault; other programs may write to it.
        pruned: frames were removed from the vault and are to be removed from the copy.
        progress: called with the number of added frames.
    """
    vault.execute("BEGIN")
    try:
        with copy.transaction():
            last = copy.value("SELECT max(frame_id) FROM _frame") or 0
            rows = vault.execute("SELECT * FROM _frame WHERE frame_id > ? ORDER BY frame_id", (last,))
            copy.executemany(_insert(vault, "_frame"), _counted(rows, progress))
            _add_mirrors(copy, vault)
            for table in _small_tables(vault):
                copy.execute(f"DELETE FROM {table}")
                copy.executemany(_insert(vault, table), map(tuple, vault.execute(f"SELECT * FROM {table}")))
            if pruned:
                _remove_pruned(copy, vault)
    finally:
        vault.execute("ROLLBACK")


def _add_mirrors(copy: Connection, vault: Connection) -> None:
    """Add the missing mirrors. An old frame is mirrored when its body comes again, so not only the last are missing."""
    here = {row[0] for row in copy.rows("SELECT frame_id FROM _mirror")}
    lacking = [row[0] for row in vault.rows("SELECT frame_id FROM _mirror ORDER BY frame_id") if row[0] not in here]
    for number in lacking:
        row = vault.row("SELECT * FROM _mirror WHERE frame_id = ?", (number,))
        copy.executemany(_insert(vault, "_mirror"), [tuple(row)] if row else [])


def _remove_pruned(copy: Connection, vault: Connection) -> None:
    """Remove frames that are not in the vault, unless others reference them: those are not pruned but lost there."""
    here = {row[0] for row in vault.rows("SELECT frame_id FROM _frame")}
    gone = {row[0] for row in copy.rows("SELECT frame_id FROM _frame") if row[0] not in here}
    for number, *references in copy.rows("SELECT frame_id, reference, base, tail FROM _frame ORDER BY frame_id DESC"):
        if number not in gone:
            gone.difference_update(references)
    for table in _BIG:
        copy.executemany(f"DELETE FROM {table} WHERE frame_id = ?", ((number,) for number in gone))


def _small_tables(vault: Connection) -> list[str]:
    rows = vault.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [row[0] for row in rows if row[0] not in _BIG]


def _insert(vault: Connection, table: str) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(vault.rows(f'PRAGMA table_info({table})')))})"


def _counted(rows: Iterator[Row], progress: Progress) -> Iterator[tuple[Value, ...]]:
    for count, row in enumerate(rows, start=1):
        if count % _BATCH == 0:
            progress("new bodies", count, None)
        yield tuple(row)
