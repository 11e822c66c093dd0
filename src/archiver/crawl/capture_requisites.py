"""Visits the requisites of one page at once, outside of a crawl: what it names, and what its style sheets name."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TypeVar

from archiver.crawl.event_loop import run_until_interrupted
from archiver.crawl.fetched import Fetched
from archiver.crawl.host_memory import HostMemory
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.requisites import DEEPEST, MOST_OF_PAGE, REFETCH, RequisiteBudget, RequisiteCounts, count_by
from archiver.crawl.site import WorkingSite
from archiver.fetch.address_guard import AddressGuard
from archiver.fetch.http import Client
from archiver.model.capture import Request
from archiver.model.clock import Clock, instant, written
from archiver.model.event import Visited
from archiver.model.policy import Retries, limits_of
from archiver.model.reason import Reason, ReasonCode
from archiver.polite.polite_client import PoliteClient
from archiver.polite.rate_limiter import SharedHosts
from archiver.polite.stop import Stopped
from archiver.store.archive import Store
from archiver.store.pages import REQUISITE
from archiver.text.url import canonical, canonical_or_none

_REASON = Reason.of(ReasonCode.REQUISITE)
_LONGEST = 20.0  # seconds for one requisite, which is tried once: a page without one picture is still a page
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Named:
    """A requisite to visit: its page in the archive, its request, its level (`archiver.crawl.requisites.DEEPEST`)."""

    page_id: int
    request: Request
    level: int


class RequisiteCapture:
    """The capture of the requisites of one page.

    Args:
        store: the archive.
        site: the site's rules.
        pipeline: the pipeline of the run.
        agent: the User-Agent.
        clock: gives the time.
        named: the addresses of the user that led to the page (`fetch.address_guard`); by default the page's own.
        retries: how often a request is repeated.
        shared_hosts: request times shared with the other archivers on this machine.
        guard: resolves and checks hosts; by default by the operating system.
    """

    def __init__(
        self,
        store: Store,
        site: WorkingSite,
        pipeline: Pipeline,
        *,
        agent: str,
        clock: Clock,
        named: Sequence[str] = (),
        retries: Retries | None = None,
        shared_hosts: SharedHosts | None = None,
        guard: AddressGuard | None = None,
    ) -> None:
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._agent = agent
        self._clock = clock
        self._retries = retries
        self._shared_hosts = shared_hosts
        self._named = named
        self._guard = guard

    def capture(self, page: Visited) -> RequisiteCounts:
        """Visit the requisites of a page, except those that the archive has from the last 30 days; return the counts.

        An interrupt ends this at once; what was fetched until then is kept.
        """

        async def work(writer: Executor) -> RequisiteCounts:
            rules = self._site.profile.crawl
            limits = replace(limits_of(rules), timeout=min(rules.timeout, _LONGEST))
            async with Client(limits, self._agent, self._clock, guard=self._guard) as client:
                polite_client = PoliteClient(
                    client,
                    rules,
                    self._agent,
                    HostMemory(self._store, self._pipeline, writer),
                    self._clock,
                    named=[canonical(each) for each in self._named or (page.capture.url,)],
                    is_crawl=True,
                    retries=replace(self._retries or Retries(), attempts=1),
                    shared_hosts=self._shared_hosts,
                )
                return await self._visit_all(polite_client, writer, page)

        return run_until_interrupted(work)

    async def _visit_all(self, polite_client: PoliteClient, writer: Executor, page: Visited) -> RequisiteCounts:
        counts, budget = self._pipeline.requisites, RequisiteBudget(self._site.profile.crawl)
        seen: set[str] = set()
        waiting = deque(await _run_in(writer, lambda: self._wanted(page.requisites, 1, seen)))
        while waiting:
            each = waiting.popleft()
            if why := budget.refusal(page.page_id, each.request.url):
                counts.leave_out(why)
                continue
            try:
                captures = await polite_client.fetch(each.request, lambda _target: False)
            except Stopped:  # its server is suspended
                counts.fail("no answer")
                continue
            budget.spend(page.page_id, captures)
            fetched = [Fetched(each.page_id, capture, each.level, _REASON) for capture in captures]

            def keep(fetched: list[Fetched] = fetched, level: int = each.level + 1) -> list[_Named]:
                events = self._pipeline.process(fetched)
                return [found for event in events for found in self._wanted(event.requisites, level, seen)]

            waiting += await _run_in(writer, keep)
        return counts

    def _wanted(self, urls: Iterable[str], level: int, seen: set[str]) -> list[_Named]:
        """Return those of some addresses that are visited now."""
        found = []
        for url in urls if level <= DEEPEST else ():
            address = canonical_or_none(url)
            if address is None or address in seen or len(seen) >= MOST_OF_PAGE:
                continue
            seen.add(address)
            if self._site.wants_requisite(address):
                found += self._due(address, level)
            elif host := self._site.foreign_host(address):
                count_by(self._pipeline.requisites.foreign, host)
        return found

    def _due(self, address: str, level: int) -> list[_Named]:
        """Return the requisite at an address; nothing when the archive has visited it within the last 30 days."""
        site, now = self._site, self._clock()
        twin = self._store.pages.by_key(site.site_id, site.key(address))
        if twin is not None and twin.url == address and self._is_recent(twin.last_visited):
            return []
        page_id, is_new = self._store.pages.put_page(
            site.site_id, site.requisite_key(address), address, written(now), REQUISITE
        )
        known = None if is_new else self._store.pages.page(page_id)
        if known is not None and self._is_recent(known.last_visited):
            return []
        headers = self._store.validators.conditions([page_id]).get(page_id, ())
        return [_Named(page_id, Request(address, headers=headers), level)]

    def _is_recent(self, last_visited: str | None) -> bool:
        return last_visited is not None and self._clock() - instant(last_visited) < REFETCH


async def _run_in(writer: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(writer, work)
