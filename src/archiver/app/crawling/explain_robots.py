"""Why an address may be visited, or not: the server's robots.txt, and the line of it that decides."""

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
class RobotsTold:
    """What holds for an address.

    Attributes:
        agent: the user agent we go by there (the profile's, if one holds the address).
        status: of robots.txt; None when it could not be had. `fetched_at`: when (UTC); `kept`: whether the archive
            has it, else it was asked now and not kept.
        allowed: what robots.txt says; `obeyed` is False when the profile says `robots = "ignore"`.
        why: the deciding line, in words.
        crawl_delay: seconds the server asks for, at most a minute; `delay`: what a crawl keeps.
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
        """The object of `site robots --json`."""
        return asdict(self)


def explain_robots(url: str, settings: Settings, *, fresh: bool = False) -> RobotsTold:
    """What the robots.txt of an address's server says of it: the archive's, or (`fresh`, or for lack of one) asked now.

    Raises:
        UsageError: it is no web address.
    """
    address = canonical(url)
    profile = profiles.for_address(address, settings.selectors)
    rules = profile.crawl if profile else CrawlRules()
    agent = user_agent(package_version(), profile.crawl if profile else None)
    held = None if fresh else _held(settings, address)
    now = written(settings.clock())
    if held is not None and held.robots_at is not None:
        answer, at = RobotsAnswer(held.robots_status, held.robots or ""), held.robots_at
    else:
        answer, at = _asked(address, rules, agent, settings), now
    robots = Robots(answer.status, answer.text)
    decision = robots.decide(address, agent)
    wish = robots.delay(agent)
    return RobotsTold(
        address,
        agent,
        answer.status,
        at,
        at != now or held is not None,
        decision.allowed,
        rules.robots == "obey",
        decision.why,
        wish,
        max(wish, rules.delay),
    )


def _held(settings: Settings, url: str) -> HostState | None:
    if not settings.archive.exists():
        return None
    try:
        with Store.open(settings.archive, write=False) as store:
            return store.frontier.host(origin_of(url))
    except ArchiveError:
        return None


def _asked(url: str, rules: CrawlRules, agent: str, settings: Settings) -> RobotsAnswer:
    async def go() -> RobotsAnswer:
        async with Client(limits_of(rules), agent, settings.clock) as client:

            async def fetch(request: Request) -> Capture:
                return await client.fetch(request, MAX_BYTES)

            return await ask_robots(fetch, url)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(go())).result()
