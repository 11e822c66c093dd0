"""The archive's memory of servers, reached through the writer thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from archiver.crawl.fetched import Aside
from archiver.crawl.pipeline import Pipeline
from archiver.fetch.robots import RobotsAnswer
from archiver.store.archive import Store
from archiver.store.frontier import HostState

T = TypeVar("T")


class HostMemory:
    """What the archive knows of servers. Each call takes its turn at the one thread that may touch the archive."""

    def __init__(self, store: Store, pipeline: Pipeline, thread: Executor) -> None:
        self._store = store
        self._pipeline = pipeline
        self._thread = thread

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def host(self, origin: str) -> HostState:
        """What is known of a server."""
        return await self._run(lambda: self._store.frontier.host(origin))

    async def put_robots(self, origin: str, answer: RobotsAnswer, now: str) -> None:
        """Keep its robots.txt: first the visits that brought it, for once its text is there it is not asked again."""

        def put() -> None:
            self._pipeline.keep((), [Aside(capture) for capture in answer.captures])
            self._store.frontier.put_robots(origin, answer.status, answer.text, now)

        await self._run(put)

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        """Keep until when it is to be left alone."""
        await self._run(lambda: self._store.frontier.put_not_before(origin, not_before))

    async def put_failures(self, origin: str, failures: int) -> None:
        """Keep how often in a row it failed."""
        await self._run(lambda: self._store.frontier.put_failures(origin, failures))
