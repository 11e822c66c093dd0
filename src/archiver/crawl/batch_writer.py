"""Writes what a run fetches, batch by batch: each batch is kept, then read, then judged and applied.

While one batch is read, the next one is kept, so captures become durable without waiting for a parser. Only the writer
thread uses the archive. Reading is pure and runs in other threads.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from archiver.crawl.fetched import Fetched, KeptPage, NonPageCapture
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.read_capture import ReadElsewhere, is_page, read_here
from archiver.crawl.rounds import Item
from archiver.model.event import Visited
from archiver.polite.stop import StopFlag

MAX_BATCH = 50  # captures per commit: 71 µs each, and 400 µs each when committed singly with synchronous=FULL
_MAX_BATCH_BYTES = 16_000_000
READ_AFTER_STOP = 2.0  # seconds; the next command on the site reads what a stopped run had no time to read
_COUNT_EVERY = 1.0  # seconds between two counts of the frontier, for the progress display
_COUNT_SHARE = 100  # a count that takes long is repeated after this many times its duration

T = TypeVar("T")


class BatchWriter:
    """Writes the batches of one run.

    Args:
        pipeline: the site's pipeline.
        writer: the writer thread.
        readers: the threads that read pages.
        count: returns how many pages are on the site's frontier, and how many of them this run has yet to visit.
        elsewhere: reads captures in other processes while pages arrive fast.
        stop: ends the run. What cannot be read within `READ_AFTER_STOP` then stays unread.

    Attributes:
        unsettled: how many captures were handed over and are not yet written.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        writer: Executor,
        readers: Executor,
        count: Callable[[], tuple[int, int]],
        stop: StopFlag,
        elsewhere: ReadElsewhere = read_here,
    ) -> None:
        self._pipeline = pipeline
        self._writer = writer
        self._readers = readers
        self._count = count
        self._stop = stop
        self._elsewhere = elsewhere
        self._stopped_at: float | None = None
        self._keeping, self._settling = asyncio.Lock(), asyncio.Lock()
        self._counts = (0, 0)
        self._count_at = float("-inf")
        self.unsettled = 0

    async def write(self, batch: list[Fetched], non_pages: list[NonPageCapture]) -> list[Visited]:
        """Keep, read and settle a batch. Batches are settled in the order of the calls."""
        self.unsettled += len(batch)
        try:
            async with self._keeping:
                kept = await _run_in(self._writer, lambda: self._pipeline.keep(batch, non_pages))
            async with self._settling:
                if not kept:
                    return []
                items = await self._read(kept)
                settled = await _run_in(self._writer, lambda: (self._pipeline.settle(items), self._recent_counts()))
            events, (known, left) = settled
            return [replace(event, known=known, due=left) for event in events]
        finally:
            self.unsettled -= len(batch)

    async def _read(self, kept: list[KeptPage]) -> list[Item]:
        """Read pages in a thread. Answers without one (304, errors) take no time and need no other thread."""
        if any(each.previous is not None or is_page(each.visit.capture) for each in kept):
            return await _run_in(self._readers, lambda: self._pipeline.read(kept, self._is_over, self._elsewhere))
        return self._pipeline.read(kept)

    def _is_over(self) -> bool:
        if not self._stop.wanted:
            return False
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
        return time.monotonic() >= self._stopped_at + READ_AFTER_STOP

    def _recent_counts(self) -> tuple[int, int]:
        started = time.monotonic()
        if started >= self._count_at:
            self._counts = self._count()
            ended = time.monotonic()
            self._count_at = ended + max(_COUNT_EVERY, _COUNT_SHARE * (ended - started))
        return self._counts


def batch_size(fetched: Sequence[Fetched]) -> int:
    """Return how many captures are written together: at most fifty, and fewer when they are large."""
    size = 0
    for number, item in enumerate(fetched[:MAX_BATCH], start=1):
        size += item.bytes
        if size >= _MAX_BATCH_BYTES:
            return number
    return min(len(fetched), MAX_BATCH)


async def _run_in(executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
