"""Read all captures of one shard again: a task that any process on any machine of a fleet can run.

    claim the site  →  bring its newest generation here  →  extract  →  publish a generation  →  give the site back

Until the generation is published, everybody sees the old reading.
"""

import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from archiver.app.archive import Archive
from archiver.app.crawling.reread_site import Extracted, RereadOptions, extract_site
from archiver.app.fleet.hold_site import LEASE_SECONDS, PATIENCE, SiteHold, hold_site
from archiver.app.fleet.open_leases import open_leases
from archiver.app.fleet.working_copy import patiently, working_copy
from archiver.errors import ArchiverError, Fault, ProfileError, ShardFenced, SiteBusy
from archiver.extract.profile import parse_profile
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.clock import system_clock
from archiver.model.event import Event
from archiver.model.generation import Generation
from archiver.model.lease import Leases
from archiver.model.profile import Profile
from archiver.polite.stop import LeaseOver, StopFlag
from archiver.settings import Settings

_NO_CAPTURES = "its archive has no captures yet"

ReadEnd = Literal["done", "nothing to do", "busy", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class ShardTask:
    """What is to be done.

    Attributes:
        fleet: the address of the control database.
        site: the name of the site.
        holder: by which the lease is held; it must be new.
        folder: for working copies, on the machine that runs the task.
        processes: the number of processes that read.
        lease_seconds: how long a lease lasts without a renewal.
        patience: seconds for which a site that is busy is waited for.
    """

    fleet: str
    site: str
    holder: str
    folder: Path
    processes: int = 1
    lease_seconds: float = LEASE_SECONDS
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class ShardReading:
    """How the reading of a shard ended.

    Attributes:
        site: the name of the site.
        ended: "done"; "nothing to do" when this profile and reader have read it already; "busy" when another one works
            on it; "failed" and "interrupted" leave the old reading.
        why: the reason when it failed or is busy, in one line.
        captures: of the site; unread: those that the reader could not read; damaged: those that were left out.
        versions, changes: of the site, as (before, after).
        false_changes: differences in the newest captures, which are no changes by the site.
        generation: the number of the newest generation; None when it was not looked at.
        seconds: wall time.
    """

    site: str
    ended: ReadEnd
    why: str = ""
    captures: int = 0
    unread: int = 0
    damaged: int = 0
    versions: tuple[int, int] = (0, 0)
    changes: tuple[int, int] = (0, 0)
    false_changes: int = 0
    generation: int | None = None
    seconds: float = 0.0

    @property
    def is_fault(self) -> bool:
        """Whether somebody has to look at it, or run the command again."""
        return self.ended in ("busy", "failed") or bool(self.unread or self.damaged)


def read_shard(task: ShardTask) -> ShardReading:
    """Read a shard again. Errors of archiver are results; a bug is raised."""
    started, stop = time.perf_counter(), StopFlag()
    try:
        with _on_signals(stop), open_leases(task.fleet, system_clock) as leases:
            done = _read(leases, task, stop)
    except (SiteBusy, LeaseOver, ShardFenced) as error:
        done = ShardReading(task.site, "busy", str(error))
    except ArchiverError as error:
        first, *others = str(error).split("\n")
        done = ShardReading(task.site, "failed", f"{first} (and {len(others)} more)" if others else first)
    except OSError as error:
        done = ShardReading(task.site, "failed", f"{error.filename or task.folder}: {error.strerror or error}")
    return replace(done, seconds=round(time.perf_counter() - started, 2))


def _on_signals(stop: StopFlag) -> AbstractContextManager[None]:
    """Let signals end the reading, in a process of its own. A thread of another program cannot have that."""
    is_main = threading.current_thread() is threading.main_thread()
    return stop.on_signals() if is_main else nullcontext()


def _read(leases: Leases, task: ShardTask, stop: StopFlag) -> ShardReading:
    with (
        hold_site(leases, task.site, task.holder, seconds=task.lease_seconds, patience=task.patience) as hold,
        working_copy(hold, task.folder, system_clock) as copy,
    ):
        profile, version = _newest_profile(leases, task.site)
        begun = patiently(lambda: copy.begin(hold.lease.epoch, task.holder, hold.check), hold)
        if begun is None:
            return ShardReading(task.site, "nothing to do", _NO_CAPTURES)
        is_kept = False
        try:
            with copy.recording():
                done = _extract(copy.path, profile, hold, task.processes, stop)
            if done is None:
                return ShardReading(
                    task.site, "nothing to do", "its archive has no captures yet", generation=begun.number
                )
            newest = _publish(copy, hold, done, begun, version)
            hold.shard = newest.state
            is_kept = done.ended == "interrupted"  # for the next command, which goes on
        finally:
            if not is_kept:
                with suppress(OSError):  # what is left of it equals no generation
                    copy.discard()
        return ShardReading(
            task.site,
            _ENDS[done.ended],
            captures=done.captures,
            unread=done.unread,
            damaged=len(done.damaged),
            versions=done.versions,
            changes=done.changes,
            false_changes=done.false_changes,
            generation=newest.number,
        )


def _publish(copy: ShardCopy, hold: SiteHold, done: Extracted, begun: Generation, version: int) -> Generation:
    """Publish what was read; return the newest generation."""
    if done.ended == "interrupted":
        version = begun.profile_version  # nothing was switched to the new one
    newest = patiently(lambda: copy.ship(hold.check, version), hold) or begun
    if done.ended == "interrupted" or done.unread or done.damaged:
        return newest
    return patiently(lambda: copy.note_reading(hold.check, version), hold)


_ENDS: dict[str, ReadEnd] = {"done": "done", "nothing to do": "nothing to do", "interrupted": "interrupted"}


def _newest_profile(leases: Leases, site: str) -> tuple[Profile, int]:
    found = leases.profile(site)
    if found is None:
        raise ProfileError(site, [Fault("", "the fleet has no profile of this site; `archiver fleet add` adds it")])
    return parse_profile(found.text, f"profile {found.name}, version {found.version}", called=site), found.version


def _extract(path: Path, profile: Profile, hold: SiteHold, processes: int, stop: StopFlag) -> Extracted | None:
    """Extract the site; return None when its archive does not have it."""

    def listen(_event: Event) -> None:
        hold.held.stop.wanted |= stop.wanted

    with Archive(Settings(path), write=True) as archive:
        if archive.store.pages.site_id(profile.name) is None:
            return None
        archive.store.check_commits(hold.held.check)
        options = RereadOptions(dry_run=False, workers=processes, listen=listen, stop=hold.held.stop)
        return extract_site(archive.store, archive.settings, profile, options, named=True)
