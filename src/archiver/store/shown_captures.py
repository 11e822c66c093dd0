"""Find the capture that shows a page: at a moment, or behind a visit that was answered 304 (RFC 9110, 15.4.5)."""

from archiver.model.outcome import Outcome
from archiver.store.connection import Connection, Value
from archiver.store.history import VisitRow, visit_of

_SHOWS = f"outcome IN ('{Outcome.OK}', '{Outcome.NOT_MODIFIED}')"
_CONFIRMED = (
    f"SELECT w.* FROM visits w WHERE w.page_id = ?1 AND w.visit_id < ?2 AND w.visited_at <= ?3 AND w.outcome = '{Outcome.OK}' "
    "AND w.bytes IS NOT NULL AND NOT EXISTS (SELECT 1 FROM _visit o WHERE o.page_id = w.page_id "
    "AND o.visit_id < w.visit_id AND o.visited_at > w.visited_at) ORDER BY w.visit_id DESC LIMIT 1"
)
"""The capture whose validators the crawler had sent. The validators of out-of-order captures are not stored."""


class ShownCaptures:
    """The captures that show pages. `show`, `cite`, permalinks and exports ask this class and no other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def at(self, page_id: int, moment: str | None = None) -> VisitRow | None:
        """Return the capture that shows a page at a time (UTC text), or its newest one; None: it has no bytes by then.

        A 304 stands for the capture that it confirmed.
        """
        visit = self.visit_at(page_id, moment)
        return None if visit is None else self.behind(page_id, visit)

    def visit_at(self, page_id: int, moment: str | None = None) -> VisitRow | None:
        """Return the newest visit with an answer up to a time (UTC text), or of all; it can be a 304.

        With a time, visits that do not show the page (an error page, a soft 404) only count when no other one does.
        """
        return self._one(
            "SELECT * FROM visits WHERE page_id = ?1 AND bytes IS NOT NULL AND (?2 IS NULL OR visited_at <= ?2) "
            f"ORDER BY (?2 IS NOT NULL AND {_SHOWS}) DESC, visited_at DESC, visit_id DESC LIMIT 1",
            page_id,
            moment,
        )

    def behind(self, page_id: int, visit: VisitRow) -> VisitRow:
        """Return the capture that a visit of a page shows: the one that its 304 confirmed, or else its own.

        A 304 that confirms no stored capture stands for itself.
        """
        if visit.outcome != Outcome.NOT_MODIFIED:
            return visit
        return self._one(_CONFIRMED, page_id, visit.visit_id, visit.visited_at) or visit

    def of_second(self, page_id: int, moment: str) -> list[VisitRow]:
        """Return the visits with bytes of exactly this second (UTC text); those that show the page come first."""
        rows = self._connection.rows(
            "SELECT * FROM visits WHERE page_id = ? AND visited_at = ? AND bytes IS NOT NULL ORDER BY outcome <> 'ok', visit_id",
            (page_id, moment),
        )
        return [visit_of(row) for row in rows]

    def _one(self, sql: str, *values: Value) -> VisitRow | None:
        row = self._connection.row(sql, values)
        return None if row is None else visit_of(row)
