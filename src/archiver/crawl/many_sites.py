"""Many sites in one process: each at its own pace, all in one event loop, and one thread that writes.

A slow server holds up nobody else: crawlers only meet at the writer, which takes a batch of one site after the
other, and at servers that two sites share, which are asked one after the other at the longer of both delays.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from archiver.crawl.crawler import Crawler
from archiver.crawl.shared import Backlog, Shared
from archiver.errors import SiteBusy
from archiver.model.policy import Retries
from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays

_READERS = 2  # threads: more would only hold more pages in memory, they take turns at Python's lock

Ended = str | SiteBusy
"""How a crawl ended: done, limit or interrupted; or why it had to leave its site to another program."""


def crawl_all(crawlers: Sequence[Crawler], retries: Retries | None = None) -> list[Ended]:
    """Run all crawlers to their ends, in their order.

    Raises:
        ArchiveError: the archive takes no more; all crawls have ended.
    """
    retries = retries or Retries()
    delays = HostDelays(penalty=retries.first_wait, circuit=retries.circuit)
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writer") as writer,
        ThreadPoolExecutor(_READERS, thread_name_prefix="reader") as readers,
    ):
        return asyncio.run(_all(crawlers, Shared(writer, readers, delays, ConnectionLimits(), Backlog())))


async def _all(crawlers: Sequence[Crawler], shared: Shared) -> list[Ended]:
    tasks = [asyncio.ensure_future(_one(crawler, shared)) for crawler in crawlers]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _one(crawler: Crawler, shared: Shared) -> Ended:
    try:
        return await crawler.crawl(shared)
    except SiteBusy as busy:
        return busy
