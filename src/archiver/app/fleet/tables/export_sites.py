"""Export the tables of many sites: threads ask for news, processes read shards. A site that fails costs only itself."""

import logging
import multiprocessing
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Self

from archiver.app.crawling.worker_process import available_cores, begin_worker, hide_main_module, kill_pool
from archiver.app.fleet.tables.export_site import SiteExport, SiteJob, export_site, up_to_date
from archiver.errors import ArchiverError
from archiver.export.parquet import need_pyarrow

_ASKING = 16  # threads that wait for answers of the storage
_WAIT = 10.0  # seconds until a killed process has ended
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
    """The processes that read shards. A process that dies ends its pool: each site of it is tried again alone.

    Args:
        processes: how many.
        in_process: this process reads shards, one after the other.
    """

    def __init__(self, processes: int, *, in_process: bool) -> None:
        self._processes = processes
        self._in_process = in_process
        self._lock = threading.Lock()
        self._alone = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._pools: list[ProcessPoolExecutor] = []  # all that were started
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the processes, and start no others."""
        with self._lock:
            self._is_closed = True
            for each in self._pools:
                kill_pool(each)

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
        if self._in_process:
            with self._alone:
                self._demand_open()
                return export_site(job)
        with self._lock:
            pool = self._pool = self._pool or self._new_pool(self._processes)
        try:
            return _submitted(pool, job)
        except BrokenProcessPool:
            with self._lock:
                if self._pool is pool:
                    self._pool = None
            kill_pool(pool, _WAIT)
        with self._alone:
            with self._lock:
                alone = self._new_pool(1)
            try:
                return _submitted(alone, job)
            except BrokenProcessPool:
                self._demand_open()
                return SiteExport(job.site, "failed", why=_DIED)
            finally:
                kill_pool(alone)

    def _new_pool(self, processes: int) -> ProcessPoolExecutor:
        self._demand_open()
        pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), begin_worker)
        self._pools.append(pool)
        return pool

    def _demand_open(self) -> None:
        if self._is_closed:
            raise CancelledError


def _submitted(pool: Executor, job: SiteJob) -> SiteExport:
    """Export a site in a process of a pool.

    Raises:
        BrokenProcessPool: a process of the pool died, perhaps while it started, or the pool was killed.
    """
    try:
        with hide_main_module():
            future = pool.submit(export_site, job)
    except (OSError, RuntimeError) as error:
        raise BrokenProcessPool(str(error)) from error
    try:
        return future.result()
    except CancelledError as error:
        raise BrokenProcessPool("another site ended it") from error
