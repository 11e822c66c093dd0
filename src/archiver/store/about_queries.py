"""Queries of the archive as a whole: its chain, its schema, its readers, verifications, redactions and sizes."""

from typing import Any

from archiver.store.connection import Connection

_HEAD = "SELECT visit_id, visited_at, lower(hex(chain)) AS chain FROM _visit ORDER BY visit_id DESC LIMIT 1"
_VERIFIED = (
    "SELECT verified_at, deep, visits, last_visit AS last_visit_id, chain, bodies, bodies_read FROM _verification "
    "ORDER BY verification_id DESC LIMIT 1"
)
_READERS = "SELECT e.code_version, count(*) AS sites FROM _extractor e WHERE e.current = 1 GROUP BY e.code_version ORDER BY 2 DESC, 1"
_COUNTS = {
    "sites": "SELECT count(*) FROM _site",
    "visits": "SELECT count(*) FROM _visit",
    "versions": "SELECT count(*) FROM _version WHERE current = 1",
    "contents": "SELECT count(*) FROM _stored_content",
    "runs": "SELECT count(*) FROM _run",
    "redactions": "SELECT count(*) FROM _redaction",
    "redacted_captures": "SELECT count(*) FROM _redacted",
    "pruned_captures": "SELECT count(*) FROM _pruned",
    "imported_captures": "SELECT count(*) FROM _imported",
}


class AboutQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> dict[str, Any] | None:
        """Return the newest visit: its id, its time (UTC) and its link of the hash chain, hex."""
        return self._dict(_HEAD)

    def verified(self) -> dict[str, Any] | None:
        """Return the newest verification that found the archive whole."""
        return self._dict(_VERIFIED)

    def readers(self) -> list[dict[str, Any]]:
        """Return the versions of the readers, with the number of sites that each reads."""
        return [dict(row) for row in self._connection.rows(_READERS)]

    def counts(self) -> dict[str, int]:
        """Return how many there are of what is stored."""
        return {name: int(self._connection.value(sql)) for name, sql in _COUNTS.items()}

    def schema(self) -> int:
        """Return the version of the schema."""
        return int(self._connection.value("PRAGMA user_version"))

    def _dict(self, sql: str) -> dict[str, Any] | None:
        row = self._connection.row(sql)
        return None if row is None else dict(row)
