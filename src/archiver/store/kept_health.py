"""The health of each run, as it was at the end of the run: the shares of its fields, and its alarms."""

from collections.abc import Sequence
from typing import NamedTuple

from archiver.store.connection import Connection


class KeptShare(NamedTuple):
    """How many of the pages of a kind that were read had a field, in a run and before it."""

    kind: str
    field: str
    read: int
    found: int
    before_read: int
    before_found: int


class KeptAlarm(NamedTuple):
    """An alarm as it was raised. `since`: the last time without the problem (UTC text)."""

    what: str
    kind: str | None
    field: str | None
    since: str | None
    problem: str
    url: str | None


class KeptHealth:
    """Keeps and reads the health of runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, run_id: int, shares: Sequence[KeptShare], alarms: Sequence[KeptAlarm]) -> None:
        """Keep the health of a run in place of what was kept of it. Call this within a transaction."""
        for table in ("_health", "_alarm"):
            self._connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
        self._connection.executemany(
            "INSERT OR IGNORE INTO _health(run_id, kind, field, read, found, before_read, before_found) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(run_id, *each) for each in shares],
        )
        self._connection.executemany(
            "INSERT INTO _alarm(run_id, position, what, kind, field, since, problem, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(run_id, number, *each) for number, each in enumerate(alarms, 1)],
        )
        self._connection.execute("UPDATE _run SET has_health = 1 WHERE run_id = ?", (run_id,))

    def of(self, run_id: int) -> tuple[list[KeptShare], list[KeptAlarm]] | None:
        """Return the health that was kept of a run; None for runs before this was introduced, and for killed runs."""
        if not self._connection.value("SELECT has_health FROM _run WHERE run_id = ?", (run_id,)):
            return None
        shares = self._connection.rows(
            "SELECT kind, field, read, found, before_read, before_found FROM _health WHERE run_id = ? ORDER BY kind, field",
            (run_id,),
        )
        alarms = self._connection.rows(
            "SELECT what, kind, field, since, problem, url FROM _alarm WHERE run_id = ? ORDER BY position", (run_id,)
        )
        return [KeptShare(*row) for row in shares], [KeptAlarm(*row) for row in alarms]
