"""The frontier: which pages to visit and when, and the states of servers. It is stored in the archive."""

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.model.capture import Headers
from archiver.model.reason import Reason, ReasonCode
from archiver.store.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class Due:
    """A page on the frontier.

    Attributes:
        interval: the last wait in seconds; 0 = never visited.
        reason: why it is on the frontier, or why its next visit is due.
        headers: the conditional headers of the request.
        born: the time of publication (UTC), if the page states it.
        hint: the last modification time that a sitemap or a feed gave for its address (`archiver.revisit.hints`).
        evidence: what its visits show about its change rate, as `archiver.revisit.change_rate` encodes it.
        via: the page that named it first.
    """

    page_id: int
    url: str
    kind: str | None
    depth: int
    interval: float
    method: str
    content: bytes
    reason: Reason
    headers: Headers = ()
    last_visited: str | None = None
    born: str | None = None
    evidence: bytes | None = None
    due_at: str = ""
    hint: str | None = None
    via: int | None = None


@dataclass(frozen=True, slots=True)
class HostState:
    """The stored state of one server (scheme, host, port). Times are UTC text."""

    not_before: str | None = None
    robots_status: int | None = None
    robots: str | None = None
    robots_at: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class NextVisit:
    """When a page is due next (UTC), after how many seconds, why, and its evidence (as in `Due`)."""

    due_at: str
    interval: float
    reason: Reason
    evidence: bytes | None = None
    born: str | None = None


ENTRIES = "SELECT f.*, p.url, p.kind, p.last_visited FROM _frontier f JOIN _page p ON p.page_id = f.page_id"

QUEUES = """WITH RECURSIVE queues(queue) AS (SELECT min(queue) FROM _frontier WHERE site_id = ?1 UNION ALL
  SELECT (SELECT min(f.queue) FROM _frontier f WHERE f.site_id = ?1 AND f.queue > q.queue) FROM queues q WHERE q.queue IS NOT NULL)"""
"""The queues of the site ?1 (see `archiver.store.due_queues`). A query over a time in each queue needs no scan."""

LATEST = "9999-12-31 23:59:59"
"""A time after all others, as stored."""

REQUISITES = "BETWEEN -20 AND -11"
"""The queues of requisites: they have a priority of their own (1.0)."""

LISTS_BELOW = -52
"""Sitemaps and feeds are in the queues below this one: they have the highest priorities."""


class Frontier:
    """The frontiers of all sites."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bound(self, site_id: int, now: str, latest: str) -> None:
        """Move due times after `latest` (UTC) to it, or to `now` for a page with a later visit: former rules or a wrong clock may have set them."""
        self._connection.execute(
            f"{QUEUES} UPDATE _frontier SET due_at = iif(?2 < (SELECT last_visited FROM _page p WHERE p.page_id = _frontier.page_id), "
            "?2, ?3) WHERE site_id = ?1 AND queue IN (SELECT queue FROM queues) AND due_at > ?3",
            (site_id, now, latest),
        )

    def leave(self, run_id: int, pages: Iterable[int]) -> None:
        """Mark pages that this run could not visit, so that it does not take them again."""
        self._connection.executemany(
            "UPDATE _frontier SET run_id = ? WHERE page_id = ?", [(run_id, page) for page in pages]
        )

    def times(self, site_id: int) -> dict[int, tuple[str, float]]:
        """Return when each page is due (UTC), and its interval in seconds (0 if it was never visited). Without requisites."""
        rows = self._connection.rows(
            f"SELECT page_id, due_at, interval FROM _frontier WHERE site_id = ? AND queue NOT {REQUISITES}", (site_id,)
        )
        return {row["page_id"]: (row["due_at"], row["interval"]) for row in rows}

    def retry(self, site_id: int, outcome: str, now: str) -> None:
        """Make the pages of a site due now (UTC text) whose last visit failed with this outcome."""
        self._connection.execute(
            "UPDATE _frontier SET due_at = ?2 WHERE site_id = ?1 AND due_at > ?2 AND reason_code = ?4 AND ?3 = (SELECT "
            "coalesce(t.read_outcome, t.outcome) FROM _page p JOIN _visit t ON t.visit_id = p.last_visit "
            "WHERE p.page_id = _frontier.page_id)",
            (site_id, now, outcome, ReasonCode.FAILED),
        )

    def entry(self, page_id: int) -> Due | None:
        """Return the page's row, if it is on the frontier."""
        row = self._connection.row(f"{ENTRIES} WHERE f.page_id = ?", (page_id,))
        return None if row is None else entry_of(row)

    def lists(self, site_id: int) -> dict[str, int]:
        """Return the number of sitemaps and feeds on the site's frontier, by kind."""
        rows = self._connection.rows(
            "SELECT p.kind, count(*) FROM _frontier f CROSS JOIN _page p ON p.page_id = f.page_id "
            "WHERE f.site_id = ? AND f.queue < ? AND p.kind IN ('sitemap', 'feed') GROUP BY p.kind",
            (site_id, LISTS_BELOW),
        )
        return {row[0]: row[1] for row in rows}

    def drop(self, page_id: int) -> None:
        """Remove a page from the frontier: its profile skips it now. Its captures stay."""
        self._connection.execute("DELETE FROM _frontier WHERE page_id = ?", (page_id,))

    def size(self, site_id: int) -> int:
        """Return the number of pages on the site's frontier, without requisites."""
        sql = f"SELECT count(*) FROM _frontier WHERE site_id = ? AND queue NOT {REQUISITES}"
        return int(self._connection.value(sql, (site_id,)))

    def left(self, site_id: int, now: str, run_id: int, *, everything: bool) -> int:
        """Return the number of pages that this run has still to visit, without requisites that are not due."""
        return int(
            self._connection.value(
                f"{QUEUES} SELECT count(*) FROM queues q CROSS JOIN _frontier f ON f.site_id = ?1 AND f.queue = q.queue "
                f"AND f.due_at <= iif(q.queue {REQUISITES}, ?4, ?2) WHERE f.run_id IS NOT ?3",
                (site_id, LATEST if everything else now, run_id, now),
            )
        )

    def next_due(self, site_id: int) -> str | None:
        """Return when the next page or requisite is due (UTC)."""
        found: str | None = self._connection.value(
            f"{QUEUES} SELECT min((SELECT min(f.due_at) FROM _frontier f WHERE f.site_id = ?1 AND f.queue = q.queue)) FROM queues q",
            (site_id,),
        )
        return found

    # servers

    def host(self, origin: str) -> HostState:
        """Return the stored state of a server."""
        row = self._connection.row("SELECT * FROM _host WHERE origin = ?", (origin,))
        if row is None:
            return HostState()
        return HostState(row["not_before"], row["robots_status"], row["robots"], row["robots_at"], row["failures"])

    def put_robots(self, origin: str, status: int | None, text: str, now: str) -> None:
        """Store a server's robots.txt; status None: it could not be fetched, and `text` says why."""
        self._connection.execute(
            "INSERT INTO _host(origin, robots_status, robots, robots_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "robots_status = excluded.robots_status, robots = excluded.robots, robots_at = excluded.robots_at",
            (origin, status, text, now),
        )

    def put_failures(self, origin: str, failures: int) -> None:
        """Store the number of pages in a row that a server did not answer."""
        self._connection.execute(
            "INSERT INTO _host(origin, failures) VALUES (?, ?) ON CONFLICT DO UPDATE SET failures = excluded.failures",
            (origin, failures),
        )

    def put_not_before(self, origin: str, not_before: str | None) -> None:
        """Store the time before which a server gets no request; an earlier time does not replace a later one."""
        self._connection.execute(
            "INSERT INTO _host(origin, not_before) VALUES (?, ?) ON CONFLICT DO UPDATE SET not_before = "
            "CASE WHEN excluded.not_before < not_before THEN not_before ELSE excluded.not_before END",
            (origin, not_before),
        )


def entry_of(row: Row, content: bytes = b"") -> Due:
    """Return a row of the frontier, joined with its page."""
    same = (
        "page_id",
        "url",
        "kind",
        "depth",
        "interval",
        "method",
        "last_visited",
        "born",
        "evidence",
        "due_at",
        "hint",
        "via",
    )
    return Due(
        content=content, reason=Reason.stored(row["reason_code"], row["reason"]), **{name: row[name] for name in same}
    )
