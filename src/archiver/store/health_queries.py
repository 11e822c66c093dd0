"""Queries of the health that was kept of crawls, of runs, failures and coming visits. Each is bounded."""

import json
from typing import Any, NamedTuple

from archiver.store.connection import Connection
from archiver.store.frontier import QUEUES, REQUISITES
from archiver.store.kept_health import KeptAlarm, KeptShare
from archiver.store.schema import BLIND
from archiver.store.view_sql import IS_PAGE

_NEWEST = (
    "SELECT s.name AS site, s.home, r.run_id, r.started_at FROM _site s CROSS JOIN _run r ON r.run_id IN (SELECT x.run_id FROM _run x "
    "WHERE x.site_id = s.site_id AND x.kind = 'crawl' AND x.has_health = 1 ORDER BY x.run_id DESC LIMIT ?1) "
    "WHERE ?2 IS NULL OR s.name = ?2 ORDER BY s.name, r.run_id DESC"
)
_KINDS = "SELECT DISTINCT h.run_id, h.kind FROM json_each(?) j CROSS JOIN _health h ON h.run_id = j.value"
_ALARMS = (
    "SELECT a.run_id, a.what, a.kind, a.field, a.since, a.problem, a.url FROM json_each(?) j "
    "CROSS JOIN _alarm a ON a.run_id = j.value ORDER BY a.run_id DESC, a.position"
)

_SHARES = (
    "SELECT run_id, kind, field, read, found, before_read, before_found FROM json_each(?) j "
    "CROSS JOIN _health h ON h.run_id = j.value ORDER BY h.run_id, h.kind, h.field"
)
_RUNS = (
    "SELECT r.run_id, r.started_at, r.finished_at, r.ended, r.cause, r.known, r.due, r.visits, r.gone, r.back, r.errors, r.refused, r.unread "
    "FROM _site s CROSS JOIN _run r ON r.site_id = s.site_id WHERE s.name = ? AND r.kind = 'crawl' ORDER BY r.run_id DESC LIMIT ?"
)
_LAST_RUNS = (
    "SELECT s.name AS site, r.run_id, r.started_at, r.finished_at, r.ended, r.visits, r.errors, r.refused, r.gone, r.unread "
    "FROM _site s LEFT JOIN _run r ON r.run_id = "
    "(SELECT x.run_id FROM _run x WHERE x.site_id = s.site_id AND x.kind = 'crawl' ORDER BY x.run_id DESC LIMIT 1) ORDER BY s.name"
)
_FAILURES = (
    "SELECT s.name AS site, x.outcome, x.status, x.cause, count(*) AS visits, count(DISTINCT x.page_id) AS pages, max(x.visited_at) AS newest, "
    "max(x.visit_id) AS visit_id FROM (SELECT t.visit_id, t.page_id, t.visited_at, t.status, t.cause, "
    f"coalesce(t.read_outcome, t.outcome) AS outcome FROM _visit t WHERE {BLIND.format('t.')} AND t.visited_at >= :since "
    "ORDER BY t.visited_at DESC LIMIT :limit) x CROSS JOIN _page p ON p.page_id = x.page_id CROSS JOIN _site s ON s.site_id = p.site_id "
    f"WHERE (:site IS NULL OR s.name = :site) AND {IS_PAGE} GROUP BY 1, 2, 3, 4 ORDER BY 1, 5 DESC, 2, 3"
)
_COMING = (
    f"{QUEUES} SELECT p.page_id, p.url, p.kind, p.last_visited, f.due_at, f.interval, f.reason_code, f.reason "
    "FROM queues q CROSS JOIN _frontier f ON f.page_id IN (SELECT x.page_id FROM _frontier x WHERE x.site_id = ?1 AND x.queue = q.queue "
    f"ORDER BY x.due_at LIMIT ?2) CROSS JOIN _page p ON p.page_id = f.page_id WHERE q.queue NOT {REQUISITES} "
    "AND p.page_id NOT IN (SELECT value FROM json_each(?3)) ORDER BY f.due_at, p.page_id LIMIT ?2"
)
_DUE = (
    f"{QUEUES} SELECT coalesce(sum((SELECT count(*) FROM _frontier f WHERE f.site_id = ?1 AND f.queue = q.queue AND f.due_at <= ?2)), 0) "
    f"FROM queues q WHERE q.queue NOT {REQUISITES}"
)
_HOST = "SELECT origin, not_before, failures, robots_status, robots_at FROM _host WHERE origin = ?"
_UNREAD = (
    "SELECT s.name AS site, u.cause, count(*) AS captures FROM (SELECT visit_id, cause FROM _unread LIMIT ?) u "
    "CROSS JOIN _visit t ON t.visit_id = u.visit_id CROSS JOIN _page p ON p.page_id = t.page_id "
    "CROSS JOIN _site s ON s.site_id = p.site_id GROUP BY 1, 2 ORDER BY 1, 2"
)
_MOST_UNREAD = 10_000
_NOTED = (
    "SELECT count(*) AS pages, coalesce(sum(x.is_noted), 0) AS noted, max(iif(x.is_noted, x.url, NULL)) AS example FROM "
    "(SELECT p.url, instr(coalesce(t.read_note, t.note, ''), ?3) > 0 AS is_noted FROM _page p CROSS JOIN _visit t ON t.visit_id = "
    "(SELECT v.visit_id FROM _visit v WHERE v.page_id = p.page_id AND v.run_id <= ?2 AND v.media_type LIKE '%html%' "
    "AND coalesce(v.read_outcome, v.outcome) = 'ok' ORDER BY v.visited_at DESC LIMIT 1) "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} ORDER BY p.last_visited DESC LIMIT ?4) x"
)


class JudgedRun(NamedTuple):
    """A crawl whose health was kept, the kinds of pages that it read, and its alarms. `started_at`: UTC text.

    `home`: the address of the site.
    """

    site: str
    home: str
    run_id: int
    started_at: str
    kinds: frozenset[str]
    alarms: tuple[KeptAlarm, ...]


class NotedPages(NamedTuple):
    """How many pages were read, and of how many the reading has a note. `example`: the address of one."""

    pages: int
    noted: int
    example: str | None


class HealthQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def judged(self, site: str | None, limit: int) -> list[JudgedRun]:
        """Return the newest crawls of each site, or of one, whose health was kept: at most `limit` of a site, newest first."""
        runs = self._connection.rows(_NEWEST, (limit, site))
        numbers = json.dumps([row["run_id"] for row in runs])
        kinds: dict[int, set[str]] = {}
        for row in self._connection.rows(_KINDS, (numbers,)):
            kinds.setdefault(row["run_id"], set()).add(row["kind"])
        alarms: dict[int, list[KeptAlarm]] = {}
        for row in self._connection.rows(_ALARMS, (numbers,)):
            alarms.setdefault(row["run_id"], []).append(KeptAlarm(*tuple(row)[1:]))
        return [
            JudgedRun(
                row["site"],
                row["home"],
                row["run_id"],
                row["started_at"],
                frozenset(kinds.get(row["run_id"], ())),
                tuple(alarms.get(row["run_id"], ())),
            )
            for row in runs
        ]

    def shares(self, runs: list[int]) -> dict[int, list[KeptShare]]:
        """Return the shares of pages with each field that were kept of runs, by run."""
        found: dict[int, list[KeptShare]] = {}
        for row in self._connection.rows(_SHARES, (json.dumps(runs),)):
            found.setdefault(row["run_id"], []).append(KeptShare(*tuple(row)[1:]))
        return found

    def runs(self, site: str, limit: int) -> list[dict[str, Any]]:
        """Return the newest crawls of a site, newest first, with their counts as they were at their end."""
        return self._dicts(_RUNS, (site, limit))

    def last_runs(self) -> list[dict[str, Any]]:
        """Return the newest crawl of each site; its values are NULL for a site without one."""
        return self._dicts(_LAST_RUNS)

    def failures(self, site: str | None, since: str, limit: int) -> list[dict[str, Any]]:
        """Return visits that got no page since a time, by site, outcome, status and cause; only the newest `limit` visits."""
        return self._dicts(_FAILURES, {"site": site, "since": since, "limit": limit})

    def coming(self, site_id: int, limit: int, without: list[int]) -> list[dict[str, Any]]:
        """Return the pages of a site that are due first, in their order, with the reason."""
        return self._dicts(_COMING, (site_id, limit, json.dumps(without)))

    def due(self, site_id: int, at: str) -> int:
        """Return how many pages of a site are due at a time (UTC text)."""
        return int(self._connection.value(_DUE, (site_id, at)))

    def host(self, origin: str) -> dict[str, Any] | None:
        """Return what is known of a server: robots_status, robots_at, not_before, failures."""
        row = self._connection.row(_HOST, (origin,))
        return None if row is None else dict(row)

    def unread(self) -> list[dict[str, Any]]:
        """Return the number of captures that wait to be read, by site and cause."""
        return self._dicts(_UNREAD, (_MOST_UNREAD,))

    def noted(self, site_id: int, run_id: int, note: str, limit: int) -> NotedPages:
        """Return how many of the pages that were visited last have a note in their newest reading, up to a run."""
        return NotedPages(*tuple(self._connection.rows(_NOTED, (site_id, run_id, note, limit))[0]))

    def _dicts(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.rows(sql, values)]
