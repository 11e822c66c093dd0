"""Fetches pages politely: checks robots.txt, waits for the rate limiter, sends the request, retries it."""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from archiver.fetch.http import Client
from archiver.fetch.private import leads_inside
from archiver.fetch.retry import fetch_patiently, is_transient, retry_after
from archiver.fetch.robots import MAX_BYTES, Robots, RobotsAnswer, ask_robots
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import Clock, instant, written
from archiver.model.policy import Retries
from archiver.model.profile import CrawlRules
from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays
from archiver.polite.host_states import HostStates
from archiver.polite.rate_limiter import RateLimiter, SharedHosts
from archiver.polite.stop import ServerSuspended, Stopped
from archiver.store.frontier import HostState
from archiver.text.url import origin_of

ROBOTS_TTL = timedelta(hours=24)  # RFC 9309, 2.4
ROBOTS_RETRY = timedelta(minutes=10)  # after this time, an unreachable robots.txt is requested again
MAX_HOPS = 10
_OVERLOADED = (429, 502, 503, 504)
_TOO_LONG = 330.0  # seconds: a page with a longer wait is left for a later run
_LONG = 5.0  # seconds: a wait that is reported
_POLL = 0.5  # seconds between two checks whether the run is stopping


class PoliteClient:
    """Fetches pages of one run, as robots.txt and the rate limiter allow.

    Args:
        client: sends the requests.
        rules: the site's crawl rules.
        agent: the User-Agent.
        states: what the archive stores of servers.
        clock: returns the present time.
        delays: the delays of all runs of the process; by default those of this client alone.
        limits: the connection limits of all runs of the process; by default those of this client alone.
        is_stopping: whether the run stops; then nothing waits for the rate limiter or for a retry any longer.
        skip_unreachable: when a server's robots.txt cannot be fetched, record that for one page and raise
            ServerSuspended for its other pages.
        on_wait: called with the seconds of a long wait before a request.
        on_suspended: called with a message when requests to a server are suspended.
        shared_hosts: request times shared with the other archivers on this machine.
        retries: how often a request is repeated.
    """

    def __init__(
        self,
        client: Client,
        rules: CrawlRules,
        agent: str,
        states: HostStates,
        clock: Clock,
        *,
        delays: HostDelays | None = None,
        limits: ConnectionLimits | None = None,
        is_stopping: Callable[[], bool] = lambda: False,
        skip_unreachable: bool = False,
        on_wait: Callable[[float], None] = lambda _seconds: None,
        on_suspended: Callable[[str], None] = lambda _message: None,
        shared_hosts: SharedHosts | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._client = client
        self._rules = rules
        self._agent = agent
        self._states = states
        self._clock = clock
        self._limits = limits or ConnectionLimits()
        self._is_stopping = is_stopping
        self._skip_unreachable = skip_unreachable
        self._on_wait = on_wait
        self._on_suspended = on_suspended
        self._skipped: set[str] = set()  # servers of which pages were skipped for that
        self._reported: set[str] = set()  # servers of which one page records that robots.txt could not be fetched
        self._retries = retries or Retries()
        self._limiter = RateLimiter(
            delays or HostDelays(penalty=self._retries.first_wait, circuit=self._retries.circuit),
            states,
            clock,
            shared_hosts=shared_hosts,
            max_wait=_TOO_LONG if skip_unreachable else None,
            on_suspended=on_suspended,
        )
        self._robots: dict[str, tuple[datetime, Robots | Capture]] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}

    async def fetch(self, request: Request, follow: Callable[[str], bool]) -> list[Capture]:
        """Return the captures of one request: the answer, and the answers to redirects whose target `follow` accepts.

        With cookies, a redirect to an address that was requested is followed again when cookies were set since then. A
        redirect to another page of the server whose query names this page (`/consent?back=/page`) is followed, too. Its
        answers are returned when the redirects come back to the page.

        Raises:
            ServerSuspended: requests to the server are suspended.
            Stopped: the run stops before the first answer.
        """
        captures: list[Capture] = []
        first, on_page = request, 0  # the number of captures up to the last one of the page itself
        requested = set[tuple[str, int]]()
        while True:
            requested.add((request.url, self._client.cookie_state))
            capture = await self._fetch_allowed(request)
            captures.append(capture)
            is_page = request is first or follow(request.url)
            on_page = len(captures) if is_page else on_page
            target = capture.location
            if capture.outcome is not Outcome.MOVED or target is None:
                return captures[:on_page]
            if not follow(target) and not (self._rules.cookies and names_page(target, first.url)):
                return captures[:on_page]
            if len(captures) > MAX_HOPS or (target, self._client.cookie_state) in requested:
                return [*captures[: on_page - 1], self._looped(captures[on_page - 1])]
            if origin_of(target) != origin_of(capture.url) and await self._leads_inside(request.url, target):
                note = f"redirects to a server of this machine or network, which was not requested: {target[:200]}"
                captures.append(Capture(Request(target), self._clock(), Outcome.REFUSED, note=note))
                return captures
            request = Request(target)

    async def fetch_requisite(self, request: Request, page: str) -> list[Capture]:
        """Return the capture of what a page needs to be shown. A page of the internet gets nothing from this network.

        Args:
            request: the request.
            page: the address of the page, or of its site.

        Raises:
            ServerSuspended, Stopped: as for `fetch`.
        """
        if page and origin_of(request.url) != origin_of(page) and await self._leads_inside(page, request.url):
            note = "a page of the internet names a server of this machine or network, which was not requested"
            return [Capture(request, self._clock(), Outcome.REFUSED, note=note)]
        return await self.fetch(request, lambda _target: False)

    def _looped(self, capture: Capture) -> Capture:
        """Return the last capture of a redirect loop, with a note."""
        wants_cookies = not self._rules.cookies and capture.header("set-cookie") is not None
        hint = "; the server sets a cookie: `cookies = true` in [crawl] may help" if wants_cookies else ""
        return dataclasses.replace(capture, note="; ".join(filter(None, (capture.note, f"redirect loop{hint}"))))

    async def _leads_inside(self, first: str, target: str) -> bool:
        """Whether a redirect leads from the internet into this network; sites of this network may redirect."""
        return await leads_inside(target) and not await leads_inside(first)

    async def _fetch_allowed(self, request: Request) -> Capture:
        refusal = await self._refusal(request)
        if refusal is not None:
            return refusal
        return await self._fetch_with_retries(request)

    async def _fetch_with_retries(self, request: Request, beginning: int | None = None) -> Capture:
        """Send a request and retry it; when the run stops during a wait, return the capture of the last attempt."""
        origin = origin_of(request.url)
        attempts: list[Capture] = []
        counted = False

        async def attempt(request: Request) -> Capture:
            nonlocal counted
            if counted:  # the circuit was open, and its one request failed
                raise ServerSuspended
            capture, counted = await self._attempt(request, beginning)
            attempts.append(capture)
            return capture

        try:
            capture = await fetch_patiently(attempt, request, self._retries, self._sleep)
        except Stopped as stopped:
            if not attempts:
                raise
            why = "requests to the server are suspended" if isinstance(stopped, ServerSuspended) else "the run ended"
            note = f"{len(attempts)} of {self._retries.attempts} tries: {why}"
            capture = dataclasses.replace(attempts[-1], note="; ".join(filter(None, (attempts[-1].note, note))))
        if not counted:
            await self._limiter.page_finished(origin, succeeded=False, is_answered=_is_answer(capture))
        return capture

    async def _attempt(self, request: Request, beginning: int | None = None) -> tuple[Capture, bool]:
        """Send one request when the rate limiter allows it. Also return whether this finished the page."""
        origin = origin_of(request.url)
        self._limiter.delays.slow_down(origin, self._rules.delay)
        async with self._limits.connection(origin, self._rules.connections, self._is_stopping):
            await self._limiter.wait(origin, self._sleep, connections=self._rules.connections)
            capture = await self._client.fetch(request, beginning)
            is_failure = is_transient(capture)
            wait = retry_after(capture) if is_failure else None
            is_last = not is_failure or self._limiter.delays.is_open(origin)
            if is_last:
                succeeded = not is_failure and capture.outcome is not Outcome.TLS_ERROR
                await self._limiter.page_finished(
                    origin, succeeded=succeeded, retry_after=wait, is_answered=_is_answer(capture)
                )
            else:
                await self._limiter.attempt_failed(origin, wait)
        return capture, is_last

    async def _sleep(self, seconds: float) -> None:
        """Wait so many seconds.

        Raises:
            Stopped: the run stops before the wait is over.
        """
        if seconds >= _LONG:
            self._on_wait(seconds)
        end = time.monotonic() + seconds
        while (wait := end - time.monotonic()) > 0:
            if self._is_stopping():
                raise Stopped
            await asyncio.sleep(min(wait, _POLL))

    # robots

    async def _refusal(self, request: Request) -> Capture | None:
        """Return a capture that says why the request is not allowed; None when it is allowed."""
        origin = origin_of(request.url)
        async with self._robots_locks.setdefault(origin, asyncio.Lock()):
            learned, known = self._robots.get(origin, (None, None))
            if known is None or learned is None or not _is_within(ROBOTS_TTL, learned, self._clock()):
                known = await self._load_robots(origin, request)
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
        return Capture(request, self._clock(), Outcome.REFUSED, note=decision.why)

    def _report_once(self, origin: str) -> None:
        """Raise ServerSuspended from the second page of a server on, when such pages are skipped."""
        if self._skip_unreachable and origin in self._reported:
            if origin not in self._skipped:
                self._skipped.add(origin)
                self._on_suspended(f"{origin} gets no other request in this run: its robots.txt could not be fetched")
            raise ServerSuspended
        self._reported.add(origin)

    async def _load_robots(self, origin: str, request: Request) -> Robots | Capture:
        """Return the server's robots.txt, stored or fetched, and apply the suspension stored for it."""
        state = await self._states.host(origin)
        now = self._clock()
        self._limiter.restore(origin, state, now)
        if self._rules.robots == "ignore":
            return Robots(404, "")
        if not _is_fresh(state, now):
            failures: list[Capture] = []
            answer = await ask_robots(self._robots_fetcher(request.url, failures), request.url)
            await self._states.put_robots(origin, answer, written(now))
            if answer.status is None and failures:
                return _unreachable(failures[-1], answer)
            state = HostState(state.not_before, answer.status, answer.text, written(now))
        robots = Robots(state.robots_status, state.robots or "")
        self._limiter.delays.slow_down(origin, robots.delay(self._agent))
        return robots

    def _robots_fetcher(self, first: str, failures: list[Capture]) -> Callable[[Request], Awaitable[Capture]]:
        """Return a function that fetches robots.txt and appends captures without an answer to `failures`."""

        async def fetch(request: Request) -> Capture:
            if origin_of(request.url) != origin_of(first) and await self._leads_inside(first, request.url):
                return Capture(request, self._clock(), Outcome.REFUSED, note="robots.txt redirects into this network")
            capture = await self._fetch_with_retries(request, MAX_BYTES)
            if not capture.has_answer:
                failures.append(capture)
            return capture

        return fetch


def _is_answer(capture: Capture) -> bool:
    """Whether the server answered and is not overloaded; the circuit counts the pages for which this is false.

    A 500 and a body that breaks off are answers.
    """
    return capture.has_answer and capture.status not in _OVERLOADED


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


def names_page(target: str, page: str) -> bool:
    """Whether the query of an address names a page of the same server, as a consent page does to lead back to it."""
    if origin_of(target) != origin_of(page):
        return False
    parts = urlsplit(page)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return any(value in (page, path) for _, value in parse_qsl(urlsplit(target).query))
