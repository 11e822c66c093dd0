"""The protocol of the store for what is known of servers: robots.txt, suspensions, failures."""

from typing import Protocol

from archiver.fetch.robots import RobotsAnswer
from archiver.store.frontier import HostState


class HostStates(Protocol):
    """The stored states of servers. Each call may access the disk. Times are UTC text."""

    async def host(self, origin: str) -> HostState:
        """Return what is known of a server."""

    async def put_robots(self, origin: str, answer: RobotsAnswer, now: str) -> None:
        """Store a server's robots.txt, and the visits that fetched it as evidence."""

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        """Store the time before which a server gets no request."""

    async def put_failures(self, origin: str, failures: int) -> None:
        """Store the number of pages in a row that a server did not answer."""
