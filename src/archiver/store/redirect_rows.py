"""The redirects that were stored: which visit of a page came last before a moment, and what is noted of a circle."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from archiver.store.connection import Connection


class StoredRedirect(NamedTuple):
    """A visit that was redirected: its id, the requested address and the target."""

    visit_id: int
    url: str
    target: str


class RedirectRows:
    """Reads and notes redirects."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self, site_id: int, key: str, since: str, until: str) -> StoredRedirect | None:
        """Return the last visit of a page in a span of time (UTC text), if it was redirected; else None."""
        row = self._connection.row(
            "SELECT t.visit_id, coalesce(t.asked, p.url) AS url, t.location, t.outcome FROM _page p "
            "JOIN _visit t ON t.page_id = p.page_id AND t.visited_at BETWEEN ? AND ? WHERE p.site_id = ? AND p.key = ? "
            "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1",
            (since, until, site_id, key),
        )
        if row is None or row["outcome"] != "moved" or row["location"] is None:
            return None
        return StoredRedirect(row["visit_id"], row["url"], row["location"])

    def note(self, visits: Sequence[int], note: str) -> None:
        """Add a note to visits that do not have it."""
        self._connection.execute(
            "UPDATE _visit SET read_note = coalesce(coalesce(read_note, note) || '; ', '') || ?1 "
            "WHERE visit_id IN (SELECT value FROM json_each(?2)) AND instr(coalesce(read_note, note, ''), ?1) = 0",
            (note, json.dumps(list(visits))),
        )
