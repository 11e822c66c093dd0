"""Leases in one SQLite file, for many processes on one machine. Times are seconds since 1970."""

import sqlite3
from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime

from archiver.errors import SiteBusy, UsageError
from archiver.model.lease import Lease, ShardState, abandoned_backoff, bounded, failure_backoff, why_busy
from archiver.store.lease_sites import PLAN, FleetSitesFile, moment
from archiver.text.clean import printable

_FREE = (
    "SELECT server_group, delay, (SELECT site FROM site s WHERE s.server_group = g.server_group AND is_paused = 0 AND "
    "due_at <= :now ORDER BY due_at, site LIMIT 1) AS site FROM server_group g WHERE claim_at <= :now "
    "ORDER BY claim_at, server_group LIMIT :most"
)
_GROUP_OF = (
    "SELECT s.site, g.server_group, g.delay, g.not_before, g.holder, g.site AS held_site, g.held_until "
    "FROM site s JOIN server_group g USING (server_group) WHERE s.site = ?"
)


class LeaseFile(FleetSitesFile):
    """The control database of a fleet in an SQLite file (see `model.lease.Leases`)."""

    def claim(self, worker: str, seconds: float, most: int = 1) -> list[Lease]:
        """Take the leases of the sites that have been due longest, one of each free group, at most `most`."""
        with self._transaction() as now:
            found = self._sqlite.execute(_FREE, {"now": now, "most": most}).fetchall()
            return [self._take(row, worker, seconds, now) for row in found]

    def claim_site(self, site: str, worker: str, seconds: float) -> Lease:
        """Take the lease of one site, also when it is not due or paused.

        Raises:
            SiteBusy: its group is held, or may not be requested yet.
            UsageError: it is not in the fleet.
        """
        with self._transaction() as now:
            found = self._row(_GROUP_OF, site)
            if found is None:
                raise UsageError(f"{site}: not in the fleet; see `archiver fleet list`")
            if found["not_before"] > now:  # while it is held: the end of the lease and the delay
                is_held = found["holder"] is not None and found["held_until"] > now
                held = (found["holder"], found["held_site"], moment(found["held_until"])) if is_held else None
                raise SiteBusy(why_busy(site, held, moment(found["not_before"])))
            return self._take(found, worker, seconds, now)

    def _take(self, found: sqlite3.Row, worker: str, seconds: float, now: float) -> Lease:
        site, group, ends = found["site"], found["server_group"], now + seconds
        row = self._row("SELECT epoch + 1, abandoned, storage FROM site WHERE site = ?", site)
        epoch, abandoned, storage = int(row[0]), int(row[1]), row[2] or self._storage()
        self._sqlite.execute(
            "UPDATE site SET epoch = ?, abandoned = ?, due_at = ? WHERE site = ?",
            (epoch, abandoned + 1, ends + abandoned_backoff(abandoned), site),
        )
        self._sqlite.execute(
            "UPDATE server_group SET site = ?, epoch = ?, holder = ?, held_until = ?, not_before = ? "
            "WHERE server_group = ?",
            (site, epoch, worker, ends, ends + found["delay"], group),
        )
        self._sqlite.execute(PLAN, (group,))
        newest = self._row("SELECT coalesce(max(version), 0) FROM profile WHERE name = ?", site)
        return Lease(site, group, epoch, seconds, int(newest[0]), storage, abandoned)

    def renew(self, worker: str, held: Mapping[str, int], seconds: float) -> dict[str, float]:
        """Let leases last `seconds` from now; return the seconds of each. A site that is missing is lost."""
        with self._transaction() as now:
            ends = now + seconds
            return {
                site: seconds
                for site, epoch in held.items()
                if self._sqlite.execute(
                    "UPDATE server_group SET held_until = ?, not_before = ? + delay "
                    "WHERE site = ? AND epoch = ? AND holder = ? AND held_until > ?",
                    (ends, ends, site, epoch, worker, now),
                ).rowcount
            }

    def finish(
        self, site: str, epoch: int, due_in: float, *, wait: float | None = None, shard: ShardState | None = None
    ) -> bool:
        """End a lease after a crawl. Return whether it was still held; if not, nothing is changed."""
        with self._transaction() as now:
            if not self._end(site, epoch, wait, now):
                return False
            self._sqlite.execute("UPDATE site SET finished_at = ? WHERE site = ?", (now, site))
            self._say(site, shard)
            return self._plan(site, now + bounded(due_in), 0, "")

    def release(self, site: str, epoch: int, due_at: datetime, *, shard: ShardState | None = None) -> bool:
        """End a lease in which nothing was requested. Return whether it was still held; if not, nothing is changed."""
        with self._transaction() as now:
            if not self._end(site, epoch, 0.0, now):
                return False
            self._say(site, shard)
            self._sqlite.execute(
                "UPDATE site SET due_at = ?, abandoned = max(abandoned - 1, 0) WHERE site = ?",
                (due_at.timestamp(), site),
            )
            return self._refresh_group_of(site)

    def _say(self, site: str, shard: ShardState | None) -> None:
        """Note what the archive of a site is now, if that is known."""
        if shard is not None:
            self._sqlite.execute(
                "UPDATE site SET generation = ?, visits = ?, bytes = ? WHERE site = ?", (*astuple(shard), site)
            )

    def fail(self, site: str, epoch: int, why: str, retry_in: float, *, wait: float | None = None) -> bool:
        """End a lease after a crawl that failed. Return whether it was still held; if not, nothing is changed."""
        with self._transaction() as now:
            if not self._end(site, epoch, wait, now):
                return False
            failures = int(self._row("SELECT failures + 1 FROM site WHERE site = ?", site)[0])
            return self._plan(site, now + bounded(failure_backoff(retry_in, failures)), failures, printable(why))

    def _end(self, site: str, epoch: int, wait: float | None, now: float) -> bool:
        return bool(
            self._sqlite.execute(
                "UPDATE server_group SET site = NULL, epoch = NULL, holder = NULL, held_until = NULL, "
                "not_before = ? + coalesce(?, delay) WHERE site = ? AND epoch = ? AND held_until > ?",
                (now, None if wait is None else bounded(wait), site, epoch, now),
            ).rowcount
        )

    def _plan(self, site: str, due_at: float, failures: int, why: str) -> bool:
        self._sqlite.execute(
            "UPDATE site SET due_at = ?, failures = ?, abandoned = 0, why = ? WHERE site = ?",
            (due_at, failures, why, site),
        )
        return self._refresh_group_of(site)

    def move(self, site: str, epoch: int, storage: str) -> bool:
        """Change where the archive of a site is; "": where the fleet's are. Return whether the lease was still held."""
        with self._transaction() as now:
            return bool(
                self._sqlite.execute(
                    "UPDATE site SET storage = ? WHERE site = ? AND EXISTS (SELECT 1 FROM server_group g "
                    "WHERE g.site = site.site AND g.epoch = ? AND g.held_until > ?)",
                    (storage, site, epoch, now),
                ).rowcount
            )
