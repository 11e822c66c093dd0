"""Explain why robots.txt allows or forbids an address, with the deciding line."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app import profiles
from archiver.errors import ArchiveError
from archiver.fetch.http import Client
from archiver.fetch.robots import MAX_BYTES, Robots, RobotsAnswer, ask_robots
from archiver.model.capture import Capture, Request
from archiver.model.clock import written
from archiver.model.policy import limits_of, user_agent
from archiver.model.profile import CrawlRules
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.store.frontier import HostState
from archiver.text.url import canonical, origin_of


@dataclass(frozen=True, slots=True)
class RobotsExplanation:
    """What robots.txt says about an address.

    Attributes:
        agent: the user agent that requests use (the profile's, if the address is in a profile's scope).
        status: the HTTP status of robots.txt; None when it could not be fetched.
        fetched_at: when it was fetched (UTC text).
        kept: whether it comes from the archive; else it was fetched now and is not stored.
        allowed: what robots.txt says; `obeyed` is False when the profile says `robots = "ignore"`.
        why: the deciding line, in words.
        crawl_delay: the Crawl-delay of robots.txt, in seconds, at most 60; `delay`: the delay of a crawl, in seconds.
    """

    url: str
    agent: str
    status: int | None
    fetched_at: str
    kept: bool
    allowed: bool
    obeyed: bool
    why: str
    crawl_delay: float
    delay: float

    def as_json(self) -> dict[str, Any]:
        """Return the object of `site robots --json`."""
        return asdict(self)


def explain_robots(url: str, settings: Settings, *, fresh: bool = False) -> RobotsExplanation:
    """Return what robots.txt says about an address.

    Args:
        url: the address.
        settings: the archive, the profiles and the clock.
        fresh: fetch robots.txt now; without it, fetch it only if the archive does not have it.

    Raises:
        UsageError: it is not a web address.
    """
    address = canonical(url)
    profile = profiles.for_address(address, settings.selectors)
    rules = profile.crawl if profile else CrawlRules()
    agent = user_agent(package_version(), profile.crawl if profile else None)
    stored = None if fresh else _stored(settings, address)
    now = written(settings.clock())
    if stored is not None and stored.robots_at is not None:
        answer, at = RobotsAnswer(stored.robots_status, stored.robots or ""), stored.robots_at
    else:
        answer, at = _fetched(address, rules, agent, settings), now
    robots = Robots(answer.status, answer.text)
    decision = robots.decide(address, agent)
    crawl_delay = robots.delay(agent)
    return RobotsExplanation(
        address,
        agent,
        answer.status,
        at,
        at != now or stored is not None,
        decision.allowed,
        rules.robots == "obey",
        decision.why,
        crawl_delay,
        max(crawl_delay, rules.delay),
    )


def _stored(settings: Settings, url: str) -> HostState | None:
    if not settings.archive.exists():
        return None
    try:
        with Store.open(settings.archive, write=False) as store:
            return store.frontier.host(origin_of(url))
    except ArchiveError:
        return None


def _fetched(url: str, rules: CrawlRules, agent: str, settings: Settings) -> RobotsAnswer:
    async def go() -> RobotsAnswer:
        async with Client(limits_of(rules), agent, settings.clock, guard=settings.new_guard()) as client:

            async def fetch(request: Request) -> Capture:
                return await client.fetch(request, MAX_BYTES, named=url)

            return await ask_robots(fetch, url)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(go())).result()
