"""Visits one address at once, outside of a crawl."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor

from archiver.crawl.fetched import Fetched, page_of
from archiver.crawl.host_memory import HostMemory
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.site import WorkingSite
from archiver.fetch.http import Client
from archiver.model.capture import Capture, Request
from archiver.model.clock import Clock
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
    shared_hosts: SharedHosts | None = None,
) -> list[Visited]:
    """Visit one address, follow its redirects, and keep every answer. Also works inside a notebook's event loop.

    An interrupt ends the visit at once. Answers that were fetched until then are not kept, except robots.txt.
    """
    fetching = _CancellableTask()

    def report_wait(seconds: float) -> None:
        listen(Noticed(site.name, f"waiting {seconds:.0f} s before the request to {url}"))

    async def fetch(writer: Executor) -> list[Capture]:
        rules = site.profile.crawl
        async with Client(limits_of(rules), agent, clock) as client:
            memory = HostMemory(store, pipeline, writer)
            polite_client = PoliteClient(
                client, rules, agent, memory, clock, on_wait=report_wait, retries=retries, shared_hosts=shared_hosts
            )
            return await polite_client.fetch(Request(canonical(url)), lambda _target: True)

    with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(1) as loop:
        running = loop.submit(lambda: asyncio.run(fetching.run(fetch(writer))))
        try:
            captures = running.result()
        except BaseException:
            fetching.cancel()
            raise
    return pipeline.process([_fetched(store, site, capture) for capture in captures])


def _fetched(store: Store, site: WorkingSite, capture: Capture) -> Fetched:
    page_id = page_of(store, site, capture)
    entry = store.frontier.entry(page_id)
    return Fetched(page_id, capture, entry.depth if entry else 0, Reason.of(ReasonCode.ASKED_FOR))


class _CancellableTask:
    """A coroutine that runs in the event loop of another thread, and can be cancelled from this one."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[list[Capture]] | None = None

    async def run(self, work: Coroutine[object, object, list[Capture]]) -> list[Capture]:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(work)
        if self._cancelled.is_set():
            self._task.cancel()
        return await self._task

    def cancel(self) -> None:
        self._cancelled.set()
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
