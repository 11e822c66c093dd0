"""The tables of the SQLite file that keeps the leases of a fleet, and how the file is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import FleetUnavailable, UsageError

_APPLICATION = 0x61726C73  # "arls"
_BUGS = frozenset((sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE))
_WAIT = 10.0  # seconds to wait for the lock of another process

_FIRST = f"""
CREATE TABLE server_group (
    server_group TEXT PRIMARY KEY,
    delay REAL NOT NULL DEFAULT 0,       -- seconds; the longest of its sites
    next_due REAL,                       -- the earliest due_at of its sites that are not paused
    not_before REAL NOT NULL,            -- no claim before; while it is held: the end of the lease and the delay
    claim_at REAL GENERATED ALWAYS AS (max(next_due, not_before)) STORED,  -- NULL when next_due is
    site TEXT UNIQUE,                    -- the lease: which site
    epoch INTEGER,                       --   its epoch
    holder TEXT,                         --   the worker
    held_until REAL                      --   its end; past: it is over, and nobody has claimed since
) STRICT;
CREATE INDEX claimable ON server_group (claim_at, server_group);
CREATE TABLE site (
    site TEXT PRIMARY KEY,
    server_group TEXT NOT NULL REFERENCES server_group,
    delay REAL NOT NULL,                 -- seconds
    due_at REAL NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,    -- how often it was claimed
    is_paused INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0, -- in a row
    abandoned INTEGER NOT NULL DEFAULT 0,-- leases in a row that nobody finished, a running one included
    why TEXT NOT NULL DEFAULT ''         -- of the last failure
) STRICT;
CREATE INDEX due_sites ON site (server_group, is_paused, due_at, site);
CREATE TABLE profile (
    name TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL, added_at REAL NOT NULL, PRIMARY KEY (name, version)
) STRICT;
PRAGMA application_id = {_APPLICATION};
"""
# where the archives of all sites are; of one site, if it has an own place; its last finished lease, its archive then
_SHARDS = """
CREATE TABLE storage (address TEXT NOT NULL) STRICT;
ALTER TABLE site ADD storage TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD finished_at REAL;
ALTER TABLE site ADD generation INTEGER;
ALTER TABLE site ADD visits INTEGER;
ALTER TABLE site ADD bytes INTEGER;
"""
_STEPS = (_FIRST, _SHARDS)
_VERSION = len(_STEPS)


def create_lease_file(path: Path) -> bool:
    """Create the file of a fleet, or upgrade that of an older archiver; return whether there was none before.

    Raises:
        FleetUnavailable: it cannot be written.
        UsageError: the file is something else, or that of a newer archiver.
    """
    with converting_lease_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect_leases(path, "rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN EXCLUSIVE")
            is_new = bool(connection.execute("SELECT count(*) = 0 FROM sqlite_schema").fetchone()[0])
            if is_new or _is_of_fleet(connection):
                done = connection.execute("PRAGMA user_version").fetchone()[0]
                for statement in "".join(_STEPS[done:]).split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {max(done, _VERSION)}")
            connection.execute("COMMIT")
            check_lease_file(connection, path)
        finally:
            connection.close()
    return is_new


def connect_leases(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file. `mode`: `rw`, or `rwc` to create it."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")  # a lease that was given survives a power cut
    return connection


def check_lease_file(connection: sqlite3.Connection, path: Path) -> None:
    """Raise UsageError when the file is something else, or that of a newer archiver."""
    if not _is_of_fleet(connection):
        raise UsageError(f"{path}: this is not the file of a fleet; name another file")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        what = "run `archiver fleet init` to upgrade it" if version < _VERSION else "upgrade archiver"
        raise UsageError(f"{path}: the fleet has version {version}, this archiver knows {_VERSION}; {what}")


def _is_of_fleet(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION)


@contextmanager
def converting_lease_errors(path: Path) -> Iterator[None]:
    """Raise FleetUnavailable for a file that cannot be used. A wrong statement stays a bug."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if (
            isinstance(error, sqlite3.Error)
            and getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF in _BUGS
        ):
            raise
        raise FleetUnavailable(f"{path}: {error}; see whether the file can be written, then run this again") from error
