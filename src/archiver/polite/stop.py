"""Stopping a run, by a signal, by a caller, or by the end of a lease: what is under way is finished, if it may be."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

_Handler = Callable[[int, FrameType | None], Any]


def endings() -> tuple[signal.Signals, ...]:
    """Return the signals that end a program: SIGTERM, and SIGHUP where it exists and is not ignored."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        return (signal.SIGTERM,)
    return (signal.SIGTERM, hangup)


@contextlib.contextmanager
def handling(numbers: Iterable[signal.Signals], handler: _Handler) -> Iterator[None]:
    """Install a handler for some signals, and restore the former handlers at the end."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


class Stopped(Exception):
    """The run stops while a request waits for the rate limiter or for a retry."""


class ServerSuspended(Stopped):
    """Requests to a server are suspended for longer than a run waits. Its pages stay due for a later run.

    `until`: the time (UTC text) at which it may be requested again; "" when that is not known.
    """

    def __init__(self, until: str = "") -> None:
        super().__init__(until)
        self.until = until


class OutOfTime(Stopped):
    """The time that one capture may take is over."""


class LeaseOver(Stopped):
    """The lease of a site is over: nothing may be sent to its servers or stored for it any longer."""


@dataclass
class StopFlag:
    """A flag that asks a run to stop. It is set once and shared by all parts of the run.

    Attributes:
        wanted: requests under way are finished, and no others begin.
        check: called right before each request is sent and each transaction is committed; it raises `LeaseOver` when
            that may not be done any longer. None: it always may.
    """

    wanted: bool = False
    check: Callable[[], None] | None = None

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """Set the flag on SIGINT, SIGTERM and SIGHUP; a second signal ends the process at once.

        Acknowledged pages are safe in both cases. An ignored SIGHUP, as under `nohup`, stays ignored.
        """

        def handle(number: int, _frame: FrameType | None) -> None:
            if self.wanted:
                os._exit(128 + number)
            self.wanted = True

        with handling((signal.SIGINT, *endings()), handle):
            yield
