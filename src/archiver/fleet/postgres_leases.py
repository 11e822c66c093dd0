"""Leases in Postgres. Every change of a group's sites locks the row of the group first.

`now()` is the start of a transaction: a lease never ends later than its worker believes (see `model.deadline`).
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from archiver.errors import SiteBusy, UsageError
from archiver.fleet.postgres_sites import PLAN, PostgresSites, value
from archiver.model.lease import Lease, ShardState, bounded, failure_backoff, why_busy
from archiver.text.clean import printable

if TYPE_CHECKING:
    import psycopg

_LEASE = """
WITH free AS ({free}), taken AS (
    UPDATE archiver_fleet.site s SET epoch = s.epoch + 1, abandoned = s.abandoned + 1,
        due_at = now() + make_interval(secs => %(seconds)s + CASE WHEN s.abandoned = 0 THEN 0 ELSE
            least(60 * power(2, least(s.abandoned - 1, 30)), 86400) END)
    FROM free {chosen} AND s.server_group = free.server_group
    RETURNING s.site, s.server_group, s.epoch, s.storage, s.abandoned, free.claim_at
), leased AS (
    UPDATE archiver_fleet.server_group g SET site = taken.site, epoch = taken.epoch, holder = %(worker)s,
        held_until = now() + make_interval(secs => %(seconds)s),
        not_before = now() + make_interval(secs => %(seconds)s + g.delay)
    FROM taken WHERE g.server_group = taken.server_group
)
SELECT site, server_group, epoch, %(seconds)s::float8,
    coalesce((SELECT max(p.version) FROM archiver_fleet.profile p WHERE p.name = taken.site), 0),
    coalesce(nullif(storage, ''), (SELECT m.storage FROM archiver_fleet.made m)), abandoned - 1
FROM taken ORDER BY claim_at, server_group
"""

# PostgreSQL locks the rows of `free` at their newest version and checks the condition again there; the UPDATE of `site`
# does the same. So a site that another worker finished in between is neither leased nor counted.
_CLAIM = _LEASE.format(
    free="""
    SELECT g.server_group, g.claim_at FROM archiver_fleet.server_group g WHERE g.claim_at <= now()
    ORDER BY g.claim_at, g.server_group LIMIT %(most)s FOR UPDATE SKIP LOCKED""",
    chosen="""CROSS JOIN LATERAL (
        SELECT c.site FROM archiver_fleet.site c
        WHERE c.server_group = free.server_group AND NOT c.is_paused AND c.due_at <= now()
        ORDER BY c.due_at, c.site LIMIT 1) chosen
    WHERE s.site = chosen.site AND NOT s.is_paused AND s.due_at <= now()""",
)

_CLAIM_SITE = _LEASE.format(
    free="""
    SELECT g.server_group, g.not_before AS claim_at FROM archiver_fleet.server_group g WHERE g.not_before <= now()
    AND g.server_group = (SELECT c.server_group FROM archiver_fleet.site c WHERE c.site = %(site)s) FOR UPDATE""",
    chosen="WHERE s.site = %(site)s",
)

_WHY_BUSY = """
SELECT coalesce(g.held_until > now(), false), g.holder, g.site, g.held_until, g.not_before
FROM archiver_fleet.site s JOIN archiver_fleet.server_group g USING (server_group) WHERE s.site = %s
"""

_RENEW = """
UPDATE archiver_fleet.server_group g SET held_until = now() + make_interval(secs => %(seconds)s),
    not_before = now() + make_interval(secs => %(seconds)s + g.delay)
FROM unnest(%(sites)s::text[], %(epochs)s::bigint[]) AS held(site, epoch)
WHERE g.site = held.site AND g.epoch = held.epoch AND g.holder = %(worker)s AND g.held_until > now()
RETURNING g.site
"""

_END = """
UPDATE archiver_fleet.server_group g SET site = NULL, epoch = NULL, holder = NULL, held_until = NULL,
    not_before = now() + make_interval(secs => coalesce(%(wait)s, g.delay))
WHERE g.site = %(site)s AND g.epoch = %(epoch)s AND g.held_until > now() RETURNING g.server_group
"""

_SAID = """generation = coalesce(%(generation)s, s.generation), visits = coalesce(%(visits)s, s.visits),
    bytes = coalesce(%(bytes)s, s.bytes)"""

_FINISH = f"""
WITH ended AS ({_END})
UPDATE archiver_fleet.site s
SET due_at = now() + make_interval(secs => %(due_in)s), failures = 0, abandoned = 0, why = '', finished_at = now(),
    {_SAID}
FROM ended WHERE s.server_group = ended.server_group AND s.site = %(site)s RETURNING s.server_group
"""

_RELEASE = f"""
WITH ended AS ({_END})
UPDATE archiver_fleet.site s SET due_at = %(due_at)s, abandoned = greatest(s.abandoned - 1, 0), {_SAID}
FROM ended WHERE s.server_group = ended.server_group AND s.site = %(site)s RETURNING s.server_group
"""

_MAY_BE_FORGOTTEN = "SET LOCAL synchronous_commit = off"
"""After a crash of the server, a lease whose end was forgotten runs until it is over. A claim or a renewal that was
forgotten would let two workers in; those wait for the disk."""

_MOVE = """
UPDATE archiver_fleet.site s SET storage = %s FROM archiver_fleet.server_group g
WHERE g.site = s.site AND g.held_until > now() AND g.epoch = %s AND s.site = %s RETURNING s.site
"""


class PostgresLeases(PostgresSites):
    """The control database of a fleet in Postgres (see `model.lease.Leases`)."""

    def claim(self, worker: str, seconds: float, most: int = 1) -> list[Lease]:
        """Take the leases of the sites that have been due longest, one of each free group, at most `most`."""

        def work(cursor: "psycopg.Cursor") -> list[Lease]:
            cursor.execute(_CLAIM, {"worker": worker, "seconds": seconds, "most": most})
            return _planned(cursor)

        return self._postgres.run(work)

    def claim_site(self, site: str, worker: str, seconds: float) -> Lease:
        """Take the lease of one site, also when it is not due or paused.

        Raises:
            SiteBusy: its group is held, or may not be requested yet.
            UsageError: it is not in the fleet.
        """

        def work(cursor: "psycopg.Cursor") -> Lease:
            cursor.execute(_CLAIM_SITE, {"worker": worker, "seconds": seconds, "site": site})
            if leases := _planned(cursor):
                return leases[0]
            found = cursor.execute(_WHY_BUSY, (site,)).fetchone()
            if found is None:
                raise UsageError(f"{site}: not in the fleet; see `archiver fleet list`")
            is_held, holder, held_site, until, not_before = found
            raise SiteBusy(why_busy(site, (holder, held_site, until) if is_held else None, not_before))

        return self._postgres.run(work)

    def renew(self, worker: str, held: Mapping[str, int], seconds: float) -> dict[str, float]:
        """Let leases last `seconds` from now; return the seconds of each. A site that is missing is lost."""

        def work(cursor: "psycopg.Cursor") -> dict[str, float]:
            names = sorted(held)
            epochs = [held[name] for name in names]
            cursor.execute(_RENEW, {"worker": worker, "seconds": seconds, "sites": names, "epochs": epochs})
            return {str(row[0]): seconds for row in cursor.fetchall()}

        return self._postgres.run(work) if held else {}

    def finish(
        self, site: str, epoch: int, due_in: float, *, wait: float | None = None, shard: ShardState | None = None
    ) -> bool:
        """End a lease after a crawl. Return whether it was still held; if not, nothing is changed."""
        return self._end(_FINISH, _ending(site, epoch, wait) | _said(shard) | {"due_in": bounded(due_in)})

    def release(self, site: str, epoch: int, due_at: datetime, *, shard: ShardState | None = None) -> bool:
        """End a lease in which nothing was requested. Return whether it was still held; if not, nothing is changed."""
        return self._end(_RELEASE, _ending(site, epoch, 0.0) | _said(shard) | {"due_at": due_at})

    def _end(self, sql: str, values: Mapping[str, object]) -> bool:
        def work(cursor: "psycopg.Cursor") -> bool:
            cursor.execute(_MAY_BE_FORGOTTEN)
            group = value(cursor, sql, values)
            if group is None:
                return False
            cursor.execute(PLAN, ([group],))
            return True

        return self._postgres.run(work)

    def fail(self, site: str, epoch: int, why: str, retry_in: float, *, wait: float | None = None) -> bool:
        """End a lease after a crawl that failed. Return whether it was still held; if not, nothing is changed."""

        def work(cursor: "psycopg.Cursor") -> bool:
            cursor.execute(_MAY_BE_FORGOTTEN)
            group = value(cursor, _END, _ending(site, epoch, wait))
            if group is None:
                return False
            failures = value(cursor, "SELECT failures + 1 FROM archiver_fleet.site WHERE site = %s", (site,))
            cursor.execute(
                "UPDATE archiver_fleet.site SET due_at = now() + make_interval(secs => %s), failures = %s, "
                "abandoned = 0, why = %s WHERE site = %s",
                (bounded(failure_backoff(retry_in, failures)), failures, printable(why), site),
            )
            cursor.execute(PLAN, ([group],))
            return True

        return self._postgres.run(work)

    def move(self, site: str, epoch: int, storage: str) -> bool:
        """Change where the archive of a site is; "": where the fleet's are. Return whether the lease was still held."""
        return self._postgres.run(lambda cursor: value(cursor, _MOVE, (storage, epoch, site))) is not None


def _planned(cursor: "psycopg.Cursor") -> list[Lease]:
    """Return the leases that were just taken, and compute when their groups are due next."""
    leases = [Lease(*row) for row in cursor.fetchall()]
    if leases:
        cursor.execute(PLAN, ([each.group for each in leases],))
    return leases


def _ending(site: str, epoch: int, wait: float | None) -> dict[str, object]:
    """Return the values of the statement that ends a lease."""
    return {"site": site, "epoch": epoch, "wait": None if wait is None else bounded(wait)}


def _said(shard: ShardState | None) -> dict[str, object]:
    """Return the values that say what an archive is now; None leaves what was said before."""
    return dict.fromkeys(("generation", "visits", "bytes")) if shard is None else dict(asdict(shard))
