"""Visits one address at once, outside of a crawl."""

import asyncio
import functools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import NamedTuple

from archiver.crawl.article_parts import earlier_part_of, fetch_first, fetch_parts, parts_fetched
from archiver.crawl.event_loop import run_until_interrupted
from archiver.crawl.fetched import Fetched, page_of
from archiver.crawl.host_memory import HostMemory
from archiver.crawl.login_redirects import divide
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.read_capture import ArticleLinks, links_to_parts
from archiver.crawl.render_pages import PageRenderer, RenderedPage, unopened
from archiver.crawl.shared_browser import SharedBrowser, renderer_of
from archiver.crawl.site import WorkingSite
from archiver.errors import MustWait, RenderUnavailable
from archiver.fetch.address_guard import AddressGuard
from archiver.fetch.http import Client
from archiver.model.capture import Capture, Request
from archiver.model.clock import Clock
from archiver.model.event import Listener, Noticed, Visited, ignore
from archiver.model.policy import Retries, limits_of, seconds_of_capture
from archiver.model.profile import RenderRules
from archiver.model.reason import Reason, ReasonCode
from archiver.polite.polite_client import PoliteClient
from archiver.polite.rate_limiter import SharedHosts
from archiver.polite.stop import ServerSuspended, Stopped
from archiver.render.browser_path import find_chromium
from archiver.render.limits import RenderLimits
from archiver.store.archive import Store
from archiver.text.url import canonical


class Manners(NamedTuple):
    """How the requests of a single visit are sent.

    Attributes:
        agent: the User-Agent.
        clock: returns the present time.
        retries: how often a request is repeated.
        shared_hosts: request times shared with the other archivers on this machine.
        guard: resolves and checks hosts; None: by the operating system.
    """

    agent: str
    clock: Clock
    retries: Retries | None = None
    shared_hosts: SharedHosts | None = None
    guard: AddressGuard | None = None


_Answers = tuple[list[Capture], list[Capture], RenderedPage | None, RenderUnavailable | Stopped | None]
"""The captures of a page and its redirects, those of the other parts of its article, and what a browser made of it."""


def capture_once(
    store: Store,
    site: WorkingSite,
    pipeline: Pipeline,
    url: str,
    *,
    manners: Manners,
    listen: Listener = ignore,
    named: Sequence[str] = (),
    render: RenderRules | None = None,
    browser: SharedBrowser | None = None,
) -> list[Visited]:
    """Visit one address, follow its redirects, and keep every answer. The last event is that of the page, or of part 1.

    An interrupt ends the visit; answers fetched until then are lost, except robots.txt. All requests together take at
    most `seconds_of_capture`. An article on several addresses is visited whole, also by the address of a later part.

    Args:
        store: the archive.
        site: the site to which the page belongs.
        pipeline: reads and writes what was fetched.
        url: the address.
        manners: how requests are sent.
        listen: called with an event for each long wait.
        named: the addresses of the user that led to this one (`fetch.address_guard`); by default this one.
        render: open the page in a browser as well, also when the profile does not say so.
        browser: opens the page; by default one that ends with the visit.

    Raises:
        MustWait: the server may not be requested yet; nothing was requested.
        RenderUnavailable: there is no browser (nothing was requested), or it does not start (the visit is stored).
    """
    opens = render is not None or site.may_render(canonical(url))
    if opens:
        find_chromium()

    rules, limits = site.profile.crawl, limits_of(site.profile.crawl)
    agent, clock, *_ = manners

    async def fetch(writer: Executor) -> _Answers:
        async with Client(limits, agent, clock, guard=manners.guard, wants_json=site.is_api) as client:
            polite_client = PoliteClient(
                client,
                rules,
                agent,
                HostMemory(store, pipeline, writer),
                clock,
                named=[canonical(each) for each in named or (url,)],
                deadline=time.monotonic() + seconds_of_capture(limits) + opens * RenderLimits().most_seconds,
                on_wait=lambda message: listen(Noticed(site.name, f"{url}: {message}")),
                retries=manners.retries,
                shared_hosts=manners.shared_hosts,
            )
            captures, parts = await _fetch_article(polite_client, url, store, site, writer, listen)
            if not opens:
                return captures, parts, None, None
            async with renderer_of(browser, clock) as renderer:
                page = PageRenderer(site, renderer, pipeline.steps, asked=render)
                return captures, parts, *await _opened(page, captures[-1], polite_client, writer)

    try:
        answers = run_until_interrupted(fetch, browser.loop if browser is not None else None)
        return _process(store, site, pipeline, answers)
    except Stopped as stopped:
        raise MustWait(_why_not(url, stopped)) from None


async def _opened(
    page: PageRenderer, capture: Capture, client: PoliteClient, writer: Executor
) -> tuple[RenderedPage | None, RenderUnavailable | None]:
    """Open a page in the browser. The plain capture is kept in any case; the error is raised when that is done."""
    try:
        return await page.render(capture, client, writer), None
    except Stopped:
        return unopened(capture, "its server asks for a pause, or took too much time"), None
    except RenderUnavailable as error:
        return unopened(capture, str(error)), error


def _process(store: Store, site: WorkingSite, pipeline: Pipeline, answers: _Answers) -> list[Visited]:
    captures, parts, rendered, failure = answers
    own = list(_fetched(store, site, captures))
    page = captures[-1]
    if rendered is not None:
        own[-1] = replace(own[-1], capture=rendered.capture, rendered=rendered.others)
        page = rendered.capture
    events = pipeline.process([*parts_fetched(store, site, parts, 0), *own])
    if failure is not None:
        raise failure
    return sorted(events, key=lambda each: each.capture is page)


async def _fetch_article(
    client: PoliteClient, url: str, store: Store, site: WorkingSite, writer: Executor, listen: Listener
) -> tuple[list[Capture], list[Capture]]:
    """Return the captures of a page and its redirects, and those of the other parts of its article."""

    async def fetch_page(url: str) -> list[Capture]:
        return await client.fetch(Request(canonical(url)), lambda _target: True)

    async def links_of(capture: Capture, rule: str) -> ArticleLinks:
        return links_to_parts(capture, site.profile, rule)

    async def first_of(capture: Capture) -> str | None:
        look = functools.partial(earlier_part_of, store, site, capture)
        return await asyncio.get_running_loop().run_in_executor(writer, look)

    captures = await fetch_first(url, site, fetch_page, first_of, listen)
    return captures, await fetch_parts(captures[-1], site, fetch_page, links_of)


def _why_not(url: str, stopped: Stopped) -> str:
    """Return why an address was not requested, and when it may be."""
    if isinstance(stopped, ServerSuspended) and stopped.until:
        return f"{url}: not requested: its server asks for no request until {stopped.until} UTC; capture it again then"
    return f"{url}: not requested: its server took too much time for other requests; capture it again later"


def _fetched(store: Store, site: WorkingSite, captures: Sequence[Capture]) -> Iterator[Fetched]:
    """Yield the captures with their pages. Steps to a login, or back to the page, are of the page, as in a crawl."""
    for chain in _chains(captures):
        own, others = divide(chain, site)
        pages = [page_of(store, site, each) for each in (*own[:1] * len(own), *others)]
        for place, (page_id, each) in enumerate(zip(pages, chain, strict=True), start=1):
            entry = store.frontier.entry(page_id)
            depth = entry.depth if entry else 0
            yield Fetched(page_id, each, depth, Reason.of(ReasonCode.ASKED_FOR), is_hop=place < len(own))


def _chains(captures: Sequence[Capture]) -> Iterator[list[Capture]]:
    """Yield the chains of redirects, each capture in one; an article may have several, one for each part."""
    chain: list[Capture] = []
    for each in captures:
        if chain and chain[-1].location != each.url:
            yield chain
            chain = []
        chain.append(each)
    yield chain
