"""Where readings come from: a row for a counter of a page only when its rule, its node or the way it is printed changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.store.connection import Connection, Value
from archiver.store.source_rows import storable
from archiver.text.printed_number import PrintedForm, printed_sql

LATEST = (
    "(SELECT x.visit_id FROM _reading_source x JOIN _visit w ON w.visit_id = x.visit_id WHERE x.page_id = t.page_id "
    "AND x.name_id = {name} AND (w.visited_at < t.visited_at OR (w.visited_at = t.visited_at AND w.visit_id {than} t.visit_id)) "
    "ORDER BY w.visited_at DESC, w.visit_id DESC LIMIT 1)"
)
"""The visit of the row that says where the counter `name` of a visit `t` comes from (`than` <=), or did before it (<)."""
_OF_SOURCE = (
    "FROM _reading_source y {0} WHERE y.page_id = t.page_id AND y.name_id = r.name_id AND y.visit_id = "
    f"{LATEST.format(name='r.name_id', than='<=')}"
)
_ORIGIN = _OF_SOURCE.format("JOIN _origin g ON g.origin_id = y.origin_id")
# not joins: a sum of readings would look up the source of each
SOURCE = (
    f"(SELECT {printed_sql('r.value', 'm')} {_OF_SOURCE.format('JOIN _form m ON m.form_id = y.form_id')}) AS raw, "
    f"(SELECT g.node_path {_ORIGIN}) AS node_path, (SELECT g.rule {_ORIGIN}) AS rule"
)

_PUT = (
    "INSERT OR REPLACE INTO _reading_source(page_id, name_id, visit_id, origin_id, rank, form_id) "
    "SELECT ?1, (SELECT name_id FROM _reading_name WHERE name = ?2), ?3, "
    "(SELECT origin_id FROM _origin WHERE rule = ?4 AND node_path = ?5), ?6, "
    "(SELECT form_id FROM _form WHERE before = ?7 AND mark = ?8 AND after = ?9)"
)
_RESUME = (
    "INSERT OR IGNORE INTO _reading_source(page_id, name_id, visit_id, origin_id, rank, form_id) "
    "SELECT x.page_id, x.name_id, q.visit_id, x.origin_id, x.rank, x.form_id FROM _reading_name n "
    "JOIN _reading_source x ON x.page_id = ?1 AND x.name_id = n.name_id AND x.visit_id = ?4 "
    "JOIN _visit t ON t.visit_id = ?3 JOIN _visit q ON q.visit_id = (SELECT o.visit_id FROM _visit o "
    "JOIN _reading r ON r.visit_id = o.visit_id AND r.name_id = n.name_id WHERE o.page_id = ?1 "
    "AND (o.visited_at, o.visit_id) > (t.visited_at, t.visit_id) ORDER BY o.visited_at, o.visit_id LIMIT 1) WHERE n.name = ?2"
)
"""After a visit that is older than others: the next one has again what was before it."""


@dataclass(frozen=True, slots=True)
class ReadingSource:
    """Where a counter comes from, and how it is printed.

    Attributes:
        since: of a stored source, the visit that it was first seen at; of a new one, that of the source it replaces.
    """

    name: str
    rule: str
    rank: int
    node_path: str
    form: PrintedForm
    since: int | None = None


def put_reading_sources(connection: Connection, visits: Sequence[tuple[int, int, ReadingSource]]) -> None:
    """Store new sources of counters, each with its page and its visit."""
    if not visits:
        return
    rows: list[tuple[Value, ...]] = [
        (
            page_id,
            each.name,
            visit_id,
            storable(each.rule),
            storable(each.node_path),
            each.rank,
            *map(storable, each.form),
        )
        for page_id, visit_id, each in visits
    ]
    connection.executemany(
        "INSERT OR IGNORE INTO _origin(rule, node_path) VALUES (?, ?)", dict.fromkeys(row[3:5] for row in rows)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO _form(before, mark, after) VALUES (?, ?, ?)", dict.fromkeys(row[6:] for row in rows)
    )
    connection.executemany(_PUT, rows)
    replaced = [(page, each.name, visit, each.since) for page, visit, each in visits if each.since is not None]
    if replaced:
        connection.executemany(_RESUME, replaced)
