"""Writes what a run fetches, batch by batch: kept first, then read, then judged and applied.

Evidence never waits for a parser: while one batch is read, the next is kept. Only the writer thread touches the
archive; reading is pure and runs in other threads meanwhile.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from archiver.crawl.fetched import Aside, Fetched
from archiver.crawl.pipeline import Pipeline
from archiver.model.event import Visited

_COUNT_EVERY = 1.0  # seconds between two countings of the frontier, for the progress display

T = TypeVar("T")


class BatchWriter:
    """One for a run. `count` returns how many pages are on the site's frontier, and how many this run has yet to visit.

    Attributes:
        unsettled: captures that were handed over and are not yet written.
    """

    def __init__(
        self, pipeline: Pipeline, writer: Executor, readers: Executor, count: Callable[[], tuple[int, int]]
    ) -> None:
        self._pipeline = pipeline
        self._writer = writer
        self._readers = readers
        self._count = count
        self._keeping, self._settling = asyncio.Lock(), asyncio.Lock()
        self._counts = (0, 0)
        self._counted_at = float("-inf")
        self.unsettled = 0

    async def write(self, batch: list[Fetched], aside: list[Aside]) -> list[Visited]:
        """Keep, read and settle a batch. Batches are settled in the order in which this is called."""
        self.unsettled += len(batch)
        try:
            async with self._keeping:
                kept = await _done_by(self._writer, lambda: self._pipeline.keep(batch, aside))
            async with self._settling:
                if not kept:
                    return []
                items = await _done_by(self._readers, lambda: self._pipeline.read(kept))
                events = await _done_by(self._writer, lambda: self._pipeline.settle(items))
                known, left = await _done_by(self._writer, self._counted)
            return [replace(event, known=known, due=left) for event in events]
        finally:
            self.unsettled -= len(batch)

    def _counted(self) -> tuple[int, int]:
        if time.monotonic() - self._counted_at >= _COUNT_EVERY:
            self._counts = self._count()
            self._counted_at = time.monotonic()
        return self._counts


async def _done_by(thread: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, work)
