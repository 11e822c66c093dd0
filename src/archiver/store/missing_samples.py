"""Visits that show what missing pages of a site look like: its newest answers 404 and 410, and its newest probe."""

from collections.abc import Iterable

from archiver.store.connection import Connection

MAX_GONE = 3  # samples of 404 and 410 that a site keeps


class MissingSamples:
    """Reads and writes the samples of all sites. The cost does not grow with the number of visits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, site_id: int, visits: Iterable[int], *, is_probe: bool) -> None:
        """Add visits to a site's samples, and keep the newest ones. `is_probe`: an address that does not exist was requested."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO _sample(site_id, is_probe, visit_id) VALUES (?, ?, ?)",
            [(site_id, int(is_probe), visit) for visit in visits],
        )
        self._connection.execute(
            "DELETE FROM _sample WHERE site_id = ?1 AND is_probe = ?2 AND visit_id NOT IN (SELECT s.visit_id FROM _sample s "
            "CROSS JOIN _visit t ON t.visit_id = s.visit_id WHERE s.site_id = ?1 AND s.is_probe = ?2 "
            "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT ?3)",
            (site_id, int(is_probe), 1 if is_probe else MAX_GONE),
        )

    def of(self, site_id: int) -> list[int]:
        """Return the visits whose bytes are stored, newest first, the probe last."""
        rows = self._connection.rows(
            "SELECT t.visit_id FROM _sample s CROSS JOIN _visit t ON t.visit_id = s.visit_id WHERE s.site_id = ? "
            "AND t.frame_id IS NOT NULL AND t.bytes > 0 AND t.outcome = iif(s.is_probe, 'ok', 'gone') "
            "ORDER BY s.is_probe, t.visited_at DESC",
            (site_id,),
        )
        return [row["visit_id"] for row in rows]

    def probed_at(self, site_id: int) -> str | None:
        """Return the time of the last probe that got an answer (UTC text)."""
        found: str | None = self._connection.value(
            "SELECT t.visited_at FROM _sample s CROSS JOIN _visit t ON t.visit_id = s.visit_id WHERE s.site_id = ? AND s.is_probe",
            (site_id,),
        )
        return found
