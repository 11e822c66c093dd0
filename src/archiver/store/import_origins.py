"""The origins of imported captures: the file, the position in it, the record; and the search for duplicates."""

from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.warc import Origin
from archiver.store.connection import Connection
from archiver.store.lost_ids import new_number


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

    def has(self, page_id: int, capture: Capture) -> bool:
        """Whether the page has a visit of the same address in the same second with the same bytes."""
        digest = bytes.fromhex(capture.sha256)
        row = self._connection.row(
            "SELECT 1 FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE t.page_id = ? AND t.visited_at = ? "
            "AND t.sha256 = ? AND t.status IS ? AND coalesce(t.asked, p.url) = ?",
            (page_id, written(capture.visited_at), digest, capture.status, capture.url),
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
