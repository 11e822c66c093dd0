"""Crawls one site: fetches due pages at the servers' pace and writes captures in batches, until done or stopped.

Theory of operation. Three things run at the same time: up to `connections` requests; a batch of captures that is read
and settled while the next one is kept (`batch_writer`); and this loop, which takes due pages from the frontier, starts
requests and hands captures to the writer. Only the writer thread uses the archive.

A batch is written when fifty captures wait, or two seconds after the first one was fetched, or at once when a free
connection has no page to fetch (`CrawlWork.seconds_to_write`). So a slow crawl also commits several pages together, and
two seconds of captures at most are unwritten when the process dies. The frontier stores which run took which page, so a
run visits a page once. A page that was fetched and not kept when the process died is fetched again.
"""

import asyncio
import functools
import math
import time
from collections.abc import Callable
from typing import TypeVar

from archiver.crawl.batch_writer import BatchWriter
from archiver.crawl.crawl_options import CrawlOptions
from archiver.crawl.crawl_work import CrawlWork
from archiver.crawl.due_pages import DuePages
from archiver.crawl.fetched import Fetched, NonPageCapture
from archiver.crawl.host_memory import HostMemory
from archiver.crawl.omissions import omissions
from archiver.crawl.page_fetcher import PageFetcher
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.process_state import ProcessState
from archiver.crawl.render_pages import PageRenderer
from archiver.crawl.requisites import RequisiteBudget
from archiver.crawl.site import WorkingSite, named_addresses, seeds
from archiver.crawl.site_lists import stored_robots
from archiver.crawl.unread import UnreadCaptures
from archiver.fetch.address_guard import AddressGuard
from archiver.fetch.http import Client
from archiver.model.capture import Request
from archiver.model.clock import Clock
from archiver.model.event import Listener, Noticed
from archiver.model.policy import Retries, limits_of
from archiver.model.reason import ReasonCode
from archiver.polite.polite_client import PoliteClient
from archiver.polite.rate_limiter import SharedHosts
from archiver.polite.stop import ServerSuspended, StopFlag, Stopped
from archiver.store.archive import Store
from archiver.store.frontier import Due
from archiver.store.pages import REQUISITE

UNWRITTEN = 200  # captures that may wait for the writer; the crawl pauses fetching at this number
_MAX_BATCHES = 2  # at the same time: one is read while the next one is kept
_IDLE_WAIT = 0.05  # seconds
_STOP_CHECK = 0.5  # seconds between two looks at the stop flag
_REFILL = 20  # pages taken from the frontier at once; a page is about 1 kB, and a process may crawl hundreds of sites

T = TypeVar("T")


class Crawler:
    """One crawl of one site."""

    def __init__(
        self,
        store: Store,
        site: WorkingSite,
        pipeline: Pipeline,
        unread: UnreadCaptures,
        *,
        agent: str,
        clock: Clock,
        options: CrawlOptions,
        listen: Listener,
        stop: StopFlag,
        retries: Retries | None = None,
        shared_hosts: SharedHosts | None = None,
        guard: AddressGuard | None = None,
    ) -> None:
        self._guard, self._shared_hosts = guard, shared_hosts
        self._store, self._site = store, site
        self._pipeline = pipeline
        self._unread = unread
        self._agent = agent
        self._clock = clock
        self._options = options
        self._listen = listen
        self._stop = stop
        self._retries = retries
        self._work = CrawlWork()
        self._seeds = list(dict.fromkeys(seeds(site.profile)))
        self._due = DuePages(
            store,
            site,
            pipeline.run_id,
            pipeline.schedule.planner,
            clock,
            seeds=self._seeds,
            everything=options.everything,
            is_cut=pipeline.discoverer.is_cut,
        )
        self._deadline: float | None = None
        self._limit = options.limit
        self._budget = RequisiteBudget(site.profile.crawl)
        self.seconds = 0.0
        """Wall time of the run. Set when the run has ended."""
        self.unvisited = 0
        """Pages that were due and not visited because their server is suspended."""
        self.cause = ""
        """Why the last server was suspended."""

    async def crawl(self, process: ProcessState) -> str:
        """Visit the pages that are due; return how the crawl ended: done, stopped, limit or interrupted."""
        self._process = process
        self._fetcher = PageFetcher(self._store, self._site, self._page_renderer(process))
        self._writer = BatchWriter(
            self._pipeline, process.writer, process.readers, self._due.count, self._stop, process.elsewhere
        )
        self._started = started = time.monotonic()
        self._deadline = None if self._options.seconds is None else started + self._options.seconds
        rules = self._site.profile.crawl
        async with Client(
            *(limits_of(rules), self._agent, self._clock, process.idle, self._guard),
            may_send=self._stop.check,
            wants_json=self._site.is_api,
        ) as client:
            memory = HostMemory(self._store, self._pipeline, process.writer)
            polite_client = PoliteClient(
                client,
                rules,
                self._agent,
                memory,
                self._clock,
                delays=process.delays,
                limits=process.limits,
                is_stopping=self._is_stopping,
                is_crawl=True,
                named=named_addresses(self._site.profile),
                on_wait=self._report,
                retries=self._retries,
                on_suspended=self._report_suspended,
                last_good=self._work.good_request,
                on_check=self._work.add_check,
                shared_hosts=self._shared_hosts,
            )
            await self._in_thread(self._seed)
            if probe := await self._in_thread(self._probe_address):
                self._work.fetching.add(asyncio.create_task(self._probe(polite_client, probe)))
            try:
                while await self._step(polite_client):
                    pass
            finally:
                for task in self._work.fetching | self._work.writing:
                    if not task.cancel() and not task.cancelled():
                        task.exception()  # the first one is raised; asyncio need not report the others
                process.memory.remove(self)
                self.seconds = time.monotonic() - started
                self._report_omissions()
        return self._ending()

    def _page_renderer(self, process: ProcessState) -> PageRenderer | None:
        if not self._site.profile.may_render:
            return None
        return PageRenderer(self._site, process.renderer, self._pipeline.steps)

    def _probe_address(self) -> str | None:
        return self._pipeline.soft_404.probe_address(self._clock(), self._pipeline.discoverer.size)

    def _report(self, message: str) -> None:
        self._listen(Noticed(self._site.name, message))

    def _report_suspended(self, why: str) -> None:
        self.cause = why
        self._report(why)

    def _report_omissions(self) -> None:
        for each in omissions(self._pipeline):
            self._report(each)

    def _ending(self) -> str:
        if self._stop.wanted:
            return "interrupted"
        if self._is_limit_reached():
            return "limit"
        return "stopped" if self.unvisited else "done"

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._process.writer, work)

    def _seed(self) -> None:
        read = self._unread.read()
        if read:
            self._report(f"{read} captures that an earlier run left unread were read")
        now, schedule = self._clock(), self._pipeline.schedule
        with self._store.transaction():
            self._pipeline.start(stored_robots(self._store, self._site.profile.site.home), self._seeds)
            if self._options.budget is not None:
                schedule.planner.budget = self._options.budget
            schedule.refit(now)
        allowed = None if self._options.everything else schedule.visits_left(now, self._pipeline.run_id)
        self._limit = min((limit for limit in (self._options.limit, allowed) if limit is not None), default=None)

    # one step of the loop

    async def _step(self, polite_client: PoliteClient) -> bool:
        """Start requests and batches, and wait until one ends; return False when nothing is left to do."""
        work = self._work
        await self._refill()
        self._start(polite_client)
        now = time.monotonic()
        is_urgent = self._is_ending() or self._process.memory.is_reached
        seconds = min(work.seconds_to_write(now, now - self._started), 0.0 if is_urgent else math.inf)
        if (work.fetched or work.non_pages) and seconds <= 0 and len(work.writing) < _MAX_BATCHES:
            work.writing.add(asyncio.create_task(self._write(*work.take_batch(now))))
        running = work.fetching | work.writing
        if not running:
            if work.queue:  # other crawls hold too many bytes in memory
                await asyncio.sleep(_IDLE_WAIT)
            return not (work.is_exhausted or self._is_ending())
        timeout = _STOP_CHECK if seconds <= 0 else min(seconds, _STOP_CHECK)
        await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        self._reap()
        return True

    def _reap(self) -> None:
        work = self._work
        for task in [task for task in work.fetching if task.done()]:
            work.fetching.discard(task)
            task.result()  # raises what the task raised
        for task in [task for task in work.writing if task.done()]:
            work.writing.discard(task)
            task.result()
            work.is_exhausted = False
        if work.is_idle:  # the frontier is searched as a whole before the run ends
            work.is_exhausted = False

    def _is_limit_reached(self) -> bool:
        return self._is_count_reached() or self._is_past_deadline()

    def _is_count_reached(self) -> bool:
        return self._limit is not None and self._work.visits >= self._limit

    def _is_past_deadline(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _is_stopping(self) -> bool:
        return self._stop.wanted or self._is_past_deadline()

    def _is_ending(self) -> bool:
        """Whether the run starts no more visits. The limit does not count requisites; those of visited pages follow."""
        is_complete = self._is_count_reached() and self._site.profile.crawl.requisites == "none"
        return self._is_stopping() or is_complete

    async def _refill(self) -> None:
        work = self._work
        if self._is_ending():
            work.queue.clear()
            return
        if work.queue or work.is_exhausted:
            return
        suspended, work.suspended = work.suspended, set()
        work.started -= suspended
        next_pages = functools.partial(
            self._due.next_pages,
            _REFILL,
            frozenset(work.started),
            suspended,
            is_last=work.is_idle,
            only_requisites=self._is_count_reached(),
        )
        work.queue, unwanted = await self._in_thread(next_pages)
        if unwanted:
            why = "the profile skips them, or they belong to a trap"
            self._report(f"{unwanted} pages are not visited any longer: {why}")
        work.is_exhausted = not work.queue

    def _start(self, polite_client: PoliteClient) -> None:
        work = self._work
        most = min(self._site.profile.crawl.connections, UNWRITTEN - len(work.fetched) - self._writer.unsettled)
        if self._process.memory.is_reached:
            return
        while work.queue and len(work.fetching) < most and not self._is_ending():
            page = work.queue.pop(0)
            if not self._may_start(page):
                continue
            work.started.add(page.page_id)
            work.visits += page.kind != REQUISITE
            work.fetching.add(asyncio.create_task(self._fetch(polite_client, page)))

    def _may_start(self, page: Due) -> bool:
        if page.kind != REQUISITE:
            return not self._is_count_reached()
        if not (why := self._budget.refusal(page.via, page.url)):
            return True
        self._work.suspended.add(page.page_id)
        self._pipeline.requisites.leave_out(why)
        return False

    async def _fetch(self, polite_client: PoliteClient, page: Due) -> None:
        is_page = page.kind != REQUISITE
        try:
            fetched = await self._fetcher.fetch(polite_client, page, self._process)
        except Stopped as why:
            self._work.visits -= is_page
            if isinstance(why, ServerSuspended):
                self._work.suspended.add(page.page_id)
                self.unvisited += is_page
            return
        own = [each.capture for each in fetched if each.page_id == page.page_id]
        if not is_page:
            self._budget.spend(page.via, own)
        self._work.record_answer(page, own)
        self._work.visits += sum(each.reason.code is ReasonCode.PART for each in fetched)
        self._work.add(fetched, (), time.monotonic())
        self._process.memory.add(self, sum(each.bytes for each in fetched))

    async def _probe(self, polite_client: PoliteClient, url: str) -> None:
        """Fetch an address that does not exist, to learn what a missing page looks like."""
        try:
            captures = await polite_client.fetch(Request(url), lambda _target: False)
        except Stopped:
            return
        self._work.add((), [NonPageCapture(capture, "probe") for capture in captures], time.monotonic())

    async def _write(self, batch: list[Fetched], non_pages: list[NonPageCapture]) -> None:
        for event in await self._writer.write(batch, non_pages):
            self._work.started.discard(event.page_id)
            self._listen(event)
        self._process.memory.add(self, -sum(item.bytes for item in batch))
        if self._pipeline.discoverer.cut:
            self._report(self._pipeline.discoverer.cut)
            self._pipeline.discoverer.cut = ""
