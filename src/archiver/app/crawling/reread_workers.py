"""Stored captures read by worker processes. Each opens the archive itself, so that only results travel.

A process border: whatever happens to a worker stays there, and costs the capture it was reading.
"""

import contextlib
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Self

from archiver.crawl.read_capture import ReadResult, read_capture
from archiver.crawl.result_bytes import as_bytes
from archiver.crawl.unread import WorkerResult
from archiver.errors import ArchiveDamaged, ArchiveError
from archiver.extract.fallback import guess_text
from archiver.model.profile import Profile
from archiver.store.archive import Store

CHUNK = 40  # captures: a second of work at the most for pages that are read by rules
PATIENCE = 120.0  # seconds for a chunk; then its captures are read one by one
_AHEAD = 3  # chunks handed out for each worker

_LOG = logging.getLogger(__name__)


class Reread(NamedTuple):
    """A visit, and its result as bytes. None when its body is damaged or, if `died`, when its worker died."""

    visit_id: int
    data: bytes | None
    died: bool = False


class RereadWorkers:
    """Worker processes over one site's captures. Use as a context manager.

    Args:
        archive: its path.
        profile: how the site is read.
        workers: how many processes; by default one a core.
        encode: how results travel; by default without links, as a re-reading needs them.
    """

    def __init__(
        self,
        archive: Path,
        profile: Profile,
        workers: int | None = None,
        encode: Callable[[ReadResult], bytes] = as_bytes,
    ) -> None:
        self._given = (archive, profile, encode)
        self._workers = workers or max(os.cpu_count() or 1, 1)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()

    def read(self, numbers: Sequence[int]) -> Iterator[list[Reread]]:
        """Read visits, in their order, a chunk at a time.

        Of a chunk whose worker died, or took too long, the captures are read one by one.
        """
        waiting: deque[tuple[Sequence[int], Future[list[Reread]]]] = deque()
        chunks = [numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)]
        for chunk in chunks:
            waiting.append((chunk, self._begun(chunk)))
            if len(waiting) > self._workers * _AHEAD:
                yield self._ended(waiting)
        while waiting:
            yield self._ended(waiting)

    def _ended(self, waiting: "deque[tuple[Sequence[int], Future[list[Reread]]]]") -> list[Reread]:
        chunk, future = waiting.popleft()
        try:
            return future.result(timeout=PATIENCE)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001  (a process border)
            _LOG.warning("a reading process died or took too long (%r); its captures are read one by one", error)
            self._let_go()
            found = [self._alone(number) for number in chunk]
            for place, (later, _) in enumerate(waiting):  # they went down with it
                waiting[place] = (later, self._begun(later))
            return found

    def _alone(self, number: int) -> Reread:
        try:
            return self._begun([number]).result(timeout=PATIENCE)[0]
        except ArchiveError:
            raise
        except Exception:  # noqa: BLE001  (a process border)
            _LOG.exception("the process that read visit %d died or took too long", number)
            self._let_go()
            return Reread(number, None, died=True)

    def _begun(self, chunk: Sequence[int]) -> Future[list[Reread]]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, self._given)
        with without_script():
            return self._pool.submit(_read, list(chunk))

    def _let_go(self) -> None:
        if self._pool is not None:
            kill_pool(self._pool)
            self._pool = None


def read_apart(archive: Path, profile: Profile) -> Callable[[Sequence[int]], Iterator[list[WorkerResult]]]:
    """Return what reads captures nobody has read, links and all, in worker processes."""

    def read(numbers: Sequence[int]) -> Iterator[list[WorkerResult]]:
        workers = 1 if len(numbers) <= CHUNK else None
        with RereadWorkers(archive, profile, workers, pickle.dumps) as pool:
            for chunk in pool.read(numbers):
                yield [_unpacked(each) for each in chunk]

    return read


def _unpacked(reread: Reread) -> WorkerResult:
    result = pickle.loads(reread.data) if reread.data is not None else None  # noqa: S301  (of our own process)
    return WorkerResult(reread.visit_id, result, reread.died)


def kill_pool(pool: ProcessPoolExecutor) -> None:
    """End worker processes at once."""
    for process in list((pool._processes or {}).values()):  # noqa: SLF001  (public from Python 3.14 on)
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


@contextlib.contextmanager
def without_script() -> Iterator[None]:
    """Begin worker processes without the caller's script.

    multiprocessing loads it in each, for work that is defined there. Ours is not, and a script that crawls as soon as
    it is loaded would crawl again in the worker.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


# in the worker

_GIVEN: list[tuple[Store, Profile, Callable[[Any], bytes]]] = []


def _begin(archive: Path, profile: Profile, encode: Callable[[Any], bytes]) -> None:
    """Open the archive."""
    begin_worker()
    _GIVEN[:] = [(Store.open(archive, write=False), profile, encode)]


def begin_worker() -> None:
    """Leave signals to the parent, and end when it is gone.

    A Ctrl-C or a closed terminal reaches every process of the group. A worker that ended by it would count against the
    page that it reads. Its log is silent: what went wrong is in the result, which the parent logs.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    log = logging.getLogger("archiver")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Leave at once when the process that began this one is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _read(numbers: list[int]) -> list[Reread]:
    return [Reread(number, _one(number)) for number in numbers]


def _one(number: int) -> bytes | None:
    store, profile, encode = _GIVEN[0]
    try:
        capture = store.evidence.visit(number).capture
    except ArchiveDamaged:
        return None
    return encode(read_capture(capture, profile, guess_text))
