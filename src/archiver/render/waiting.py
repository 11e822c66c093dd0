"""Waits until a page in the browser is complete: loaded, with the node that is waited for, and quiet."""

import asyncio

from archiver.render.page_requests import PageRequests
from archiver.render.tab import Tab
from archiver.render.time_limit import TimeLimit

QUIET_SECONDS = 0.5
_RESTLESS_SECONDS = 4.0  # without a request: changes that go on are a clock or an animation, not content
_LOOK_SECONDS = 0.1

TIME_LIMIT = "time limit"
QUIET = "quiet"


class Waiting:
    """Waits on one page."""

    def __init__(self, tab: Tab, requests: PageRequests, time_limit: TimeLimit) -> None:
        self._tab = tab
        self._requests = requests
        self._time = time_limit

    async def for_selector(self, css: str) -> str:
        """Wait for a node; return what came: `selector .x`, or `selector .x: not found`."""
        while not self._time.is_over and not self._requests.leads_to:
            if await self._time.bound(self._tab.call("has", css)):
                return f"selector {css}"
            await asyncio.sleep(_LOOK_SECONDS)
        return f"selector {css}: not found"

    async def for_quiet(self) -> str:
        """Wait until the page is loaded and neither requests nor changes anything; return `quiet` or `time limit`.

        Raises:
            PageOutOfTime: the page's scripts do not even let us ask.
        """
        while not self._time.is_over:
            if await self._is_quiet():
                return QUIET
            await asyncio.sleep(_LOOK_SECONDS)
        return TIME_LIMIT

    async def _is_quiet(self) -> bool:
        if self._requests.failure:
            raise self._requests.failure
        if self._requests.quiet_seconds < QUIET_SECONDS:
            return False
        state = await self._time.bound(self._tab.call("state"))
        if not state["loaded"]:
            return False
        return state["still"] >= QUIET_SECONDS * 1000 or self._requests.quiet_seconds > _RESTLESS_SECONDS
