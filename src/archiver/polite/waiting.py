"""Says what a run waits for: a pause before a request, or a server that does not answer, and until when."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from archiver.model.clock import Clock, written

LONG = 5.0
"""Seconds: a pause that is reported."""
SILENT = 10.0
"""Seconds without a complete answer that are reported."""


class WaitReport:
    """The messages about waiting of one run.

    Args:
        say: called with each message.
        clock: returns the present time.
        usual: seconds between two requests that are usual for the site; a pause is reported when it is clearly longer.
    """

    def __init__(self, say: Callable[[str], None], clock: Clock, *, usual: float) -> None:
        self._say = say
        self._clock = clock
        self._long = max(LONG, usual * 1.5)
        self._answering: set[str] = set()

    def _until(self, seconds: float) -> str:
        return f"until {written(self._clock() + timedelta(seconds=seconds))} UTC"

    def pause(self, seconds: float) -> None:
        """Report a pause before a request, if it is long."""
        if seconds >= self._long:
            self._say(f"waiting {seconds:.0f} s before the next request ({self._until(seconds)})")

    @contextmanager
    def request(self, url: str, server: str, seconds: float) -> Iterator[None]:
        """Report a request that stays without a complete answer, unless the server answered the last one.

        Args:
            url: the address.
            server: the server, or its group.
            seconds: how long the request may take.
        """
        if server in self._answering:
            yield
            return
        message = f"{url}: no complete answer yet; waiting {self._until(seconds)}"
        report = asyncio.get_running_loop().call_later(SILENT, self._say, message)
        try:
            yield
        finally:
            report.cancel()

    def ended(self, server: str, *, is_answered: bool) -> None:
        """Record whether a server answered."""
        (self._answering.add if is_answered else self._answering.discard)(server)
