"""One look at an address, politely, without keeping anything: for a profile that is yet to be written."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from archiver.crawl.courier import Courier
from archiver.fetch.http import Client
from archiver.model.capture import Capture, Request
from archiver.model.policy import limits_of, user_agent
from archiver.model.profile import CrawlRules
from archiver.settings import Settings, package_version
from archiver.store.frontier import HostState


class _NoBook:
    """Remembers nothing of servers."""

    async def host(self, origin: str) -> HostState:  # noqa: ARG002
        return HostState()

    async def put_robots(self, origin: str, status: int | None, text: str, now: str) -> None:
        pass

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        pass


def look_at(url: str, settings: Settings) -> Capture:
    """The last answer behind an address, redirects followed."""

    async def go() -> Capture:
        rules = CrawlRules()
        agent = user_agent(package_version())
        async with Client(limits_of(rules), agent, settings.clock) as client:
            courier = Courier(client, rules, agent, _NoBook(), settings.clock, retries=settings.retries)
            return (await courier.bring(Request(url), lambda _target: True))[-1]

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(go())).result()
