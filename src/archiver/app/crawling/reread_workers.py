"""Stored captures read anew by worker processes: each opens the archive itself, so that only readings travel."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Self

from archiver.crawl.reading import Reading, read_capture
from archiver.crawl.reading_bytes import as_bytes
from archiver.errors import ArchiveDamaged
from archiver.extract.fallback import guess_text
from archiver.model.capture import Outcome
from archiver.model.profile import Profile
from archiver.store.archive import Store

CHUNK = 40  # captures: a second of work at the most for pages that are read by rules
PATIENCE = 120.0  # seconds for a chunk; then its captures are read one by one
_AHEAD = 3  # chunks handed out for each worker
_HOPELESS = "its reader was cut off or took too long; the capture is kept"


class ReadAnew(NamedTuple):
    """A visit, and its reading as bytes; None when its body is damaged."""

    visit_id: int
    data: bytes | None


class Readers:
    """Worker processes over one site's captures. Use as a context manager."""

    def __init__(self, archive: Path, profile: Profile, workers: int | None = None) -> None:
        self._given = (archive, profile)
        self._workers = workers or max(os.cpu_count() or 1, 1)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()

    def read(self, numbers: Sequence[int]) -> Iterator[list[ReadAnew]]:
        """Read these visits, in their order, a chunk at a time.

        A capture that takes its reader down costs itself: it is unreadable, and the others of its chunk are read again.
        """
        waiting: deque[tuple[Sequence[int], Future[list[ReadAnew]]]] = deque()
        chunks = [numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)]
        for chunk in chunks:
            waiting.append((chunk, self._begun(chunk)))
            if len(waiting) > self._workers * _AHEAD:
                yield self._ended(waiting)
        while waiting:
            yield self._ended(waiting)

    def _ended(self, waiting: "deque[tuple[Sequence[int], Future[list[ReadAnew]]]]") -> list[ReadAnew]:
        chunk, future = waiting.popleft()
        try:
            return future.result(timeout=PATIENCE)
        except ArchiveDamaged:
            raise
        except Exception:  # noqa: BLE001  (a process border: whatever became of the worker stays there)
            self._let_go()
            found = [self._alone(number) for number in chunk]
            for place, (later, _) in enumerate(waiting):  # they went down with it
                waiting[place] = (later, self._begun(later))
            return found

    def _alone(self, number: int) -> ReadAnew:
        try:
            return self._begun([number]).result(timeout=PATIENCE)[0]
        except Exception:  # noqa: BLE001  (as above)
            self._let_go()
            return ReadAnew(number, as_bytes(Reading(Outcome.UNREADABLE, None, _HOPELESS)))

    def _begun(self, chunk: Sequence[int]) -> Future[list[ReadAnew]]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, self._given)
        with without_script():
            return self._pool.submit(_read, list(chunk))

    def _let_go(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):  # noqa: SLF001  (public from Python 3.14 on)
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


@contextlib.contextmanager
def without_script() -> Iterator[None]:
    """Begin worker processes without the caller's script.

    multiprocessing loads it in each, for work that is defined there; ours is not, and a script that crawls as soon as
    it is loaded would crawl again in the worker.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


# in the worker

_STORES: list[tuple[Store, Profile]] = []


def _begin(archive: Path, profile: Profile) -> None:
    """Open the archive; leave a Ctrl-C to the parent, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    _STORES[:] = [(Store.open(archive, write=False), profile)]


def end_with_parent() -> None:
    """Leave at once when the process that began this one is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _read(numbers: list[int]) -> list[ReadAnew]:
    store, profile = _STORES[0]
    return [ReadAnew(number, _one(store, profile, number)) for number in numbers]


def _one(store: Store, profile: Profile, number: int) -> bytes | None:
    try:
        capture = store.evidence.visit(number).capture
    except ArchiveDamaged:
        return None
    return as_bytes(read_capture(capture, profile, guess_text))
