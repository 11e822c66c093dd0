"""Queries for advice on an archive. None reads all visits."""

from typing import Any

from archiver.model.outcome import Cause
from archiver.store.connection import Connection

_LATE = (
    "SELECT s.name AS site, count(*) AS pages, min(f.due_at) AS since FROM _frontier f JOIN _site s USING (site_id) "
    "JOIN _page p USING (page_id) WHERE f.due_at < ? AND p.last_visited IS NOT NULL GROUP BY 1 ORDER BY 1"
)
_BROKEN_OFF = (
    "SELECT s.name AS site, r.run_id FROM _run r JOIN _site s ON s.site_id = r.site_id "
    "WHERE r.finished_at IS NULL AND r.started_at < ? ORDER BY r.run_id"
)


class DoctorQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def visits(self) -> tuple[int, int]:
        """Return the number of visits and the id of the last one; 0 for none."""
        row = self._connection.row("SELECT count(*), coalesce(max(visit_id), 0) FROM _visit")
        return (row[0], row[1]) if row else (0, 0)

    def unreadable(self) -> int:
        """Return the number of captures that the reader could not read."""
        sql = "SELECT count(*) FROM _unread WHERE cause = ?"
        return int(self._connection.value(sql, (Cause.READER_FAILED,)))

    def broken_off(self, before: str) -> list[dict[str, Any]]:
        """Return the runs that began before a time (UTC text) and did not end: site, run_id."""
        return [dict(row) for row in self._connection.rows(_BROKEN_OFF, (before,))]

    def late(self, before: str) -> list[dict[str, Any]]:
        """Return the sites with known pages that are due since before a time (UTC text): site, pages, since."""
        return [dict(row) for row in self._connection.rows(_LATE, (before,))]
