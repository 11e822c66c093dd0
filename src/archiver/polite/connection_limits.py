"""Limits of the simultaneous requests to one server, shared by all crawls of a process. First come, first served.

Two sites on one slow server would otherwise send requests to it at the same time. Other processes are not counted
here: the rate limiter (`rate_limiter`) spaces the starts of requests of all processes.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from archiver.polite.stop import Stopped

_POLL = 0.5  # seconds between two checks whether the run is stopping


@dataclass
class _Slots:
    """The connections to one server: at most `limit`, `used` of them in use, and the tasks that wait for one."""

    limit: int
    used: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def assign(self) -> None:
        """Give free slots to the tasks that have waited longest."""
        while self.waiting and self.used < self.limit:
            waiter = self.waiting.popleft()
            if not waiter.done():
                self.used += 1
                waiter.set_result(None)

    def release(self) -> None:
        """Return one slot."""
        self.used -= 1
        self.assign()


class ConnectionLimits:
    """The connection limits of many servers. For one event loop."""

    def __init__(self) -> None:
        self._slots: dict[str, _Slots] = {}

    @asynccontextmanager
    async def connection(self, origin: str, limit: int, is_stopping: Callable[[], bool]) -> AsyncIterator[None]:
        """Hold one of the server's connections; wait until one is free. The lowest `limit` of all callers applies.

        Raises:
            Stopped: `is_stopping` returns true while no connection is free.
        """
        slots = self._slots.setdefault(origin, _Slots(limit))
        slots.limit = min(slots.limit, limit)
        await _acquire(slots, is_stopping)
        try:
            yield
        finally:
            slots.release()


async def _acquire(slots: _Slots, is_stopping: Callable[[], bool]) -> None:
    if slots.used < slots.limit and not slots.waiting:
        slots.used += 1
        return
    waiter = asyncio.get_running_loop().create_future()
    slots.waiting.append(waiter)
    try:
        while not waiter.done() and not is_stopping():
            await asyncio.wait({waiter}, timeout=_POLL)
    except BaseException:
        if waiter.done():  # the slot was assigned while this task was cancelled
            slots.release()
        waiter.cancel()
        raise
    if not waiter.done():
        waiter.cancel()
        raise Stopped
