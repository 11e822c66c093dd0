"""The rate limiter: spaces requests to a server by the delays of this process, of other processes and of past runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from archiver.model.clock import Clock, instant, system_clock, written
from archiver.polite.host_delays import HostDelays
from archiver.polite.host_states import HostStates
from archiver.polite.server_groups import ServerGroups
from archiver.polite.stop import ServerSuspended
from archiver.store.frontier import HostState

_UNLIMITED = 2 * 86400.0  # seconds: more than any wait
_WORTH_NOTING = 60.0  # seconds: a shorter time is not named in a note
_LONGEST = 86400.0 + 60  # seconds: the longest suspension; a later time was written by a wrong clock


class SharedHosts(Protocol):
    """Request times that the archivers of one machine share. Times are seconds since 1970 of the machine's clock."""

    def take(self, origin: str, now: float, gap: float, max_wait: float) -> float:
        """Reserve the next request time and return the seconds until then. Reserve nothing beyond `max_wait`."""

    def done(self, origin: str, until: float) -> None:
        """Allow the next request from the time `until`."""

    def hold(self, origin: str, until: float) -> None:
        """Allow no request before the time `until`."""


class RateLimiter:
    """The rate limiter of one run.

    Args:
        delays: the delays of this process.
        states: what the archive stores of servers.
        clock: returns the present time.
        groups: which servers share a delay.
        shared_hosts: request times shared with other processes; None when there are none.
        max_wait: seconds; a longer wait raises ServerSuspended, unless the server's usual delay causes it.
        on_suspended: called with a message when requests to a server are suspended.
    """

    def __init__(
        self,
        delays: HostDelays,
        states: HostStates,
        clock: Clock,
        groups: ServerGroups,
        *,
        shared_hosts: SharedHosts | None,
        max_wait: float | None,
        on_suspended: Callable[[str], None],
    ) -> None:
        self.delays = delays
        self._states = states
        self._clock = clock
        self._groups = groups
        self._shared_hosts = shared_hosts
        self._max_wait = _UNLIMITED if max_wait is None else max_wait
        self._on_suspended = on_suspended

    async def wait(self, origin: str, sleep: Callable[[float], Awaitable[None]], *, connections: int = 1) -> None:
        """Wait until the next request to a server is allowed; `connections` requests may wait at once.

        Raises:
            ServerSuspended: the wait is longer than `max_wait`.
        """
        group = self._groups.of(origin)
        max_wait = max(self._max_wait, self.delays.delay(group) * (connections + 1))
        seconds = self.delays.reserve(group, time.monotonic(), max_wait)
        if seconds > max_wait:
            raise ServerSuspended(self._moment(seconds))
        await sleep(seconds)
        gap = self.delays.gap(group)
        if self._shared_hosts is None or not gap:
            return
        now = system_clock().timestamp()
        seconds = await asyncio.to_thread(self._shared_hosts.take, group, now, gap, max_wait)
        if seconds > max_wait:
            self.delays.hold(group, time.monotonic() + seconds)
            self._on_suspended(
                f"{origin} gets no request for {_in_words(seconds)}: another archiver on this machine suspended it"
            )
            raise ServerSuspended(self._moment(seconds))
        await sleep(seconds)

    def _moment(self, seconds: float) -> str:
        return written(self._clock() + timedelta(seconds=seconds))

    def slow_down(self, origin: str, delay: float) -> None:
        """Raise the delay to a server, in seconds; it is never lowered."""
        self.delays.slow_down(self._groups.of(origin), delay)

    def held_until(self, origin: str) -> str:
        """Return the time (UTC text) before which a server gets no request; "" when that is at most a minute away."""
        seconds = self.delays.seconds_held(self._groups.of(origin), time.monotonic())
        return self._moment(seconds) if seconds > _WORTH_NOTING else ""

    async def attempt_failed(self, origin: str, retry_after: timedelta | None) -> None:
        """Record a failed attempt that may be retried, with the server's Retry-After."""
        seconds = retry_after.total_seconds() if retry_after else 0.0
        self.delays.attempt_failed(self._groups.of(origin), time.monotonic(), retry_after=seconds)
        await self._suspend(origin, seconds)

    async def page_finished(
        self, origin: str, *, succeeded: bool, retry_after: timedelta | None = None, is_answered: bool | None = None
    ) -> None:
        """Record how a page ended, with the server's Retry-After; arguments as in `HostDelays.page_finished`."""
        group = self._groups.of(origin)
        was_open = self.delays.is_open(group)
        seconds = retry_after.total_seconds() if retry_after else 0.0
        pause = self.delays.page_finished(
            group, time.monotonic(), succeeded=succeeded, retry_after=seconds, is_answered=is_answered
        )
        failures = self.delays.failures(group)
        if pause or was_open:
            await self._states.put_failures(origin, failures)
        if pause:
            self._on_suspended(f"{origin} failed {failures} times in a row: it gets no request for {_in_words(pause)}")
        await self._suspend(origin, max(pause, seconds))

    async def _suspend(self, origin: str, seconds: float) -> None:
        """Store a suspension in the archive, and share it, or else the usual gap, with other processes."""
        group = self._groups.of(origin)
        if seconds:
            await self._states.put_not_before(origin, self._moment(seconds))
        if self._shared_hosts is not None and (seconds or self.delays.gap(group)):
            now = system_clock().timestamp()
            share = self._shared_hosts.hold if seconds else self._shared_hosts.done
            await asyncio.to_thread(share, group, now + (seconds or self.delays.gap(group)))

    def restore(self, origin: str, state: HostState, now: datetime) -> None:
        """Apply a server's stored state: its failures and the time before which it gets no request."""
        group = self._groups.of(origin)
        if state.failures >= self.delays.circuit:
            self.delays.restore_failures(group, state.failures)
        wait = (instant(state.not_before) - now).total_seconds() if state.not_before else 0.0
        if 0 < wait <= _LONGEST:
            self.delays.hold(group, time.monotonic() + wait)
            if wait > self._max_wait:
                is_open = state.failures >= self.delays.circuit
                why = f"it failed {state.failures} times in a row" if is_open else "the server asked for that"
                self._on_suspended(f"{origin} gets no request until {state.not_before} UTC: {why}")


def _in_words(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"  # noqa: PLR2004
