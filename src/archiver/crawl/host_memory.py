"""What the archive stores about servers, read and written in the writer thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from archiver.crawl.fetched import NonPageCapture
from archiver.crawl.pipeline import Pipeline
from archiver.fetch.robots import RobotsAnswer
from archiver.store.archive import Store
from archiver.store.frontier import HostState

T = TypeVar("T")


class HostMemory:
    """Loads and stores the state of servers. Each call runs in the one thread that may use the archive."""

    def __init__(self, store: Store, pipeline: Pipeline, thread: Executor) -> None:
        self._store = store
        self._pipeline = pipeline
        self._thread = thread

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def host(self, origin: str) -> HostState:
        """Return what is known of a server."""
        return await self._run(lambda: self._store.frontier.host(origin))

    async def put_robots(self, origin: str, answer: RobotsAnswer, now: str) -> None:
        """Store a server's robots.txt. `now`: UTC text.

        The captures are stored before the text: a robots.txt whose text is stored is not fetched again.
        """

        def put() -> None:
            self._pipeline.keep((), [NonPageCapture(capture) for capture in answer.captures])
            self._store.frontier.put_robots(origin, answer.status, answer.text, now)

        await self._run(put)

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        """Store until when a server gets no request (UTC text)."""
        await self._run(lambda: self._store.frontier.put_not_before(origin, not_before))

    async def put_failures(self, origin: str, failures: int) -> None:
        """Store how many requests in a row a server failed."""
        await self._run(lambda: self._store.frontier.put_failures(origin, failures))
