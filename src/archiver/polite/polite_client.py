"""Fetches pages politely: checks robots.txt, waits for the rate limiter, sends the request, retries it."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from archiver.fetch.http import Client
from archiver.fetch.retry import fetch_patiently, is_transient, retry_after
from archiver.fetch.robots import MAX_BYTES
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import Clock, written
from archiver.model.policy import Retries
from archiver.model.profile import CrawlRules
from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays
from archiver.polite.host_states import HostStates
from archiver.polite.rate_limiter import RateLimiter, SharedHosts
from archiver.polite.robots_gate import RobotsGate
from archiver.polite.server_groups import ServerGroups
from archiver.polite.stop import OutOfTime, ServerSuspended, Stopped
from archiver.polite.waiting import WaitReport
from archiver.text.url import origin_of

MAX_HOPS = 10
COOKIES_MAY_HELP = "; the server sets a cookie: `cookies = true` in [crawl] may help"
_TOO_MANY = 429
_OVERLOADED = (_TOO_MANY, 502, 503, 504)
_TOO_LONG = 330.0  # seconds: a crawl leaves a page with a longer wait for a later run
_TOO_LONG_FOR_ONE = 30.0  # seconds: the same for a capture outside of a crawl
_POLL = 0.5  # seconds between two checks whether the run is stopping
_SHORTEST = 0.05  # seconds: no request is sent when less time is left


class PoliteClient:
    """Fetches pages of one run, as robots.txt and the rate limiter allow.

    Args:
        client: sends the requests.
        rules: the site's crawl rules.
        agent: the User-Agent.
        states: what the archive stores of servers.
        clock: returns the present time.
        named: the addresses that the user or the profile names, the most important one first. Only their hosts may be
            hosts of this network (`fetch.address_guard`). By default every address is one.
        delays: the delays of all runs of the process; by default those of this client alone.
        limits: the connection limits of all runs of the process; by default those of this client alone.
        is_stopping: whether the run stops; then nothing waits for the rate limiter or for a retry any longer.
        is_crawl: whether this is a crawl of many pages. A crawl waits longer for a server. When a server's robots.txt
            cannot be fetched, it records that for one page and raises ServerSuspended for the others.
        deadline: the time (`time.monotonic`) at which a capture outside of a crawl ends, retries included.
        on_wait: called with a message before a long wait, and when a server does not answer for some time.
        on_suspended: called with a message when requests to a server are suspended.
        last_good: returns a request for the page of a server that answered last; None when there is none.
        on_check: called with the answer to that request, which is sent before requests to a server are suspended.
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
        named: Sequence[str] = (),
        delays: HostDelays | None = None,
        limits: ConnectionLimits | None = None,
        is_stopping: Callable[[], bool] = lambda: False,
        is_crawl: bool = False,
        deadline: float = math.inf,
        on_wait: Callable[[str], None] = lambda _message: None,
        on_suspended: Callable[[str], None] = lambda _message: None,
        last_good: Callable[[str], Request | None] = lambda _origin: None,
        on_check: Callable[[Capture], None] = lambda _capture: None,
        shared_hosts: SharedHosts | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._client = client
        self._rules = rules
        self._clock = clock
        self._named = {_host(url): url for url in reversed(named)}
        self._home = named[0] if named else ""
        self._limits = limits or ConnectionLimits()
        self._is_stopping = is_stopping
        self._is_crawl = is_crawl
        self._deadline = deadline
        self._waits = WaitReport(on_wait, clock, usual=rules.delay * rules.connections if is_crawl else 0.0)
        self._last_good = last_good
        self._on_check = on_check
        self._retries = retries or Retries()
        self._groups = ServerGroups(rules.server, client.addresses)
        self._limiter = RateLimiter(
            delays or HostDelays(penalty=self._retries.first_wait, circuit=self._retries.circuit),
            states,
            clock,
            self._groups,
            shared_hosts=shared_hosts,
            max_wait=_TOO_LONG if is_crawl else _TOO_LONG_FOR_ONE,
            on_suspended=on_suspended,
        )
        self._gate = RobotsGate(
            self._fetch_robots,
            rules,
            agent,
            states,
            self._limiter,
            clock,
            skip_unreachable=is_crawl,
            on_suspended=on_suspended,
        )
        self._checks: dict[str, asyncio.Lock] = {}

    @property
    def is_stopping(self) -> bool:
        """Whether the run stops."""
        return self._is_stopping()

    async def fetch(self, request: Request, follow: Callable[[str], bool]) -> list[Capture]:
        """Return the captures of one request: the answer, and the answers to redirects whose target `follow` accepts.

        With cookies, a redirect to an address that was requested is followed again when cookies were set since then. A
        redirect to another page of the server whose query names this page (`/consent?back=/page`) is followed, too. Its
        answers are returned when the redirects come back to the page.

        Raises:
            ServerSuspended: requests to the server are suspended.
            OutOfTime: the time is over before the first answer.
            Stopped: the run stops before the first answer.
        """
        captures: list[Capture] = []
        first, on_page = request, 0  # the number of captures up to the last one of the page itself
        requested = set[tuple[str, int]]()
        while True:
            requested.add((request.url, self._client.cookie_state))
            try:
                capture = await self._fetch_allowed(request, self._named_for(request.url, first.url))
            except Stopped as stopped:
                if not captures or self._is_crawl:
                    raise
                captures[-1] = captures[-1].noted(
                    f"the redirect to {request.url[:200]} was not requested: {_why(stopped)}"
                )
                return captures
            captures.append(capture)
            is_page = request is first or follow(request.url)
            on_page = len(captures) if is_page else on_page
            target = capture.location
            if capture.outcome is not Outcome.MOVED or target is None:
                return captures[:on_page]
            if not follow(target) and not (self._rules.cookies and names_page(target, first.url)):
                return captures[:on_page]
            if len(captures) > MAX_HOPS or (target, self._client.cookie_state) in requested:
                return [*captures[: on_page - 1], self._looped(captures, on_page)]
            request = Request(target)

    def _named_for(self, url: str, first: str) -> str:
        """Return the address that was named by the user and led to this one."""
        if not self._named:
            return first
        return next((self._named[host] for host in (_host(url), _host(first)) if host in self._named), self._home)

    def _looped(self, captures: Sequence[Capture], on_page: int) -> Capture:
        """Return the last capture of the page in a redirect loop, with a note."""
        sets_cookie = any(each.header("set-cookie") is not None for each in captures)
        hint = COOKIES_MAY_HELP if sets_cookie and not self._rules.cookies else ""
        return captures[on_page - 1].noted(f"redirect loop{hint}")

    async def _fetch_allowed(self, request: Request, named: str) -> Capture:
        if _host(request.url) != _host(named) and (why := await self._client.refusal(request.url, named)):
            note = f"{why}, so it was not requested: {request.url[:200]}"
            return Capture(request, self._clock(), Outcome.REFUSED, note=note)
        await self._groups.join(origin_of(request.url))
        refusal = await self._gate.refusal(request, named)
        return refusal or await self._fetch_with_retries(request, named)

    async def _fetch_robots(self, request: Request, named: str) -> Capture:
        await self._groups.join(origin_of(request.url))
        return await self._fetch_with_retries(request, named, MAX_BYTES)

    async def _fetch_with_retries(self, request: Request, named: str, beginning: int | None = None) -> Capture:
        """Send a request and retry it; when the run stops during a wait, return the capture of the last attempt."""
        attempts: list[Capture] = []
        counted = False

        async def attempt(request: Request) -> Capture:
            nonlocal counted
            if counted:  # the circuit was open, and its one request failed
                raise ServerSuspended
            capture, counted = await self._attempt(request, named, beginning)
            attempts.append(capture)
            return capture

        try:
            capture = await fetch_patiently(attempt, request, self._retries, self._sleep)
        except Stopped as stopped:
            if not attempts:
                raise
            note = f"{len(attempts)} of {self._retries.attempts} tries: {_why(stopped)}"
            capture = attempts[-1].noted(note)
        if not counted:
            await self._page_finished(request, capture)
        wait = retry_after(capture) if is_transient(capture) else None
        if wait is not None and wait.total_seconds() > self._retries.longest_wait:
            capture = capture.noted(f"the server asks for no request until {written(self._clock() + wait)} UTC")
        return capture

    async def _attempt(self, request: Request, named: str, beginning: int | None = None) -> tuple[Capture, bool]:
        """Send one request when the rate limiter allows it. Also return whether this finished the page."""
        origin = origin_of(request.url)
        group = self._groups.of(origin)
        self._limiter.slow_down(origin, self._rules.delay)
        async with self._limits.connection(group, self._rules.connections, self._is_stopping):
            await self._limiter.wait(origin, self._sleep, connections=self._rules.connections)
            seconds = self._seconds_left()
            with self._waits.request(request.url, group, min(seconds, self._rules.timeout)):
                capture = await self._client.fetch(request, beginning, named=named, seconds=seconds)
            self._waits.ended(group, is_answered=capture.has_answer)
            is_last = not is_transient(capture) or self._limiter.delays.is_open(group)
            if is_last:
                await self._page_finished(request, capture, retry_after(capture) if is_transient(capture) else None)
            else:
                await self._limiter.attempt_failed(origin, retry_after(capture))
        return capture, is_last

    async def _page_finished(self, request: Request, capture: Capture, wait: timedelta | None = None) -> None:
        """Record how a page ended. Before requests to the server are suspended, check whether it answers at all."""
        origin = origin_of(request.url)
        succeeded = not is_transient(capture) and capture.outcome is not Outcome.TLS_ERROR
        is_answered = _is_answer(capture)
        if not is_answered and wait is None and capture.status != _TOO_MANY:
            is_answered = await self._is_excused(origin)
        await self._limiter.page_finished(origin, succeeded=succeeded, retry_after=wait, is_answered=is_answered)

    async def _is_excused(self, origin: str) -> bool:
        """Whether the page that answered last answers again, so that pages fail and not the server."""
        group = self._groups.of(origin)
        delays = self._limiter.delays
        async with self._checks.setdefault(group, asyncio.Lock()):
            good = self._last_good(origin) if delays.is_about_to_open(group) else None
            if good is None or self._is_stopping():
                return False
            await asyncio.sleep(delays.delay(group))
            capture = await self._client.fetch(good, named=self._named_for(good.url, good.url))
            self._on_check(capture)
            if not _is_answer(capture):
                return False
            delays.excuse(group)
            return True

    # waiting

    def _seconds_left(self) -> float:
        """Return the seconds until the deadline; infinite without one.

        Raises:
            OutOfTime: there are none.
        """
        seconds = self._deadline - time.monotonic()
        if seconds < _SHORTEST:
            raise OutOfTime
        return seconds

    async def _sleep(self, seconds: float) -> None:
        """Wait so many seconds.

        Raises:
            Stopped: the run stops before the wait is over.
            OutOfTime: the wait is longer than the time that is left.
        """
        end = time.monotonic() + seconds
        if end > self._deadline:
            raise OutOfTime
        self._waits.pause(seconds)
        while (wait := end - time.monotonic()) > 0:
            if self._is_stopping():
                raise Stopped
            await asyncio.sleep(min(wait, _POLL))


def _why(stopped: Stopped) -> str:
    if isinstance(stopped, ServerSuspended):
        return "requests to the server are suspended"
    return "the time that one capture may take is over" if isinstance(stopped, OutOfTime) else "the run ended"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_answer(capture: Capture) -> bool:
    """Whether the server answered and is not overloaded; the circuit counts the pages for which this is false.

    A 500 and a body that breaks off are answers.
    """
    return capture.has_answer and capture.status not in _OVERLOADED


def names_page(target: str, page: str) -> bool:
    """Whether the query of an address names a page of the same server, as a consent page does to lead back to it."""
    if origin_of(target) != origin_of(page):
        return False
    parts = urlsplit(page)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return any(value in (page, path) for _, value in parse_qsl(urlsplit(target).query))
