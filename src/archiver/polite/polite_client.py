"""Asks servers politely: robots.txt first, then the pace, then the request, then again if it may help."""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from archiver.fetch.http import Client
from archiver.fetch.private import leads_inside
from archiver.fetch.retry import fetch_patiently, is_transient, retry_after
from archiver.fetch.robots import MAX_BYTES, Robots, RobotsAnswer, ask_robots
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import Clock, instant, written
from archiver.model.policy import Retries
from archiver.model.profile import CrawlRules
from archiver.polite.connection_limits import Lanes
from archiver.polite.host_delays import Pace
from archiver.polite.rate_limiter import Machine, Turns
from archiver.polite.stop import NotNow, Stopped
from archiver.store.frontier import HostState
from archiver.text.url import origin_of

ROBOTS_TTL = timedelta(hours=24)  # RFC 9309, 2.4
ROBOTS_RETRY = timedelta(minutes=10)  # an unreachable robots.txt is asked again this soon
MAX_HOPS = 10
_OVERLOADED = (429, 502, 503, 504)
_TOO_LONG = 330.0  # seconds: a page that would hold up a run for longer is better asked another time
_LONG = 5.0  # seconds: a wait that somebody may wonder about
_LOOK_UP = 0.5  # seconds: how often a waiting request looks whether the run should stop


class HostBook(Protocol):
    """What the archive remembers of servers. Each call may touch the disk."""

    async def host(self, origin: str) -> HostState:
        """What is known of a server."""

    async def put_robots(self, origin: str, answer: RobotsAnswer, now: str) -> None:
        """Keep its robots.txt, and the visits that brought it: evidence of what we were allowed."""

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        """Keep until when it is to be left alone."""

    async def put_failures(self, origin: str, failures: int) -> None:
        """Keep how often in a row it failed."""


class Courier:
    """Brings captures. One for a run; its servers' rules are shared by all its requests, their waits by all runs.

    `pace` and `lanes` are those of the process; without them, the courier keeps its own.

    `halted` says that the run is to end: nothing waits any longer then, for a turn or for another try.
    `spare`: of a server whose robots.txt cannot be had, one visit tells so; its other pages raise NotNow.
    `waits` hears how many seconds a request has to wait, when that is long; `tell`, of servers that are left alone.
    `machine`: what is shared with the other archivers of this machine.
    """

    def __init__(
        self,
        client: Client,
        rules: CrawlRules,
        agent: str,
        book: HostBook,
        clock: Clock,
        *,
        pace: Pace | None = None,
        lanes: Lanes | None = None,
        halted: Callable[[], bool] = lambda: False,
        spare: bool = False,
        waits: Callable[[float], None] = lambda _seconds: None,
        tell: Callable[[str], None] = lambda _words: None,
        machine: Machine | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._client = client
        self._rules = rules
        self._agent = agent
        self._book = book
        self._clock = clock
        self._lanes = lanes or Lanes()
        self._halted = halted
        self._spare = spare
        self._waits = waits
        self._told: set[str] = set()
        self._retries = retries or Retries()
        self._turns = Turns(
            pace or Pace(penalty=self._retries.first_wait, circuit=self._retries.circuit),
            book,
            clock,
            machine=machine,
            patience=_TOO_LONG if spare else None,
            tell=tell,
        )
        self._robots: dict[str, tuple[datetime, Robots | Capture]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def bring(self, request: Request, follow: Callable[[str], bool]) -> list[Capture]:
        """The captures one request leads to: an answer, and the answers behind redirects that `follow` admits."""
        captures: list[Capture] = []
        while True:
            capture = await self._visit(request)
            captures.append(capture)
            target = capture.location
            if capture.outcome is not Outcome.MOVED or target is None or not follow(target):
                return captures
            if len(captures) > MAX_HOPS or any(target == seen.url for seen in captures):
                captures[-1] = dataclasses.replace(
                    capture, note="; ".join(filter(None, (capture.note, "redirects in a circle")))
                )
                return captures
            if origin_of(target) != origin_of(capture.url) and await self._leads_inside(request.url, target):
                note = f"redirects to a server of this machine or network, which was not asked: {target[:200]}"
                captures.append(Capture(Request(target), self._clock(), Outcome.REFUSED, note=note))
                return captures
            request = Request(target)

    async def _leads_inside(self, first: str, target: str) -> bool:
        """Whether a redirect leads from the internet to where only we can go. A site that lives there may."""
        return await leads_inside(target) and not await leads_inside(first)

    async def _visit(self, request: Request) -> Capture:
        refusal = await self._refusal(request)
        if refusal is not None:
            return refusal
        return await self._ask_patiently(request)

    async def _ask_patiently(self, request: Request, beginning: int | None = None) -> Capture:
        """Ask, and again if it may help; what the last try gave when the run ends while this waits."""
        origin = origin_of(request.url)
        tried: list[Capture] = []
        counted = False

        async def ask(request: Request) -> Capture:
            nonlocal counted
            if counted:  # the circuit was open, and the one try failed
                raise NotNow
            capture, counted = await self._ask(request, beginning)
            tried.append(capture)
            return capture

        try:
            capture = await fetch_patiently(ask, request, self._retries, self._rest)
        except Stopped as stopped:
            if not tried:
                raise
            why = "the server is left alone now" if isinstance(stopped, NotNow) else "the run ended"
            note = f"{len(tried)} of {self._retries.attempts} tries: {why}"
            capture = dataclasses.replace(tried[-1], note="; ".join(filter(None, (tried[-1].note, note))))
        if not counted:
            await self._turns.answered(origin, well=False, is_answer=_is_answer(capture))
        return capture

    async def _ask(self, request: Request, beginning: int | None = None) -> tuple[Capture, bool]:
        """One request, when its turn has come; and whether it is counted already how the page ended."""
        origin = origin_of(request.url)
        self._turns.pace.slow_down(origin, self._rules.delay)
        await self._client.prepare(request)
        async with self._lanes.lane(origin, self._rules.connections, self._halted):
            await self._turns.wait(origin, self._rest, abreast=self._rules.connections)
            capture = await self._client.fetch(request, beginning)
            is_failure = is_transient(capture)
            plea = retry_after(capture) if is_failure else None
            is_last = not is_failure or self._turns.pace.is_open(origin)
            if is_last:
                well = not is_failure and capture.outcome is not Outcome.TLS_ERROR
                await self._turns.answered(origin, well=well, is_answer=_is_answer(capture), plea=plea)
            else:
                await self._turns.failed_once(origin, plea)
        return capture, is_last

    async def _rest(self, seconds: float) -> None:
        """Wait; a run that is to end does not wait for this.

        Raises:
            Stopped: the run is to end, and the wait is not over.
        """
        if seconds >= _LONG:
            self._waits(seconds)
        end = time.monotonic() + seconds
        while (wait := end - time.monotonic()) > 0:
            if self._halted():
                raise Stopped
            await asyncio.sleep(min(wait, _LOOK_UP))

    # robots

    async def _refusal(self, request: Request) -> Capture | None:
        """A capture that says why we may not ask; None when we may."""
        origin = origin_of(request.url)
        async with self._asking.setdefault(origin, asyncio.Lock()):
            learned, known = self._robots.get(origin, (None, None))
            if known is None or learned is None or not _is_within(ROBOTS_TTL, learned, self._clock()):
                known = await self._learn(origin, request)
                self._robots[origin] = self._clock(), known
        if isinstance(known, Capture) or not known.are_known:
            self._tell_once(origin)
        if isinstance(known, Capture):
            return dataclasses.replace(known, request=request, visited_at=self._clock())
        if self._rules.robots == "ignore":
            return None
        decision = known.decide(request.url, self._agent)
        if decision.allowed:
            return None
        return Capture(request, self._clock(), Outcome.REFUSED, note=decision.why)

    def _tell_once(self, origin: str) -> None:
        if self._spare and origin in self._told:
            raise NotNow
        self._told.add(origin)

    async def _learn(self, origin: str, request: Request) -> Robots | Capture:
        """The server's rules, from the archive if they are fresh, else from the server; and its old pleas."""
        state = await self._book.host(origin)
        now = self._clock()
        self._turns.heed(origin, state, now)
        if self._rules.robots == "ignore":
            return Robots(404, "")
        if not _is_fresh(state, now):
            failures: list[Capture] = []
            answer = await ask_robots(self._noting(request.url, failures), request.url)
            await self._book.put_robots(origin, answer, written(now))
            if answer.status is None and failures:
                return _unreachable(failures[-1], answer)
            state = HostState(state.not_before, answer.status, answer.text, written(now))
        robots = Robots(state.robots_status, state.robots or "")
        self._turns.pace.slow_down(origin, robots.delay(self._agent))
        return robots

    def _noting(self, first: str, failures: list[Capture]) -> Callable[[Request], Awaitable[Capture]]:
        async def fetch(request: Request) -> Capture:
            if origin_of(request.url) != origin_of(first) and await self._leads_inside(first, request.url):
                return Capture(request, self._clock(), Outcome.REFUSED, note="robots.txt leads into this network")
            capture = await self._ask_patiently(request, MAX_BYTES)
            if not capture.has_answer:
                failures.append(capture)
            return capture

        return fetch


def _is_answer(capture: Capture) -> bool:
    """Whether a server answered, and did not say that it is overloaded: the circuit counts the other pages.

    Of a page that answers 500 the server is well; one that only ever breaks off its body answers, too.
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
    """Whether no more time has gone by; a moment yet to come is one that a wrong clock wrote."""
    return timedelta(0) <= now - since < span


def _unreachable(failure: Capture, answer: RobotsAnswer) -> Capture:
    """Nobody answered for robots.txt, so nobody would answer for the page: say what happened, and ask nothing."""
    note = f"robots.txt could not be fetched ({answer.note}), so the page was not asked"
    return dataclasses.replace(failure, note=note)
