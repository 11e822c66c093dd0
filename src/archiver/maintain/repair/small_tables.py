"""Repairs the tables that hold each value once: reasons, names of readings, link targets, origins of values.

Other rows refer to them by id. Copies of one schema have the ids of the archive. A migration that creates such a table
may give a copy other ids than the archive has, so a migrated duplicate of a copy first gets the ids of the archive.
"""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from archiver.store.connection import Connection, Value
from archiver.store.lost_ids import mark_of
from archiver.store.plain_files import open_plain

_MOST_USERS = 200  # rows that are compared to find the id of a lost row in a copy


class _SmallTable(NamedTuple):
    """A table of values: its key, its values, the table that refers to it, and columns that find the same row in a copy."""

    name: str
    key: str
    values: tuple[str, ...]
    user: str
    row: tuple[str, ...] = ()


_TABLES = (
    _SmallTable("_reason", "reason_id", ("code", "reason"), "_visit", ("visit_id",)),
    _SmallTable("_reading_name", "name_id", ("name",), "_reading", ("visit_id", "value")),
    _SmallTable("_target", "target_id", ("to_url", "text"), "_link", ("page_id", "first_visit")),
    _SmallTable("_origin", "origin_id", ("rule", "node_path"), "_source"),
)
_YOUNGER = (
    _SmallTable("_target", "target_id", ("to_url", "text"), "_placed", ("page_id", "volume", "first", "place")),
    _SmallTable("_origin", "origin_id", ("rule", "node_path"), "_reading_source", ("page_id", "name_id", "visit_id")),
    _SmallTable("_form", "form_id", ("before", "mark", "after"), "_reading_source", ("page_id", "name_id", "visit_id")),
)
"""Users of such tables that no migration fills: their ids are the same in all copies."""


def same_ids(duplicate: Path, main: Path) -> None:
    """Give the rows of a duplicate the ids that equal rows have in the archive; others get ids that it does not use.

    Raises:
        ArchiveError: the duplicate cannot be written.
    """
    with closing(open_plain(duplicate, write=True)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("ATTACH ? AS ours", (main.absolute().as_uri() + "?mode=ro",))
        tables = {row[0] for row in connection.rows("SELECT name FROM main.sqlite_schema")}
        connection.execute("BEGIN")
        for table in _TABLES:
            if table.name in tables:
                _renumber(connection, table)
        connection.execute("COMMIT")


def _renumber(connection: Connection, table: _SmallTable) -> None:
    name, key, values, user, _ = table
    lost = f"{key} IS NOT NULL AND {key} NOT IN (SELECT {key} FROM main.{name})"
    change = f"UPDATE main.{user} SET {key} = NULL" if user == "_visit" else f"DELETE FROM main.{user}"
    connection.execute(f"{change} WHERE {lost}")  # in the archive, the id may have another value
    connection.execute("CREATE TEMP TABLE renumbered(old INTEGER PRIMARY KEY, new INTEGER)")
    connection.execute(
        f"INSERT INTO renumbered SELECT d.{key}, (SELECT min(o.{key}) FROM ours.{name} o "
        f"WHERE {' AND '.join(f'o.{each} IS d.{each}' for each in values)}) FROM main.{name} d"
    )
    used = [connection.value(f"SELECT max({key}) FROM {each}") or 0 for each in (f"ours.{name}", f"ours.{user}")]
    used.append(connection.value("SELECT CAST(value AS INTEGER) FROM ours._meta WHERE key = ?", (mark_of(name),)) or 0)
    connection.execute("UPDATE renumbered SET new = old + ? WHERE new IS NULL", (max(used),))
    for changed in (user, name):  # first to negative ids, which are all free
        renumbered = f"(SELECT -new FROM temp.renumbered WHERE old = {key})"
        connection.execute(
            f"UPDATE OR REPLACE main.{changed} SET {key} = {renumbered} WHERE {key} IN (SELECT old FROM temp.renumbered)"
        )
        connection.execute(f"UPDATE main.{changed} SET {key} = -{key} WHERE {key} < 0")
    connection.execute("DROP TABLE temp.renumbered")


def restore_values(main: Connection, copy: Connection) -> dict[str, int]:
    """Restore lost rows that other rows refer to from a verified copy, within the caller's transaction.

    Returns:
        The numbers of rows by table.
    """
    done: Counter[str] = Counter()
    for table in (*_TABLES, *_YOUNGER):
        done[table.name] += _restore(main, copy, table)
    return {name: count for name, count in done.items() if count}


def _restore(main: Connection, copy: Connection, table: _SmallTable) -> int:
    name, key, values, user, _ = table
    columns, same = ", ".join(values), " AND ".join(f"{each} IS ?" for each in values)
    count = 0
    for (number,) in main.rows(
        f"SELECT DISTINCT {key} FROM {user} WHERE {key} IS NOT NULL AND {key} NOT IN (SELECT {key} FROM {name}) ORDER BY 1"
    ):
        theirs = copy.row(f"SELECT {columns} FROM {name} WHERE {key} = ?", (_their_id(main, copy, table, number),))
        if theirs is None:
            continue
        known = main.value(f"SELECT min({key}) FROM {name} WHERE {same}", tuple(theirs))
        if known is None:
            marks = ", ".join("?" * len(values))
            main.execute(f"INSERT INTO {name}({key}, {columns}) VALUES (?, {marks})", (number, *theirs))
        else:  # the row was written again after its loss
            main.execute(f"UPDATE OR REPLACE {user} SET {key} = ? WHERE {key} = ?", (known, number))
        count += 1
    return count


def _their_id(main: Connection, copy: Connection, table: _SmallTable, number: int) -> Value:
    """Return the id of a lost row in the copy; None when it is not certain.

    A migrated duplicate has another id. It is the only one that is lost here and that all rows refer to which refer to
    the lost row here.
    """
    if not table.row or copy.value(f"SELECT 1 FROM {table.name} WHERE {table.key} = ?", (number,)):
        return number
    known = {row[0] for row in main.rows(f"SELECT {table.key} FROM {table.name}")}
    where = " AND ".join(f"{name} = ?" for name in table.row)
    theirs = f"SELECT {table.key} FROM {table.user} WHERE {where}"
    ours = f"SELECT {', '.join(table.row)} FROM {table.user} WHERE {table.key} = ? LIMIT {_MOST_USERS}"
    found = [{each[0] for each in copy.rows(theirs, tuple(row))} - known for row in main.rows(ours, (number,))]
    common = set.intersection(*(each for each in found if each)) if any(found) else set()
    return int(common.pop()) if len(common) == 1 else None
