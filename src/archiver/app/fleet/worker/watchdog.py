"""Ends this process when it hangs: when a library has computed for too long and held the lock of the interpreter.

Then nothing else runs here: no lease is renewed, and no signal is handled. So it is better to end, to be started anew
(systemd does that), and to read the page apart the next time.
"""

import faulthandler
import signal
import sys
import threading
from types import TracebackType
from typing import Self

_LOOKS = 4
"""How often the limit is put off in its time."""
_SIGNAL = getattr(signal, "SIGPROF", None)


class Watchdog:
    """A thread that puts off the end of the process. Use as a context manager.

    When it could not while the process used so many seconds of CPU time, SIGPROF prints the tracebacks of all threads
    on stderr and ends the process. A process that is stopped or asleep uses none, so it is not ended when it is woken.
    Where there is no SIGPROF, nothing is done.

    Args:
        seconds: the limit, of CPU time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        if _SIGNAL is not None:
            if sys.__stderr__ is not None:  # else it is closed, and nothing can be printed
                faulthandler.register(_SIGNAL, file=sys.__stderr__, all_threads=True, chain=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if _SIGNAL is not None:
            self._end.set()
            self._thread.join()
            faulthandler.unregister(_SIGNAL)

    def _run(self) -> None:
        try:
            while not self._end.is_set():
                signal.setitimer(signal.ITIMER_PROF, self._seconds)
                self._end.wait(min(self._seconds / _LOOKS, 1.0))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
