"""A worker of a fleet: one process, one thread for each site that it crawls, and one that renews all leases.

    claim sites that are due  →  a thread each: `site_work`  →  the lease ends  →  claim others

When the worker is to end, it claims no more; crawls end after the requests under way, their pages are shipped, and the
leases are finished.
"""

import math
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archiver.app.crawling.crawl_pools import crawl_pools
from archiver.app.fleet.held_leases import HeldLease, HeldLeases
from archiver.app.fleet.worker.shard_cache import ShardCache
from archiver.app.fleet.worker.site_work import SiteWork, WorkTools
from archiver.app.fleet.worker.watchdog import Watchdog
from archiver.app.fleet.worker.worker_events import Listen, WorkerCounts, WorkerEvent
from archiver.app.fleet.worker.worker_metrics import MetricSample, MetricsFile
from archiver.errors import FleetUnavailable, UsageError
from archiver.fleet.object_storage import open_storage
from archiver.model.deadline import steady_seconds
from archiver.model.lease import FleetSite, Leases
from archiver.settings import Settings

GIGABYTE = 10**9
_IDLE = 10.0
"""Seconds after which an idle worker looks again, whatever it was told: another one may have ended a lease early."""
_HANGS = 5
"""A process that could do nothing for so many times a lease is ended."""
_SHORTEST_IDLE = 0.2
_REST = 60.0
"""Seconds without a claim after an error of this machine: a full disk would fail one site after the other."""
_SOON = 60.0
"""Seconds: with `once`, a site that is due, and whose server may be requested so soon, is waited for."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker works.

    Attributes:
        shards: the folder of the working copies.
        sites: how many sites it crawls at once.
        slice_seconds: how long a crawl lasts before its pages are shipped.
        lease_seconds: how long a lease lasts without a renewal.
        cache_bytes: of the working copies that are not in use.
        once: end when nothing is due any longer.
        metrics: the file for Prometheus' textfile collector.
    """

    shards: Path
    sites: int = 8
    slice_seconds: float = 600.0
    lease_seconds: float = 120.0
    cache_bytes: int = 20 * GIGABYTE
    once: bool = False
    metrics: Path | None = None


def worker_name() -> str:
    """Return a new name for a worker: `HOST:PID:RANDOM`."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{os.urandom(3).hex()}"


class Worker:
    """A worker. `run` returns when it has ended.

    Args:
        leases: the control database.
        settings: the clock, the retries and the file of the servers' rate limits.
        options: how it works.
        listen: called with each event, from any thread.
        note: called with a message about a site, or "" for the worker, from any thread.
        visited: called for each visit, from any thread.
    """

    def __init__(
        self,
        leases: Leases,
        settings: Settings,
        options: WorkerOptions,
        *,
        listen: Listen,
        note: Callable[[str, str], None],
        visited: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = worker_name()
        self.counts = WorkerCounts()
        self._leases = leases
        self._settings = settings
        self._options = options
        self._listen = listen
        self._note = note
        self._visited = visited
        self._is_ending = self._is_end_told = False
        self._wake: queue.SimpleQueue[threading.Thread | None] = queue.SimpleQueue()
        self._running: dict[str, threading.Thread] = {}
        self._is_troubled = False
        self._fault: UsageError | None = None
        self._rests_until = -math.inf
        self._held = HeldLeases(leases, self.name, options.lease_seconds, lambda text: note("", text))

    def end(self) -> None:
        """Let the worker end in order. A signal handler may call this."""
        self._is_ending = True
        self._wake.put(None)

    def run(self) -> None:
        """Work until `end` is called, or, with `once`, until nothing is due.

        Raises:
            FleetUnavailable: with `once`, the control database does not answer and nothing is being crawled.
            UsageError: the folder of the working copies cannot be written; or this archiver cannot use the
                storage or the control database. What was crawled is stored first.
        """
        options = self._options
        with suppress(FleetUnavailable):  # it is asked again for the first sites
            if place := self._leases.storage():
                open_storage(place)
        with ExitStack() as stack:
            cache = stack.enter_context(ShardCache(options.shards, options.cache_bytes))
            if options.metrics is not None:
                stack.enter_context(MetricsFile(options.metrics, self.samples))
            stack.enter_context(Watchdog(_HANGS * options.lease_seconds))
            stack.enter_context(self._held)
            pools = stack.enter_context(crawl_pools())
            tools = WorkTools(
                self._leases,
                self.name,
                self._settings,
                cache,
                pools,
                options.slice_seconds,
                listen=self._tell,
                note=self._note,
                visited=self._visited,
                may_go_on=self._may_go_on,
                is_ending=lambda: self._is_ending,
                rest=self._rest,
            )
            while self._step(tools):
                pass
        if self._fault is not None:
            raise self._fault

    def _step(self, tools: WorkTools) -> bool:
        """Claim sites, and wait until something happens; return whether there is more to do."""
        self._reap(tools.cache)
        if self._is_ending:
            self._held.stop_all()
            if not self._running:
                return False
            if not self._is_end_told:
                self._note(
                    "", "ending: what was fetched is stored, and the sites are given back; a second signal ends at once"
                )
                self._is_end_told = True
            self._sleep(_IDLE)
            return True
        try:
            claimed = self._claim(tools)
            wait = _IDLE if self._is_full else _SHORTEST_IDLE if claimed else self._seconds_to_next()
        except UsageError as error:  # such as a control database that a newer archiver has upgraded
            self._fault, self._is_ending = error, True
            return True
        except FleetUnavailable as error:
            if self._options.once and not self._running:
                raise
            self._trouble(str(error))
            wait = _IDLE
        if wait is None:
            return False
        self._sleep(wait)
        return True

    @property
    def _is_full(self) -> bool:
        return len(self._running) >= self._options.sites

    def _claim(self, tools: WorkTools) -> int:
        """Claim sites for all free places; return how many were due."""
        if self._is_full or time.monotonic() < self._rests_until:
            return 0
        claimed = self._held.claim(self._options.sites - len(self._running))
        self._trouble("")
        for held in claimed:
            before = self._running.get(held.lease.site)
            thread = threading.Thread(target=self._work, args=(tools, held, before), name=held.lease.site, daemon=True)
            self._running[held.lease.site] = thread
            thread.start()
        return len(claimed)

    def _work(self, tools: WorkTools, held: HeldLease, before: threading.Thread | None) -> None:
        """Do the work on a lease, after that on an earlier one of the same site, which was lost and still ends."""
        try:
            if before is not None:
                before.join()
            SiteWork(tools, held).run()
        finally:
            self._held.forget(held)
            self._wake.put(threading.current_thread())

    def _reap(self, cache: ShardCache) -> None:
        """Forget the threads that have ended, and bound the copies that they leave."""
        ended = [site for site, thread in self._running.items() if not thread.is_alive()]
        for site in ended:
            del self._running[site]
        if ended:
            cache.trim(set(self._running))

    def _seconds_to_next(self) -> float | None:
        """Return the seconds until the next look; None: nothing is due, and the worker is to end then."""
        due = self._leases.due()
        if due == 0 and time.monotonic() < self._rests_until:
            return _IDLE
        if self._options.once and not self._running and due != 0 and not self._is_due_soon():
            return None
        return _IDLE if due is None else min(max(due, _SHORTEST_IDLE), _IDLE)

    def _is_due_soon(self) -> bool:
        now, sites = self._leases.sites()
        return any(_is_due_soon(each, now) for each in sites)

    def _sleep(self, seconds: float) -> None:
        """Wait; a thread that ends, or `end`, ends the wait."""
        with suppress(queue.Empty):
            ended = self._wake.get(timeout=seconds)
            while True:
                if ended is not None:
                    ended.join()
                ended = self._wake.get_nowait()

    def _may_go_on(self, site: str) -> bool:
        """Whether another slice of a site may follow: it is not paused, and takes no other site's place."""
        try:
            paused = any(each.is_paused for each in self._leases.sites(site)[1])
            return not self._is_ending and not paused and not (self._is_full and self._leases.due() == 0)
        except FleetUnavailable:
            return True  # as long as the lease is held

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + _REST

    def _tell(self, event: WorkerEvent) -> None:
        self.counts.add(event)
        self._listen(event)

    def _trouble(self, what: str) -> None:
        """Say once that the control database does not answer, and once that it answers again."""
        if what and not self._is_troubled:
            self._note("", f"no site can be claimed: {what}")
        if not what and self._is_troubled:
            self._note("", "the control database answers again")
        self._is_troubled = bool(what)

    def samples(self) -> list[MetricSample]:
        """Return the values of the metrics now."""
        counts, held = self.counts, self._held
        renewed = held.renewed_at
        found = [
            MetricSample("leases_held", len(held.held)),
            MetricSample("slices_total", counts.of("slice")),
            MetricSample("visits_total", counts.of("visits")),
            MetricSample("shipped_bytes_total", counts.of("bytes")),
            MetricSample("leases_claimed_total", counts.of("claimed")),
            MetricSample("leases_finished_total", counts.of("finished")),
            MetricSample("leases_lost_total", counts.of("lost")),
            *(
                MetricSample("failures_total", count, {"kind": kind})
                for kind, count in sorted(counts.failures().items())
            ),
        ]
        if (left := held.least_left) is not None:
            found.append(MetricSample("lease_seconds_left", left))
        if renewed is not None:
            now = self._settings.clock().timestamp()
            found.append(MetricSample("lease_renewed_timestamp_seconds", now - (steady_seconds() - renewed)))
        return found


def _is_due_soon(site: FleetSite, now: datetime) -> bool:
    """Whether a site is due that nobody crawls, and whose server may be requested soon."""
    return site.state(now) == "waiting" and site.due_at <= now and site.not_before <= now + timedelta(seconds=_SOON)
