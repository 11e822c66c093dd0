"""Read stored captures in worker processes. Each worker opens the archive, so that only results are sent back.

This is a process border: an error or a crash in a worker costs only the capture that it was reading.
"""

import logging
import multiprocessing
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NamedTuple, Self

from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.worker_process import (
    available_cores,
    begin_worker,
    expect_killed_workers,
    hide_main_module,
    kill_pool,
)
from archiver.crawl.read_capture import ReadResult, read_capture, read_quickly
from archiver.crawl.result_bytes import as_bytes
from archiver.crawl.unread import WorkerResult
from archiver.errors import ArchiveDamaged, ArchiveError, BodyPruned
from archiver.extract.fallback import guess_text
from archiver.extract.slow_steps import SlowSteps
from archiver.model.profile import Profile
from archiver.store.archive import Store

CHUNK = 40  # captures: at most a second of work for pages that are read by rules
PATIENCE = 120.0  # seconds for a chunk; then its captures are read one by one
_AHEAD = 3  # chunks that are queued for each worker

_LOG = logging.getLogger(__name__)


def describe_failure(error: Exception) -> str:
    """Return in plain words why a worker process gave no result."""
    if isinstance(error, BrokenProcessPool):
        return "a process that reads pages died (killed, out of memory, or a page crashed it)"
    if isinstance(error, TimeoutError):
        return f"a process that reads pages took longer than {PATIENCE:g} seconds"
    return f"a process that reads pages failed ({type(error).__name__}: {error})"


class RereadCapture(NamedTuple):
    """A visit and its result as bytes. The result is None when the body is damaged or (`died`) the worker died."""

    visit_id: int
    data: bytes | None
    died: bool = False


class RereadWorkers:
    """Worker processes over one site's captures. Use as a context manager.

    Args:
        archive: the path of the archive.
        profile: the profile that reads the site.
        workers: the number of processes; by default one for each core that this process may use.
        encode: encodes a result; the default leaves out links, which a re-reading does not need.
        quick: take no slow steps, and read links only where articles have several parts.
    """

    def __init__(
        self,
        archive: Path,
        profile: Profile,
        workers: int | None = None,
        encode: Callable[[ReadResult], bytes] = as_bytes,
        *,
        quick: bool = False,
    ) -> None:
        self._arguments = (archive, profile, encode, quick)
        self._workers = workers or available_cores()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()

    def read(self, numbers: Sequence[int]) -> Iterator[list[RereadCapture]]:
        """Read visits in order and yield the results in chunks.

        If the worker of a chunk dies or takes too long, its captures are read one by one.
        """
        waiting: deque[tuple[Sequence[int], Future[list[RereadCapture]]]] = deque()
        chunks = [numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)]
        for chunk in chunks:
            waiting.append((chunk, self._submit(chunk)))
            if len(waiting) > self._workers * _AHEAD:
                yield self._next_result(waiting)
        while waiting:
            yield self._next_result(waiting)

    def _next_result(self, waiting: "deque[tuple[Sequence[int], Future[list[RereadCapture]]]]") -> list[RereadCapture]:
        chunk, future = waiting.popleft()
        try:
            return future.result(timeout=PATIENCE)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001  (a process border)
            _LOG.warning("%s; the captures that it had are read one by one", describe_failure(error))
            self._kill()
            found = [self._read_one(number) for number in chunk]
            for place, (later, _) in enumerate(waiting):  # these chunks were killed with the pool
                waiting[place] = (later, self._submit(later))
            return found

    def _read_one(self, number: int) -> RereadCapture:
        try:
            return self._submit([number]).result(timeout=PATIENCE)[0]
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001  (a process border)
            _LOG.exception("visit %d stays unread: %s", number, describe_failure(error))
            self._kill()
            return RereadCapture(number, None, died=True)

    def _submit(self, chunk: Sequence[int]) -> Future[list[RereadCapture]]:
        if self._pool is None:
            expect_killed_workers()
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, self._arguments)
        with hide_main_module():
            return self._pool.submit(_read, list(chunk))

    def _kill(self) -> None:
        if self._pool is not None:
            kill_pool(self._pool)
            self._pool = None


def read_in_workers(archive: Path, profile: Profile) -> Callable[[Sequence[int]], Iterator[list[WorkerResult]]]:
    """Return a function that reads unread captures, including their links, in worker processes."""

    def read(numbers: Sequence[int]) -> Iterator[list[WorkerResult]]:
        workers = 1 if len(numbers) <= CHUNK else None
        with RereadWorkers(archive, profile, workers, pickle.dumps) as pool:
            for chunk in pool.read(numbers):
                yield [_unpacked(each) for each in chunk]

    return read


def _unpacked(reread: RereadCapture) -> WorkerResult:
    result = pickle.loads(reread.data) if reread.data is not None else None  # noqa: S301  (made by our own worker)
    return WorkerResult(reread.visit_id, result, reread.died)


# the code below runs in the worker

_ARGUMENTS: list[tuple[Store, Profile, Callable[[Any], bytes], bool]] = []
_STEPS = SlowSteps(guess_text, FallbackWorker().file_text)
"""A file that crashes its reader ends a process of this worker, and its digest is still known."""


def _begin(archive: Path, profile: Profile, encode: Callable[[Any], bytes], quick: bool) -> None:  # noqa: FBT001
    """Open the archive, and prepare the worker."""
    begin_worker()
    _ARGUMENTS[:] = [(Store.open(archive, write=False), profile, encode, quick)]


def _read(numbers: list[int]) -> list[RereadCapture]:
    return [RereadCapture(number, _one(number)) for number in numbers]


def _one(number: int) -> bytes | None:
    store, profile, encode, quick = _ARGUMENTS[0]
    try:
        capture = store.evidence.visit(number).capture
    except (ArchiveDamaged, BodyPruned):
        return None
    if quick:
        return encode(read_quickly(capture, profile))
    return encode(read_capture(capture, profile, _STEPS))
