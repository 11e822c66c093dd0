"""Fixtures for the tests of a fleet: a Postgres server of their own, and control databases of both kinds."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from control_database import ControlDatabase, InFile, InPostgres
from fleet_made import DELAY, OPTIONS, MakeFleet
from fleet_portals import Portals
from fleet_processes import Fleet
from postgres_server import PostgresServer, programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    found = programs()
    if found is None:
        pytest.skip("needs Postgres: apt-get install postgresql")
    server = PostgresServer(found)
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ControlDatabase]:
    """An empty control database of each kind."""
    made: ControlDatabase
    if request.param == "sqlite":
        made = InFile(tmp_path / "fleet.db")
    else:
        made = InPostgres(request.getfixturevalue("postgres"))
    yield made
    made.close()


@pytest.fixture
def make_fleet(postgres: PostgresServer, tmp_path: Path) -> Iterator[MakeFleet]:
    """Makes fleets in Postgres and S3."""
    numbers = count(1)
    with ExitStack() as stack:

        def make(
            sites: int,
            *,
            pages: int = 12,
            delay: float = DELAY,
            groups: Mapping[str, int] | None = None,
            address: str | None = None,
        ) -> Fleet:
            folder = tmp_path / f"fleet{next(numbers)}"
            portals = stack.enter_context(Portals(folder, sites, pages, delay, groups))
            return stack.enter_context(Fleet(folder, portals, address or postgres.database(), str(folder / "storage"), {}, OPTIONS))

        yield make
