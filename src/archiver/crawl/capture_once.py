"""One visit of one address, now."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor

from archiver.crawl.fetched import Fetched
from archiver.crawl.host_memory import HostMemory
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.site import WorkingSite
from archiver.fetch.http import Client
from archiver.model.capture import Capture, Request
from archiver.model.clock import Clock, written
from archiver.model.event import Listener, Noticed, Visited, ignore
from archiver.model.policy import Retries, limits_of
from archiver.model.reason import Reason, ReasonCode
from archiver.polite.polite_client import PoliteClient
from archiver.polite.rate_limiter import SharedHosts
from archiver.store.archive import Store
from archiver.text.url import canonical


def capture_once(
    store: Store,
    site: WorkingSite,
    pipeline: Pipeline,
    url: str,
    *,
    agent: str,
    clock: Clock,
    listen: Listener = ignore,
    retries: Retries | None = None,
    machine: SharedHosts | None = None,
) -> list[Visited]:
    """Visit one address now, redirects followed; every answer is kept. Works inside a notebook's event loop, too.

    An interrupt ends the visit at once; what it brought until then is not kept, but robots.txt.
    """
    errand = _Errand()

    def waits(seconds: float) -> None:
        listen(Noticed(site.name, f"waiting {seconds:.0f} s before {url} is asked"))

    async def go(thread: Executor) -> list[Capture]:
        rules = site.profile.crawl
        async with Client(limits_of(rules), agent, clock) as client:
            book = HostMemory(store, pipeline, thread)
            polite_client = PoliteClient(
                client, rules, agent, book, clock, on_wait=waits, retries=retries, shared_hosts=machine
            )
            return await polite_client.fetch(Request(canonical(url)), lambda _target: True)

    with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(1) as loop:
        under_way = loop.submit(lambda: asyncio.run(errand.run(go(writer))))
        try:
            captures = under_way.result()
        except BaseException:
            errand.cancel()
            raise
    fetched = []
    for capture in captures:
        address = canonical(capture.url)
        now = written(capture.visited_at)
        page_id, _ = store.pages.put_page(site.site_id, site.key(address), address, now, site.kind_of(address))
        entry = store.frontier.entry(page_id)
        reason = Reason.of(ReasonCode.ASKED_FOR)
        fetched.append(Fetched(page_id, capture, entry.depth if entry else 0, reason))
    return pipeline.take(fetched)


class _Errand:
    """One piece of work in a loop of another thread, that can be called back."""

    def __init__(self) -> None:
        self._called_back = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[list[Capture]] | None = None

    async def run(self, work: Coroutine[object, object, list[Capture]]) -> list[Capture]:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(work)
        if self._called_back.is_set():
            self._task.cancel()
        return await self._task

    def cancel(self) -> None:
        self._called_back.set()
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
