"""The sources of values as rows: `_source` refers to `_origin`, which holds each pair of rule and place in the page once.

The pages of one template have the same rules and nearly the same places. Rows of earlier schemas hold both themselves.
"""

from collections.abc import Sequence

from archiver.model.record import Source
from archiver.store.connection import Connection, Value

ORIGIN = "coalesce(g.rule, o.rule) AS rule, o.rank, o.raw, coalesce(g.node_path, o.node_path) AS node_path"
"""The columns that say where a value came from, of `_source o` joined with `_origin g`."""
JOIN_ORIGIN = "LEFT JOIN _origin g ON g.origin_id = o.origin_id"

_OF_VERSION = f"SELECT o.field, {ORIGIN} FROM _source o {JOIN_ORIGIN} WHERE o.version_id = ? ORDER BY o.field"
_PUT = (
    "INSERT OR REPLACE INTO _source(version_id, field, rule, rank, raw, origin_id) "
    "SELECT ?, ?, '', ?, ?, origin_id FROM _origin WHERE rule = ? AND node_path = ?"
)
_COPY = (
    "INSERT INTO _source(version_id, field, rule, rank, raw, node_path, origin_id) "
    "SELECT ?, field, rule, rank, raw, node_path, origin_id FROM _source WHERE version_id = ?"
)


HAS_VALUE = (
    "CASE o.field WHEN 'published' THEN (SELECT d.published IS NOT NULL FROM _version q JOIN _stored_content d "
    "ON d.content_id = q.content_id WHERE q.version_id = o.version_id) WHEN 'modified' THEN coalesce((SELECT m.value IS NOT NULL "
    "FROM _version q JOIN _modified m ON m.page_id = q.page_id AND m.seen_from <= q.seen_last WHERE q.version_id = o.version_id "
    "ORDER BY m.seen_from DESC LIMIT 1), 0) ELSE 1 END"
)
"""Whether the field of a source has a value: a text that is no certain date has a source, too."""
IS_ITEM = "instr(o.field, '[') > 0"
"""The condition of the sources of items of lists after the first: `captions[2]`."""


def put_sources(connection: Connection, versions: Sequence[tuple[int, tuple[tuple[str, Source], ...]]]) -> None:
    """Store the sources of new versions, each given by its row id."""
    rows: list[tuple[Value, ...]] = []
    for version_id, sources in versions:
        for field, each in sources:
            origin = (storable(each.rule), storable(each.node_path))
            rows.append((version_id, field, each.rank, storable(each.raw), *origin))
    if rows:
        connection.executemany(
            "INSERT OR IGNORE INTO _origin(rule, node_path) VALUES (?, ?)", dict.fromkeys(row[4:] for row in rows)
        )
        connection.executemany(_PUT, rows)


def copy_sources(connection: Connection, from_version: int, to_version: int) -> None:
    """Give a version the sources of another one."""
    connection.execute(_COPY, (to_version, from_version))


def sources_of(connection: Connection, version_id: int) -> dict[str, Source]:
    """Return the sources of a version's values, by field."""
    rows = connection.rows(_OF_VERSION, (version_id,))
    return {row["field"]: Source(row["rule"], row["rank"], row["raw"] or "", row["node_path"] or "") for row in rows}


def storable(text: str) -> str:
    """Return text that SQLite accepts: a lone surrogate (half of an emoji) becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
