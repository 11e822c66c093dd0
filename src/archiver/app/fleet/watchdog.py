"""Ends this process when it hangs: when a library has held the lock of the interpreter for too long.

Then nothing else runs here: no lease is renewed, and no signal is handled. So it is better to end, to be started anew
(systemd does that), and to read the page apart the next time.
"""

import faulthandler
import sys
import threading
from types import TracebackType
from typing import Self

_LOOKS = 4
"""How often the limit is put off in its time."""


class Watchdog:
    """A thread that puts off the end of the process. Use as a context manager.

    When it could not for so long, a timer of C, which needs no lock, prints the tracebacks of all threads on stderr and
    ends the process with exit code 1. So does a process that is woken after it was stopped for so long.

    Args:
        seconds: the limit.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        if sys.__stderr__ is None:  # closed, and the timer cannot print
            return
        try:
            while not self._end.is_set():
                faulthandler.dump_traceback_later(self._seconds, exit=True, file=sys.__stderr__)
                self._end.wait(self._seconds / _LOOKS)
        finally:
            faulthandler.cancel_dump_traceback_later()
