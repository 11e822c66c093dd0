"""What was looked at, and what was not: visits by day, failed visits, pages without a visit."""

from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection
from archiver.store.schema import BLIND
from archiver.store.view_sql import IS_PAGE

_DAYS = "WITH RECURSIVE d(day) AS (SELECT ?1 UNION ALL SELECT date(day, '+1 day') FROM d WHERE day < ?2) SELECT d.day, "
_VISITED = f"{_DAYS} EXISTS (SELECT 1 FROM _visit t WHERE t.visited_at >= d.day AND t.visited_at < date(d.day, '+1 day')) AS is_seen FROM d"
_VISITED_SITE = (
    f"{_DAYS} EXISTS (SELECT 1 FROM _run r WHERE r.site_id = ?3 AND r.kind <> 'import' AND r.visits > 0 "
    "AND substr(r.started_at, 1, 10) <= d.day AND substr(coalesce(r.finished_at, r.started_at), 1, 10) >= d.day) AS is_seen FROM d"
)
_IMPORTED_SITE = (
    "EXISTS (SELECT 1 FROM _visit t CROSS JOIN _page p WHERE p.page_id = t.page_id AND p.site_id = ?1 "
    "AND t.visited_at >= ?2 AND t.visited_at < date(?2, '+1 day'))"
)
_FAILED = (
    "SELECT coalesce(t.read_outcome, t.outcome) AS outcome, t.status, count(*) AS visits, count(DISTINCT t.page_id) AS pages "
    "FROM (SELECT * FROM _visit t WHERE t.visited_at >= ?1 AND {0} ORDER BY t.visited_at DESC LIMIT 20000) t CROSS JOIN _page p "
    f"WHERE p.page_id = t.page_id AND {IS_PAGE} AND (?2 IS NULL OR p.site_id = ?2) GROUP BY 1, 2 ORDER BY visits DESC, 1, 2 LIMIT 20"
).format(BLIND.format("t."))
_LOOKED = (
    "SELECT count(*) AS pages, coalesce(sum(p.last_visited IS NULL), 0) AS never, coalesce(sum(p.last_visited < ?1), 0) AS before "
    f"FROM _page p WHERE {IS_PAGE} AND (?2 IS NULL OR p.site_id = ?2) AND p.state NOT IN ('gone', 'moved')"
)


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The pages that should be there. `never`: without any visit; `before`: last visited before the span."""

    pages: int
    never: int
    before: int


class CoverageQueries:
    """Queries of what the archive has looked at. Times are UTC text."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_visit(self, site_id: int | None = None) -> str | None:
        """Return the time of the newest visit, of all sites or of one."""
        sql = "SELECT max(visited_at) FROM _visit"
        if site_id is not None:
            sql = "SELECT max(last_visited) FROM _page WHERE site_id = ?"
        found: str | None = self._connection.value(sql, () if site_id is None else (site_id,))
        return found

    def visits(self, since: str, until: str, site_id: int | None = None) -> int:
        """Return the number of visits of a span; of one site, those of the runs that began in it."""
        if site_id is None:
            sql = "SELECT count(*) FROM _visit WHERE visited_at >= ? AND visited_at < ? AND made_by IS NULL"
            return int(self._connection.value(sql, (since, until)))
        sql = "SELECT coalesce(sum(visits), 0) FROM _run WHERE site_id = ?3 AND started_at >= ?1 AND started_at < ?2"
        return int(self._connection.value(sql, (since, until, site_id)))

    def runs(self, since: str, site_id: int | None = None) -> int:
        """Return the number of runs with visits since a time."""
        sql = "SELECT count(*) FROM _run WHERE visits > 0 AND started_at >= ?1 AND (?2 IS NULL OR site_id = ?2)"
        return int(self._connection.value(sql, (since, site_id)))

    def visited_days(self, first: str, last: str, site_id: int | None = None) -> dict[str, bool]:
        """Return for each day from `first` to `last` (YYYY-MM-DD) whether there was a visit."""
        if site_id is None:
            return {row["day"]: bool(row["is_seen"]) for row in self._connection.rows(_VISITED, (first, last))}
        rows = self._connection.rows(_VISITED_SITE, (first, last, site_id))
        found = {row["day"]: bool(row["is_seen"]) for row in rows}
        sql = "SELECT EXISTS (SELECT 1 FROM _run WHERE site_id = ? AND kind = 'import')"
        if self._connection.value(sql, (site_id,)):
            for day in [day for day, is_seen in found.items() if not is_seen]:
                found[day] = bool(self._connection.value(f"SELECT {_IMPORTED_SITE}", (site_id, day)))
        return found

    def failed(self, since: str, site_id: int | None = None) -> list[dict[str, Any]]:
        """Return the failed visits of pages since a time by outcome and status, the most frequent first."""
        return [dict(row) for row in self._connection.rows(_FAILED, (since, site_id))]

    def looked_at(self, since: str, site_id: int | None = None) -> LookedAt:
        """Return how many pages there are, and how many of them were not visited since a time."""
        row = self._connection.row(_LOOKED, (since, site_id))
        return LookedAt(*row) if row else LookedAt(0, 0, 0)
