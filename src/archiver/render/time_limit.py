"""The time that a page may take in the browser; waiting for servers is not counted."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")
_LOOK_SECONDS = 0.25


class PageOutOfTime(Exception):
    """The page took all of its time."""


class TimeLimit:
    """Counts the seconds in which no request of the page waits for a server.

    Attributes:
        seconds: how many there are.
    """

    def __init__(self, seconds: float, most_seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + most_seconds
        self._counted = 0.0
        self._since = time.monotonic()
        self._waiting = 0

    @property
    def is_over(self) -> bool:
        """Whether the time is spent."""
        now = time.monotonic()
        running = 0.0 if self._waiting else now - self._since
        return self._counted + running >= self.seconds or now >= self._end

    @property
    def is_over_for_servers(self) -> bool:
        """Whether the time for all of it is spent: servers took most of it, or the delays between requests."""
        return time.monotonic() >= self._end

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Do not count the time of this block; such blocks may overlap."""
        if not self._waiting:
            self._counted += time.monotonic() - self._since
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._since = time.monotonic()

    async def bound(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Return the result of some work, if it ends in time.

        Raises:
            PageOutOfTime: it does not; it was cancelled.
        """
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait([task], timeout=_LOOK_SECONDS)
                if self.is_over and not task.done():
                    raise PageOutOfTime
            return task.result()
        finally:
            task.cancel()
