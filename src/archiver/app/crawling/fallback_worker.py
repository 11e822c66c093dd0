"""Take the slow steps of reading in a worker process: the last fallback (trafilatura), and the text of files.

Each page or file has a time limit, and the worker a memory limit. What crashes a library ends only the worker.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, Self, TypeVar

from archiver.app.crawling.worker_process import (
    begin_worker,
    expect_killed_workers,
    hide_main_module,
    kill_pool,
    limit_memory,
)
from archiver.extract.fallback import FallbackFailed, guess_text
from archiver.extract.file_format import FileFormat
from archiver.extract.file_text import FileText, FileUnreadable, file_text

PATIENCE = 30.0  # seconds for one page or file; then its body counts as unread
_MEMORY = 1_000_000_000
"""Bytes that the worker may use; a library that needs more fails or dies."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


class FallbackWorker:
    """A worker process, started when the first page or file needs it. Use as a context manager."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._alone = threading.Lock()  # one at a time, so that the time limit does not include waiting

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()  # an interrupted run does not wait for a file on which the worker hangs

    def guess(self, html: str, url: str) -> str:
        """Return the main text of a page, extracted by `guess_text` in the worker process.

        Raises:
            FallbackFailed: it raised an error, killed the worker, took too long, or no worker could be started. The
                next page gets a new worker.
        """
        return self._run("page", guess_text, html, url)

    def file_text(self, body: bytes, form: FileFormat) -> FileText:
        """Return the text of a file, read by `file_text` in the worker process.

        Raises:
            FileUnreadable: the file is broken, protected, or above a limit.
            FallbackFailed: it killed the worker, took too long, or no worker could be started.
        """
        return self._run("file", file_text, body, form)

    def _run(self, what: str, step: Callable[_P, _R], *arguments: _P.args, **others: _P.kwargs) -> _R:
        with self._alone:
            try:
                with hide_main_module():
                    future = self._worker().submit(step, *arguments, **others)
                return future.result(timeout=PATIENCE)
            except (FallbackFailed, FileUnreadable):
                raise
            except Exception as error:
                self._kill()
                raise FallbackFailed(f"the worker failed on this {what}: {type(error).__name__}") from error

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            expect_killed_workers()
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
        return self._pool

    def _kill(self) -> None:
        """Kill the worker, even if it hangs, so that it cannot keep this process from ending."""
        if self._pool is not None:
            kill_pool(self._pool)
            self._pool = None


def _begin() -> None:
    begin_worker()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library prints while it crashes is not for people
    limit_memory(_MEMORY)
