"""Export the tables of many sites: threads ask for news, processes read shards. A site that fails costs only itself."""

import logging
import multiprocessing
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Self

from archiver.app.crawling.worker_process import available_cores, begin_worker, hide_main_module, kill_pool
from archiver.app.fleet.tables.export_site import SiteExport, SiteJob, export_site, up_to_date
from archiver.errors import ArchiverError
from archiver.export.parquet import need_pyarrow

_ASKING = 16  # threads that wait for answers of the storage
_TRIES = 2
_DIED = "the process that exported it died (killed, or out of memory)"
_LOG = logging.getLogger(__name__)


def export_sites(jobs: Sequence[SiteJob], processes: int | None = None) -> Iterator[SiteExport]:
    """Export sites; yield what was done for each, in the order in which they end. An interrupted export goes on later.

    Args:
        jobs: the sites.
        processes: how many read shards at once; by default one for each core. 1: this process itself.

    Raises:
        UsageError: pyarrow is not installed.
    """
    need_pyarrow()
    with (
        _Exporters(processes or available_cores(), in_process=processes == 1) as exporters,
        ThreadPoolExecutor(min(_ASKING, max(1, len(jobs)))) as threads,
    ):
        futures = [threads.submit(exporters.export, job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            exporters.close()


class _Exporters:
    """The processes that read shards, one site each at a time. One that dies is replaced, and its site is tried again.

    Args:
        processes: how many.
        in_process: this process reads shards, one after the other.
    """

    def __init__(self, processes: int, *, in_process: bool) -> None:
        self._in_process = in_process
        self._all = [_ExportProcess() for _ in range(processes)]
        self._free: queue.SimpleQueue[_ExportProcess] = queue.SimpleQueue()
        for each in self._all:
            self._free.put(each)
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the processes, and start no others."""
        self._is_closed = True
        for each in self._all:
            each.close()

    def export(self, job: SiteJob) -> SiteExport:
        """Export a site if there is something new; return what was done, or why it failed."""
        try:
            return up_to_date(job) or self._run(job)
        except ArchiverError as error:
            return SiteExport(job.site, "failed", why=str(error))
        except Exception as error:  # noqa: BLE001  (a process border)
            if self._is_closed:
                return SiteExport(job.site, "failed", why="interrupted")
            _LOG.error("export of %s", job.site, exc_info=error)
            return SiteExport(job.site, "failed", why=f"a bug of archiver ({type(error).__name__}); the log has more")

    def _run(self, job: SiteJob) -> SiteExport:
        process = self._free.get()
        try:
            if self._is_closed:
                raise CancelledError
            return export_site(job) if self._in_process else process.export(job)
        finally:
            self._free.put(process)


class _ExportProcess:
    """One process that exports sites, used by one thread at a time. It starts with the first site."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._is_closed = False

    def export(self, job: SiteJob) -> SiteExport:
        """Export a site. When the process dies, another one tries again, once.

        Raises:
            CancelledError: it was closed.
        """
        for _ in range(_TRIES):
            pool = self._started()
            try:
                return _submitted(pool, job).result()
            except BrokenProcessPool:
                self._drop(pool)
        return SiteExport(job.site, "failed", why=_DIED)

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._is_closed:
                raise CancelledError
            if self._pool is None:
                self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), begin_worker)
            return self._pool

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        """Wait until a broken pool has closed its pipes; the next one opens others."""
        with self._lock:
            self._pool = None
        pool.shutdown(wait=True)

    def close(self) -> None:
        """Kill the process, and start no other."""
        with self._lock:
            self._is_closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            kill_pool(pool)


def _submitted(pool: ProcessPoolExecutor, job: SiteJob) -> Future[SiteExport]:
    try:
        with hide_main_module():
            return pool.submit(export_site, job)
    except OSError as error:
        raise BrokenProcessPool("the process died while it started") from error
