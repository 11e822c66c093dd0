"""The objects that all crawls of a process share: threads, server delays, connection limits and the memory limit."""

from concurrent.futures import Executor
from typing import NamedTuple

from archiver.crawl.read_capture import ReadElsewhere
from archiver.fetch.connections import IdleConnections
from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays
from archiver.render.renderer import Renderer

MAX_UNWRITTEN_BYTES = 16_000_000  # then no page is fetched until some bodies are written


class MemoryLimit:
    """Bounds the bytes of the bodies that all crawls hold in memory: fetched, and not yet written."""

    def __init__(self, max_bytes: int = MAX_UNWRITTEN_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held: dict[object, int] = {}
        self._total = 0

    @property
    def is_reached(self) -> bool:
        """Whether crawls have to wait before they fetch more."""
        return self._total >= self._max_bytes

    def add(self, crawl: object, size: int) -> None:
        """Count bytes that a crawl holds from now on; a negative `size` counts bytes that it has written."""
        self._held[crawl] = self._held.get(crawl, 0) + size
        self._total += size

    def remove(self, crawl: object) -> None:
        """Stop counting for a crawl that has ended."""
        self._total -= self._held.pop(crawl, 0)


class ProcessState(NamedTuple):
    """What all crawls of a process share.

    Attributes:
        writer: the one thread that may use the archive.
        readers: threads that read pages.
        delays: the delays of all servers; `limits`: the connection limits of all servers.
        memory: the limit on bodies held in memory.
        idle: the unused connections to all servers.
        elsewhere: reads captures in other processes while pages arrive fast.
        renderer: the browser, which starts with the first page that is opened in it.
    """

    writer: Executor
    readers: Executor
    delays: HostDelays
    limits: ConnectionLimits
    memory: MemoryLimit
    idle: IdleConnections
    elsewhere: ReadElsewhere
    renderer: Renderer
