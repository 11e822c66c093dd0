"""The tables of a fleet in Postgres, in the schema `archiver_fleet`, and their version."""

from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.fleet.postgres_connection import PostgresConnection

if TYPE_CHECKING:
    import psycopg

_FIRST = """
CREATE SCHEMA archiver_fleet;
CREATE TABLE archiver_fleet.made (version integer NOT NULL);
INSERT INTO archiver_fleet.made VALUES (1);

CREATE TABLE archiver_fleet.server_group (
    server_group text PRIMARY KEY,
    delay float8 NOT NULL DEFAULT 0,      -- seconds; the longest of its sites
    next_due timestamptz,                 -- the earliest due_at of its sites that are not paused
    not_before timestamptz NOT NULL DEFAULT now(), -- no claim before; while it is held: end of the lease, and delay
    claim_at timestamptz GENERATED ALWAYS AS (
        CASE WHEN next_due IS NOT NULL THEN greatest(next_due, not_before) END) STORED,
    site text UNIQUE,                     -- the lease: which site
    epoch bigint,                         --   its epoch
    holder text,                          --   the worker
    held_until timestamptz                --   its end; past: it is over, and nobody has claimed since
);
CREATE INDEX ON archiver_fleet.server_group (claim_at, server_group);

CREATE TABLE archiver_fleet.site (
    site text PRIMARY KEY,
    server_group text NOT NULL REFERENCES archiver_fleet.server_group,
    delay float8 NOT NULL,                -- seconds
    due_at timestamptz NOT NULL DEFAULT now(),
    epoch bigint NOT NULL DEFAULT 0,      -- how often it was claimed
    is_paused boolean NOT NULL DEFAULT false,
    failures integer NOT NULL DEFAULT 0,  -- in a row
    abandoned integer NOT NULL DEFAULT 0, -- leases in a row that nobody finished, a running one included
    why text NOT NULL DEFAULT ''          -- of the last failure
);
CREATE INDEX ON archiver_fleet.site (server_group, is_paused, due_at, site);

CREATE TABLE archiver_fleet.profile (
    name text NOT NULL,
    version integer NOT NULL,
    text text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
"""

# where the archives of all sites are; of one site, if it has an own place; its last finished lease, its archive then
_SHARDS = """
ALTER TABLE archiver_fleet.made ADD storage text NOT NULL DEFAULT '';
ALTER TABLE archiver_fleet.site ADD storage text NOT NULL DEFAULT '', ADD finished_at timestamptz,
    ADD generation bigint, ADD visits bigint, ADD bytes bigint;
"""

_STEPS = (_FIRST, _SHARDS)
VERSION = len(_STEPS)


def create_postgres_fleet(address: str) -> bool:
    """Create the tables, or upgrade those of an older archiver; return whether there were none before.

    Raises:
        FleetUnavailable: the server does not answer, or does not allow it.
        UsageError: the tables are those of a newer archiver.
    """

    def create(cursor: "psycopg.Cursor") -> bool:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('archiver_fleet'))")
        cursor.execute("SELECT to_regclass('archiver_fleet.made') IS NOT NULL")
        exists = cursor.fetchone() == (True,)
        done = _version(cursor) if exists else 0
        if done < VERSION:
            for statement in "".join(_STEPS[done:]).split(";\n"):
                cursor.execute(statement)
            cursor.execute("UPDATE archiver_fleet.made SET version = %s", (VERSION,))
        _check_version(cursor, connection.place)
        return not exists

    connection = PostgresConnection(address)
    try:
        return connection.run(create)
    finally:
        connection.close()


def check_postgres_fleet(cursor: "psycopg.Cursor", place: str) -> None:
    """Raise UsageError when a database has no fleet, or that of a newer archiver."""
    cursor.execute("SELECT to_regclass('archiver_fleet.made') IS NOT NULL")
    if cursor.fetchone() != (True,):
        raise UsageError(f"{place}: there is no fleet; `archiver fleet init` makes one")
    _check_version(cursor, place)


def _version(cursor: "psycopg.Cursor") -> int:
    cursor.execute("SELECT version FROM archiver_fleet.made")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _check_version(cursor: "psycopg.Cursor", place: str) -> None:
    found = _version(cursor)
    if found != VERSION:
        what = "run `archiver fleet init` to upgrade it" if found < VERSION else "upgrade archiver"
        raise UsageError(f"{place}: the fleet has version {found}, this archiver knows {VERSION}; {what}")
