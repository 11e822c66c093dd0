"""The worker processes of a crawl, which several crawls of one program may share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.read_workers import ReadWorkers


class CrawlPools(NamedTuple):
    """The worker processes. Any thread may use them.

    Attributes:
        fallback: takes the slow steps of reading, one at a time.
        readers: read captures while pages arrive fast.
    """

    fallback: FallbackWorker
    readers: ReadWorkers


@contextmanager
def crawl_pools() -> Iterator[CrawlPools]:
    """Yield worker processes that start when they are needed, and end with the block."""
    with FallbackWorker() as fallback, ReadWorkers() as readers:
        yield CrawlPools(fallback, readers)
