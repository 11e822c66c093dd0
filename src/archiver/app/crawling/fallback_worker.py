"""Run the last fallback (trafilatura, 30-40 ms a page) in a worker process, with a time limit for each page."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import Self

from archiver.app.crawling.reread_workers import begin_worker, hide_main_module, kill_pool
from archiver.extract.fallback import FallbackFailed, guess_text

PATIENCE = 30.0  # seconds for one page; then its body counts as unread


class FallbackWorker:
    """A worker process, started when the first page needs it. Use as a context manager."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._alone = threading.Lock()  # one page at a time, so that the time limit does not include waiting

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def guess(self, html: str, url: str) -> str:
        """Return the main text of a page, extracted by `guess_text` in the worker process.

        Raises:
            FallbackFailed: it raised an error, killed the worker, took too long, or no worker could be started. The
                next page gets a new worker.
        """
        with self._alone:
            try:
                with hide_main_module():
                    future = self._worker().submit(guess_text, html, url)
                return future.result(timeout=PATIENCE)
            except FallbackFailed:
                raise
            except Exception as error:
                self._kill()
                raise FallbackFailed(f"the worker failed on this page: {type(error).__name__}") from error

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=begin_worker
            )
        return self._pool

    def _kill(self) -> None:
        """Kill the worker, even if it hangs, so that it cannot keep this process from ending."""
        if self._pool is not None:
            kill_pool(self._pool)
            self._pool = None
