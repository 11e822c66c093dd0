"""What was learned of how often a site's pages change, as the archive keeps it: for each kind, and for each page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.model.outcome import sql_list
from archiver.model.reason import Reason
from archiver.store.connection import Connection

_TELLING = 15  # visits that say something of a site
_LOST = sql_list(lambda each: each.is_lost)


@dataclass(frozen=True, slots=True)
class KindRow:
    """Of one kind of a site's pages: a belief (bytes) and counts (JSON), as `archiver.crawl` writes them."""

    kind: str
    belief: bytes | None
    counts: str | None


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """When a site's pages are due: the threshold, the budget it is for, what was asked for it, and when it was set."""

    threshold: float
    budget: float | None
    asked: float
    set_at: str


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """One page that is visited again and again. Times are UTC text; `born`: published, if it says so."""

    page_id: int
    kind: str | None
    evidence: bytes | None
    born: str | None
    last_visited: str
    depth: int


class RevisitState:
    """What is learned, one site at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def usual(self, site_id: int) -> list[KindRow]:
        """What is usual of each kind."""
        rows = self._connection.rows("SELECT kind, belief, counts FROM _usual WHERE site_id = ?", (site_id,))
        return [KindRow(row["kind"], row["belief"], row["counts"]) for row in rows]

    def put_usual(self, site_id: int, rows: Iterable[KindRow]) -> None:
        """Keep it."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO _usual(site_id, kind, belief, counts) VALUES (?, ?, ?, ?)",
            [(site_id, row.kind, row.belief, row.counts) for row in rows],
        )

    def threshold(self, site_id: int) -> ThresholdRow | None:
        """The site's threshold."""
        row = self._connection.row("SELECT * FROM _pace WHERE site_id = ?", (site_id,))
        return None if row is None else ThresholdRow(row["threshold"], row["budget"], row["asked"], row["set_at"])

    def put_threshold(self, site_id: int, row: ThresholdRow) -> None:
        """Keep it."""
        self._connection.execute(
            "INSERT OR REPLACE INTO _pace(site_id, threshold, budget, asked, set_at) VALUES (?, ?, ?, ?, ?)",
            (site_id, row.threshold, row.budget, row.asked, row.set_at),
        )

    def learned(self, site_id: int) -> Iterator[FrontierRow]:
        """The pages whose next visit is a matter of their rate: those that were there at their last visit.

        Pages that are hinted at are due by that.
        """
        rows = self._connection.rows(
            "SELECT f.page_id, p.kind, f.evidence, f.born, p.last_visited, f.depth "
            "FROM _frontier f JOIN _page p ON p.page_id = f.page_id "
            "WHERE f.site_id = ? AND p.state = 'live' AND f.tries = 0 AND p.last_visited IS NOT NULL AND f.method = 'GET' "
            "AND f.reason_code <> 'hint'",
            (site_id,),
        )
        for row in rows:
            yield FrontierRow(
                row["page_id"], row["kind"], row["evidence"], row["born"], row["last_visited"], row["depth"]
            )

    def put_due(self, rows: Iterable[tuple[str, float, Reason, int]]) -> None:
        """Store when pages are due, after how many seconds, and why: (due_at, interval, reason, page_id)."""
        self._connection.executemany(
            "UPDATE _frontier SET due_at = ?, interval = ?, reason = ?, reason_code = ? WHERE page_id = ?",
            ((due_at, interval, why.text, why.code, page_id) for due_at, interval, why, page_id in rows),
        )

    def made(self, site_id: int, since: str) -> int:
        """How many visits crawls of the site made since a moment (UTC), by the runs that began after it."""
        return int(
            self._connection.value(
                "SELECT coalesce(sum(visits), 0) FROM _run WHERE site_id = ? AND kind = 'crawl' AND started_at >= ?",
                (site_id, since),
            )
        )

    def is_dying(self, site_id: int) -> bool:
        """Whether of the site's last fifty visits a third found nothing any more, or nobody."""
        rows = self._connection.rows(
            f"SELECT coalesce(t.read_outcome, t.outcome) IN {_LOST} AS is_lost FROM _visit t "
            "JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? ORDER BY t.visit_id DESC LIMIT 50",
            (site_id,),
        )
        lost = sum(row["is_lost"] for row in rows)
        return len(rows) >= _TELLING and lost >= len(rows) / 3

    def crawls(self, site_id: int, since: str, before: int) -> list[tuple[str, int]]:
        """When each crawl of a site began (UTC), since a moment and before a run, and how many visits it made."""
        rows = self._connection.rows(
            "SELECT started_at, visits FROM _run WHERE site_id = ? AND kind = 'crawl' AND started_at >= ? AND run_id < ? "
            "ORDER BY run_id",
            (site_id, since, before),
        )
        return [(row["started_at"], row["visits"]) for row in rows]

    def crawled_before(self, site_id: int, moment: str) -> bool:
        """Whether a crawl of a site began before a moment (UTC)."""
        sql = "SELECT 1 FROM _run WHERE site_id = ? AND kind = 'crawl' AND started_at < ? LIMIT 1"
        return self._connection.row(sql, (site_id, moment)) is not None
