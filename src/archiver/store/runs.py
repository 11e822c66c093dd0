"""Runs: one row for each command that visited or read, so that every visit can say who made it."""

from dataclasses import dataclass

from archiver.store.connection import Connection
from archiver.store.lost_ids import new_number


@dataclass
class Tally:
    """What a run did, counted while it runs."""

    visits: int = 0
    new_pages: int = 0
    new_versions: int = 0
    changed: int = 0
    gone: int = 0
    back: int = 0
    errors: int = 0
    refused: int = 0
    unread: int = 0


class Runs:
    """Begin, count, end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, kind: str, site_id: int | None, now: str, *, code_version: str, command: str) -> int:
        """A new run's number."""
        return self._connection.insert(
            f"INSERT INTO _run(run_id, kind, site_id, started_at, code_version, command) VALUES ({new_number('_run')}, ?, ?, ?, ?, ?)",
            (kind, site_id, now, code_version, command),
        )

    def count(self, run_id: int, tally: Tally) -> None:
        """Write down how far the run has come."""
        self._connection.execute(
            "UPDATE _run SET visits = ?, new_pages = ?, new_versions = ?, changed = ?, gone = ?, back = ?, errors = ?, "
            "refused = ?, unread = ? WHERE run_id = ?",
            (
                tally.visits,
                tally.new_pages,
                tally.new_versions,
                tally.changed,
                tally.gone,
                tally.back,
                tally.errors,
                tally.refused,
                tally.unread,
                run_id,
            ),
        )

    def end(self, run_id: int, now: str, ended: str, cause: str = "") -> None:
        """The run is over: done, limit, interrupted, stopped or failed. `cause`: why it stopped."""
        self._connection.execute(
            "UPDATE _run SET finished_at = ?, ended = ?, cause = ? WHERE run_id = ?",
            (now, ended, cause or None, run_id),
        )

    def goes_on_from(self, run_id: int) -> int:
        """The first of the runs that this one goes on for: those of the day before that were all cut off, or itself."""
        found = self._connection.value(
            "SELECT min(r.run_id) FROM _run r JOIN _run our ON our.run_id = ?1 WHERE r.site_id = our.site_id "
            "AND r.kind = our.kind AND r.run_id <= ?1 AND julianday(r.started_at) >= julianday(our.started_at) - 1 "
            "AND r.run_id > (SELECT coalesce(max(whole.run_id), 0) FROM _run whole WHERE whole.site_id = our.site_id "
            "AND whole.kind = our.kind AND whole.run_id < ?1 AND whole.ended IN ('done', 'limit'))",
            (run_id,),
        )
        return int(found or run_id)

    def sweep(self, site_id: int, kind: str) -> int:
        """Mark runs that were killed (nobody else runs this kind on this site now); gives how many."""
        cursor = self._connection.execute(
            "UPDATE _run SET ended = 'interrupted' WHERE site_id = ? AND kind = ? AND ended IS NULL", (site_id, kind)
        )
        return cursor.rowcount
