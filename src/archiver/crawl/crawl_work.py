"""The work of one run: pages to visit, requests in progress, and captures that wait for the writer."""

import asyncio
import math
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from archiver.crawl.batch_writer import MAX_BATCH, batch_size
from archiver.crawl.fetched import Fetched, NonPageCapture
from archiver.model.capture import Capture, Request
from archiver.model.reason import Reason, ReasonCode
from archiver.store.frontier import Due
from archiver.text.url import origin_of

MAX_HOLD = 2.0  # seconds that a capture waits for others to be written with it
_HOLD_SHARE = 0.05  # of the run's time until now: a run that is killed early loses little


@dataclass
class CrawlWork:
    """The work of one run.

    Attributes:
        queue: due pages that wait for a free connection.
        started: pages that were taken from the frontier, and whose visits are not yet written.
        visits: how many pages this run has started to visit; they count towards the limit.
        fetching, writing: tasks in progress.
        fetched, non_pages: captures that wait for the writer.
        waiting_since: when the first of them was fetched (monotonic seconds); infinite without any.
        suspended: pages that are skipped because their server is suspended.
        is_exhausted: no other page was due when the frontier was read last.
        good: the page of each server that answered last; `checked`: those that are requested again (by address).
    """

    queue: list[Due] = field(default_factory=list)
    started: set[int] = field(default_factory=set)
    visits: int = 0
    fetching: set[asyncio.Task[None]] = field(default_factory=set)
    fetched: list[Fetched] = field(default_factory=list)
    non_pages: list[NonPageCapture] = field(default_factory=list)
    waiting_since: float = math.inf
    suspended: set[int] = field(default_factory=set)
    writing: set[asyncio.Task[None]] = field(default_factory=set)
    is_exhausted: bool = False
    good: dict[str, Due] = field(default_factory=dict)
    checked: dict[str, Due] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being fetched or written, and nothing waits for the writer."""
        return not (self.fetching or self.writing or self.fetched or self.non_pages)

    def add(self, fetched: Collection[Fetched], non_pages: Collection[NonPageCapture], now: float) -> None:
        """Add captures that wait for the writer. `now`: monotonic seconds."""
        self.fetched += fetched
        self.non_pages += non_pages
        self.waiting_since = min(self.waiting_since, now)

    def record_answer(self, page: Due, captures: Sequence[Capture]) -> None:
        """Record that a server answered, if the page was there at its own address."""
        if page.method == "GET" and len(captures) == 1 and captures[0].outcome.is_presence:
            self.good[origin_of(page.url)] = page

    def good_request(self, origin: str) -> Request | None:
        """Return a request for the page of a server that answered last; None when there is none."""
        page = self.good.get(origin)
        if page is None:
            return None
        self.checked[page.url] = page
        return Request(page.url)

    def add_check(self, capture: Capture) -> None:
        """Add the answer to such a request."""
        page = self.checked.pop(capture.url)
        reason = Reason.of(ReasonCode.SERVER_CHECK)
        self.add([Fetched(page.page_id, capture, page.depth, reason)], (), time.monotonic())

    def seconds_to_write(self, now: float, age: float) -> float:
        """Return in how many seconds the waiting captures are written; infinite without any.

        They wait for others, so that one commit writes many: at most two seconds, and at most a twentieth of the run's
        time. They are written at once when there are fifty of them, when nothing is being fetched, and when a free
        connection has no page to fetch.

        Args:
            now: monotonic seconds.
            age: how long the run has lasted, in seconds.
        """
        is_starved = not self.fetching or (not self.queue and self.is_exhausted)
        if len(self.fetched) >= MAX_BATCH or is_starved:
            return min(0.0, self.waiting_since)
        return self.waiting_since + min(MAX_HOLD, _HOLD_SHARE * age) - now

    def take_batch(self, now: float) -> tuple[list[Fetched], list[NonPageCapture]]:
        """Remove and return the captures that are written next."""
        size = batch_size(self.fetched)
        batch, self.fetched = self.fetched[:size], self.fetched[size:]
        non_pages, self.non_pages = self.non_pages, []
        self.waiting_since = now if self.fetched else math.inf
        return batch, non_pages
