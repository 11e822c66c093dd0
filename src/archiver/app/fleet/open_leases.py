"""Open or create the control database of a fleet by its address."""

import os
from collections.abc import Mapping
from pathlib import Path

from archiver.errors import UsageError
from archiver.model.clock import Clock
from archiver.model.lease import Leases
from archiver.store.lease_file import LeaseFile
from archiver.store.lease_schema import create_lease_file

_POSTGRES = ("postgres://", "postgresql://")
_SQLITE = "sqlite:///"
_FORMS = "write postgresql://USER@HOST/DATABASE, or for one machine sqlite:///PATH or PATH.db"


def fleet_address(given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the address by option, else by `$ARCHIVER_FLEET`.

    Raises:
        UsageError: neither names one.
    """
    address = given or environment.get("ARCHIVER_FLEET", "")
    if not address:
        raise UsageError(f"--fleet or $ARCHIVER_FLEET: name the control database of the fleet; {_FORMS}")
    return address


def create_fleet(address: str) -> bool:
    """Create the tables of a fleet, and return whether there were none before.

    Raises:
        FleetUnavailable: the database does not answer, or does not allow it.
        UsageError: the address is not valid, or psycopg is missing.
    """
    if (path := _file_of(address)) is not None:
        return create_lease_file(path)
    from archiver.fleet.postgres_schema import create_postgres_fleet  # noqa: PLC0415  (start-up)

    return create_postgres_fleet(address)


def open_leases(address: str, clock: Clock) -> Leases:
    """Return the control database of an address. `clock`: of this machine; Postgres has its own.

    Raises:
        FleetUnavailable: the file cannot be opened. Postgres is asked only when a method is called.
        UsageError: the address is not valid, there is no fleet, or psycopg is missing.
    """
    if (path := _file_of(address)) is not None:
        return LeaseFile(path, clock)
    from archiver.fleet.postgres_leases import PostgresLeases  # noqa: PLC0415  (start-up)

    return PostgresLeases(address)


def _file_of(address: str) -> Path | None:
    """Return the SQLite file of an address; None when it is one of Postgres.

    Raises:
        UsageError: it is neither. The message does not repeat it, for it may have a password.
    """
    if address.startswith(_POSTGRES):
        return None
    if address.startswith(_SQLITE):
        return Path(address.removeprefix(_SQLITE))
    if address.endswith(".db") and "://" not in address:
        return Path(address)
    raise UsageError(f"--fleet: not an address of a control database; {_FORMS}")
