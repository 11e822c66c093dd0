"""Queries of listings: which there are, when they changed, and what stood longest on top."""

import json
from collections.abc import Sequence
from typing import Any

from archiver.store.connection import Connection
from archiver.store.view_sql import LABEL

MOST_LISTINGS = 200
_TOP_EDITIONS = 200

_LISTINGS = (
    f"SELECT p.page_id, s.name AS site, p.url, p.title, {LABEL} AS label, s.language, p.url = s.home AS is_home, "
    "(SELECT max(e.number) FROM _edition e WHERE e.page_id = p.page_id) AS editions FROM _page p JOIN _site s ON s.site_id = p.site_id "
    "WHERE p.kind = 'listing' AND (?1 IS NULL OR p.site_id = ?1) AND p.page_id NOT IN (SELECT value FROM json_each(?2)) "
    "AND EXISTS (SELECT 1 FROM _edition e WHERE e.page_id = p.page_id) "
    f"ORDER BY editions > 1 DESC, is_home DESC, p.label IS NOT NULL, p.page_id LIMIT {MOST_LISTINGS}"
)
_LISTING = (
    f"SELECT p.page_id, s.name AS site, p.url, p.title, {LABEL} AS label, s.language, p.url = s.home AS is_home, "
    "(SELECT max(e.number) FROM _edition e WHERE e.page_id = p.page_id) AS editions FROM _page p JOIN _site s ON s.site_id = p.site_id "
    "WHERE p.page_id = ?"
)
_CHANGES = (
    "SELECT max(CASE WHEN a.visited_at < ?2 THEN a.visited_at END) AS before, min(CASE WHEN a.visited_at >= ?3 THEN a.visited_at END) AS after, "
    "max(a.visited_at) AS newest, min(a.visited_at) AS oldest FROM _edition e JOIN _visit a ON a.visit_id = e.first_visit WHERE e.page_id = ?1"
)
_TOP = (
    "SELECT a.visited_at AS seen_from, max(a.visited_at, coalesce(z.visited_at, '')) AS seen_last, k.to_url, k.text AS title, l.to_page AS page_id "
    "FROM (SELECT e.*, (SELECT min(o.place) FROM _placed o WHERE o.page_id = e.page_id AND o.volume = e.volume AND o.first <= e.number "
    "AND coalesce(o.last, e.number) >= e.number) AS top FROM _edition e WHERE e.page_id = ? "
    f"ORDER BY e.number DESC LIMIT {_TOP_EDITIONS}) e CROSS JOIN _page p CROSS JOIN _visit a CROSS JOIN _placed l CROSS JOIN _target k "
    "LEFT JOIN _visit z ON z.visit_id = coalesce(e.last_visit, p.links_visit) WHERE p.page_id = e.page_id AND a.visit_id = e.first_visit "
    "AND l.page_id = e.page_id AND l.volume = e.volume AND l.first <= e.number AND coalesce(l.last, e.number) >= e.number AND l.place = e.top "
    "AND k.target_id = l.target_id ORDER BY e.number"
)


class ListingQueries:
    """Queries of the listings of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def listings(self, site_id: int | None = None, hidden: Sequence[int] = ()) -> list[dict[str, Any]]:
        """Return the listings that have editions: first those that changed, and of them those at their site's address."""
        rows = self._connection.rows(_LISTINGS, (site_id, json.dumps(list(hidden))))
        return [dict(row) for row in rows]

    def listing(self, page_id: int) -> dict[str, Any] | None:
        """Return a page as a listing; None when there is no such page. `editions`: None for a page that is no listing."""
        row = self._connection.row(_LISTING, (page_id,))
        return None if row is None else dict(row)

    def changes_around(self, page_id: int, since: str, until: str) -> dict[str, str | None]:
        """Return when a listing changed last before a span and first after it, and its newest and oldest change (UTC text)."""
        row = self._connection.row(_CHANGES, (page_id, since, until))
        return dict(row) if row else {}

    def on_top(self, page_id: int) -> list[dict[str, Any]]:
        """Return what stood at the top of the newest editions of a listing, oldest first."""
        return [dict(row) for row in self._connection.rows(_TOP, (page_id,))]
