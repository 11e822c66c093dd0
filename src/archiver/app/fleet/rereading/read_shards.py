"""Read all shards of a fleet again with the newest profiles, on any executor. Each shard is a task of its own.

What was read before is skipped without fetching it, so the same command continues after an interruption.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from archiver.app.fleet.hold_site import LEASE_SECONDS, PATIENCE, name_of_command
from archiver.app.fleet.rereading.process_executor import ProcessExecutor
from archiver.app.fleet.rereading.read_shard import ShardReading, ShardTask, read_shard
from archiver.app.fleet.rereading.task_process import run_in_process
from archiver.app.fleet.working_copy import storage_of
from archiver.errors import ArchiverError, FleetUnavailable
from archiver.extract.reader_version import reader_version
from archiver.maintain.generations.shard_copy import newest_generation
from archiver.model.lease import FleetSite, Leases
from archiver.polite.stop import StopFlag

_AT_ONCE = 16
"""Manifests that are read at the same time."""
_ROUNDS = 3
"""How often a site that is busy is tried, each time after all others."""
_LOOK = 0.3  # seconds between two looks at the flag that stops


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How shards are read again.

    Attributes:
        fleet: the address of the control database, as the tasks know it.
        folder: for working copies, on the machines that run the tasks.
        processes: the number of processes that read in each task.
        stop: set `wanted` to end early.
        lease_seconds: how long a lease lasts without a renewal.
        patience: seconds for which a site that is busy is waited for, in each round.
    """

    fleet: str
    folder: Path
    processes: int
    stop: StopFlag
    lease_seconds: float = LEASE_SECONDS
    patience: float = PATIENCE


def read_shards(
    leases: Leases, sites: Sequence[FleetSite], storage: str, executor: Executor, options: ReadOptions
) -> Iterator[ShardReading]:
    """Read shards again, and yield how each ended: first those that need not be read, then as they end.

    Args:
        leases: the control database.
        sites: which shards.
        storage: the storage of the fleet.
        executor: runs the tasks: `ProcessExecutor`, or any other whose machines have archiver and reach the fleet.
        options: how they are read.
    """
    waiting: list[FleetSite] = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        ends = threads.map(lambda each: _without_reading(each, storage, options.stop), sites)
        for site, found in zip(sites, ends, strict=True):
            if found is None:
                waiting.append(site)
            else:
                yield found
    for round_left in reversed(range(_ROUNDS)):
        busy: list[FleetSite] = []
        for site, done in _Round(leases, waiting, executor, options).results():
            if done.ended == "busy" and round_left and not options.stop.wanted:
                busy.append(site)
            else:
                yield done
        waiting = busy


def _without_reading(site: FleetSite, storage: str, stop: StopFlag) -> ShardReading | None:
    """Return the result for a shard that need not, or cannot, be read again; None for the others."""
    if stop.wanted:
        return ShardReading(site.site, "interrupted")
    try:
        newest = newest_generation(storage_of(site.site, site.storage or storage), site.site)
    except ArchiverError as error:
        return ShardReading(site.site, "failed", str(error))
    if newest is None:
        return ShardReading(site.site, "nothing to do", "its archive has no captures yet")
    if newest.read_whole and (newest.profile_version, newest.reader) == (site.profile_version, reader_version()):
        return ShardReading(site.site, "nothing to do", generation=newest.number)
    return None


class _Round:
    """Reads shards, of each server group one at a time: a lease holds the whole group."""

    def __init__(self, leases: Leases, sites: Sequence[FleetSite], executor: Executor, options: ReadOptions) -> None:
        self._leases, self._executor, self._options = leases, executor, options
        self._waiting: dict[str, deque[FleetSite]] = {}
        for each in sites:
            self._waiting.setdefault(each.group, deque()).append(each)
        self._running: dict[Future[ShardReading], tuple[FleetSite, ShardTask]] = {}
        self._is_stopped = False

    def results(self) -> Iterator[tuple[FleetSite, ShardReading]]:
        """Yield each site with its result."""
        for group in self._waiting:
            self._begin_next(group)
        while self._running:
            wait(self._running, timeout=_LOOK, return_when=FIRST_COMPLETED)
            self._stop_if_wanted()
            for each in [each for each in self._running if each.done()]:  # `wait` does not return cancelled ones
                site, task = self._running.pop(each)
                self._begin_next(site.group)
                yield site, _result(self._leases, each, task, site)
        for site in (each for waiting in self._waiting.values() for each in waiting):
            yield site, ShardReading(site.site, "interrupted")

    def _begin_next(self, group: str) -> None:
        if self._waiting[group] and not self._options.stop.wanted:
            site = self._waiting[group].popleft()
            task = _task(site, self._options)
            self._running[_submitted(self._executor, task)] = site, task

    def _stop_if_wanted(self) -> None:
        """Ask running tasks to end, where the executor can; cancel those that wait."""
        if not self._options.stop.wanted or self._is_stopped:
            return
        self._is_stopped = True
        if isinstance(self._executor, ProcessExecutor):
            self._executor.stop()
        for each in self._running:
            each.cancel()


def _submitted(executor: Executor, task: ShardTask) -> Future[ShardReading]:
    """Submit a task. Where it has no process of its own, it starts one, so that its death costs no other."""
    if isinstance(executor, ProcessExecutor):
        return executor.submit(read_shard, task)
    return executor.submit(run_in_process, read_shard, task)


def _task(site: FleetSite, options: ReadOptions) -> ShardTask:
    return ShardTask(
        options.fleet,
        site.site,
        name_of_command("extract"),
        options.folder,
        options.processes,
        options.lease_seconds,
        options.patience,
    )


def _result(leases: Leases, ended: Future[ShardReading], task: ShardTask, site: FleetSite) -> ShardReading:
    """Return the result of a task. One whose process died has a result, too, and its site is given back."""
    try:
        return ended.result()
    except CancelledError:
        return ShardReading(task.site, "interrupted")
    except Exception as error:  # noqa: BLE001  (the border of a process, here or on another machine)
        _give_back(leases, task, site)
        return ShardReading(task.site, "failed", f"{type(error).__name__}: {error}")


def _give_back(leases: Leases, task: ShardTask, site: FleetSite) -> None:
    """End the lease of a task that died, with the site due as it was. If that fails, the lease ends by itself."""
    try:
        _, found = leases.sites(task.site)
        if found and found[0].holder == task.holder:
            leases.release(task.site, found[0].epoch, site.due_at)
    except FleetUnavailable:
        pass
