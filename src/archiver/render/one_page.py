"""The steps of one page in the browser: open, wait, act, keep."""

import logging
import time
from dataclasses import replace
from urllib.parse import urldefrag

from archiver.model.capture import HTML_TYPES, Capture
from archiver.model.clock import Clock
from archiver.model.profile import RenderRules
from archiver.model.rendition import MadeBy, Rendered
from archiver.render.actions import Actions
from archiver.render.devtools import BrowserSilent, CommandFailed
from archiver.render.limits import RenderLimits
from archiver.render.page_requests import PageRequests
from archiver.render.snapshot import RenditionTooLarge, document_of, screenshot_of
from archiver.render.tab import PageCrashed, ScriptFailed, Tab
from archiver.render.time_limit import PageOutOfTime, TimeLimit
from archiver.render.waiting import Waiting
from archiver.text.clean import printable

_LOG = logging.getLogger(__name__)

SCRIPT = "1"
"""The version of what this package does with a page. Raise it when the same page gives another document."""


class OnePage:
    """A page on its way through the browser."""

    def __init__(
        self, tab: Tab, page: Capture, rules: RenderRules, requests: PageRequests, limits: RenderLimits
    ) -> None:
        self._tab = tab
        self._page = page
        self._rules = rules
        self._requests = requests
        self._limits = limits
        self._time = TimeLimit(limits.seconds, limits.most_seconds)
        self._started = time.monotonic()
        self._dom = self._screenshot = b""

    async def render(self, browser: str, clock: Clock, *, is_last: bool = True) -> Rendered:
        """Return what the browser makes of the page, or why it makes nothing of it.

        Raises:
            PageCrashed: the process of the page ended, and this is not the last try.
            BrowserEnded: the browser ended meanwhile; the page may not be why.
            BrowserSilent: it does not answer.
        """
        width, height = self._rules.viewport
        self._made_by = MadeBy(
            browser, SCRIPT, f"{width}x{height}", language=self._tab.language, timezone=self._tab.timezone
        )
        failure = ""
        try:
            failure = await self._steps()
        except PageOutOfTime:
            failure = self._servers_took() or f"the page's scripts did not end within {self._limits.seconds:g} s"
        except PageCrashed:
            if not is_last:
                raise
            failure = "the page's process in the browser ended twice: it crashed, or took too much memory"
        except RenditionTooLarge as error:
            failure = str(error)
        except ScriptFailed as error:
            _LOG.error("%s: archiver's script in the page failed: %s", self._page.url, error)
            failure = f"a fault of archiver, see the log: {printable(str(error), 200)}"
        except CommandFailed as error:
            failure = f"the browser refuses: {error}"
        await self._requests.stop()
        if self._requests.failure:
            raise self._requests.failure
        return Rendered(
            self._made_by,
            clock(),
            int((time.monotonic() - self._started) * 1000),
            b"" if failure else self._dom,
            b"" if failure else self._screenshot,
            tuple(self._requests.log),
            tuple(self._requests.responses),
            failure,
            tuple(self._tab.notes),
        )

    async def _steps(self) -> str:
        """Do all steps; return why there is no document, or ""."""
        if (kind := self._page.media_type) not in (*HTML_TYPES, None):
            return f"the page is {kind[:80]}, not HTML"
        if len(self._page.body) > self._limits.answer_bytes:
            return f"the page is larger than {self._limits.answer_bytes >> 20} MB"
        self._requests.start(self._limits, self._time)
        address = urldefrag(self._page.url).url
        opened = await self._time.bound(self._tab.ask("Page.navigate", url=address, seconds=3600))
        if opened.get("isDownload"):
            return "the browser would save the page, not show it"
        if error := opened.get("errorText"):
            return f"the browser does not show the page: {error}"
        if failure := await self._wait() or self._servers_took():
            return failure
        await self._act()
        return self._servers_took() or await self._keep()

    def _servers_took(self) -> str:
        """Return why a page is not complete whose answers came too slowly, or ""."""
        if self._time.is_over_for_servers and self._requests.quiet_seconds == 0:
            return f"the answers to the page's requests took more than {self._limits.most_seconds:g} s"
        return ""

    async def _wait(self) -> str:
        waiting = Waiting(self._tab, self._requests, self._time)
        waited = [await waiting.for_selector(self._rules.wait)] if self._rules.wait else []
        waited.append(await waiting.for_quiet())
        self._made_by = replace(self._made_by, waited=", ".join(waited))
        if waited[0].endswith("not found"):
            self._tab.note(f"{waited[0]}")
        return f"the page leads to {self._requests.leads_to}" if self._requests.leads_to else ""

    async def _act(self) -> None:
        actions = Actions(self._tab, self._requests, self._time)
        for action in self._rules.actions:
            if self._time.is_over:
                self._tab.note("the time was over before all actions were done")
                break
            done = await actions.do(action)
            self._made_by = replace(self._made_by, actions=(*self._made_by.actions, done))

    async def _keep(self) -> str:
        """Keep document and screenshot; return why there is none, or ""."""
        history = await self._tab.ask("Page.getNavigationHistory", seconds=self._limits.snapshot_seconds)
        final = str(history["entries"][history["currentIndex"]]["url"])[:8000]
        if not final.startswith(("http:", "https:")):  # about:blank, blob:
            return f"the page leads to {final[:100]}"
        self._made_by = replace(self._made_by, final_url=final)
        try:
            self._dom = await document_of(self._tab, self._limits)
        except BrowserSilent as error:
            raise PageOutOfTime from error
        if not self._dom:
            return "the page has no document at the end"
        await self._picture()
        if self._requests.leads_to:
            self._tab.note(f"the page led to {self._requests.leads_to} later")
        return ""

    async def _picture(self) -> None:
        """Take the screenshot, if the profile wants one. A page without it is still a page."""
        if self._rules.screenshot == "never":
            return
        try:
            picture = await screenshot_of(self._tab, self._rules, self._limits)
            self._screenshot = picture.png
            self._made_by = replace(self._made_by, counters=picture.counters, floating=picture.floating)
        except (BrowserSilent, CommandFailed, RenditionTooLarge) as error:
            self._tab.note(f"no screenshot: {error}")
