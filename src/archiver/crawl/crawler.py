"""Many pages of one site: fetch at the host's pace, write in batches off the event loop, stop and go on.

Theory of operation. Three things happen at once: up to `connections` requests are under way; a batch of captures
is being read and settled while the next is kept (`scribe`), by the one writer thread, which is the only one that
touches the archive; and this loop hands pages from the archive's frontier to the first and captures to the second.
Whatever waits when the writer is free is the next batch, at most fifty: a slow crawl commits each page, a fast one
as many as came during the last commit, so that next to nothing is unwritten when the process dies. The frontier
knows which run took which page, so a page comes once a run; what was fetched and not yet kept when the process dies
is simply fetched again.
"""

import asyncio
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from archiver.crawl.batch_writer import BatchWriter
from archiver.crawl.due_pages import DuePages
from archiver.crawl.fetched import Aside, Fetched
from archiver.crawl.host_memory import HostMemory
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.shared import Shared
from archiver.crawl.site import WorkingSite, seeds
from archiver.crawl.unread import UnreadCaptures
from archiver.fetch.http import Client
from archiver.model.capture import Request
from archiver.model.clock import Clock
from archiver.model.event import Listener, Noticed
from archiver.model.policy import Retries, limits_of
from archiver.polite.polite_client import Courier
from archiver.polite.rate_limiter import Machine
from archiver.polite.stop import NotNow, StopFlag, Stopped
from archiver.store.archive import Store
from archiver.store.frontier import Due, HostState
from archiver.text.url import origin_of

_OK = 200
BATCH = 50  # captures a commit: 71 µs each, against 400 one by one with synchronous=FULL
UNWRITTEN = 200  # captures that may wait for the writer; more are not fetched
_HEAVY = 16_000_000  # bytes a batch
_BATCHES = 2  # under way at once: one is being read, the next one kept
_BREATH = 0.05  # seconds
_LOOK_UP = 0.5  # seconds: how often the loop looks whether it should stop
_REFILL = 50  # pages taken from the frontier at once; each is a kilobyte, and there may be hundreds of sites

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How far a run goes. `seconds`, `limit`: None = no bound; `everything` ignores the revisit policy.

    `budget`: visits a day, instead of the profile's.
    """

    limit: int | None = None
    seconds: float | None = None
    everything: bool = False
    budget: float | None = None


@dataclass
class _Work:
    """What is under way in one run."""

    waiting: list[Due] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    fetching: set[asyncio.Task[None]] = field(default_factory=set)
    fetched: list[Fetched] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    left: set[int] = field(default_factory=set)  # pages whose server is to be left alone
    writing: set[asyncio.Task[None]] = field(default_factory=set)
    started: int = 0
    dry: bool = False  # nothing more is due, as far as what was settled shows


class Crawler:
    """One run over one site."""

    def __init__(
        self,
        store: Store,
        site: WorkingSite,
        pipeline: Pipeline,
        unread: UnreadCaptures,
        run_id: int,
        *,
        agent: str,
        clock: Clock,
        options: CrawlOptions,
        listen: Listener,
        stop: StopFlag,
        retries: Retries | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._machine = machine
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._unread = unread
        self._run_id = run_id
        self._agent = agent
        self._clock = clock
        self._options = options
        self._listen = listen
        self._stop = stop
        self._retries = retries
        self._work = _Work()
        self._seeds = list(dict.fromkeys(seeds(site.profile)))
        self._due = DuePages(
            store, site, run_id, pipeline.schedule.planner, clock, seeds=self._seeds, everything=options.everything
        )
        self._deadline: float | None = None
        self._limit = options.limit
        self.seconds = 0.0
        """Wall time of the run, when it has ended."""
        self.undone = 0
        """Pages that were due and not visited, because their server is left alone."""
        self.cause = ""
        """Why the last server was left alone."""

    async def crawl(self, shared: Shared) -> str:
        """Visit what is due; gives how it ended: done, limit or interrupted."""
        self._shared = shared
        self._writer = BatchWriter(self._pipeline, shared.writer, shared.readers, self._due.count)
        started = time.monotonic()
        self._deadline = None if self._options.seconds is None else started + self._options.seconds
        rules = self._site.profile.crawl
        async with Client(limits_of(rules), self._agent, self._clock) as client:
            memory = HostMemory(self._store, self._pipeline, shared.writer)
            courier = Courier(
                client,
                rules,
                self._agent,
                memory,
                self._clock,
                pace=shared.pace,
                lanes=shared.lanes,
                halted=self._must_end,
                spare=True,
                retries=self._retries,
                tell=self._server_left_alone,
                machine=self._machine,
            )
            await self._in_thread(self._seed)
            if probe := await self._in_thread(lambda: self._pipeline.missing.probe(self._clock())):
                self._work.fetching.add(asyncio.create_task(self._probe(courier, probe)))
            try:
                while await self._step(courier):
                    pass
            finally:
                for task in self._work.fetching | self._work.writing:
                    task.cancel()
                shared.backlog.leave(self)
                self.seconds = time.monotonic() - started
                self._report_traps()
        await self._in_thread(self._save)
        return self._ending()

    def _save(self) -> None:
        with self._store.transaction():
            self._pipeline.save()

    def _server_left_alone(self, why: str) -> None:
        self.cause = why
        self._listen(Noticed(self._site.name, why))

    def _report_traps(self) -> None:
        finder = self._pipeline.discoverer
        if finder.trapped:
            what = f"{finder.trapped} addresses look like a trap and were not followed, the first: {finder.trap}"
            self._listen(Noticed(self._site.name, what))
        if left_out := self._pipeline.left_out:
            what = f"{len(left_out)} visits are dated later than now (the first: visit {min(left_out)}); "
            what += "the histories of their pages leave them out"
            self._listen(Noticed(self._site.name, what))

    def _ending(self) -> str:
        if self._stop.wanted:
            return "interrupted"
        if self._bounded():
            return "limit"
        return "stopped" if self.undone else "done"

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._shared.writer, work)

    def _seed(self) -> None:
        read = self._unread.read()
        if read:
            self._listen(Noticed(self._site.name, f"{read} captures that an earlier run left unread were read"))
        now, schedule = self._clock(), self._pipeline.schedule
        with self._store.transaction():
            self._pipeline.start(self._robots_kept(), self._seeds)
            if self._options.budget is not None:
                schedule.planner.budget = self._options.budget
            schedule.refit(now)
        allowed = None if self._options.everything else schedule.visits_left(now, self._run_id)
        self._limit = min((limit for limit in (self._options.limit, allowed) if limit is not None), default=None)

    def _robots_kept(self) -> str | None:
        """The robots.txt of the site's home, if it is known; "" when there is none."""
        home = self._site.profile.site.home
        kept = self._store.frontier.host(origin_of(home)) if home else HostState()
        return None if kept.robots_status is None else kept.robots if kept.robots_status == _OK else ""

    # one turn of the loop

    async def _step(self, courier: Courier) -> bool:
        """Start what can be started, wait for something to happen; False when all is done."""
        work = self._work
        await self._refill()
        self._start(courier)
        if (work.fetched or work.aside) and len(work.writing) < _BATCHES:
            size = _batch(work.fetched)
            batch, work.fetched = work.fetched[:size], work.fetched[size:]
            aside, work.aside = work.aside, []
            work.writing.add(asyncio.create_task(self._write(batch, aside)))
        running = work.fetching | work.writing
        if not running:
            if work.waiting:  # for others' captures to be written
                await asyncio.sleep(_BREATH)
            return not (work.dry or self._halted())
        await asyncio.wait(running, timeout=_LOOK_UP, return_when=asyncio.FIRST_COMPLETED)
        self._reap()
        return True

    def _reap(self) -> None:
        work = self._work
        for task in [task for task in work.fetching if task.done()]:
            work.fetching.discard(task)
            task.result()
        for task in [task for task in work.writing if task.done()]:
            work.writing.discard(task)
            task.result()
            work.dry = False

    def _bounded(self) -> bool:
        over_count = self._limit is not None and self._work.started >= self._limit
        return over_count or self._is_late()

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _must_end(self) -> bool:
        return self._stop.wanted or self._is_late()

    def _halted(self) -> bool:
        return self._stop.wanted or self._bounded()

    async def _refill(self) -> None:
        work = self._work
        if self._halted():
            work.waiting.clear()
            return
        if work.waiting or work.dry:
            return
        left, work.left = work.left, set()
        room = _REFILL + len(work.fetching) + len(work.fetched) + self._writer.unsettled
        due, unwanted = await self._in_thread(functools.partial(self._due.take, room, left))
        if unwanted:
            self._listen(
                Noticed(self._site.name, f"{unwanted} pages are not visited any longer: the profile skips them")
            )
        work.waiting = [page for page in due if page.page_id not in work.taken]
        work.dry = not work.waiting

    def _start(self, courier: Courier) -> None:
        work = self._work
        most = min(self._site.profile.crawl.connections, UNWRITTEN - len(work.fetched) - self._writer.unsettled)
        if self._shared.backlog.is_full:
            return
        while work.waiting and len(work.fetching) < most and not self._halted():
            page = work.waiting.pop(0)
            work.taken.add(page.page_id)
            work.started += 1
            work.fetching.add(asyncio.create_task(self._fetch(courier, page)))

    async def _fetch(self, courier: Courier, page: Due) -> None:
        """Visit one page; redirects within the page's identity are followed, others are pages of their own."""
        key = self._site.key(page.url)
        request = Request(page.url, page.method, page.headers, page.content)
        try:
            captures = await courier.bring(request, lambda target: self._site.key(target) == key)
        except Stopped as why:
            self._work.started -= 1
            if isinstance(why, NotNow):
                self._work.left.add(page.page_id)
                self.undone += 1
            return
        self._work.fetched += [Fetched(page.page_id, capture, page.depth, page.reason) for capture in captures]
        self._shared.backlog.take(self, sum(len(capture.body) for capture in captures))

    async def _probe(self, courier: Courier, url: str) -> None:
        """Ask for an address that nobody uses, to know what a missing page looks like."""
        try:
            captures = await courier.bring(Request(url), lambda _target: False)
        except Stopped:
            return
        self._work.aside += [Aside(capture, "probe") for capture in captures]

    async def _write(self, batch: list[Fetched], aside: list[Aside]) -> None:
        for event in await self._writer.write(batch, aside):
            self._listen(event)
        self._shared.backlog.take(self, -sum(len(item.capture.body) for item in batch))
        if self._pipeline.discoverer.cut:
            self._listen(Noticed(self._site.name, self._pipeline.discoverer.cut))
            self._pipeline.discoverer.cut = ""


def _batch(fetched: list[Fetched]) -> int:
    """How many captures are written together: at most fifty, fewer when they are large."""
    weight = 0
    for number, item in enumerate(fetched[:BATCH], start=1):
        weight += len(item.capture.body)
        if weight >= _HEAVY:
            return number
    return min(len(fetched), BATCH)
