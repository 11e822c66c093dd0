"""Tasks for the tests of executors: they return, raise, die, or wait. Processes import this module."""

import os
import signal
import time
from pathlib import Path

from archiver.errors import Fault, ProfileError, UsageError


def doubled(number: int, *, add: int = 0) -> int:
    return 2 * number + add


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(code: int) -> None:
    os._exit(code)


def refuse() -> None:
    raise UsageError("not like this")


def refuse_with_faults() -> None:
    raise ProfileError("a.toml", [Fault("site", "no home")])


def wait_for_the_end(started: Path) -> str:
    """Return when the process is asked to end."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    started.touch()
    while not asked:
        time.sleep(0.02)
    return "ended in order"
