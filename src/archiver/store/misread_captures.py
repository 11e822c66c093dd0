"""Find the captures that mending a profile needs: those that are misread, the good one before, and others of that time."""

from dataclasses import dataclass

from archiver.model.outcome import Outcome
from archiver.store.connection import Connection
from archiver.store.doubt_rows import Doubts
from archiver.store.view_sql import IS_PAGE

_STORED = (
    f"t.outcome = '{Outcome.OK}' AND t.frame_id IS NOT NULL AND (t.media_type IS NULL OR t.media_type LIKE '%html%') "
    "AND t.visit_id NOT IN (SELECT visit_id FROM _redacted)"
)
_GOOD = f"{_STORED} AND coalesce(t.read_outcome, t.outcome) = '{Outcome.OK}' AND t.cause IS NULL"
_BEFORE = (
    f"SELECT t.visit_id FROM _visit t WHERE t.page_id = ? AND t.visited_at < ? AND {_GOOD} "
    "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
)
_SINCE = (
    "SELECT p.page_id, p.url, min(t.visited_at) AS since FROM _page p "
    f"CROSS JOIN _visit t ON t.page_id = p.page_id AND t.visited_at >= ?2 AND {_STORED} "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} GROUP BY p.page_id ORDER BY since, p.page_id"
)
_NEWEST = f"SELECT t.visit_id FROM _visit t WHERE t.page_id = ? AND {_STORED} ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
_OTHERS = (
    f"SELECT max(t.visit_id) AS visit_id FROM _page p CROSS JOIN _visit t ON t.page_id = p.page_id AND {_GOOD} "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} AND t.visited_at < ?2 GROUP BY p.page_id ORDER BY p.last_visit DESC LIMIT ?3"
)


@dataclass(frozen=True, slots=True)
class MisreadPage:
    """A page that its profile seems to misread.

    Attributes:
        since: its first doubtful visit (UTC text).
        newest: its newest visit with stored bytes.
        good: its last visit before that was read well; None when there is none.
    """

    page_id: int
    url: str
    since: str
    newest: int
    good: int | None


class MisreadCaptures:
    """The captures of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def in_doubt(self, site_id: int) -> list[MisreadPage]:
        """Return the pages of a site whose records are broken, those that are in doubt for longest first."""
        broken = Doubts(self._connection).broken(site_id)
        pages = [self._page(each.page_id, each.url, each.since) for each in broken]
        return [each for each in pages if each is not None]

    def since(self, site_id: int, moment: str) -> list[MisreadPage]:
        """Return the pages of a site with a stored capture from a moment on (UTC text)."""
        rows = self._connection.rows(_SINCE, (site_id, moment))
        pages = [self._page(row["page_id"], row["url"], row["since"]) for row in rows]
        return [each for each in pages if each is not None]

    def good_before(self, site_id: int, moment: str, most: int) -> list[int]:
        """Return the newest well read visit of each page before a moment (UTC text), at most so many."""
        return [row["visit_id"] for row in self._connection.rows(_OTHERS, (site_id, moment, most))]

    def _page(self, page_id: int, url: str, since: str) -> MisreadPage | None:
        newest = self._connection.value(_NEWEST, (page_id,))
        good = self._connection.value(_BEFORE, (page_id, since))
        return None if newest is None else MisreadPage(page_id, url, since, newest, good)
