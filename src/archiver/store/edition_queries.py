"""Queries of the editions of one listing: when each was shown, and which items came and went with it."""

from typing import Any

from archiver.store.connection import Connection
from archiver.store.span_queries import Window

_IN_SPAN = (
    "FROM _edition e CROSS JOIN _visit a ON a.visit_id = e.first_visit CROSS JOIN _page p ON p.page_id = e.page_id "
    "LEFT JOIN _visit z ON z.visit_id = coalesce(e.last_visit, p.links_visit) WHERE e.page_id = :page "
    "AND a.visited_at < :until AND max(a.visited_at, coalesce(z.visited_at, '')) >= :since"
)
_CAME = "(SELECT count(*) FROM _placed l WHERE l.page_id = e.page_id AND l.volume = e.volume AND l.first = e.number)"
_WENT = "(SELECT count(*) FROM _placed l WHERE l.page_id = e.page_id AND l.volume = e.volume AND l.last = e.number - 1)"


class EditionQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, page_id: int) -> int:
        """Return how many editions a page has."""
        found: int = self._connection.value("SELECT count(*) FROM _edition WHERE page_id = ?", (page_id,))
        return found

    def numbered(self, page_id: int, number: int) -> dict[str, Any] | None:
        """Return an edition by its number: number and seen_from; None when there is none."""
        row = self._connection.row(
            "SELECT e.number, a.visited_at AS seen_from FROM _edition e JOIN _visit a ON a.visit_id = e.first_visit "
            "WHERE e.page_id = ? AND e.number = ?",
            (page_id, number),
        )
        return None if row is None else dict(row)

    def spans(self, window: Window, limit: int) -> list[dict[str, Any]]:
        """Return the editions of a window, newest first: edition, visit_id, seen_from, seen_last, came and went.

        An item that moved counts as one that went and came. The first edition of a volume has 0 of both.
        """
        rows = self._connection.rows(
            "SELECT e.number AS edition, e.first_visit AS visit_id, a.visited_at AS seen_from, "
            "max(a.visited_at, coalesce(z.visited_at, '')) AS seen_last, "
            f"CASE WHEN e.number = e.volume THEN 0 ELSE {_CAME} END AS came, "
            f"CASE WHEN e.number = e.volume THEN 0 ELSE {_WENT} END AS went {_IN_SPAN} ORDER BY e.number DESC LIMIT :limit",
            window.values(limit=limit),
        )
        return [dict(row) for row in rows]

    def items(self, page_id: int, first: int, last: int, limit: int) -> dict[int, list[tuple[str, str, int | None]]]:
        """Return the items of some editions in their order: address, headline and page, by edition."""
        found: dict[int, list[tuple[str, str, int | None]]] = {}
        for row in self._connection.rows(
            "SELECT e.number, k.to_url, k.text, l.to_page FROM _edition e JOIN _placed l ON l.page_id = e.page_id "
            "AND l.volume = e.volume AND l.first <= e.number AND coalesce(l.last, e.number) >= e.number "
            "JOIN _target k ON k.target_id = l.target_id WHERE e.page_id = ? AND e.number BETWEEN ? AND ? "
            "ORDER BY e.number, l.place LIMIT ?",
            (page_id, first, last, limit),
        ):
            found.setdefault(row["number"], []).append((row["to_url"], row["text"], row["to_page"]))
        return found
