"""Fleets for the tests of failures: short leases and slices, and the checks that all rows have in common."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from archiver.fleet.object_storage import open_storage
from fleet_portals import Portals
from fleet_processes import Fleet
from object_ledger import ObjectLedger
from postgres_server import PostgresServer
from s3_server import S3Server, environment, lets_in

LEASE, SLICE, DELAY = 3, 1, 0.2  # seconds
PAGES, SITES_AT_ONCE = 12, 2
OPTIONS = ("--lease", f"{LEASE}s", "--slice", f"{SLICE}s", "--sites", str(SITES_AT_ONCE))


class MakeFleet(Protocol):
    """Makes a fleet of so many sites, with portals of their own; it is ended after the test."""

    def __call__(
        self,
        sites: int,
        *,
        pages: int = PAGES,
        delay: float = DELAY,
        groups: Mapping[str, int] | None = None,
        address: str | None = None,
        s3: str | None = None,
    ) -> Fleet: ...


@pytest.fixture
def make_fleet(
    postgres: PostgresServer, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeFleet]:
    """Makes fleets in Postgres and S3. Afterwards, no object may have been overwritten."""
    numbers = count(1)
    with ExitStack() as stack:

        def make(
            sites: int,
            *,
            pages: int = PAGES,
            delay: float = DELAY,
            groups: Mapping[str, int] | None = None,
            address: str | None = None,
            s3: str | None = None,
        ) -> Fleet:
            folder, storage = tmp_path / f"fleet{next(numbers)}", s3_server.bucket()
            portals = stack.enter_context(Portals(folder, sites, pages, delay, groups))
            lets_in(monkeypatch, s3_server.address)
            ledger = ObjectLedger(open_storage(storage))
            fleet = Fleet(
                *(folder, portals, address or postgres.database(), storage),
                environment(s3 or s3_server.address),
                OPTIONS,
            )
            stack.enter_context(fleet)
            stack.enter_context(ledger)
            fleet.checks.append(ledger.check)
            return fleet

        yield make


def one_slice(fleet: Fleet) -> int:
    """Return the most requests to a site between two generations: a slice, and the lease for which shipping may take."""
    return int((LEASE + SLICE) / fleet.portals.delay) + 2
