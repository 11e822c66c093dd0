"""Queries of what listings showed: one edition with its items, and how many there are."""

from dataclasses import asdict, dataclass
from typing import Any

from archiver.store.connection import Connection

_NUMBER = (
    "SELECT max(e.number) FROM _edition e JOIN _visit a ON a.visit_id = e.first_visit "
    "WHERE e.page_id = ?1 AND (?2 IS NULL OR a.visited_at <= ?2)"
)
_ITEMS = "SELECT position, to_url, to_page_id, title FROM editions WHERE page_id = ? AND edition = ? ORDER BY position"
_SPAN = (
    "SELECT a.visit_id, a.visited_at AS seen_from, max(a.visited_at, coalesce(z.visited_at, '')) AS seen_last, u.visited_at AS seen_until "
    "FROM _edition e JOIN _page p ON p.page_id = e.page_id JOIN _visit a ON a.visit_id = e.first_visit "
    "LEFT JOIN _visit z ON z.visit_id = coalesce(e.last_visit, p.links_visit) "
    "LEFT JOIN _edition n ON n.page_id = e.page_id AND n.number = e.number + 1 LEFT JOIN _visit u ON u.visit_id = n.first_visit "
    "WHERE e.page_id = ? AND e.number = ?"
)


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item of an edition. `page_id`: the page of its address; None when it is not in the archive."""

    position: int
    url: str
    title: str
    page_id: int | None


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """What a listing showed over a span of time. Times are UTC text.

    Attributes:
        title: the newest title of the listing.
        seen_until: the first visit that showed another edition; None while it is current.
    """

    edition: int
    title: str | None
    visit_id: int
    seen_from: str
    seen_last: str
    seen_until: str | None
    items: tuple[ShownItem, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the object `listing` of `show --json`."""
        return {**asdict(self), "items": [asdict(each) for each in self.items]}


class ListingHistory:
    """Queries of the editions of listings."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def at(self, page_id: int, moment: str | None = None) -> ShownEdition | None:
        """Return the newest edition of a page, or the one of a time (UTC text); None when the page has none by then."""
        number = self._connection.value(_NUMBER, (page_id, moment))
        span = None if number is None else self._connection.row(_SPAN, (page_id, number))
        if span is None:
            return None
        items = tuple(
            ShownItem(row["position"], row["to_url"], row["title"], row["to_page_id"])
            for row in self._connection.rows(_ITEMS, (page_id, number))
        )
        title = self._connection.value("SELECT title FROM _page WHERE page_id = ?", (page_id,))
        times = (span["seen_from"], span["seen_last"], span["seen_until"])
        return ShownEdition(number, title, span["visit_id"], *times, items)

    def first_seen(self, page_id: int) -> str | None:
        """Return when the first edition of a page was first seen (UTC text); None when it has none."""
        found: str | None = self._connection.value(
            "SELECT a.visited_at FROM _edition e JOIN _visit a ON a.visit_id = e.first_visit WHERE e.page_id = ? AND e.number = 1",
            (page_id,),
        )
        return found
