"""The sites of a fleet in Postgres, their profiles, and where their archives are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from archiver.errors import SiteBusy
from archiver.fleet.postgres_connection import PostgresConnection
from archiver.fleet.postgres_schema import check_postgres_fleet
from archiver.model.clock import written
from archiver.model.lease import FleetProfile, FleetSite, NewSite, ShardState, bounded

if TYPE_CHECKING:
    import psycopg

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('archiver_fleet'))"

PLAN = """
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
    s.failures, s.abandoned, s.why, s.storage, s.finished_at, s.generation, s.visits, s.bytes
FROM archiver_fleet.site s JOIN archiver_fleet.server_group g USING (server_group)
CROSS JOIN LATERAL (SELECT coalesce(g.site = s.site AND g.held_until > now(), false) AS is_held) held
ORDER BY s.site
"""

_ONE_SITE = _SITES.replace("ORDER BY s.site", "WHERE s.site = %s")

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

_HELD = """
SELECT g.holder, g.held_until FROM archiver_fleet.server_group g WHERE g.site = %s AND g.held_until > now()
"""


class PostgresSites:
    """The sites of a fleet in Postgres (see `model.lease.Leases`)."""

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
                    f"{busy[0]}: {busy[1]} holds it until {written(busy[2])} UTC, and its server group would "
                    "change; pause it, and add it again when its lease is over"
                )
            cursor.execute(_FORGET, (names, groups))
            cursor.execute(
                "INSERT INTO archiver_fleet.site (site, server_group, delay, epoch, storage) "
                "SELECT * FROM unnest(%s::text[], %s::text[], %s::float8[], %s::bigint[], %s::text[]) "
                "ON CONFLICT (site) DO UPDATE SET server_group = excluded.server_group, delay = excluded.delay",
                (
                    *(names, groups, [bounded(each.delay) for each in new.values()]),
                    *([each.epoch for each in new.values()], [each.storage for each in new.values()]),
                ),
            )
            cursor.execute(_SET_DELAY, (touched,))
            cursor.execute(PLAN, (touched,))
            return len(set(new) - set(known))

        return self._postgres.run(work)

    def remove(self, site: str) -> bool:
        """Forget a site, but not its profiles. Return False when it is not known.

        Raises:
            SiteBusy: it is held.
        """

        def work(cursor: "psycopg.Cursor") -> bool:
            if (touched := _locked_group(cursor, site)) is None:
                return False
            if (busy := cursor.execute(_HELD, (site,)).fetchone()) is not None:
                raise SiteBusy(
                    f"{site}: {busy[0]} holds it until {written(busy[1])} UTC; pause it, and remove it when "
                    "its lease is over"
                )
            cursor.execute(_FORGET, ([site], [""]))
            cursor.execute("DELETE FROM archiver_fleet.site WHERE site = %s", (site,))
            cursor.execute(PLAN, (touched,))
            return True

        return self._postgres.run(work)

    def sites(self, site: str | None = None) -> tuple[datetime, list[FleetSite]]:
        """Return the present moment of the database, and all sites by name, or only one."""

        def work(cursor: "psycopg.Cursor") -> tuple[datetime, list[FleetSite]]:
            rows = cursor.execute(_SITES if site is None else _ONE_SITE, () if site is None else (site,))
            found = [_site(row) for row in rows]
            return value(cursor, "SELECT now()"), found

        return self._postgres.run(work)

    def storage(self) -> str:
        """Return the address of the object storage that has the archives of all sites; "" when it was not set."""
        return str(self._postgres.run(lambda cursor: value(cursor, "SELECT storage FROM archiver_fleet.made")))

    def set_storage(self, address: str) -> None:
        """Set the address of the object storage for the sites that have no own one. Nothing is moved."""
        self._postgres.run(lambda cursor: cursor.execute("UPDATE archiver_fleet.made SET storage = %s", (address,)))

    def pause(self, site: str) -> bool:
        """Let nobody claim a site from now on; a running lease goes on. Return False when it is not known."""
        return self._set(site, "is_paused = true")

    def resume(self, site: str) -> bool:
        """Let a site be claimed again, at once, and forget its failures. Return False when it is not known."""
        return self._set(site, "is_paused = false, failures = 0, why = '', due_at = least(due_at, now())")

    def _set(self, site: str, what: str) -> bool:
        def work(cursor: "psycopg.Cursor") -> bool:
            if (touched := _locked_group(cursor, site)) is None:
                return False
            cursor.execute(f"UPDATE archiver_fleet.site SET {what} WHERE site = %s", (site,))
            cursor.execute(PLAN, (touched,))
            return True

        return self._postgres.run(work)

    def due(self) -> float | None:
        """Return the seconds until a site can be claimed, 0 when one can be now; None when all are paused."""
        sql = "SELECT extract(epoch FROM min(claim_at) - now())::float8 FROM archiver_fleet.server_group"
        left = self._postgres.run(lambda cursor: value(cursor, sql))
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


def _locked_group(cursor: "psycopg.Cursor", site: str) -> list[str] | None:
    """Lock the group of a site, which nobody changes meanwhile, and return its name; None when it is not known."""
    cursor.execute(_ONE_AT_A_TIME)
    group = value(cursor, "SELECT server_group FROM archiver_fleet.site WHERE site = %s", (site,))
    return None if group is None else _lock(cursor, {group})


def _lock(cursor: "psycopg.Cursor", groups: set[str]) -> list[str]:
    """Lock groups in the order of their names, and return the names."""
    names = sorted(groups)
    cursor.execute(
        "SELECT 1 FROM archiver_fleet.server_group WHERE server_group = ANY(%s) ORDER BY server_group FOR UPDATE",
        (names,),
    )
    return names


def _site(row: Sequence[Any]) -> FleetSite:
    *known, generation, visits, size = row
    shard = None if generation is None else ShardState(generation, visits, size)
    return FleetSite(*[*known, shard])


def _newest(cursor: "psycopg.Cursor", name: str, version: int | None) -> FleetProfile | None:
    cursor.execute(
        "SELECT name, version, text FROM archiver_fleet.profile WHERE name = %s AND version = coalesce(%s::integer, "
        "version) ORDER BY version DESC LIMIT 1",
        (name, version),
    )
    row = cursor.fetchone()
    return None if row is None else FleetProfile(*row)


def value(cursor: "psycopg.Cursor", sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Any:  # noqa: ANN401
    """Return the first column of the first row, or None."""
    row = cursor.execute(sql, values).fetchone()
    return None if row is None else row[0]
