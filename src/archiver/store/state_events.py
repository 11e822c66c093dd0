"""State events: pages gone, back and moved, and redesigns. Light rows of a span of time, and the details of a few."""

import json
from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection, Value
from archiver.store.day_events import DayRow, DaySpan
from archiver.store.result_cache import ResultCache
from archiver.store.view_sql import proved_at

MOST = 5_000
"""The most events of one kind that are read: the newest."""

STATE_KINDS = ("gone", "back", "moved", "redesign")
_LAST_CHANGE = "(SELECT max(c.not_after) FROM changes c WHERE c.redesign_id = events.redesign_id)"
_FOUND_AT = {"gone": proved_at("new", "not_after"), "redesign": _LAST_CHANGE}
_LIGHT = (
    "SELECT site, page_id, not_after, redesign_id, found_at FROM (SELECT site, page_id, not_after, redesign_id, {0} AS found_at "
    "FROM events WHERE kind = '{1}') WHERE found_at >= :since AND found_at < :until AND (:name IS NULL OR site = :name) "
    "AND coalesce(page_id, 0) NOT IN (SELECT value FROM json_each(:hidden)) "
    f"ORDER BY found_at DESC LIMIT {MOST}"
)
_PAGE = "SELECT * FROM events WHERE kind = '{0}' AND page_id = ? AND not_after = ?"
_REDESIGN = (
    "SELECT d.*, coalesce((SELECT max(h.not_before) FROM _change h WHERE h.redesign_id = d.redesign_id AND h.not_before < d.since), NULL) "
    "AS not_before FROM redesigns d WHERE d.redesign_id = ?"
)
_ALONE = (
    "SELECT count(*) FROM (SELECT DISTINCT h.page_id, h.not_after FROM _change h CROSS JOIN _version v WHERE v.version_id = h.version_id "
    "AND v.current > 0 AND h.redesign_id IS NULL AND h.nature <> 'typography' AND h.version_id IN "
    "(SELECT o.version_id FROM _change o WHERE o.redesign_id = ?))"
)
_CHANGED_PAGES = (
    "SELECT h.not_after AS at, h.page_id, max(h.version_id) AS version_id, s.name AS site, c.section FROM _change h "
    "CROSS JOIN _version v CROSS JOIN _stored_content c CROSS JOIN _page p CROSS JOIN _site s WHERE h.redesign_id = ?1 "
    "AND v.version_id = h.version_id AND v.current > 0 AND c.content_id = v.content_id AND p.page_id = h.page_id "
    "AND s.site_id = p.site_id AND p.page_id NOT IN (SELECT value FROM json_each(?2)) GROUP BY h.not_after, h.page_id "
    "ORDER BY h.page_id, h.not_after LIMIT ?3 OFFSET ?4"
)


@dataclass(frozen=True, slots=True)
class StateEvent:
    """A page gone, back or moved, or a redesign. Times are UTC text.

    `found_at`: the visit that found it; of a page that is gone the proof, of a redesign its newest change.
    """

    kind: str
    site: str
    page_id: int
    at: str
    redesign_id: int
    found_at: str


class StateEvents:
    """Reads events of the state of a page, and redesigns: all but edits and new pages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: ResultCache[list[StateEvent]] = ResultCache(connection)

    def of(self, span: DaySpan, site: str | None) -> list[StateEvent]:
        """Return the events that were found in a span, the newest first. They are kept while the archive does not change."""
        return self._found.get((span, site), lambda: self._read(span, site))

    def _read(self, span: DaySpan, site: str | None) -> list[StateEvent]:
        values: dict[str, Value] = {
            "since": span.since,
            "until": span.until,
            "name": site,
            "hidden": json.dumps(list(span.hidden)),
        }
        found = [
            StateEvent(
                kind, row["site"], row["page_id"] or 0, row["not_after"], row["redesign_id"] or 0, row["found_at"]
            )
            for kind in STATE_KINDS
            for row in self._connection.rows(_LIGHT.format(_FOUND_AT.get(kind, "not_after"), kind), values)
        ]
        return sorted(found, key=lambda each: (each.found_at, each.page_id), reverse=True)

    def page_event(self, event: StateEvent) -> dict[str, Any]:
        """Return the row of the view `events` of a page that is gone, back or moved."""
        row = self._connection.row(_PAGE.format(event.kind), (event.page_id, event.at))
        return dict(row) if row else {}

    def redesign(self, redesign_id: int) -> dict[str, Any]:
        """Return the row of the view `redesigns`, with `not_before`; empty when there is no such redesign."""
        row = self._connection.row(_REDESIGN, (redesign_id,))
        return dict(row) if row else {}

    def edits_beside(self, redesign_id: int) -> int:
        """Return the number of pages with an edit of their own at a visit that also shows the redesign."""
        return int(self._connection.value(_ALONE, (redesign_id,)))

    def changed_pages(
        self, redesign_id: int, hidden: tuple[int, ...] = (), *, limit: int, offset: int = 0
    ) -> list[DayRow]:
        """Return the pages that a redesign changed, in the order in which they were found."""
        rows = self._connection.rows(_CHANGED_PAGES, (redesign_id, json.dumps(list(hidden)), limit, offset))
        return [
            DayRow("edited", row["at"], row["page_id"], row["version_id"], "redesign", row["site"], row["section"])
            for row in rows
        ]
