"""The last fallback (trafilatura, 30-40 ms a page) in a process of its own, so that a crawl never waits for it long."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Self

from archiver.crawl.visit import read_slowly
from archiver.errors import ReadFailed
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.model.record import Record

PATIENCE = 30.0  # seconds for one page; then it counts as one that cannot be read


class SlowReading:
    """A worker process, started when the first page needs it."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, capture: Capture, profile: Profile) -> Record:
        """Read with the last fallback, in the worker.

        Raises:
            ReadFailed: the page took the worker down or took too long; the next page gets a new worker.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        try:
            return self._pool.submit(read_slowly, capture, profile).result(timeout=PATIENCE)
        except (BrokenProcessPool, TimeoutError) as error:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
            raise ReadFailed(f"the reader gave up on this page ({type(error).__name__})") from error
