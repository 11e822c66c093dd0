"""Leases in Postgres. Every change of a group's sites locks the row of the group first.

`now()` is the start of a transaction: a lease never ends later than its worker believes (see `model.deadline`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from archiver.errors import SiteBusy
from archiver.fleet.postgres_connection import PostgresConnection
from archiver.fleet.postgres_schema import check_postgres_fleet
from archiver.model.lease import FleetProfile, FleetSite, Lease, NewSite, bounded, failure_backoff
from archiver.text.clean import printable

if TYPE_CHECKING:
    import psycopg

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('archiver_fleet'))"

# PostgreSQL locks the rows of `free` at their newest version and checks the condition again there; the UPDATE of `site`
# does the same. So a site that another worker finished in between is neither leased nor counted.
_CLAIM = """
WITH free AS (
    SELECT g.server_group, g.claim_at FROM archiver_fleet.server_group g WHERE g.claim_at <= now()
    ORDER BY g.claim_at, g.server_group LIMIT %(most)s FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE archiver_fleet.site s SET epoch = s.epoch + 1, abandoned = s.abandoned + 1,
        due_at = now() + make_interval(secs => %(seconds)s + CASE WHEN s.abandoned = 0 THEN 0 ELSE
            least(60 * power(2, least(s.abandoned - 1, 30)), 86400) END)
    FROM free CROSS JOIN LATERAL (
        SELECT c.site FROM archiver_fleet.site c
        WHERE c.server_group = free.server_group AND NOT c.is_paused AND c.due_at <= now()
        ORDER BY c.due_at, c.site LIMIT 1) chosen
    WHERE s.site = chosen.site AND s.server_group = free.server_group AND NOT s.is_paused AND s.due_at <= now()
    RETURNING s.site, s.server_group, s.epoch, free.claim_at
), leased AS (
    UPDATE archiver_fleet.server_group g SET site = taken.site, epoch = taken.epoch, holder = %(worker)s,
        held_until = now() + make_interval(secs => %(seconds)s),
        not_before = now() + make_interval(secs => %(seconds)s + g.delay)
    FROM taken WHERE g.server_group = taken.server_group
)
SELECT site, server_group, epoch,
    coalesce((SELECT max(p.version) FROM archiver_fleet.profile p WHERE p.name = taken.site), 0)
FROM taken ORDER BY claim_at, server_group
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

_FINISH = f"""
WITH ended AS ({_END})
UPDATE archiver_fleet.site s
SET due_at = now() + make_interval(secs => %(due_in)s), failures = 0, abandoned = 0, why = ''
FROM ended WHERE s.server_group = ended.server_group AND s.site = %(site)s RETURNING s.server_group
"""

_MAY_BE_FORGOTTEN = "SET LOCAL synchronous_commit = off"
"""After a crash of the server, a lease whose end was forgotten runs until it is over. A claim or a renewal that was
forgotten would let two workers in; those wait for the disk."""

_PLAN = """
UPDATE archiver_fleet.server_group g SET next_due = (
    SELECT min(s.due_at) FROM archiver_fleet.site s WHERE s.server_group = g.server_group AND s.is_paused = false)
WHERE g.server_group = ANY(%s)
"""

_SET_DELAY = """
UPDATE archiver_fleet.server_group g SET delay = coalesce((
    SELECT max(s.delay) FROM archiver_fleet.site s WHERE s.server_group = g.server_group), g.delay)
WHERE g.server_group = ANY(%s)
"""

_SITES = """
SELECT s.site, s.server_group, s.due_at, s.epoch, s.is_paused,
    coalesce((SELECT max(p.version) FROM archiver_fleet.profile p WHERE p.name = s.site), 0),
    CASE WHEN is_held THEN g.holder END, CASE WHEN is_held THEN g.held_until END, g.not_before,
    s.failures, s.abandoned, s.why
FROM archiver_fleet.site s JOIN archiver_fleet.server_group g USING (server_group)
CROSS JOIN LATERAL (SELECT coalesce(g.site = s.site AND g.held_until > now(), false) AS is_held) held
ORDER BY s.site
"""

_BUSY = """
SELECT s.site, g.holder, g.held_until FROM archiver_fleet.site s JOIN archiver_fleet.server_group g USING (server_group)
JOIN unnest(%s::text[], %s::text[]) AS added(site, server_group) ON added.site = s.site
WHERE g.site = s.site AND g.held_until > now() AND added.server_group <> s.server_group LIMIT 1
"""

_FORGET = """
UPDATE archiver_fleet.server_group g SET site = NULL, epoch = NULL, holder = NULL, held_until = NULL
FROM unnest(%s::text[], %s::text[]) AS added(site, server_group)
WHERE g.site = added.site AND g.server_group <> added.server_group
"""
"""A lease that is over stays in its group until the next claim; a site that changes its group takes none along."""


class PostgresLeases:
    """The control database of a fleet in Postgres (see `model.lease.Leases`)."""

    def __init__(self, address: str) -> None:
        self._postgres = PostgresConnection(address, lambda cursor: check_postgres_fleet(cursor, self._postgres.place))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._postgres.close()

    def add(self, sites: Sequence[NewSite]) -> int:
        """Add sites, due at once, and return how many were new. A known site gets the new group and delay.

        Raises:
            SiteBusy: a site is held, and its group would change. Nothing was added.
        """

        def work(cursor: "psycopg.Cursor") -> int:
            cursor.execute(_ONE_AT_A_TIME)
            new = {each.site: each for each in sites}  # a site that is named twice is added once
            names, groups = list(new), [each.group for each in new.values()]
            cursor.execute(
                "INSERT INTO archiver_fleet.server_group (server_group) SELECT DISTINCT unnest(%s::text[]) "
                "ON CONFLICT DO NOTHING",
                (groups,),
            )
            cursor.execute("SELECT site, server_group FROM archiver_fleet.site WHERE site = ANY(%s)", (names,))
            known: dict[str, str] = dict(cursor.fetchall())
            touched = _lock(cursor, {*groups, *known.values()})
            cursor.execute(_BUSY, (names, groups))
            if (busy := cursor.fetchone()) is not None:
                raise SiteBusy(
                    f"{busy[0]}: {busy[1]} holds it until {busy[2]:%Y-%m-%d %H:%M:%S} UTC, and its server group would "
                    "change; pause it, and add it again when its lease is over"
                )
            cursor.execute(_FORGET, (names, groups))
            cursor.execute(
                "INSERT INTO archiver_fleet.site (site, server_group, delay) "
                "SELECT * FROM unnest(%s::text[], %s::text[], %s::float8[]) ON CONFLICT (site) DO "
                "UPDATE SET server_group = excluded.server_group, delay = excluded.delay",
                (names, groups, [bounded(each.delay) for each in new.values()]),
            )
            cursor.execute(_SET_DELAY, (touched,))
            cursor.execute(_PLAN, (touched,))
            return len(set(new) - set(known))

        return self._postgres.run(work)

    def sites(self) -> tuple[datetime, list[FleetSite]]:
        """Return the present moment of the database, and all sites by name."""

        def work(cursor: "psycopg.Cursor") -> tuple[datetime, list[FleetSite]]:
            return _value(cursor, "SELECT now()"), [FleetSite(*row) for row in cursor.execute(_SITES)]

        return self._postgres.run(work)

    def claim(self, worker: str, seconds: float, most: int = 1) -> list[Lease]:
        """Take the leases of the sites that have been due longest, one of each free group, at most `most`."""

        def work(cursor: "psycopg.Cursor") -> list[Lease]:
            cursor.execute(_CLAIM, {"worker": worker, "seconds": seconds, "most": most})
            leases = [Lease(site, group, epoch, seconds, version) for site, group, epoch, version in cursor.fetchall()]
            if leases:
                cursor.execute(_PLAN, ([each.group for each in leases],))
            return leases

        return self._postgres.run(work)

    def renew(self, worker: str, held: Mapping[str, int], seconds: float) -> dict[str, float]:
        """Let leases last `seconds` from now; return the seconds of each. A site that is missing is lost."""

        def work(cursor: "psycopg.Cursor") -> dict[str, float]:
            names = sorted(held)
            epochs = [held[name] for name in names]
            cursor.execute(_RENEW, {"worker": worker, "seconds": seconds, "sites": names, "epochs": epochs})
            return {str(row[0]): seconds for row in cursor.fetchall()}

        return self._postgres.run(work) if held else {}

    def finish(self, site: str, epoch: int, due_in: float, *, wait: float | None = None) -> bool:
        """End a lease after a crawl. Return whether it was still held; if not, nothing is changed."""

        def work(cursor: "psycopg.Cursor") -> bool:
            cursor.execute(_MAY_BE_FORGOTTEN)
            group = _value(cursor, _FINISH, _ending(site, epoch, wait) | {"due_in": bounded(due_in)})
            if group is None:
                return False
            cursor.execute(_PLAN, ([group],))
            return True

        return self._postgres.run(work)

    def fail(self, site: str, epoch: int, why: str, retry_in: float, *, wait: float | None = None) -> bool:
        """End a lease after a crawl that failed. Return whether it was still held; if not, nothing is changed."""

        def work(cursor: "psycopg.Cursor") -> bool:
            cursor.execute(_MAY_BE_FORGOTTEN)
            group = _value(cursor, _END, _ending(site, epoch, wait))
            if group is None:
                return False
            failures = _value(cursor, "SELECT failures + 1 FROM archiver_fleet.site WHERE site = %s", (site,))
            cursor.execute(
                "UPDATE archiver_fleet.site SET due_at = now() + make_interval(secs => %s), failures = %s, "
                "abandoned = 0, why = %s WHERE site = %s",
                (bounded(failure_backoff(retry_in, failures)), failures, printable(why), site),
            )
            cursor.execute(_PLAN, ([group],))
            return True

        return self._postgres.run(work)

    def pause(self, site: str) -> bool:
        """Let nobody claim a site from now on; a running lease goes on. Return False when it is not known."""
        return self._set(site, "is_paused = true")

    def resume(self, site: str) -> bool:
        """Let a site be claimed again, at once, and forget its failures. Return False when it is not known."""
        return self._set(site, "is_paused = false, failures = 0, why = '', due_at = least(due_at, now())")

    def _set(self, site: str, what: str) -> bool:
        def work(cursor: "psycopg.Cursor") -> bool:
            cursor.execute(_ONE_AT_A_TIME)  # nobody changes its group meanwhile
            group = _value(cursor, "SELECT server_group FROM archiver_fleet.site WHERE site = %s", (site,))
            if group is None:
                return False
            touched = _lock(cursor, {group})
            cursor.execute(f"UPDATE archiver_fleet.site SET {what} WHERE site = %s", (site,))
            cursor.execute(_PLAN, (touched,))
            return True

        return self._postgres.run(work)

    def due(self) -> float | None:
        """Return the seconds until a site can be claimed, 0 when one can be now; None when all are paused."""
        sql = "SELECT extract(epoch FROM min(claim_at) - now())::float8 FROM archiver_fleet.server_group"
        left = self._postgres.run(lambda cursor: _value(cursor, sql))
        return None if left is None else max(0.0, float(left))

    def put_profile(self, name: str, text: str) -> int:
        """Keep a profile, and return its version: a new one only when the text is not that of the newest."""

        def work(cursor: "psycopg.Cursor") -> int:
            cursor.execute(_ONE_AT_A_TIME)
            newest = _newest(cursor, name, None)
            if newest is not None and newest.text == text:
                return newest.version
            version = newest.version + 1 if newest is not None else 1
            cursor.execute(
                "INSERT INTO archiver_fleet.profile (name, version, text) VALUES (%s, %s, %s)", (name, version, text)
            )
            return version

        return self._postgres.run(work)

    def profile(self, name: str, version: int | None = None) -> FleetProfile | None:
        """Return a version of a profile, the newest by default; None when there is none."""
        return self._postgres.run(lambda cursor: _newest(cursor, name, version))


def _ending(site: str, epoch: int, wait: float | None) -> dict[str, object]:
    """Return the values of the statement that ends a lease."""
    return {"site": site, "epoch": epoch, "wait": None if wait is None else bounded(wait)}


def _lock(cursor: "psycopg.Cursor", groups: set[str]) -> list[str]:
    """Lock groups in the order of their names, and return the names."""
    names = sorted(groups)
    cursor.execute(
        "SELECT 1 FROM archiver_fleet.server_group WHERE server_group = ANY(%s) ORDER BY server_group FOR UPDATE",
        (names,),
    )
    return names


def _newest(cursor: "psycopg.Cursor", name: str, version: int | None) -> FleetProfile | None:
    cursor.execute(
        "SELECT name, version, text FROM archiver_fleet.profile WHERE name = %s AND version = coalesce(%s::integer, "
        "version) ORDER BY version DESC LIMIT 1",
        (name, version),
    )
    row = cursor.fetchone()
    return None if row is None else FleetProfile(*row)


def _value(cursor: "psycopg.Cursor", sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Any:  # noqa: ANN401
    """Return the first column of the first row, or None."""
    row = cursor.execute(sql, values).fetchone()
    return None if row is None else row[0]
