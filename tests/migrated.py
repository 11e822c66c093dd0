"""The rows of the views of a stored archive, for comparison before and after a migration."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

VIEWS = {
    "pages": "url, title, first_seen, last_visited, state, views",
    "versions": "url, version, seen_from, seen_last, seen_until, published, title, section, summary, body, tags, extra",
    "captions": "version, url, position, text",
    "bylines": "version, url, position, name",
    "changes": "url, field, old, new, not_before, not_after, chars_added, chars_removed",
    "readings": "url, name, read_at, value, gained",
    "absences": "url, last_seen, gone_by, back_by, misses",
    "visits": "url, visited_at, status, outcome, final_url, media_type, bytes, sha256",
    "reinterpretations": "url, seen_from, field, was, now",
    "links": "from_url, to_url, text, seen_from, seen_last",
    "runs": "run_id, kind, started_at, visits, new_versions, gone, errors, ended",
}
"""The columns that are compared: data of the site, no row ids."""

_OF_VERSIONS = ("captions", "bylines")
_LONG = 60

Row = list[Any]


def answers(query: Callable[[str], Iterable[dict[str, Any]]]) -> dict[str, list[Row]]:
    """Return the rows of each view, sorted; long text and bytes as their digest."""
    found = {}
    for view, columns in VIEWS.items():
        source = f"{view} JOIN (SELECT version_id, version FROM versions) USING (version_id)"
        rows = query(f"SELECT {columns} FROM {source if view in _OF_VERSIONS else view}")
        found[view] = sorted(([_short(value) for value in row.values()] for row in rows), key=repr)
    return found


def _short(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:_LONG]}... {hashlib.sha256(value.encode()).hexdigest()[:16]}"
    return value


def drop_renditions(connection: sqlite3.Connection) -> None:
    """Drop the columns of what browsers made, which schema 14 has added."""
    connection.execute("DROP TRIGGER _visit_rendered")
    connection.execute("DROP INDEX _visit_of")
    for column in ("made_by", "of_visit", "via"):
        connection.execute(f"ALTER TABLE _visit DROP COLUMN {column}")
    connection.execute("ALTER TABLE _version DROP COLUMN rendered")
