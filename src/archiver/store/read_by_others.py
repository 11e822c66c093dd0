"""The captures that another extractor read last: the current one reads them again before it compares the next visit."""

import json
from collections.abc import Iterable

from archiver.store.connection import Connection

_BYTES = "t.frame_id IS NOT NULL AND coalesce(t.read_outcome, t.outcome) = 'ok'"
_NEWEST = "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
_VERSIONS = (
    f"SELECT v.page_id, (SELECT t.visit_id FROM _visit t WHERE t.page_id = v.page_id AND {_BYTES} "
    f"AND t.visited_at >= v.seen_from AND t.visited_at <= v.seen_last {_NEWEST}) AS visit_id "
    "FROM json_each(?1) j CROSS JOIN _version v ON v.page_id = j.value AND v.current = 1 AND v.extractor_id <> ?2 "
    "AND v.version = (SELECT max(x.version) FROM _version x WHERE x.page_id = j.value AND x.current = 1)"
)
_EDITIONS = (
    f"SELECT e.page_id, (SELECT t.visit_id FROM _visit t WHERE t.page_id = e.page_id AND {_BYTES} "
    f"AND t.visited_at >= a.visited_at AND t.visit_id NOT IN (SELECT visit_id FROM _unread) {_NEWEST}) "
    "FROM json_each(?1) j CROSS JOIN _edition e ON e.page_id = j.value AND e.extractor_id <> ?2 "
    "AND e.number = (SELECT max(x.number) FROM _edition x WHERE x.page_id = j.value) JOIN _visit a ON a.visit_id = e.first_visit "
    "WHERE NOT EXISTS (SELECT 1 FROM _version v WHERE v.page_id = j.value AND v.current = 1)"
)


def read_by_others(connection: Connection, pages: Iterable[int], extractor_id: int) -> dict[int, int]:
    """Return, by page, the last visit with bytes that shows a newest version, or else a newest edition, of another extractor."""
    values = (json.dumps(sorted(set(pages))), extractor_id)
    rows = connection.rows(f"{_VERSIONS} UNION ALL {_EDITIONS}", values)
    return {row["page_id"]: row["visit_id"] for row in rows if row["visit_id"] is not None}
