"""Leases in one SQLite file, for many processes on one machine. Its clock is that of the machine.

Each method is one transaction that takes the write lock at once, so no two processes change anything at the same time.
Times are seconds since 1970.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from archiver.errors import SiteBusy, UsageError
from archiver.model.clock import Clock, written
from archiver.model.lease import (
    FleetProfile,
    FleetSite,
    Lease,
    NewSite,
    abandoned_backoff,
    bounded,
    failure_backoff,
)
from archiver.store.lease_schema import check_lease_file, connect_leases, converting_lease_errors
from archiver.text.clean import printable

_PLAN = (
    "UPDATE server_group SET next_due = (SELECT min(due_at) FROM site s WHERE s.server_group = server_group.server_group "
    "AND is_paused = 0) WHERE server_group = ?"
)
_SET_DELAY = (
    "UPDATE server_group SET delay = coalesce((SELECT max(delay) FROM site s WHERE s.server_group = "
    "server_group.server_group), delay) WHERE server_group = ?"
)
_FREE = (
    "SELECT server_group, delay, (SELECT site FROM site s WHERE s.server_group = g.server_group AND is_paused = 0 AND "
    "due_at <= :now ORDER BY due_at, site LIMIT 1) AS site FROM server_group g WHERE claim_at <= :now "
    "ORDER BY claim_at, server_group LIMIT :most"
)
_SITES = (
    "SELECT s.*, coalesce((SELECT max(version) FROM profile p WHERE p.name = s.site), 0) AS profile_version, "
    "CASE WHEN g.site = s.site AND g.held_until > :now THEN g.holder END AS holder, g.held_until, g.not_before "
    "FROM site s JOIN server_group g USING (server_group) ORDER BY s.site"
)


class LeaseFile:
    """The control database of a fleet in an SQLite file (see `model.lease.Leases`).

    Args:
        path: the file.
        clock: the machine's clock.

    Raises:
        FleetUnavailable: the file cannot be opened.
        UsageError: there is no file, or it is something else.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        if not path.exists():
            raise UsageError(f"{path}: there is no fleet; `archiver fleet init` makes one")
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        with converting_lease_errors(path):
            self._sqlite = connect_leases(path, "rw")
            try:
                check_lease_file(self._sqlite, path)
            except BaseException:
                self._sqlite.close()
                raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._sqlite.close()

    @contextmanager
    def _transaction(self) -> Iterator[float]:
        """Run a transaction, and yield its moment: seconds since 1970."""
        with self._lock, converting_lease_errors(self._path):
            self._sqlite.execute("BEGIN IMMEDIATE")
            try:
                yield self._clock().timestamp()
                self._sqlite.execute("COMMIT")
            except BaseException:
                if self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")
                raise

    def _row(self, sql: str, *values: object) -> Any:  # noqa: ANN401  (None or a row, of any columns)
        return self._sqlite.execute(sql, values).fetchone()

    def add(self, sites: Sequence[NewSite]) -> int:
        """Add sites, due at once, and return how many were new. A known site gets the new group and delay.

        Raises:
            SiteBusy: a site is held, and its group would change. Nothing was added.
        """
        with self._transaction() as now:
            return sum(self._add(each, now) for each in sites)

    def _add(self, new: NewSite, now: float) -> bool:
        known = self._row("SELECT server_group FROM site WHERE site = ?", new.site)
        if known is not None and known["server_group"] != new.group:
            lease = self._row("SELECT holder, held_until FROM server_group WHERE site = ?", new.site)
            if lease is not None and lease["held_until"] > now:
                raise SiteBusy(
                    f"{new.site}: {lease['holder']} holds it until {written(_moment(lease['held_until']))} UTC, and its "
                    "server group would change; pause it, and add it again when its lease is over"
                )
            self._sqlite.execute("UPDATE server_group SET site = NULL, holder = NULL WHERE site = ?", (new.site,))
        self._sqlite.execute(
            "INSERT OR IGNORE INTO server_group (server_group, not_before) VALUES (?, ?)", (new.group, now)
        )
        self._sqlite.execute(
            "INSERT INTO site (site, server_group, delay, due_at) VALUES (?, ?, ?, ?) ON CONFLICT (site) DO "
            "UPDATE SET server_group = excluded.server_group, delay = excluded.delay",
            (new.site, new.group, bounded(new.delay), now),
        )
        for group in {new.group, new.group if known is None else known["server_group"]}:
            self._sqlite.execute(_SET_DELAY, (group,))
            self._sqlite.execute(_PLAN, (group,))
        return known is None

    def sites(self) -> tuple[datetime, list[FleetSite]]:
        """Return the present moment of the database, and all sites by name."""
        with self._transaction() as now:
            rows = self._sqlite.execute(_SITES, {"now": now}).fetchall()
        return _moment(now), [_site(row) for row in rows]

    def claim(self, worker: str, seconds: float, most: int = 1) -> list[Lease]:
        """Take the leases of the sites that have been due longest, one of each free group, at most `most`."""
        with self._transaction() as now:
            found = self._sqlite.execute(_FREE, {"now": now, "most": most}).fetchall()
            return [self._take(row, worker, seconds, now) for row in found]

    def _take(self, found: sqlite3.Row, worker: str, seconds: float, now: float) -> Lease:
        site, group, ends = found["site"], found["server_group"], now + seconds
        row = self._row("SELECT epoch + 1, abandoned FROM site WHERE site = ?", site)
        epoch, abandoned = int(row[0]), int(row[1])
        self._sqlite.execute(
            "UPDATE site SET epoch = ?, abandoned = ?, due_at = ? WHERE site = ?",
            (epoch, abandoned + 1, ends + abandoned_backoff(abandoned), site),
        )
        self._sqlite.execute(
            "UPDATE server_group SET site = ?, epoch = ?, holder = ?, held_until = ?, not_before = ? "
            "WHERE server_group = ?",
            (site, epoch, worker, ends, ends + found["delay"], group),
        )
        self._sqlite.execute(_PLAN, (group,))
        newest = self._row("SELECT coalesce(max(version), 0) FROM profile WHERE name = ?", site)
        return Lease(site, group, epoch, seconds, int(newest[0]))

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

    def finish(self, site: str, epoch: int, due_in: float, *, wait: float | None = None) -> bool:
        """End a lease after a crawl. Return whether it was still held; if not, nothing is changed."""
        with self._transaction() as now:
            return self._end(site, epoch, wait, now) and self._plan(site, now + bounded(due_in), 0, "")

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

    def _refresh_group_of(self, site: str) -> bool:
        """Compute the group's due time again. Return whether the site is known."""
        row = self._row("SELECT server_group FROM site WHERE site = ?", site)
        if row is not None:
            self._sqlite.execute(_PLAN, (row[0],))
        return row is not None

    def pause(self, site: str) -> bool:
        """Let nobody claim a site from now on; a running lease goes on. Return False when it is not known."""
        with self._transaction():
            self._sqlite.execute("UPDATE site SET is_paused = 1 WHERE site = ?", (site,))
            return self._refresh_group_of(site)

    def resume(self, site: str) -> bool:
        """Let a site be claimed again, at once, and forget its failures. Return False when it is not known."""
        with self._transaction() as now:
            self._sqlite.execute(
                "UPDATE site SET is_paused = 0, failures = 0, why = '', due_at = min(due_at, ?) WHERE site = ?",
                (now, site),
            )
            return self._refresh_group_of(site)

    def due(self) -> float | None:
        """Return the seconds until a site can be claimed, 0 when one can be now; None when all are paused."""
        with self._transaction() as now:
            first = self._row("SELECT min(claim_at) FROM server_group")[0]
        return None if first is None else max(0.0, first - now)

    def put_profile(self, name: str, text: str) -> int:
        """Keep a profile, and return its version: a new one only when the text is not that of the newest."""
        with self._transaction() as now:
            newest = self._newest(name, None)
            if newest is not None and newest.text == text:
                return newest.version
            version = newest.version + 1 if newest is not None else 1
            self._sqlite.execute("INSERT INTO profile VALUES (?, ?, ?, ?)", (name, version, text, now))
            return version

    def profile(self, name: str, version: int | None = None) -> FleetProfile | None:
        """Return a version of a profile, the newest by default; None when there is none."""
        with self._transaction():
            return self._newest(name, version)

    def _newest(self, name: str, version: int | None) -> FleetProfile | None:
        row = self._row(
            "SELECT name, version, text FROM profile WHERE name = ? AND version = coalesce(?, version) "
            "ORDER BY version DESC LIMIT 1",
            name,
            version,
        )
        return None if row is None else FleetProfile(*row)


def _site(row: sqlite3.Row) -> FleetSite:
    return FleetSite(
        site=row["site"],
        group=row["server_group"],
        due_at=_moment(row["due_at"]),
        epoch=row["epoch"],
        is_paused=bool(row["is_paused"]),
        profile_version=row["profile_version"],
        holder=row["holder"],
        held_until=_moment(row["held_until"]) if row["holder"] is not None else None,
        not_before=_moment(row["not_before"]),
        failures=row["failures"],
        abandoned=row["abandoned"],
        why=row["why"],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
