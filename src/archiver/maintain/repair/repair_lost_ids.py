"""Finds the highest ids that were in use before rows were lost, so that no id is reused.

Each function is for a file that was just rebuilt: rows at the end of its tables may be lost, and only references from
other rows show their ids.
"""

from collections.abc import Iterable

from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.connection import Connection
from archiver.store.lost_ids import NUMBERED, highest, mark_of

_NAMED_BY = {
    "_site": ("_page", "_run", "_extractor", "_frontier"),
    "_run": ("_visit",),
    "_page": ("_visit", "_version", "_link", "_frontier", "_edition"),
    "_request": ("_visit",),
    "_warc": ("_imported",),
    "_reason": ("_visit",),
    "_reading_name": ("_reading",),
    "_target": ("_link", "_placed"),
}


def keep_frame_numbers(main: Connection, vault: Connection, claims: Iterable[object]) -> None:
    """Make a rebuilt vault assign ids after all that were ever in use, within the caller's transaction.

    Args:
        main: the file whose visits reference frames.
        vault: the rebuilt file.
        claims: the highest ids by the damaged file and the copy.
    """
    sure = max(_values(vault, "SELECT max(frame_id) FROM _frame UNION ALL SELECT max(frame_id) FROM _mirror"))
    last = highest(sure, _count(main), [*claims, *_values(main, "SELECT DISTINCT frame_id FROM _visit")])
    if not vault.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = '_frame'", (last,)).rowcount:
        vault.execute("INSERT INTO sqlite_sequence(name, seq) VALUES ('_frame', ?)", (last,))


def keep_row_numbers(main: Connection, copy: Connection | None) -> None:
    """Store the highest ids of tables with lost rows, within the caller's transaction."""
    for table, key in NUMBERED.items():
        own = f"SELECT max({key}) FROM {table}"
        claims = [number for each in _NAMED_BY[table] for number in _values(main, f"SELECT DISTINCT {key} FROM {each}")]
        claims += _values(main, "SELECT CAST(value AS INTEGER) FROM _meta WHERE key = ?", mark_of(table))
        sure = max(_values(main, own))
        last = highest(sure, _count(main), claims + (_values(copy, own) if copy else []))
        if last > sure:
            main.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES (?, ?)", (mark_of(table), str(last)))


def _values(connection: Connection, query: str, *values: str) -> list[int]:
    """Return the integers of a query's first column, and 0."""
    try:
        return [0, *(row[0] for row in connection.rows(query, values) if isinstance(row[0], int))]
    except DAMAGE:
        return [0]


def _count(main: Connection) -> int:
    return max(_values(main, "SELECT max(visit_id) FROM _visit WHERE visit_id <= 4 * (SELECT count(*) FROM _visit)"))
