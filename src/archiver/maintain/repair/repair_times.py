"""Repairs rows with a stored time that does not parse, from a verified copy."""

from collections.abc import Sequence

from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.maintain.verify.verify_times import not_a_time, time_columns
from archiver.store.connection import Connection, Row

_HEALED_OTHERWISE = frozenset(("_visit", "_version", "_change", "_reading"))
_STATE = frozenset(("_page", "_page_url", "_frontier", "_host", "_pace", "_usual", "_run", "_extractor"))
"""Tables whose rows later visits change: only the times that do not parse are repaired."""


def repair_times(main: Connection, copy: Connection) -> dict[str, int]:
    """Repair rows within the caller's transaction; return the numbers of rows by table.

    Rows that never change are replaced as a whole: other columns may be damaged, too, and nothing can check them.
    """
    repaired: dict[str, int] = {}
    for table, column in time_columns(main):
        if table in _HEALED_OTHERWISE:
            continue
        try:
            count = _heal(main, copy, table, column)
        except DAMAGE:
            continue
        if count:
            repaired[table] = repaired.get(table, 0) + count
    return repaired


def _heal(main: Connection, copy: Connection, table: str, column: str) -> int:
    keys = [row["name"] for row in main.rows(f"PRAGMA table_info({table})") if row["pk"]]
    where = " AND ".join(f"{name} IS ?" for name in keys)
    count = 0
    for row in main.rows(f"SELECT * FROM {table} WHERE {not_a_time(column)}"):
        values = tuple(row[name] for name in keys)
        theirs = copy.rows(f"SELECT * FROM {table} WHERE {where} AND NOT ({not_a_time(column)})", values)
        if len(theirs) == 1:
            names = [column] if table in _STATE else [name for name in row.keys() if name not in keys]  # noqa: SIM118
            _put(main, table, names, theirs[0], (where, values))
            count += 1
    return count


def _put(main: Connection, table: str, names: Sequence[str], theirs: Row, row: tuple[str, tuple[object, ...]]) -> None:
    known = set(theirs.keys())
    taken = [name for name in names if name in known]
    sets = ", ".join(f"{name} = ?" for name in taken)
    main.execute(f"UPDATE {table} SET {sets} WHERE {row[0]}", (*(theirs[name] for name in taken), *row[1]))  # type: ignore[arg-type]
