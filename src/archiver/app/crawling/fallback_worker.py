"""The last fallback (trafilatura, 30-40 ms a page) in a process of its own, with a time limit for each page."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import Self

from archiver.app.crawling.reread_workers import begin_worker, kill_pool, without_script
from archiver.extract.fallback import FallbackFailed, guess_text

PATIENCE = 30.0  # seconds for one page; then its body counts as not read


class FallbackWorker:
    """A worker process, started when the first page needs it. Use as a context manager."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._alone = threading.Lock()  # a page's time is not spent on waiting behind another

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def guess(self, html: str, url: str) -> str:
        """Ask the last fallback for the main text of a page, in the worker; see `guess_text`.

        Raises:
            FallbackFailed: it failed there, killed the worker, took too long, or no worker could be started. The next
                page gets a new worker.
        """
        with self._alone:
            try:
                with without_script():
                    future = self._worker().submit(guess_text, html, url)
                return future.result(timeout=PATIENCE)
            except FallbackFailed:
                raise
            except Exception as error:
                self._let_go()
                raise FallbackFailed(f"the worker gave up on this page: {type(error).__name__}") from error

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=begin_worker
            )
        return self._pool

    def _let_go(self) -> None:
        """End the worker, also one that hangs: it would keep this process from ending."""
        if self._pool is not None:
            kill_pool(self._pool)
            self._pool = None
