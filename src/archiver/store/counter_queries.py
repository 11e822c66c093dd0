"""Queries of counters: what pages gained in a period, series with few points, and values that fell.

The gain of a period comes from its two ends, so its cost does not grow with the number of visits.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection
from archiver.store.view_sql import IS_PAGE

_AT = (
    "(SELECT r.value FROM _visit t CROSS JOIN _reading r ON r.visit_id = t.visit_id AND r.name_id = :name "
    "WHERE t.page_id = p.page_id AND t.visited_at {0} ORDER BY t.visited_at {1} LIMIT 1)"
)
_NEWEST = (
    "coalesce((SELECT r.value FROM _reading r WHERE r.visit_id = p.last_visit AND r.name_id = :name AND p.last_visited <= :until), "
    f"{_AT.format('<= :until', 'DESC')})"
)
_BEFORE = f"coalesce({_AT.format('<= :since', 'DESC')}, {_AT.format('> :since', '')})"
_GAINED = (
    f"WITH ends AS MATERIALIZED (SELECT p.page_id, {_NEWEST} AS value, {_BEFORE} AS before FROM _page p "
    f"WHERE (:site IS NULL OR p.site_id = (SELECT site_id FROM _site WHERE name = :site)) AND p.last_visited > :since AND {IS_PAGE} "
    "AND p.page_id NOT IN (SELECT value FROM json_each(:without))), "
    "falls AS MATERIALIZED (SELECT t.page_id, sum(-r.gained) AS fell FROM _reading r CROSS JOIN _visit t ON t.visit_id = r.visit_id "
    "WHERE r.name_id = :name AND r.gained < 0 AND t.visited_at > :since AND t.visited_at <= :until GROUP BY t.page_id) "
    "SELECT ends.page_id, value, value - before + coalesce(fell, 0) AS gained, coalesce(fell, 0) AS fell "
    "FROM ends LEFT JOIN falls ON falls.page_id = ends.page_id WHERE value IS NOT NULL AND before IS NOT NULL ORDER BY gained DESC, ends.page_id"
)
_POINTS = (
    "SELECT x.page_id, t.visited_at AS at, (SELECT r.value FROM _reading r WHERE r.visit_id = x.visit_id AND r.name_id = :name) AS value "
    "FROM (SELECT j.key, j.value AS page_id, (SELECT t.visit_id FROM _visit t CROSS JOIN _reading r ON r.visit_id = t.visit_id "
    "AND r.name_id = :name WHERE t.page_id = j.value AND t.visited_at > span.since AND t.visited_at <= span.until "
    "ORDER BY t.visited_at DESC LIMIT 1) AS visit_id FROM json_each(:pages) j CROSS JOIN span) x "
    "CROSS JOIN _visit t ON t.visit_id = x.visit_id ORDER BY x.key, t.visited_at"
)
_SPANS = (
    "WITH RECURSIVE step(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM step WHERE n + 1 < :steps), span AS MATERIALIZED (SELECT "
    "datetime(:since, iif(n, n * :seconds, -1) || ' seconds') AS since, datetime(:since, ((n + 1) * :seconds) || ' seconds') AS until FROM step) "
)
_FALLS = (
    "SELECT s.name AS site, p.page_id, p.url, t.visited_at AS at, r.value, r.gained, r.visit_id FROM _reading r "
    "CROSS JOIN _visit t ON t.visit_id = r.visit_id CROSS JOIN _page p ON p.page_id = t.page_id "
    "CROSS JOIN _site s ON s.site_id = p.site_id WHERE r.name_id = :name AND r.gained < 0 AND t.visited_at > :since AND t.visited_at <= :until "
    "AND (:site IS NULL OR s.name = :site) AND p.page_id NOT IN (SELECT value FROM json_each(:without)) "
    "ORDER BY r.visit_id DESC LIMIT :limit"
)
_NAMED = (
    "SELECT p.page_id, s.name AS site, p.url, c.language, coalesce(c.title, p.title) AS title FROM json_each(?) j "
    "CROSS JOIN _page p ON p.page_id = j.value CROSS JOIN _site s ON s.site_id = p.site_id LEFT JOIN _version v ON v.page_id = p.page_id "
    "AND v.current = 1 AND v.version = (SELECT max(x.version) FROM _version x WHERE x.page_id = p.page_id AND x.current = 1) "
    "LEFT JOIN _stored_content c ON c.content_id = v.content_id"
)


@dataclass(frozen=True, slots=True)
class CounterChoice:
    """Which readings: of one counter, after `since` and up to `until` (UTC text), of all sites or of one, without some pages."""

    name: str
    since: str
    until: str
    site: str | None = None
    without: Sequence[int] = ()


class CounterQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self) -> list[str]:
        """Return the names of all counters; `views` first."""
        rows = self._connection.rows("SELECT name FROM _reading_name ORDER BY name <> 'views', name")
        return [row[0] for row in rows]

    def gained(self, chosen: CounterChoice) -> list[tuple[int, int, int, int]]:
        """Return what each page gained, the most first: page, newest value, gain without falls, and the sum of falls."""
        return [tuple(row) for row in self._connection.rows(_GAINED, self._values(chosen))]

    def points(self, chosen: CounterChoice, pages: Sequence[int], steps: int) -> dict[int, list[tuple[str, int]]]:
        """Return the last reading in each of `steps` equal parts of the period, by page: time (UTC) and value."""
        seconds = self._connection.value(
            "SELECT max(1, (julianday(?) - julianday(?)) * 86400 / ?)", (chosen.until, chosen.since, steps)
        )
        found: dict[int, list[tuple[str, int]]] = {page: [] for page in pages}
        values = {**self._values(chosen), "pages": json.dumps(list(pages)), "steps": steps, "seconds": seconds}
        for row in self._connection.rows(_SPANS + _POINTS, values):
            found[row["page_id"]].append((row["at"], row["value"]))
        return found

    def falls(self, chosen: CounterChoice, limit: int) -> list[dict[str, Any]]:
        """Return the readings that are lower than the one before, newest first."""
        return [dict(row) for row in self._connection.rows(_FALLS, {**self._values(chosen), "limit": limit})]

    def named(self, pages: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return site, address, title and language of pages, by page."""
        return {row["page_id"]: dict(row) for row in self._connection.rows(_NAMED, (json.dumps(list(pages)),))}

    def _values(self, chosen: CounterChoice) -> dict[str, Any]:
        name_id = self._connection.value("SELECT name_id FROM _reading_name WHERE name = ?", (chosen.name,))
        return {
            "name": name_id,
            "since": chosen.since,
            "until": chosen.until,
            "site": chosen.site,
            "without": json.dumps(list(chosen.without)),
        }
