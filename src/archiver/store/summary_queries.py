"""What every page of the web interface says of the archive: its last run, and what read it."""

from typing import Any

from archiver.store.connection import Connection

_LAST_RUN = "SELECT r.run_id, r.kind, coalesce(r.finished_at, r.started_at) AS ended_at FROM _run r ORDER BY r.run_id DESC LIMIT 1"
_READER = "SELECT substr(profile_sha256, 1, 8) AS profile, code_version FROM _extractor WHERE current = 1 ORDER BY extractor_id DESC LIMIT 1"


class SummaryQueries:
    """Reads the values that stand at the top and at the end of each page. Each query takes well under 1 ms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_run(self) -> dict[str, Any] | None:
        """Return id, kind and end (UTC text) of the newest run; its start, while it runs."""
        row = self._connection.row(_LAST_RUN)
        return None if row is None else dict(row)

    def reader(self) -> dict[str, Any] | None:
        """Return the profile's hash (8 digits) and the reader's version of the site that was read last."""
        row = self._connection.row(_READER)
        return None if row is None else dict(row)
