"""The last fallback (trafilatura, 30-40 ms a page) in a process of its own, so that a crawl never waits for it long."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Self, TypeVar

from archiver.app.readers import end_with_parent, without_script
from archiver.crawl.reading import Reading, read_capture, read_slowly
from archiver.extract.read import read_without_fallback
from archiver.model.capture import Capture, Outcome
from archiver.model.profile import Profile
from archiver.model.record import Record

T = TypeVar("T")

PATIENCE = 30.0  # seconds for one page; then it counts as one that cannot be read


class SlowReading:
    """A worker process, started when the first page needs it."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._alone = threading.Lock()  # a page's patience is not spent on waiting behind another

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, capture: Capture, profile: Profile) -> Record:
        """Read with the last fallback, in the worker.

        A page that takes the worker down or takes too long, and a machine that starts none, cost the body and nothing
        else: the record is what the page itself says, with a note. The next page gets a new worker.
        """
        with self._alone:
            return self._read(capture, profile)

    def _read(self, capture: Capture, profile: Profile) -> Record:
        try:
            return self._begun(read_slowly, capture, profile).result(timeout=PATIENCE)
        except Exception as error:  # noqa: BLE001  (a process border: whatever became of the worker stays there)
            self._let_go()
            return read_without_fallback(capture, profile, f"the reader gave up on this page: {type(error).__name__}")

    def apart(self, capture: Capture, profile: Profile) -> Reading:
        """Read in the worker a page whose reader was cut off before: if it takes the worker down, it is unreadable."""
        with self._alone:
            try:
                return self._begun(read_capture, capture, profile, read_slowly).result(timeout=PATIENCE)
            except Exception as error:  # noqa: BLE001  (as above)
                self._let_go()
                why = f"it took its reader down ({type(error).__name__}); the capture is kept"
                return Reading(Outcome.UNREADABLE, None, why)

    def _begun(self, work: Callable[..., T], *given: object) -> Future[T]:
        """Work handed to the worker."""
        pool = self._worker()
        with without_script():
            return pool.submit(work, *given)

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_serve_the_crawl
            )
        return self._pool

    def _let_go(self) -> None:
        """End the worker, however deep it is in a page: one that hangs would keep us from ending, too."""
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):  # noqa: SLF001  (public from Python 3.14 on)
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _serve_the_crawl() -> None:
    """Finish the page on a Ctrl-C, which reaches every process of the terminal; end when the crawl was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
