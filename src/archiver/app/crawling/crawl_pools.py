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
        careful_readers: read all captures, so that a page that crashes or hangs its reader costs only its own reading.
    """

    fallback: FallbackWorker
    readers: ReadWorkers
    careful_readers: ReadWorkers

    def careful(self) -> "CrawlPools":
        """Return the pools for a site that may have such a page: nothing of it is read in this process."""
        return self._replace(readers=self.careful_readers)


@contextmanager
def crawl_pools() -> Iterator[CrawlPools]:
    """Yield worker processes that start when they are needed, and end with the block."""
    with FallbackWorker() as fallback, ReadWorkers() as readers, ReadWorkers(1, is_careful=True) as careful:
        yield CrawlPools(fallback, readers, careful)
