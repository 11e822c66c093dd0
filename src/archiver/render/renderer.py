"""Opens pages in a browser: one Chromium a run, started at the first page, and anew after so many pages or a crash."""

import asyncio
import contextlib
from collections import OrderedDict
from types import TracebackType
from typing import NamedTuple, Self

from archiver.errors import RenderUnavailable
from archiver.model.capture import Capture
from archiver.model.clock import Clock
from archiver.model.profile import RenderRules, SiteInfo
from archiver.model.rendition import Fetch, MadeBy, Rendered
from archiver.render.browser_path import find_chromium
from archiver.render.chromium import Chromium
from archiver.render.devtools import BrowserEnded, BrowserSilent, CommandFailed
from archiver.render.limits import RenderLimits
from archiver.render.memory_watch import watch_memory
from archiver.render.one_page import SCRIPT, OnePage
from archiver.render.page_requests import PageRequests
from archiver.render.resource_cache import ResourceCache
from archiver.render.tab import PageCrashed, Tab

_START_AGAIN = (0.5, 5.0)
"""After how many seconds a browser that does not start is started again."""
_GONE = (BrowserEnded, BrowserSilent, CommandFailed, PageCrashed)

_NO_SITE = SiteInfo("")


class Renderer:
    """Opens pages in a browser. Use it as an async context manager; a few pages may be opened at once.

    Args:
        clock: gives the time.
        chromium: the path of the browser; by default `find_chromium` says, when the first page is opened.
        limits: what a page and a browser may take.
    """

    def __init__(self, clock: Clock, *, chromium: str | None = None, limits: RenderLimits = RenderLimits()) -> None:  # noqa: B008  (frozen)
        self._clock = clock
        self._path = chromium
        self._limits = limits
        self._caches: OrderedDict[str, ResourceCache] = OrderedDict()
        self._places = asyncio.Semaphore(limits.at_once)
        self._sites: dict[str, asyncio.Semaphore] = {}
        self._starting = asyncio.Lock()
        self._alone = asyncio.Lock()
        self._browser: _BrowserInUse | None = None
        self._has_started = False
        self._browsers: set[_BrowserInUse] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for browser in list(self._browsers):
            await browser.close()
        self._browsers.clear()
        self._browser = None

    async def render(self, page: Capture, rules: RenderRules, fetch: Fetch, *, site: SiteInfo = _NO_SITE) -> Rendered:
        """Open a page in the browser and return what it made of it. What a page does raises nothing.

        Args:
            page: the plain capture: the browser gets its head and body for the page itself.
            rules: of the profile.
            fetch: sends every other request of the page.
            site: the site of the page: scripts get its language and time zone. What its pages need again is cached for
                them, and not for those of other sites.

        Raises:
            RenderUnavailable: the browser does not start.
        """
        async with self._place_of(site.name), self._places:
            tools = _Tools(self._cache_of(site.name), site)
            browser = await self._borrow()
            try:
                return await self._render(browser.chromium, page, rules, fetch, tools)
            except PageCrashed:
                pass  # the other pages of the browser live
            except _GONE as error:
                browser.chromium.kill(str(error))
            finally:
                await self._give_back(browser)
            return await self._render_alone(page, rules, fetch, tools)

    def _place_of(self, site: str) -> asyncio.Semaphore:
        """Return the places of a site: one fewer than there are, so that a site with slow pages stops no other."""
        return self._sites.setdefault(site, asyncio.Semaphore(max(1, self._limits.at_once - 1)))

    def _cache_of(self, site: str) -> ResourceCache:
        cache = self._caches.pop(site, None) or ResourceCache(self._limits.cache_bytes // self._limits.caches)
        self._caches[site] = cache
        while len(self._caches) > self._limits.caches:
            self._caches.popitem(last=False)
        return cache

    async def _render_alone(self, page: Capture, rules: RenderRules, fetch: Fetch, tools: "_Tools") -> Rendered:
        """Open a page again whose browser or process ended, alone in a browser: this page may be why, or another."""
        async with self._alone:
            browser = await self._start()
            browser.open += 1
            try:
                return await self._render(browser.chromium, page, rules, fetch, tools, is_last=True)
            except _GONE as error:
                made_by = MadeBy(browser.chromium.version, SCRIPT, f"{rules.viewport[0]}x{rules.viewport[1]}")
                return Rendered(made_by, self._clock(), 0, failure=f"the browser ended twice: {error}")
            finally:
                await self._give_back(browser)

    async def _render(
        self,
        chromium: Chromium,
        page: Capture,
        rules: RenderRules,
        fetch: Fetch,
        tools: "_Tools",
        *,
        is_last: bool = False,
    ) -> Rendered:
        """Open a page. `is_last`: when its process ends, that is its failure, and no `PageCrashed`."""
        tab = await Tab.open(chromium.devtools, rules.viewport, tools.site)
        requests = PageRequests(tab, page, rules, fetch, tools.cache)
        try:
            one = OnePage(tab, page, rules, requests, self._limits)
            return await one.render(chromium.version, self._clock, is_last=is_last)
        finally:
            await requests.stop()
            try:
                await tab.close()
            except _GONE as error:
                chromium.kill(f"a page could not be closed: {error}")

    async def _borrow(self) -> "_BrowserInUse":
        """Return the running browser, or start one."""
        async with self._starting:
            browser = self._browser
            if browser is None or browser.chromium.has_ended or browser.opened >= self._limits.pages:
                if browser and not browser.open:
                    await self._end(browser)
                browser = self._browser = await self._start()
            browser.open += 1
            browser.opened += 1
            return browser

    async def _start(self) -> "_BrowserInUse":
        browser = _BrowserInUse(await self._started(), self._limits.memory_bytes)
        self._browsers.add(browser)
        return browser

    async def _started(self) -> Chromium:
        """Start a browser; try again when one could be started before: this one may have been killed."""
        for pause in _START_AGAIN if self._has_started else ():
            with contextlib.suppress(RenderUnavailable):
                return await Chromium.start(self._path or find_chromium(), self._limits.heap_megabytes)
            await asyncio.sleep(pause)
        chromium = await Chromium.start(self._path or find_chromium(), self._limits.heap_megabytes)
        self._has_started = True
        return chromium

    async def _give_back(self, browser: "_BrowserInUse") -> None:
        browser.open -= 1
        if not browser.open and (browser.chromium.has_ended or browser is not self._browser):
            await self._end(browser)

    async def _end(self, browser: "_BrowserInUse") -> None:
        if browser in self._browsers:
            self._browsers.discard(browser)
            await browser.close()


class _Tools(NamedTuple):
    """What the pages of one site have in common."""

    cache: ResourceCache
    site: SiteInfo


class _BrowserInUse:
    """A browser, and how many pages are open in it and were opened."""

    def __init__(self, chromium: Chromium, memory_bytes: int) -> None:
        self.chromium = chromium
        self._watch = asyncio.ensure_future(watch_memory(chromium, memory_bytes))
        self.open = 0
        self.opened = 0

    async def close(self) -> None:
        """End the browser."""
        self._watch.cancel()
        await self.chromium.close()
