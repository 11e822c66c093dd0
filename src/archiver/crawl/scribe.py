"""Writes down what a run brings, batch by batch: kept first, then read, then settled.

Evidence never waits for a parser: while one batch is being read, the next is kept. Only the writer thread touches the
archive; reading is pure and goes on beside it.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from archiver.crawl.visit import Aside, Brought, Desk
from archiver.model.event import Visited

_COUNT_EVERY = 1.0  # seconds between two countings of the list, for people who watch

T = TypeVar("T")


class Scribe:
    """One for a run. `count` gives how many pages are on the site's list, and how many this run has to visit still.

    Attributes:
        unsettled: captures that were handed over and are not yet written down; `weight`: the bytes of their bodies.
    """

    def __init__(self, desk: Desk, thread: Executor, count: Callable[[], tuple[int, int]]) -> None:
        self._desk = desk
        self._thread = thread
        self._count = count
        self._keeping, self._settling = asyncio.Lock(), asyncio.Lock()
        self._counts = (0, 0)
        self._counted_at = float("-inf")
        self.unsettled = 0
        self.weight = 0

    async def write(self, batch: list[Brought], aside: list[Aside]) -> list[Visited]:
        """Keep, read and settle a batch; batches are settled in the order in which this is called."""
        weight = sum(len(item.capture.body) for item in batch)
        self.unsettled += len(batch)
        self.weight += weight
        try:
            async with self._keeping:
                kept = await self._in_thread(lambda: self._desk.keep(batch, aside))
            async with self._settling:
                if not kept:
                    return []
                readings = await asyncio.to_thread(self._desk.read, kept)
                events = await self._in_thread(lambda: self._desk.settle(kept, readings))
                known, left = await self._in_thread(self._counted)
            return [replace(event, known=known, due=left) for event in events]
        finally:
            self.unsettled -= len(batch)
            self.weight -= weight

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _counted(self) -> tuple[int, int]:
        if time.monotonic() - self._counted_at >= _COUNT_EVERY:
            self._counts = self._count()
            self._counted_at = time.monotonic()
        return self._counts
