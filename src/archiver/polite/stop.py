"""How a run is asked to stop: by a signal or a caller; what is under way is finished, what waits is left."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

_Handler = Callable[[int, FrameType | None], Any]


def endings() -> tuple[signal.Signals, ...]:
    """The signals that end a program from outside: SIGTERM, and SIGHUP where there is one and nobody ignores it."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        return (signal.SIGTERM,)
    return (signal.SIGTERM, hangup)


@contextlib.contextmanager
def handling(numbers: Iterable[signal.Signals], handler: _Handler) -> Iterator[None]:
    """Handle some signals for a while."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


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
        """SIGINT, SIGTERM and SIGHUP ask to stop; a second one ends the process at once (what is acknowledged is safe).

        A SIGHUP that is ignored, as under `nohup`, stays ignored.
        """

        def heed(number: int, _frame: FrameType | None) -> None:
            if self.wanted:
                os._exit(128 + number)
            self.wanted = True

        with handling((signal.SIGINT, *endings()), heed):
            yield
