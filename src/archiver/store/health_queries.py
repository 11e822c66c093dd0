"""Queries of the health that was kept of crawls: alarms that still hold, and shares of fields now and before."""

import json
from typing import NamedTuple

from archiver.store.connection import Connection
from archiver.store.kept_health import KeptAlarm

_NEWEST = (
    "SELECT s.name AS site, s.home, r.run_id, r.started_at FROM _site s CROSS JOIN _run r ON r.run_id IN (SELECT x.run_id FROM _run x "
    "WHERE x.site_id = s.site_id AND x.kind = 'crawl' AND x.has_health = 1 ORDER BY x.run_id DESC LIMIT ?1) "
    "WHERE ?2 IS NULL OR s.name = ?2 ORDER BY s.name, r.run_id DESC"
)
_KINDS = "SELECT DISTINCT h.run_id, h.kind FROM json_each(?) j CROSS JOIN _health h ON h.run_id = j.value"
_ALARMS = (
    "SELECT a.run_id, a.what, a.kind, a.field, a.since, a.problem, a.url FROM json_each(?) j "
    "CROSS JOIN _alarm a ON a.run_id = j.value ORDER BY a.run_id DESC, a.position"
)


class JudgedRun(NamedTuple):
    """A crawl whose health was kept, the kinds of pages that it read, and its alarms. `started_at`: UTC text.

    `home`: the address of the site.
    """

    site: str
    home: str
    run_id: int
    started_at: str
    kinds: frozenset[str]
    alarms: tuple[KeptAlarm, ...]


class HealthQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def judged(self, site: str | None, limit: int) -> list[JudgedRun]:
        """Return the newest crawls of each site, or of one, whose health was kept: at most `limit` of a site, newest first."""
        runs = self._connection.rows(_NEWEST, (limit, site))
        numbers = json.dumps([row["run_id"] for row in runs])
        kinds: dict[int, set[str]] = {}
        for row in self._connection.rows(_KINDS, (numbers,)):
            kinds.setdefault(row["run_id"], set()).add(row["kind"])
        alarms: dict[int, list[KeptAlarm]] = {}
        for row in self._connection.rows(_ALARMS, (numbers,)):
            alarms.setdefault(row["run_id"], []).append(KeptAlarm(*tuple(row)[1:]))
        return [
            JudgedRun(
                row["site"],
                row["home"],
                row["run_id"],
                row["started_at"],
                frozenset(kinds.get(row["run_id"], ())),
                tuple(alarms.get(row["run_id"], ())),
            )
            for row in runs
        ]
