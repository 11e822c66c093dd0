"""The origins of imported captures: the file, the position in it, the record; and the search for duplicates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.warc import Origin
from archiver.store.connection import Connection
from archiver.store.lost_ids import new_number


@dataclass(frozen=True, slots=True)
class PageVisit:
    """The visit of a page that a browser opened. `is_imported`: from a file; `is_read`: its record was read already."""

    visit_id: int
    page_id: int
    is_imported: bool
    is_read: bool


class ImportOrigins:
    """The files and records of imported captures."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def file(self, name: str, software: str) -> int:
        """Return the id of a file; insert it if it is new."""
        found = self._connection.value("SELECT file_id FROM _warc WHERE name = ? AND software = ?", (name, software))
        if found is not None:
            return int(found)
        sql = f"INSERT INTO _warc(file_id, name, software) VALUES ({new_number('_warc')}, ?, ?)"
        return self._connection.insert(sql, (name, software))

    def has(self, page_id: int, capture: Capture, of_visit: int | None = None) -> bool:
        """Whether the page has a visit of the same address in the same second with the same bytes.

        Args:
            page_id: the page.
            capture: the capture.
            of_visit: of what a browser got or made, the visit of the page that it opened. That of others is no duplicate.
        """
        digest = bytes.fromhex(capture.sha256) if capture.has_answer else None
        row = self._connection.row(
            "SELECT 1 FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE t.page_id = ? AND t.visited_at = ? "
            "AND t.sha256 IS ? AND t.status IS ? AND coalesce(t.asked, p.url) = ? AND coalesce(t.via, '') = ? "
            "AND (?7 IS NULL OR t.of_visit IS NULL OR t.of_visit = ?7)",
            (page_id, written(capture.visited_at), digest, capture.status, capture.url, capture.via, of_visit),
        )
        return row is not None

    def by_record(self, record_id: str) -> int | None:
        """Return the visit that was imported from a record."""
        return self._one("SELECT visit_id FROM _imported WHERE record_id = ?", record_id)

    def by_payload(self, payload: str) -> int | None:
        """Return a complete visit whose record had this payload."""
        return self._one(
            "SELECT i.visit_id FROM _imported i JOIN _visit t ON t.visit_id = i.visit_id "
            "WHERE i.payload = ? AND t.frame_id IS NOT NULL AND t.outcome = 'ok' ORDER BY i.visit_id LIMIT 1",
            payload,
        )

    def by_moment(self, page_id: int, moment: str) -> int | None:
        """Return the visit of a page in this second (UTC text) whose bytes are stored."""
        return self._one(
            "SELECT visit_id FROM _visit WHERE page_id = ? AND visited_at = ? AND frame_id IS NOT NULL LIMIT 1",
            page_id,
            moment,
        )

    def page_visit(self, site_id: int, record_id: str) -> "PageVisit | None":
        """Return the visit of a page of a site that was imported from a record."""
        return self._page_visit(
            "t.visit_id IN (SELECT visit_id FROM _imported WHERE record_id = ?)", site_id, record_id
        )

    def page_visit_near(
        self, site_id: int, page_id: int, url: str, moment: datetime, most: timedelta
    ) -> "PageVisit | None":
        """Return the visit of a page by this exact address that is nearest to a moment, and at most so far from it."""
        return self._page_visit(
            "t.page_id = ? AND coalesce(t.asked, p.url) = ? AND t.visited_at BETWEEN ? AND ? "
            "ORDER BY abs(julianday(t.visited_at) - julianday(?)), t.visit_id LIMIT 1",
            site_id,
            page_id,
            url,
            written(moment - most),
            written(moment + most),
            written(moment),
        )

    def _page_visit(self, which: str, site_id: int, *values: str | int) -> "PageVisit | None":
        row = self._connection.row(
            "SELECT t.visit_id, t.page_id, i.visit_id IS NOT NULL, u.visit_id IS NULL FROM _visit t "
            "JOIN _page p ON p.page_id = t.page_id LEFT JOIN _imported i ON i.visit_id = t.visit_id "
            "LEFT JOIN _unread u ON u.visit_id = t.visit_id "
            f"WHERE p.site_id = ? AND t.via IS NULL AND t.made_by IS NULL AND {which}",
            (site_id, *values),
        )
        return None if row is None else PageVisit(row[0], row[1], bool(row[2]), bool(row[3]))

    def payload_of(self, visit_id: int) -> str:
        """Return the payload digest of a visit's record; "" for a visit that was not imported."""
        found = self._connection.value("SELECT payload FROM _imported WHERE visit_id = ?", (visit_id,))
        return str(found or "")

    def _one(self, sql: str, *values: str | int) -> int | None:
        found: int | None = self._connection.value(sql, values)
        return found


def note_origin(connection: Connection, visit_id: int, origin: Origin) -> None:
    """Store the origin of a visit, in the transaction that stores the visit."""
    connection.execute(
        "INSERT INTO _imported(visit_id, file_id, place, record_id, payload) VALUES (?, ?, ?, ?, ?)",
        (visit_id, origin.file_id, origin.place, origin.record_id, origin.payload),
    )
