"""Turns at servers: by this process's pace, by what the machine's archivers share, by what the archive remembers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from archiver.model.clock import Clock, instant, system_clock, written
from archiver.polite.host_delays import Pace
from archiver.polite.stop import NotNow
from archiver.store.frontier import HostState

_FOR_EVER = 2 * 86400.0  # seconds: more than any wait
_LONGEST = 86400.0 + 60  # seconds: that a server is left alone; what is further away was written by a wrong clock


class Machine(Protocol):
    """What the archivers of a machine share. Times are seconds since 1970 of its clock."""

    def take(self, origin: str, now: float, gap: float, patience: float) -> float:
        """Take the next turn; gives the seconds to wait for it. One further away than `patience` is not taken."""

    def done(self, origin: str, until: float) -> None:
        """The next request may begin at this moment."""

    def hold(self, origin: str, until: float) -> None:
        """The server is to be left alone until this moment."""


class Memory(Protocol):
    """What the archive remembers of servers' wishes and failures."""

    async def put_not_before(self, origin: str, not_before: str | None) -> None:
        """Keep until when a server is to be left alone."""

    async def put_failures(self, origin: str, failures: int) -> None:
        """Keep how often in a row it failed."""


class Turns:
    """The turns of one run.

    `tell` hears, in words, of a server that is left alone from now on. `patience`: seconds; a turn further
    away than that raises NotNow, unless no more than the usual delay between requests makes it so.
    """

    def __init__(
        self,
        pace: Pace,
        memory: Memory,
        clock: Clock,
        *,
        machine: Machine | None,
        patience: float | None,
        tell: Callable[[str], None],
    ) -> None:
        self.pace = pace
        self._memory = memory
        self._clock = clock
        self._machine = machine
        self._patience = _FOR_EVER if patience is None else patience
        self._tell = tell

    async def wait(self, origin: str, rest: Callable[[float], Awaitable[None]], *, abreast: int = 1) -> None:
        """Wait for the next turn at a server, of which so many may be waited for at once.

        Raises:
            NotNow: it is too far away.
        """
        patience = max(self._patience, self.pace.delay(origin) * (abreast + 1))
        seconds = self.pace.reserve(origin, time.monotonic(), patience)
        if seconds > patience:
            raise NotNow
        await rest(seconds)
        gap = self.pace.gap(origin)
        if self._machine is None or not gap:
            return
        now = system_clock().timestamp()
        seconds = await asyncio.to_thread(self._machine.take, origin, now, gap, patience)
        if seconds > patience:
            self.pace.hold(origin, time.monotonic() + seconds)
            self._tell(
                f"{origin} is left alone for {_in_words(seconds)}: another archiver of this machine was asked to"
            )
            raise NotNow
        await rest(seconds)

    async def failed_once(self, origin: str, plea: timedelta | None) -> None:
        """A try failed, and the page may be asked again; how long the server asked to be left alone."""
        seconds = plea.total_seconds() if plea else 0.0
        self.pace.failed_once(origin, time.monotonic(), plea=seconds)
        await self._leave_alone(origin, seconds)

    async def answered(
        self, origin: str, *, well: bool, plea: timedelta | None = None, is_answer: bool | None = None
    ) -> None:
        """How a page ended, and how long the server asked to be left alone; `is_answer` as `Pace.answered` takes it."""
        was_open = self.pace.is_open(origin)
        seconds = plea.total_seconds() if plea else 0.0
        pause = self.pace.answered(origin, time.monotonic(), well=well, plea=seconds, is_answer=is_answer)
        if pause or was_open:
            await self._memory.put_failures(origin, self.pace.failures(origin))
        if pause:
            failures = self.pace.failures(origin)
            self._tell(f"{origin} failed {failures} times in a row: it is left alone for {_in_words(pause)}")
        await self._leave_alone(origin, max(pause, seconds))

    async def _leave_alone(self, origin: str, rest: float) -> None:
        """Have the archive remember a rest, and the machine's other archivers keep it, or the usual gap."""
        if rest:
            await self._memory.put_not_before(origin, written(self._clock() + timedelta(seconds=rest)))
        if self._machine is not None and (rest or self.pace.gap(origin)):
            now = system_clock().timestamp()
            note = self._machine.hold if rest else self._machine.done
            await asyncio.to_thread(note, origin, now + (rest or self.pace.gap(origin)))

    def heed(self, origin: str, state: HostState, now: datetime) -> None:
        """What the archive remembers of a server."""
        if state.failures >= self.pace.circuit:
            self.pace.failed_before(origin, state.failures)
        wait = (instant(state.not_before) - now).total_seconds() if state.not_before else 0.0
        if 0 < wait <= _LONGEST:
            self.pace.hold(origin, time.monotonic() + wait)
            if wait > self._patience:
                is_open = state.failures >= self.pace.circuit
                why = f"it failed {state.failures} times in a row" if is_open else "it asked for that"
                self._tell(f"{origin} is left alone until {state.not_before} UTC: {why}")


def _in_words(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"  # noqa: PLR2004
