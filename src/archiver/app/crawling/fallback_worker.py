"""The last fallback (trafilatura, 30-40 ms a page) in a process of its own, so that a crawl never waits for it long."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Self, TypeVar

from archiver.app.crawling.reread_workers import end_with_parent, without_script
from archiver.crawl.reading import Reading, read_capture
from archiver.extract.fallback import FallbackFailed, guess_text
from archiver.model.capture import Capture, Outcome
from archiver.model.profile import Profile

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

    def guess(self, html: str, url: str) -> str:
        """Ask the last fallback for the main text of a page, in the worker; see `guess_text`.

        Raises:
            FallbackFailed: it failed there, took the worker down, took too long, or no worker could be started. The
                next page gets a new worker.
        """
        with self._alone:
            try:
                return self._begun(guess_text, html, url).result(timeout=PATIENCE)
            except FallbackFailed:
                raise
            except Exception as error:
                self._let_go()
                raise FallbackFailed(f"the reader gave up on this page: {type(error).__name__}") from error

    def apart(self, capture: Capture, profile: Profile) -> Reading:
        """Read in the worker a page whose reader was cut off before: if it takes the worker down, it is unreadable."""
        with self._alone:
            try:
                return self._begun(read_capture, capture, profile, guess_text).result(timeout=PATIENCE)
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
