"""Asks for robots.txt before the first request to a server, and refuses what it forbids."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from archiver.fetch.robots import Robots, RobotsAnswer, ask_robots
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import Clock, instant, written
from archiver.model.profile import CrawlRules
from archiver.polite.host_states import HostStates
from archiver.polite.rate_limiter import RateLimiter
from archiver.polite.stop import ServerSuspended
from archiver.store.frontier import HostState
from archiver.text.url import origin_of

ROBOTS_TTL = timedelta(hours=24)  # RFC 9309, 2.4
ROBOTS_RETRY = timedelta(minutes=10)  # after this time, an unreachable robots.txt is requested again

FetchFor = Callable[[Request, str], Awaitable[Capture]]
"""Sends a request for the sake of the address that the user named."""


class RobotsGate:
    """The robots.txt of all servers of a run.

    Args:
        fetch: sends a request, with its retries.
        rules: the site's crawl rules.
        agent: the User-Agent.
        states: what the archive stores of servers.
        limiter: the rate limiter, which obeys Crawl-delay and stored suspensions.
        clock: returns the present time.
        skip_unreachable: as in `PoliteClient`.
        on_suspended: called with a message when pages of a server are skipped.
    """

    def __init__(
        self,
        fetch: FetchFor,
        rules: CrawlRules,
        agent: str,
        states: HostStates,
        limiter: RateLimiter,
        clock: Clock,
        *,
        skip_unreachable: bool,
        on_suspended: Callable[[str], None],
    ) -> None:
        self._fetch = fetch
        self._rules = rules
        self._agent = agent
        self._states = states
        self._limiter = limiter
        self._clock = clock
        self._skip_unreachable = skip_unreachable
        self._on_suspended = on_suspended
        self._skipped: set[str] = set()  # servers of which pages were skipped for that
        self._reported: set[str] = set()  # servers of which one page records that robots.txt could not be fetched
        self._robots: dict[str, tuple[datetime, Robots | Capture]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def refusal(self, request: Request, named: str) -> Capture | None:
        """Return a capture that says why a request is not allowed; None when it is allowed.

        Args:
            request: the request.
            named: the address that the user named, for whose sake it is sent.

        Raises:
            ServerSuspended: the server's robots.txt could not be fetched, and one page records that already.
        """
        origin = origin_of(request.url)
        async with self._locks.setdefault(origin, asyncio.Lock()):
            learned, known = self._robots.get(origin, (None, None))
            if known is None or learned is None or not _is_within(ROBOTS_TTL, learned, self._clock()):
                known = await self._load(origin, request, named)
                self._robots[origin] = self._clock(), known
        if isinstance(known, Capture) or not known.are_known:
            self._report_once(origin)
        if isinstance(known, Capture):
            return dataclasses.replace(known, request=request, visited_at=self._clock())
        if self._rules.robots == "ignore":
            return None
        decision = known.decide(request.url, self._agent)
        if decision.allowed:
            return None
        until = "" if known.are_known else self._limiter.held_until(origin)
        why = f"{decision.why}; the server may be requested again at {until} UTC" if until else decision.why
        return Capture(request, self._clock(), Outcome.REFUSED, note=why)

    def _report_once(self, origin: str) -> None:
        """Raise ServerSuspended from the second page of a server on, when such pages are skipped."""
        if self._skip_unreachable and origin in self._reported:
            if origin not in self._skipped:
                self._skipped.add(origin)
                self._on_suspended(f"{origin} gets no other request in this run: its robots.txt could not be fetched")
            raise ServerSuspended
        self._reported.add(origin)

    async def _load(self, origin: str, request: Request, named: str) -> Robots | Capture:
        """Return the server's robots.txt, stored or fetched, and apply the suspension stored for it."""
        state = await self._states.host(origin)
        now = self._clock()
        self._limiter.restore(origin, state, now)
        if self._rules.robots == "ignore":
            return Robots(404, "")
        if not _is_fresh(state, now):
            failures: list[Capture] = []

            async def fetch(request: Request) -> Capture:
                capture = await self._fetch(request, named)
                if not capture.has_answer:
                    failures.append(capture)
                return capture

            answer = await ask_robots(fetch, request.url)
            await self._states.put_robots(origin, answer, written(now))
            if answer.status is None and failures:
                return _unreachable(failures[-1], answer)
            state = HostState(state.not_before, answer.status, answer.text, written(now))
        robots = Robots(state.robots_status, state.robots or "")
        self._limiter.slow_down(origin, robots.delay(self._agent))
        return robots


def _is_fresh(state: HostState, now: datetime) -> bool:
    if state.robots_at is None:
        return False
    reachable = state.robots_status is not None and state.robots_status < 500 and state.robots_status != 429  # noqa: PLR2004
    return state.robots_status is not None and _is_within(
        ROBOTS_TTL if reachable else ROBOTS_RETRY, instant(state.robots_at), now
    )


def _is_within(span: timedelta, since: datetime, now: datetime) -> bool:
    """Whether `since` lies less than `span` before `now`. A time in the future was written by a wrong clock: False."""
    return timedelta(0) <= now - since < span


def _unreachable(failure: Capture, answer: RobotsAnswer) -> Capture:
    """Return the capture of a page that was not requested because its server did not answer for robots.txt."""
    note = f"robots.txt could not be fetched ({answer.note}), so the page was not requested"
    return dataclasses.replace(failure, note=note)
