"""Crawls many sites in one process: one event loop, one writer thread, and a delay for each server.

A slow server does not delay other sites. Crawls share the writer, which takes batches of the sites in turn, and the
servers that serve several sites: such a server gets one request at a time, at the longest of the sites' delays.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from archiver.crawl.crawler import Crawler
from archiver.crawl.process_state import MemoryLimit, ProcessState
from archiver.crawl.read_capture import ReadElsewhere, read_here
from archiver.errors import SiteBusy
from archiver.fetch.connections import IdleConnections
from archiver.model.clock import Clock
from archiver.model.policy import Retries
from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays
from archiver.render.renderer import Renderer

_READERS = 2  # threads; Python's global lock lets one run at a time, so more would only hold more pages in memory
_WAITERS = 2  # threads for each worker process, so that its next batch is there when it has read one

Ended = str | SiteBusy
"""How a crawl ended: done, stopped, limit or interrupted; or the error when another program works on its site."""


def crawl_all(
    crawlers: Sequence[Crawler],
    clock: Clock,
    retries: Retries | None = None,
    elsewhere: ReadElsewhere = read_here,
    workers: int = 0,
) -> list[Ended]:
    """Run all crawlers to their ends; return how each ended, in the order given.

    Args:
        crawlers: the crawls.
        clock: gives the time.
        retries: how often a request is repeated.
        elsewhere: reads captures in other processes while pages arrive fast.
        workers: the number of those processes.

    Raises:
        ArchiveError: the archive cannot be written; all crawls have ended.
    """
    retries = retries or Retries()
    delays = HostDelays(penalty=retries.first_wait, circuit=retries.circuit)
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writer") as writer,
        ThreadPoolExecutor(max(_READERS, workers * _WAITERS), thread_name_prefix="reader") as readers,
    ):
        process = ProcessState(
            writer, readers, delays, ConnectionLimits(), MemoryLimit(), IdleConnections(), elsewhere, Renderer(clock)
        )
        return asyncio.run(_all(crawlers, process))


async def _all(crawlers: Sequence[Crawler], process: ProcessState) -> list[Ended]:
    tasks = [asyncio.ensure_future(_one(crawler, process)) for crawler in crawlers]
    async with process.renderer:
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            process.idle.close()


async def _one(crawler: Crawler, process: ProcessState) -> Ended:
    try:
        return await crawler.crawl(process)
    except SiteBusy as busy:
        return busy
