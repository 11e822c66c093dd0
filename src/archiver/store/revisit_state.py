"""The stored state of the revisit planner: what it learned about the change rates of a site's kinds and pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.model.reason import Reason
from archiver.store.connection import Connection
from archiver.store.pages import REQUISITE


@dataclass(frozen=True, slots=True)
class KindRow:
    """The learned state of one kind of a site's pages: a belief (bytes) and counts (JSON), as `archiver.revisit` encodes them."""

    kind: str
    belief: bytes | None
    counts: str | None


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """The threshold from which a site's pages are due, its budget, the requests it leads to, and when it was set (UTC text).

    `next_part`: which part of a large site the next refit reads, modulo the number of parts.
    """

    threshold: float
    budget: float | None
    asked: float
    set_at: str
    next_part: int = 0


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """A page whose next visit the planner sets. Times are UTC text; `born`: the time of publication, if known; `hint`: as in `Due`."""

    page_id: int
    kind: str | None
    evidence: bytes | None
    born: str | None
    last_visited: str
    depth: int
    hint: str | None = None


class RevisitState:
    """Reads and writes the planner's state of sites."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def usual(self, site_id: int) -> list[KindRow]:
        """Return the state of each kind of a site's pages."""
        rows = self._connection.rows("SELECT kind, belief, counts FROM _usual WHERE site_id = ?", (site_id,))
        return [KindRow(row["kind"], row["belief"], row["counts"]) for row in rows]

    def put_usual(self, site_id: int, rows: Iterable[KindRow]) -> None:
        """Store the state of kinds."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO _usual(site_id, kind, belief, counts) VALUES (?, ?, ?, ?)",
            [(site_id, row.kind, row.belief, row.counts) for row in rows],
        )

    def threshold(self, site_id: int) -> ThresholdRow | None:
        """Return a site's threshold."""
        row = self._connection.row("SELECT * FROM _pace WHERE site_id = ?", (site_id,))
        if row is None:
            return None
        return ThresholdRow(row["threshold"], row["budget"], row["asked"], row["set_at"], row["next_part"])

    def put_threshold(self, site_id: int, row: ThresholdRow) -> None:
        """Store a site's threshold."""
        self._connection.execute(
            "INSERT OR REPLACE INTO _pace(site_id, threshold, budget, asked, set_at, next_part) VALUES (?, ?, ?, ?, ?, ?)",
            (site_id, row.threshold, row.budget, row.asked, row.set_at, row.next_part),
        )

    def learned(self, site_id: int, parts: int, part: int) -> list[FrontierRow]:
        """Return the pages that are due by their change rate: those that were present at their last visit.

        Pages with a hint are due by the hint and are left out; so are pages that were captured or imported before they
        came to the frontier: they are due at once, since no crawl has followed their links.

        Args:
            site_id: the site.
            parts: into how many parts of about the same size the pages are divided; 1: all pages.
            part: which part to return, from 0.
        """
        rows = self._connection.rows(
            "SELECT f.page_id, p.kind, f.evidence, f.born, p.last_visited, f.depth, f.hint "
            "FROM _frontier f CROSS JOIN _page p ON p.page_id = f.page_id "
            "WHERE f.site_id = ? AND f.page_id % ? = ? AND f.tries = 0 AND f.method = 'GET' AND f.reason_code <> 'hint' "
            "AND f.interval > 0 AND p.state = 'live' AND p.last_visited IS NOT NULL AND p.kind IS NOT ?",
            (site_id, parts, part, REQUISITE),
        )
        return [
            FrontierRow(
                row["page_id"],
                row["kind"],
                row["evidence"],
                row["born"],
                row["last_visited"],
                row["depth"],
                row["hint"],
            )
            for row in rows
        ]

    def put_due(self, rows: Iterable[tuple[str, float, Reason, int]]) -> None:
        """Store when pages are due, after how many seconds, and why: (due_at, interval, reason, page_id)."""
        self._connection.executemany(
            "UPDATE _frontier SET due_at = ?, interval = ?, reason = ?, reason_code = ? WHERE page_id = ?",
            ((due_at, interval, why.text, why.code, page_id) for due_at, interval, why, page_id in rows),
        )

    def made(self, site_id: int, since: str) -> int:
        """Return the number of visits of a site's crawls that started since a time (UTC text)."""
        return int(
            self._connection.value(
                "SELECT coalesce(sum(visits), 0) FROM _run WHERE site_id = ? AND kind = 'crawl' AND started_at >= ?",
                (site_id, since),
            )
        )

    def crawls(self, site_id: int, since: str, before: int) -> list[tuple[str, int]]:
        """Return when each crawl of a site started (UTC text), since a time and before a run, and its number of visits."""
        rows = self._connection.rows(
            "SELECT started_at, visits FROM _run WHERE site_id = ? AND kind = 'crawl' AND started_at >= ? AND run_id < ? "
            "ORDER BY run_id",
            (site_id, since, before),
        )
        return [(row["started_at"], row["visits"]) for row in rows]

    def crawled_before(self, site_id: int, moment: str) -> bool:
        """Whether a crawl of a site started before a time (UTC text)."""
        sql = "SELECT 1 FROM _run WHERE site_id = ? AND kind = 'crawl' AND started_at < ? LIMIT 1"
        return self._connection.row(sql, (site_id, moment)) is not None
