"""The work of a worker on one site: bring its archive here, crawl slices, ship each, end the lease.

Nothing that goes wrong here is an outcome of a page. What was crawled and not shipped when the lease ends is lost: the
next owner continues from the newest generation, and fetches it again.
"""

import logging
import math
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from archiver.app.archive import Archive
from archiver.app.crawling.crawl_pools import CrawlPools
from archiver.app.fleet.held_leases import HeldLease
from archiver.app.fleet.shard_places import ShardPlace
from archiver.app.fleet.worker.after_slice import AfterSlice, after_slice
from archiver.app.fleet.worker.shard_cache import ShardCache
from archiver.app.fleet.worker.worker_events import Detail, Listen, What, WorkerEvent
from archiver.app.fleet.working_copy import storage_of
from archiver.errors import (
    ArchiveFull,
    ArchiveReadOnly,
    ArchiverError,
    Fault,
    FleetUnavailable,
    ProfileError,
    RenderUnavailable,
    ShardFenced,
    StorageUnavailable,
    UsageError,
)
from archiver.extract.profile import parse_profile
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.event import Event, Noticed, Visited
from archiver.model.generation import Generation
from archiver.model.lease import Leases
from archiver.model.profile import Profile
from archiver.polite.stop import LeaseOver
from archiver.settings import Settings
from archiver.text.url import origin_of

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

_RETRY_IN = 60.0
"""Seconds until a site is tried again after its first failure."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
"""Seconds between two tries to store a generation, or to end a lease."""
_PATIENCE_AT_END = 30.0
"""Seconds for which a worker that is to end tries to do so."""
_PATIENCE_AT_BEGIN = 300.0
"""Seconds for which a worker tries to bring an archive here."""
_OF_THE_MACHINE = (ArchiveFull, ArchiveReadOnly, RenderUnavailable, StorageUnavailable, UsageError)
"""Errors that other sites would meet on this machine, too."""


class WorkTools(NamedTuple):
    """What the work on all sites of a worker has in common.

    Attributes:
        leases: the control database.
        worker: the name of the worker.
        settings: without an archive of their own.
        cache: the folders of the working copies.
        pools: the worker processes of all crawls.
        slice_seconds: how long a crawl lasts before its pages are shipped.
        listen: called with each event.
        note: called with a message about a site.
        visited: called for each visit.
        may_go_on: whether this worker may crawl another slice of a site that it holds.
        is_ending: whether the worker is to end.
        rest: called after an error that is of this machine: the worker claims nothing for a while.
    """

    leases: Leases
    worker: str
    settings: Settings
    cache: ShardCache
    pools: CrawlPools
    slice_seconds: float
    listen: Listen
    note: Callable[[str, str], None]
    visited: Callable[[], None]
    may_go_on: Callable[[str], bool]
    is_ending: Callable[[], bool]
    rest: Callable[[], None]


class _Ending(Exception):
    """The worker is to end before the archive is here."""


class SiteWork:
    """The work on one lease, in a thread of its own."""

    def __init__(self, tools: WorkTools, held: HeldLease) -> None:
        self._tools = tools
        self._held = held
        self._lease = held.lease
        self._copy: ShardCopy | None = None
        self._is_shipped = True
        self._generation: Generation | None = None
        self._profile: tuple[Profile, int] | None = None

    def run(self) -> None:
        """Crawl until nothing is due, or another has to take its turn. Raises nothing."""
        self._tell("claimed", profile=self._lease.profile_version)
        try:
            self._end(self._crawl_slices())
        except (LeaseOver, ShardFenced) as error:
            self._lose(str(error))
        except ArchiverError as error:
            if isinstance(error, _OF_THE_MACHINE):
                self._tools.rest()
            self._fail(type(error).__name__, _one_line(error))
        except OSError as error:
            self._tools.rest()
            self._fail("OSError", f"{error.filename or self._lease.site}: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001  (the border of the thread of a site)
            place = traceback.extract_tb(error.__traceback__)[-1]
            why = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
            _LOG.error("%s: a bug of archiver: %s", self._lease.site, why, exc_info=error)
            self._fail("bug", why)
        finally:
            self._close()

    def _close(self) -> None:
        if self._copy is not None:
            self._copy.close()

    def _crawl_slices(self) -> AfterSlice:
        lease, tools = self._lease, self._tools
        storage, folder = storage_of(lease.site, lease.storage), tools.cache.folder(lease.site)

        def begin() -> ShardCopy:
            self._close()
            copy = self._copy = ShardCopy(folder, storage, lease.site, tools.settings.clock)
            self._generation = copy.begin(lease.epoch, tools.worker, self._go_on)
            if self._generation is None:
                self._demand_new(lease.storage)
            return copy

        try:
            copy = self._patiently(begin, _PATIENCE_AT_BEGIN)
        except _Ending:
            return AfterSlice(goes_on=True, due_in=0.0)
        while not self._held.must_end():
            profile, version = self._newest_profile()
            self._is_shipped = False
            with copy.recording():
                after = self._crawl(copy.path, profile, version)
            self._ship(copy, version)
            self._is_shipped = True
            if not after.goes_on or self._held.must_end() or not tools.may_go_on(lease.site):
                return after
        return AfterSlice(goes_on=True, due_in=0.0)

    def _go_on(self) -> None:
        """Check the lease before a request that brings the archive here; raise _Ending when the worker is to end."""
        self._held.demand()
        if self._tools.is_ending():
            raise _Ending

    def _demand_new(self, storage: str) -> None:
        """Raise ArchiveError when the storage has nothing, and the control database knows of an archive of the site."""
        _, found = self._tools.leases.sites(self._lease.site)
        known = found[0].shard if found else None
        if known is not None and (error := ShardPlace(self._lease.site, storage, known.generation).missing()):
            raise error

    def _newest_profile(self) -> tuple[Profile, int]:
        """Return the newest version of the profile; when the control database does not answer, the one used last."""
        try:
            found = self._tools.leases.profile(self._lease.site)
        except FleetUnavailable:
            if self._profile is not None:
                return self._profile
            found = self._patiently(lambda: self._tools.leases.profile(self._lease.site))
        if found is None:
            raise ProfileError(self._lease.site, [Fault("", "the fleet has no profile of this site; add it again")])
        if self._profile is None or self._profile[1] != found.version:
            source = f"profile {found.name}, version {found.version}"
            self._profile = parse_profile(found.text, source, called=self._lease.site), found.version
        return self._profile

    def _crawl(self, path: Path, profile: Profile, version: int) -> AfterSlice:
        tools, seconds = self._tools, self._tools.slice_seconds
        settings = replace(tools.settings, archive=path, selectors=())
        pools = tools.pools.careful() if self._lease.abandoned else tools.pools  # a page of it may have killed a worker
        with Archive(settings, lazy=True, pools=pools) as archive:
            summary = archive.crawl(profile, seconds=seconds, listen=self._on_event, stop=self._held.stop)
            not_before = archive.store.frontier.host(origin_of(profile.site.home)).not_before
        visits, lasted = summary.tally.visits, round(summary.seconds, 1)
        self._tell("slice", profile=version, visits=visits, seconds=lasted, ended=summary.ended)
        return after_slice(summary, profile.crawl, settings.clock(), seconds=seconds, not_before=not_before)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Visited):
            self._tools.visited()
        elif isinstance(event, Noticed):
            self._tools.note(self._lease.site, event.text)

    def _ship(self, copy: ShardCopy, version: int) -> None:
        """Store the pages of the slice; try again as long as the lease is held, or for a while if the worker ends."""
        shipped = self._patiently(lambda: copy.ship(self._held.demand, version))
        if shipped is not None:
            self._generation = shipped
            self._tell("shipped", generation=shipped.number, bytes=sum(pack.bytes for pack in shipped.packs))

    def _patiently(self, work: Callable[[], T], seconds: float = math.inf) -> T:
        """Return the result of `work`, which is repeated when object storage or the control database do not answer.

        Args:
            work: raises StorageUnavailable or FleetUnavailable when it is to be repeated.
            seconds: for how long it is, at most.

        Raises:
            LeaseOver: the lease is over meanwhile.
            StorageUnavailable, FleetUnavailable: as `work`, when the time is over, or the worker is to end.
        """
        wait, ends = _FIRST_WAIT, time.monotonic() + seconds
        while True:
            try:
                return work()
            except (StorageUnavailable, FleetUnavailable) as error:
                if wait == _FIRST_WAIT:
                    self._tools.note(self._lease.site, f"{error} (it is tried again while the lease is held)")
                wake = time.monotonic() + wait
                wait = min(2 * wait, _LONGEST_WAIT)
                while time.monotonic() < wake:
                    self._held.check()
                    if self._tools.is_ending():
                        ends = min(ends, time.monotonic() + _PATIENCE_AT_END)
                    if time.monotonic() > ends:
                        raise
                    time.sleep(min(_FIRST_WAIT, max(0.0, wake - time.monotonic())))

    # the ends of a lease

    def _end(self, after: AfterSlice) -> None:
        lease = self._lease
        shard = None if self._generation is None else self._generation.state
        is_held = self._patiently(
            lambda: self._tools.leases.finish(lease.site, lease.epoch, after.due_in, wait=after.wait, shard=shard)
        )
        if is_held:
            self._tell("finished", due_in=round(after.due_in), wait=None if after.wait is None else round(after.wait))
        else:
            self._lose(f"{lease.site}: the lease was over before it was ended")

    def _lose(self, why: str) -> None:
        """Discard what was not stored: another worker may go on from the newest generation."""
        self._discard_unshipped()
        stored = "all pages are stored" if self._is_shipped else "pages since the last generation are fetched again"
        self._tell("lost", why=f"{why}; {stored}")

    def _fail(self, kind: str, why: str) -> None:
        self._discard_unshipped()
        self._tell("failed", kind=kind, why=why)
        try:
            self._tools.leases.fail(self._lease.site, self._lease.epoch, why, _RETRY_IN)
        except (FleetUnavailable, UsageError) as error:
            self._tools.note(self._lease.site, f"{error}; the lease ends by itself")

    def _discard_unshipped(self) -> None:
        if self._copy is not None and not self._is_shipped:
            with suppress(OSError):  # what is left of it equals no generation, and the lease is to be ended
                self._copy.discard()

    def _tell(self, what: What, **details: Detail) -> None:
        self._tools.listen(WorkerEvent(what, self._lease.site, self._lease.epoch, details))


def _one_line(error: ArchiverError) -> str:
    """Return the message of an error, of several lines the first with the number of the others."""
    first, *others = str(error).split("\n")
    return f"{first} (and {len(others)} more)" if others else first
