"""Fetch a page and its surroundings for `site new`, with rate limits and robots.txt, without storing anything."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from archiver.app.crawling.shared_servers import shared_servers
from archiver.errors import UsageError
from archiver.extract.around import AddressList, SitePages, opened, read_feed, read_sitemap
from archiver.extract.links import declared, every_link
from archiver.extract.media import not_html
from archiver.fetch.http import Client
from archiver.fetch.robots import RobotsAnswer
from archiver.fetch.rules import sitemaps_named
from archiver.learn.likely_addresses import articles, is_home, twins
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.event import ignore
from archiver.model.policy import limits_of, user_agent
from archiver.model.profile import CrawlRules
from archiver.model.record import Link
from archiver.polite.polite_client import PoliteClient
from archiver.settings import Settings, package_version
from archiver.store.frontier import HostState
from archiver.text.url import origin_of

_OK = 200
_MOST_TRIED = 2


class _HostMemory:
    """Host memory in this process only: it keeps the text of each robots.txt and nothing else."""

    def __init__(self) -> None:
        self.robots: dict[str, str] = {}

    async def host(self, origin: str) -> HostState:  # noqa: ARG002
        return HostState()

    async def put_robots(self, origin: str, answer: RobotsAnswer, now: str) -> None:  # noqa: ARG002
        if answer.status == _OK:
            self.robots[origin] = answer.text

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        pass

    async def put_failures(self, origin: str, failures: int) -> None:
        pass


def probe_site(url: str, settings: Settings, *, insecure: bool = False) -> SitePages:
    """Fetch a page and its surroundings in at most seven requests: robots.txt, home, feed, sitemap, a similar page.

    `insecure`: go on with a certificate that is not trusted.

    Raises:
        UsageError: the address has no readable page; the message says why.
    """

    async def go() -> SitePages:
        delay = 0.0 if is_this_machine(url) else CrawlRules().delay
        rules = CrawlRules(delay=delay, tls="record" if insecure else "verify")
        agent = user_agent(package_version())
        with shared_servers(settings, ignore) as machine:
            async with Client(limits_of(rules), agent, settings.clock, guard=settings.new_guard()) as client:
                memory = _HostMemory()
                polite_client = PoliteClient(
                    client,
                    rules,
                    agent,
                    memory,
                    settings.clock,
                    named=[url],
                    retries=settings.retries,
                    shared_hosts=machine,
                )
                return await _Probe(polite_client, memory).run(url)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(go())).result()


def is_this_machine(url: str) -> bool:
    """Return whether the host is this machine, so that no delay between requests is needed."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Probe:
    """Fetch one address after another; each response determines the next request."""

    def __init__(self, polite_client: PoliteClient, memory: _HostMemory) -> None:
        self._polite_client = polite_client
        self._memory = memory

    async def run(self, url: str) -> SitePages:
        first = await self._fetch(url)
        _check_page(url, first)
        origin = origin_of(first.url)
        home = first if is_home(url) or is_home(first.url) else await self._page(origin + "/")
        feed = await self._feed(first, home)
        sitemap = await self._sitemap(origin)
        listed = feed.addresses if feed else ()
        around = SitePages(first, home=home, sitemap=sitemap, feed=feed)
        if home is first:
            around = replace(around, page=await self._first_page(articles(first.url, _links(first), listed)) or first)
        near = (link for each in (around.page, home) if each is not None for link in _links(each))
        return replace(around, twin=await self._first_page(twins(around.page.url, near, listed)))

    async def _fetch(self, url: str) -> Capture:
        return (await self._polite_client.fetch(Request(url), lambda _target: True))[-1]

    async def _page(self, url: str) -> Capture | None:
        capture = await self._fetch(url)
        return capture if page_fault(capture) is None else None

    async def _first_page(self, urls: Iterable[str]) -> Capture | None:
        for url in list(urls)[:_MOST_TRIED]:
            capture = await self._page(url)
            if capture is not None:
                return capture
        return None

    async def _feed(self, *captures: Capture | None) -> AddressList | None:
        pages = [page for page in map(opened, captures) if page is not None]
        for url in list(dict.fromkeys(feed for page in pages for feed in declared(page).feeds))[:1]:
            return read_feed(await self._fetch(url))
        return None

    async def _sitemap(self, origin: str) -> AddressList | None:
        named = sitemaps_named(self._memory.robots.get(origin, ""), origin)
        for url in (named or [f"{origin}/sitemap.xml"])[:1]:
            try:
                return read_sitemap(await self._fetch(url))
            except UsageError:  # robots.txt names an invalid address
                return None
        return None


def _links(capture: Capture) -> tuple[Link, ...]:
    page = opened(capture)
    return every_link(page) if page is not None else ()


def _check_page(url: str, capture: Capture) -> None:
    fault = page_fault(capture)
    if fault is not None:
        place = url if capture.url == url else f"{url} (redirected to {capture.url})"
        is_untrusted = capture.outcome is Outcome.TLS_ERROR
        remedy = "`--insecure` accepts its certificate" if is_untrusted else "name a typical page of the portal"
        raise UsageError(f"{place}: {fault}; {remedy}")


def page_fault(capture: Capture) -> str | None:
    """Return why a profile cannot be made from this response; None when it can."""
    note = f" ({capture.note})" if capture.note else ""
    if capture.outcome is not Outcome.OK:
        return f"{' '.join(filter(None, (str(capture.status or ''), str(capture.outcome))))}, no page to read{note}"
    if not capture.body:
        return f"the response is empty{note}"
    other = not_html(capture.body, capture.media_type)
    return f"not a page but {other}" if other else None
