"""Fixtures for the tests of a fleet: a Postgres server of their own, and control databases of both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from control_database import ControlDatabase, InFile, InPostgres
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
