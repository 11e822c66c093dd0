"""Control databases of both kinds for tests. Time passes when all stored moments are set back."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.model.clock import system_clock
from archiver.model.lease import Leases
from postgres_server import PostgresServer

_EARLIER = (
    "UPDATE archiver_fleet.server_group SET not_before = not_before - interval '{0} s', "
    "held_until = held_until - interval '{0} s', next_due = next_due - interval '{0} s'; "
    "UPDATE archiver_fleet.site SET due_at = due_at - interval '{0} s'"
)
_EARLIER_IN_FILE = (
    "BEGIN IMMEDIATE; UPDATE server_group SET not_before = not_before - {0}, held_until = held_until - {0}, "
    "next_due = next_due - {0}; UPDATE site SET due_at = due_at - {0}; COMMIT"
)


class ControlDatabase(Protocol):
    address: str

    def open(self) -> Leases: ...
    def pass_time(self, seconds: float) -> None: ...
    def empty(self) -> None: ...
    def close(self) -> None: ...


class _Created:
    """A control database that was created, and the leases that were opened in it."""

    def __init__(self, address: str) -> None:
        self.address = address
        create_fleet(address)
        self._opened: list[Leases] = []

    def open(self) -> Leases:
        self._opened.append(open_leases(self.address, system_clock))
        return self._opened[-1]

    def close(self) -> None:
        for each in self._opened:
            each.close()
        self._opened.clear()


class InFile(_Created):
    """A file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        self._path = path

    def pass_time(self, seconds: float) -> None:
        if seconds >= 1:  # less passes by itself
            with closing(sqlite3.connect(self._path)) as connection:
                connection.executescript(_EARLIER_IN_FILE.format(seconds))

    def empty(self) -> None:
        self.close()
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()
        create_fleet(self.address)


class InPostgres(_Created):
    """A database of the tests' own server."""

    def __init__(self, server: PostgresServer) -> None:
        super().__init__(server.database())
        self.server = server

    def pass_time(self, seconds: float) -> None:
        if seconds >= 1:  # less passes by itself
            self.server.execute(self.address, _EARLIER.format(seconds))

    def empty(self) -> None:
        self.server.execute(
            self.address, "TRUNCATE archiver_fleet.site, archiver_fleet.server_group, archiver_fleet.profile"
        )
