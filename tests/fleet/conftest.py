"""Fixtures for the tests of a fleet: a Postgres server of their own, and control databases of both kinds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.fleet.object_storage import ObjectStorage, open_storage
from archiver.model.clock import SettableClock
from control_database import ControlDatabase, InFile, InPostgres
from fleet_made import make_fleet  # noqa: F401  (a fixture)
from fleets import Fleet as FleetCommands
from postgres_server import PostgresServer, programs
from questioned import Fleet
from s3_server import FaultyProxy, S3Server, faulty, lets_in


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


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def proxy(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    """A proxy before the S3 server, to which `s3://` URLs lead."""
    with faulty(s3_server) as made:
        lets_in(monkeypatch, made.address)
        yield made


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStorage:
    """An empty object storage of each kind."""
    if request.param == "folder":
        return open_storage(str(tmp_path / "storage"))
    server: S3Server = request.getfixturevalue("s3_server")
    lets_in(monkeypatch, server.address)
    return open_storage(server.bucket())


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    """A fleet of two sites whose archives are in a folder as object storage; the month after that in which they lived."""
    monkeypatch.setenv("ARCHIVER_CACHE", str(tmp_path / "cache"))
    made = Fleet(tmp_path, str(tmp_path / "storage"), SettableClock(datetime(2022, 12, 1, tzinfo=UTC)), capsys)
    made.create()
    return made


@pytest.fixture(params=["folder", "s3"])
def stored_anywhere(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> FleetCommands:
    """A fleet whose archives are in a folder, and one whose archives are in S3."""
    storage = ""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        lets_in(monkeypatch, server.address)
        storage = server.bucket()
    made = FleetCommands(tmp_path, capfd, monkeypatch, storage)
    made.begin("east")
    return made
