"""Tasks for the tests of executors: they return, raise, die, or wait. Processes import this module."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

from archiver.app.crawling.reread_workers import RereadCapture, RereadWorkers
from archiver.app.fleet.open_leases import open_leases
from archiver.app.fleet.rereading.read_shard import ShardReading, ShardTask, read_shard
from archiver.errors import Fault, ProfileError, UsageError
from archiver.model.clock import system_clock


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


def read_or_die(task: ShardTask) -> ShardReading:
    """Read a shard, but die while the poisoned one is held."""
    if task.site == os.environ.get("ARCHIVER_TEST_POISON"):
        with open_leases(task.fleet, system_clock) as leases:
            leases.claim_site(task.site, task.holder, 600)
        kill_itself()
    return read_shard(task)


def read_when_stopped(task: ShardTask) -> ShardReading:
    """Read a shard; what it has read so far is stored when it is asked to end."""
    begun = Path(os.environ["ARCHIVER_TEST_STARTED"])
    original = RereadWorkers.read

    def slowly(self: RereadWorkers, numbers: Sequence[int]) -> Iterator[list[RereadCapture]]:
        for chunk in original(self, numbers):
            begun.touch()
            time.sleep(2)
            yield chunk

    with patch.object(RereadWorkers, "read", slowly):
        return read_shard(task)
