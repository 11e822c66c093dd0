"""How a run is asked to stop: by a signal or a caller; what is under way is finished, what waits is left."""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType


class Stopped(Exception):
    """The run is to end while a request waits for its turn, or for another try."""


class NotNow(Stopped):
    """A server is to be left alone for longer than a run waits: its pages are better asked another time."""


@dataclass
class StopFlag:
    """Set once, seen by all."""

    wanted: bool = False

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask to stop; a second one ends the process at once (what is acknowledged is safe)."""

        def heed(number: int, _frame: FrameType | None) -> None:
            if self.wanted:
                os._exit(128 + number)
            self.wanted = True

        before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
