"""The sites of a fleet in one SQLite file, for many processes on one machine. Its clock is that of the machine.

Each method is one transaction that takes the write lock at once, so no two processes change anything at the same time.
Times are seconds since 1970.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from archiver.errors import SiteBusy, UsageError
from archiver.model.clock import Clock, written
from archiver.model.lease import (
    FleetProfile,
    FleetSite,
    NewSite,
    ShardState,
    bounded,
)
from archiver.store.lease_schema import check_lease_file, connect_leases, converting_lease_errors

PLAN = (
    "UPDATE server_group SET next_due = (SELECT min(due_at) FROM site s WHERE s.server_group = server_group.server_group "
    "AND is_paused = 0) WHERE server_group = ?"
)
_SET_DELAY = (
    "UPDATE server_group SET delay = coalesce((SELECT max(delay) FROM site s WHERE s.server_group = "
    "server_group.server_group), delay) WHERE server_group = ?"
)
_SITES = (
    "SELECT s.*, coalesce((SELECT max(version) FROM profile p WHERE p.name = s.site), 0) AS profile_version, "
    "CASE WHEN g.site = s.site AND g.held_until > :now THEN g.holder END AS holder, g.held_until, g.not_before "
    "FROM site s JOIN server_group g USING (server_group)  ORDER BY s.site"
)
_ONE_SITE = _SITES.replace("ORDER BY s.site", "WHERE s.site = :site")


class FleetSitesFile:
    """The sites of a fleet in an SQLite file (see `model.lease.Leases`).

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
                    f"{new.site}: {lease['holder']} holds it until {written(moment(lease['held_until']))} UTC, and its "
                    "server group would change; pause it, and add it again when its lease is over"
                )
            self._sqlite.execute("UPDATE server_group SET site = NULL, holder = NULL WHERE site = ?", (new.site,))
        self._sqlite.execute(
            "INSERT OR IGNORE INTO server_group (server_group, not_before) VALUES (?, ?)", (new.group, now)
        )
        self._sqlite.execute(
            "INSERT INTO site (site, server_group, delay, epoch, storage, due_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (site) DO UPDATE SET server_group = excluded.server_group, delay = excluded.delay",
            (new.site, new.group, bounded(new.delay), new.epoch, new.storage, now),
        )
        for group in {new.group, new.group if known is None else known["server_group"]}:
            self._sqlite.execute(_SET_DELAY, (group,))
            self._sqlite.execute(PLAN, (group,))
        return known is None

    def remove(self, site: str) -> bool:
        """Forget a site, but not its profiles. Return False when it is not known.

        Raises:
            SiteBusy: it is held.
        """
        with self._transaction() as now:
            lease = self._row("SELECT holder, held_until FROM server_group WHERE site = ?", site)
            if lease is not None and lease["held_until"] > now:
                raise SiteBusy(
                    f"{site}: {lease['holder']} holds it until {written(moment(lease['held_until']))} UTC; pause it, "
                    "and remove it when its lease is over"
                )
            row = self._row("SELECT server_group FROM site WHERE site = ?", site)
            if row is not None:
                self._sqlite.execute("UPDATE server_group SET site = NULL, holder = NULL WHERE site = ?", (site,))
                self._sqlite.execute("DELETE FROM site WHERE site = ?", (site,))
                self._sqlite.execute(PLAN, (row[0],))
        return row is not None

    def sites(self, site: str | None = None) -> tuple[datetime, list[FleetSite]]:
        """Return the present moment of the database, and all sites by name, or only one."""
        with self._transaction() as now:
            rows = self._sqlite.execute(_SITES if site is None else _ONE_SITE, {"now": now, "site": site}).fetchall()
        return moment(now), [_site(row) for row in rows]

    def storage(self) -> str:
        """Return the address of the object storage that has the archives of all sites; "" when it was not set."""
        with self._transaction():
            return self._storage()

    def _storage(self) -> str:
        row = self._row("SELECT address FROM storage")
        return "" if row is None else str(row[0])

    def set_storage(self, address: str) -> None:
        """Set the address of the object storage for the sites that have no own one. Nothing is moved."""
        with self._transaction():
            self._sqlite.execute("DELETE FROM storage")
            self._sqlite.execute("INSERT INTO storage VALUES (?)", (address,))

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

    def _refresh_group_of(self, site: str) -> bool:
        """Compute the group's due time again. Return whether the site is known."""
        row = self._row("SELECT server_group FROM site WHERE site = ?", site)
        if row is not None:
            self._sqlite.execute(PLAN, (row[0],))
        return row is not None

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
        due_at=moment(row["due_at"]),
        epoch=row["epoch"],
        is_paused=bool(row["is_paused"]),
        profile_version=row["profile_version"],
        holder=row["holder"],
        held_until=moment(row["held_until"]) if row["holder"] is not None else None,
        not_before=moment(row["not_before"]),
        failures=row["failures"],
        abandoned=row["abandoned"],
        why=row["why"],
        storage=row["storage"],
        finished_at=None if row["finished_at"] is None else moment(row["finished_at"]),
        shard=None if row["generation"] is None else ShardState(row["generation"], row["visits"], row["bytes"]),
    )


def moment(seconds: float) -> datetime:
    """Return a moment of the file, which has seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
