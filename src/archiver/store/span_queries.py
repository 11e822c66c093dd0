"""Queries of the history of one page, as its strip of time and its table need it. Each returns a bounded number of rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.model.outcome import having
from archiver.store.connection import Connection
from archiver.store.redaction_views import VERSION_REDACTED
from archiver.store.schema import BLIND

UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "century")
"""The units of time that versions are grouped by, the finest first."""

_BUCKETS = {
    "minute": "substr({0}, 1, 16)",
    "hour": "substr({0}, 1, 13)",
    "day": "substr({0}, 1, 10)",
    "week": "date({0}, 'weekday 0', '-6 days')",
    "month": "substr({0}, 1, 7)",
    "quarter": "substr({0}, 1, 4) || '-' || ((substr({0}, 6, 2) + 2) / 3)",
    "year": "substr({0}, 1, 4)",
    "century": "substr({0}, 1, 2)",
}
_FOUND = "coalesce({0}.read_outcome, {0}.outcome)"
_ABSENT = ", ".join(f"'{each}'" for each in having(lambda each: each.is_absence))
_IN_SPAN = "v.page_id = :page AND v.current = 1 AND v.seen_from < :until AND v.seen_last >= :since"
_OWN = "h.redesign_id IS NULL"
_EDITS = (
    "FROM _change h JOIN _version v ON v.version_id = h.version_id AND v.current > 0 "
    "WHERE h.page_id = :page AND h.not_after >= :since AND h.not_after < :until"
)

_READINGS = (
    "FROM _visit t CROSS JOIN _reading r ON r.visit_id = t.visit_id "
    "JOIN _reading_name n ON n.name_id = r.name_id AND n.name IN (SELECT value FROM json_each(:names)) "
    "WHERE t.page_id = :page AND t.visited_at >= :since AND t.visited_at < :until"
)


@dataclass(frozen=True, slots=True)
class Window:
    """A page and the span of time that is asked for (UTC text): from `since` until before `until`."""

    page: int
    since: str = ""
    until: str = "9999"

    def values(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401  (values of SQL)
        """Return the values of a query."""
        return {"page": self.page, "since": self.since, "until": self.until, **more}


class SpanQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # versions

    def count(self, window: Window) -> dict[str, Any]:
        """Return how many versions there are in a window: versions, first, last, seen_from, seen_last."""
        return self._one(
            "SELECT count(*) AS versions, min(v.version) AS first, max(v.version) AS last, min(v.seen_from) AS seen_from, "
            f"max(v.seen_last) AS seen_last FROM _version v WHERE {_IN_SPAN}",
            window,
        )

    def versions(self, window: Window, limit: int, *, newest_first: bool = False) -> list[dict[str, Any]]:
        """Return the versions of a window without their contents, oldest first."""
        down = " DESC" if newest_first else ""
        return self._all(
            "SELECT v.version, v.version_id, v.verdict, v.seen_from, v.seen_last, v.seen_until, v.first_visit, v.last_visit, "
            f"{VERSION_REDACTED} FROM _version v WHERE {_IN_SPAN} ORDER BY v.version{down} LIMIT :limit",
            window,
            limit=limit,
        )

    def newest_before(self, window: Window, place: int) -> str | None:
        """Return when the version at a place of a window (0: its newest) was first seen (UTC text)."""
        found: str | None = self._connection.value(
            f"SELECT v.seen_from FROM _version v WHERE {_IN_SPAN} ORDER BY v.version DESC LIMIT 1 OFFSET :place",
            window.values(place=place),
        )
        return found

    def bins(self, window: Window, unit: str) -> list[dict[str, Any]]:
        """Return a row for each unit of time in which a version began: bucket, versions, first, last, seen_from, seen_last."""
        return self._all(
            f"SELECT {_BUCKETS[unit].format('v.seen_from')} AS bucket, count(*) AS versions, min(v.version) AS first, "
            "max(v.version) AS last, min(v.seen_from) AS seen_from, max(v.seen_last) AS seen_last "
            f"FROM _version v WHERE {_IN_SPAN} GROUP BY bucket ORDER BY first",
            window,
        )

    # edits

    def edits(self, window: Window, limit: int) -> list[dict[str, Any]]:
        """Return the changes of a window, oldest first, each with the number of its version."""
        return self._all(
            "SELECT v.version, h.change_id, h.field, h.chars_added, h.chars_removed, h.nature, h.redesign_id, h.context "
            f"{_EDITS} ORDER BY h.not_after, h.change_id LIMIT :limit",
            window,
            limit=limit,
        )

    def edit_bins(self, window: Window, unit: str) -> list[dict[str, Any]]:
        """Return the edits of each unit of time, without redesigns: bucket, edits, and the characters of the largest one."""
        return self._all(
            f"SELECT {_BUCKETS[unit].format('at')} AS bucket, count(*) AS edits, max(size) AS largest FROM ("
            f"SELECT h.not_after AS at, sum(h.chars_added + h.chars_removed) AS size {_EDITS} AND {_OWN} GROUP BY h.not_after) "
            "GROUP BY bucket",
            window,
        )

    def silent(self, window: Window, limit: int) -> dict[int, str]:
        """Return what the page claimed at each of its silent edits in a window: the claim by change."""
        rows = self._all(
            "SELECT change_id, claim FROM silent_edits WHERE page_id = :page AND kind = 'silent' "
            "AND not_after >= :since AND not_after < :until LIMIT :limit",
            window,
            limit=limit,
        )
        return {row["change_id"]: row["claim"] for row in rows}

    def silent_claims(self, page_id: int) -> dict[str, int]:
        """Return how many edits of a page are silent, by what it claimed then. Redesigns and typography are left out."""
        rows = self._all(
            "SELECT claim, count(DISTINCT not_after) AS edits FROM silent_edits WHERE page_id = :page AND kind = 'silent' "
            "AND cause IS NULL AND nature IS NOT 'typography' GROUP BY claim",
            Window(page_id),
        )
        return {row["claim"]: row["edits"] for row in rows}

    # where there is no version

    def absences(self, window: Window, limit: int, *, longest: bool = False) -> list[dict[str, Any]]:
        """Return rows of `absences` in a window, newest first, or the longest ones."""
        order = "julianday(last_miss) - julianday(gone_by) DESC" if longest else "gone_by DESC"
        return self._all(
            "SELECT last_seen, gone_by, last_miss, back_by, misses, evidence, came_back FROM absences WHERE page_id = :page "
            f"AND gone_by < :until AND coalesce(back_by, last_miss) >= :since ORDER BY {order} LIMIT :limit",
            window,
            limit=limit,
        )

    def misses(self, page_id: int, since: str, until: str, limit: int = 20) -> list[dict[str, Any]]:
        """Return the first visits of an absence that did not find the page, oldest first."""
        return self._all(
            f"SELECT t.visit_id, t.visited_at, t.run_id, t.status, {_FOUND.format('t')} AS outcome FROM _visit t "
            f"WHERE t.page_id = :page AND t.visited_at >= :since AND t.visited_at <= :until AND {_FOUND.format('t')} IN ({_ABSENT}) "
            "ORDER BY t.visited_at, t.visit_id LIMIT :limit",
            Window(page_id, since, until),
            limit=limit,
        )

    def unobserved(self, window: Window, limit: int) -> list[dict[str, Any]]:
        """Return rows of `unobserved` in a window, newest first."""
        return self._all(
            "SELECT since, until, why, failed, outcome FROM unobserved WHERE page_id = :page AND since < :until "
            "AND coalesce(until, '9999') > :since ORDER BY since DESC LIMIT :limit",
            window,
            limit=limit,
        )

    def pauses(self, window: Window, days: float, limit: int) -> list[dict[str, Any]]:
        """Return the longest spans of a window, of at least so many days, between two visits that did not fail: since, until."""
        return self._all(
            "SELECT since, until FROM (SELECT t.visited_at AS until, "
            "lag(t.visited_at) OVER (ORDER BY t.visited_at, t.visit_id) AS since FROM _visit t WHERE t.page_id = :page "
            f"AND t.visited_at >= :since AND t.visited_at < :until AND NOT ({BLIND.format('t.')})) "
            "WHERE julianday(until) - julianday(since) >= :days ORDER BY julianday(until) - julianday(since) DESC LIMIT :limit",
            window,
            days=days,
            limit=limit,
        )

    def failures(self, window: Window, limit: int) -> list[dict[str, Any]]:
        """Return the failed visits of a window that follow one another, as one row each, newest first."""
        return self._all(
            "SELECT min(visited_at) AS since, max(visited_at) AS until, count(*) AS visits, outcome, status, note, visit_id FROM ("
            f"SELECT t.visited_at, t.visit_id, t.status, {_FOUND.format('t')} AS outcome, coalesce(t.read_note, t.note) AS note, "
            f"{BLIND.format('t.')} AS blind, sum(NOT ({BLIND.format('t.')})) OVER (ORDER BY t.visited_at, t.visit_id) AS island "
            "FROM _visit t WHERE t.page_id = :page AND t.visited_at >= :since AND t.visited_at < :until) "
            "WHERE blind GROUP BY island ORDER BY since DESC LIMIT :limit",
            window,
            limit=limit,
        )

    def ticks(self, window: Window, start: str, end: str, most: int) -> list[dict[str, Any]]:
        """Return the failed visits of a window, at most one row for each of `most` equal parts of the time from start to end."""
        return self._all(
            "SELECT min(t.visited_at) AS at, count(*) AS visits, "
            f"{_FOUND.format('t')} AS outcome, t.status FROM _visit t WHERE t.page_id = :page AND t.visited_at >= :since "
            f"AND t.visited_at < :until AND {BLIND.format('t.')} GROUP BY CAST((julianday(t.visited_at) - julianday(:start)) "
            "* :most / max(julianday(:end) - julianday(:start), 1e-5) AS INTEGER) ORDER BY at LIMIT :most",
            window,
            start=start,
            end=end,
            most=most,
        )

    # visits

    def visits(self, page_id: int) -> dict[str, Any]:
        """Return how often a page was visited: visits, failed, first_visit, last_visit."""
        return self._one(
            f"SELECT count(*) AS visits, coalesce(sum({BLIND.format('t.')}), 0) AS failed, min(t.visited_at) AS first_visit, "
            "max(t.visited_at) AS last_visit FROM _visit t WHERE t.page_id = :page",
            Window(page_id),
        )

    def visits_between(self, page_id: int, since: str, until: str) -> dict[str, Any]:
        """Return how many visits of a page there were from one moment to another: visits, failed."""
        return self._one(
            f"SELECT count(*) AS visits, coalesce(sum({BLIND.format('t.')}), 0) AS failed FROM _visit t "
            "WHERE t.page_id = :page AND t.visited_at >= :since AND t.visited_at <= :until",
            Window(page_id, since, until),
        )

    # counters

    def counters(self, page_id: int) -> list[str]:
        """Return the names of the counters that a page's newest visits read."""
        rows = self._connection.rows(
            "SELECT DISTINCT n.name FROM (SELECT visit_id FROM _visit WHERE page_id = ? ORDER BY visited_at DESC LIMIT 200) t "
            "CROSS JOIN _reading r ON r.visit_id = t.visit_id JOIN _reading_name n ON n.name_id = r.name_id ORDER BY n.name",
            (page_id,),
        )
        return [row["name"] for row in rows]

    def readings(self, window: Window, names: Sequence[str], span: tuple[str, str], most: int) -> list[dict[str, Any]]:
        """Return readings of counters, the last one of each of `most` equal parts of a span: name, at and value."""
        return self._all(
            f"SELECT n.name, max(t.visited_at) AS at, r.value {_READINGS} "
            "GROUP BY n.name, CAST((julianday(t.visited_at) - julianday(:start)) * :most "
            "/ max(julianday(:end) - julianday(:start), 1e-5) AS INTEGER) ORDER BY n.name, at",
            window,
            names=json.dumps(list(names)),
            start=span[0],
            end=span[1],
            most=most,
        )

    def resets(self, window: Window, names: Sequence[str], most: int) -> list[dict[str, Any]]:
        """Return the readings at which counters were set back, newest first: name, at and value."""
        return self._all(
            f"SELECT n.name, t.visited_at AS at, r.value {_READINGS} AND r.gained < 0 ORDER BY at DESC LIMIT :most",
            window,
            names=json.dumps(list(names)),
            most=most,
        )

    def _all(self, sql: str, window: Window, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (values of SQL)
        return [dict(row) for row in self._connection.rows(sql, window.values(**more))]

    def _one(self, sql: str, window: Window, **more: Any) -> dict[str, Any]:  # noqa: ANN401  (values of SQL)
        return self._all(sql, window, **more)[0]
