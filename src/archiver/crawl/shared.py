"""What all crawls of a process share: its threads, the servers' waits, and how much is held in memory."""

from concurrent.futures import Executor
from typing import NamedTuple

from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays

MOST = 16_000_000  # bytes; then nothing more is fetched until some of it is written


class Backlog:
    """Bytes of bodies that were fetched and are not yet written down, by who holds them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[object, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether no more should be fetched for now, for any site."""
        return sum(self._held.values()) >= self._most

    def take(self, holder: object, size: int) -> None:
        """So many bytes more; fewer when negative."""
        self._held[holder] = self._held.get(holder, 0) + size

    def leave(self, holder: object) -> None:
        """The holder is done, whatever it still held."""
        self._held.pop(holder, None)


class Shared(NamedTuple):
    """What all crawlers of a process share.

    Attributes:
        writer: the one thread that may touch the archive.
        readers: threads that read pages.
        delays: the delays of all servers; `limits`: the connection limits of all servers.
        backlog: what is held in memory.
    """

    writer: Executor
    readers: Executor
    delays: HostDelays
    limits: ConnectionLimits
    backlog: Backlog
