"""Read fetched captures in worker processes while pages arrive fast, so that a crawl uses the other cores.

A slow crawl starts no process. This is a process border: a page that crashes its worker costs only its own reading.
"""

import contextlib
import functools
import logging
import multiprocessing
import pickle
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from typing import Self

from archiver.app.crawling.reread_workers import PATIENCE, describe_failure
from archiver.app.crawling.worker_process import available_cores, begin_worker, hide_main_module, kill_pool
from archiver.crawl.read_capture import ReadResult, read_capture, reader_failed
from archiver.model.capture import Capture
from archiver.model.outcome import Cause
from archiver.model.profile import Profile

_LOOK = 0.2  # seconds between two checks whether the run is over
_MEASURED = 500
"""Captures over which the rate is measured: starting a worker takes as long as reading 400."""
_FAST = 20.0
"""Captures a second from which other cores are used: reading these takes a fortieth of one core."""
_MAX_WORKERS = 8

_LOG = logging.getLogger(__name__)


class ReadWorkers:
    """The worker processes of a crawl. Use as a context manager; threads may share it.

    Args:
        workers: the number of processes; by default one for each core but one, and none on a single core.
        clock: returns the time in seconds of any steady clock.
        is_careful: read all captures in worker processes, however slowly pages arrive.
    """

    def __init__(
        self, workers: int | None = None, clock: Callable[[], float] = time.monotonic, *, is_careful: bool = False
    ) -> None:
        self.workers = min(available_cores() - 1, _MAX_WORKERS) if workers is None else workers
        self._clock = clock
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()
        self._alone = threading.Lock()
        self._counted, self._since = 0, clock()
        self._is_fast = self._is_careful = is_careful

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end(self._pool)

    def read(
        self, profile: Profile, captures: Mapping[int, Capture], is_over: Callable[[], bool]
    ) -> dict[int, ReadResult] | None:
        """Read captures, given by visit id. Without the last fallback: such a record says that it `needs_fallback`.

        Returns:
            The results. Captures without one stay unread: the run is over. None: the caller reads them itself, because
            pages arrive slowly or there is no other core.
        """
        if not self.workers or not self._count(len(captures)):
            return None
        pool = self._started()
        known = pickle.dumps(profile)
        try:
            results = _result(_submit(pool, known, list(captures.values())), is_over)
        except Exception as error:  # noqa: BLE001  (a process border)
            _LOG.warning("%s; the captures that it had are read one by one", describe_failure(error))
            self._end(pool)
            return self._one_by_one(known, captures, is_over)
        return dict(zip(captures, results, strict=False))

    def _count(self, captures: int) -> bool:
        """Return whether pages arrive fast, by the last measurement."""
        with self._lock:
            self._counted += captures
            if self._counted >= _MEASURED:
                now = self._clock()
                self._is_fast = self._is_careful or self._counted >= _FAST * (now - self._since)
                self._counted, self._since = 0, now
            return self._is_fast

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = _pool(self.workers)
            return self._pool

    def _end(self, pool: ProcessPoolExecutor | None) -> None:
        """Kill the processes of a pool; the next batch starts others."""
        with self._lock:
            if pool is not None and self._pool is pool:
                self._pool = None
                kill_pool(pool)

    def _one_by_one(
        self, known: bytes, captures: Mapping[int, Capture], is_over: Callable[[], bool]
    ) -> dict[int, ReadResult]:
        """Read captures in a process that reads nothing else, so that the one which kills it is known."""
        results: dict[int, ReadResult] = {}
        with self._alone, contextlib.ExitStack() as stack:
            pool: ProcessPoolExecutor | None = None
            for visit_id, capture in captures.items():
                if pool is None:
                    pool = _pool(1)
                    stack.callback(kill_pool, pool)
                try:
                    read = _result(_submit(pool, known, [capture]), is_over)
                except Exception as error:  # noqa: BLE001  (a process border)
                    _LOG.exception("visit %d stays unread: %s", visit_id, describe_failure(error))
                    results[visit_id] = reader_failed(capture, "", Cause.READER_DIED)
                    pool = None
                    continue
                if not read:
                    break
                results[visit_id] = read[0]
        return results


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), begin_worker)


def _submit(pool: ProcessPoolExecutor, profile: bytes, captures: list[Capture]) -> Future[list[ReadResult]]:
    with hide_main_module():
        return pool.submit(_read, profile, captures)


def _result(future: Future[list[ReadResult]], is_over: Callable[[], bool]) -> list[ReadResult]:
    """Return the results of a batch; none when the run is over before."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return future.result(timeout=_LOOK)
        except NotDone:
            if is_over():
                future.cancel()
                return []
            if time.monotonic() >= end:
                raise


# the code below runs in the worker


@functools.lru_cache(maxsize=256)
def _profile(data: bytes) -> Profile:
    profile: Profile = pickle.loads(data)  # noqa: S301  (made by the parent process)
    return profile


def _read(profile: bytes, captures: list[Capture]) -> list[ReadResult]:
    return [read_capture(capture, _profile(profile), None) for capture in captures]
