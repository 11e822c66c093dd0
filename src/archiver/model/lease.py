"""Who crawls what in a fleet: the sites, the leases of workers, and the interface of the database that keeps both.

A site belongs to a *server group*: the sites of one server, or of all servers that share one delay. A lease is of one
site and holds its whole group, so one group has at most one lease. Each claim of a site raises its *epoch* by one; only
the epoch that holds the lease may renew, finish or fail it.

All moments are those of the database's clock. Workers are told how many seconds are left (see `model.deadline`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, Self

from archiver.model.clock import written

SiteState = Literal["held", "paused", "due", "waiting"]

LONGEST_BACKOFF = 86_400.0
"""Seconds: the longest wait after failures."""
ABANDONED_BACKOFF = 60.0
"""Seconds: the wait after a site was abandoned for the second time in a row; it doubles with each further time."""
_MOST_DOUBLINGS = 30
_TEN_YEARS = 3650 * 86_400.0


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site to be added.

    Attributes:
        site: its name, which is that of its profile.
        group: the server group.
        delay: seconds between the end of a lease that nobody finished and the next request to the group.
        epoch: of the newest generation of an archive that it has already, so that later epochs are higher; 0 without
            one. A site that is known keeps its epoch.
        storage: where its archive is; "": where the fleet's are. A site that is known keeps its place.
    """

    site: str
    group: str
    delay: float
    epoch: int = 0
    storage: str = ""


@dataclass(frozen=True, slots=True)
class ShardState:
    """What the last worker said about the archive of a site.

    Attributes:
        generation: the number of the newest generation in object storage.
        visits: how many visits the archive has.
        bytes: of its files.
    """

    generation: int
    visits: int
    bytes: int


@dataclass(frozen=True, slots=True)
class FleetSite:
    """What the control database knows about a site.

    Attributes:
        site: its name.
        group: its server group.
        due_at: when it is to be crawled next. While it is held: when it is due if its worker is never heard of again.
        epoch: how often it was claimed.
        is_paused: nobody may claim it.
        profile_version: of the newest profile; 0 when there is none.
        holder: the worker that holds it; None when nobody does.
        held_until: the end of the lease, without another renewal.
        not_before: before this moment nobody may claim a site of the group.
        failures: how many crawls failed since the last that did not.
        abandoned: how many leases in a row ended without a word from their worker, a running one included.
        why: of the last failure; "" when the last crawl did not fail.
        storage: where its archive is, when that is not the storage of the fleet; else "".
        finished_at: when a worker last finished it; None: never.
        shard: its archive then; None when that is not known.
    """

    site: str
    group: str
    due_at: datetime
    epoch: int
    is_paused: bool
    profile_version: int
    holder: str | None
    held_until: datetime | None
    not_before: datetime
    failures: int
    abandoned: int
    why: str
    storage: str
    finished_at: datetime | None
    shard: ShardState | None

    def state(self, now: datetime) -> SiteState:
        """Return what the site is doing at a moment of the database's clock."""
        if self.holder is not None:
            return "held"
        if self.is_paused:
            return "paused"
        return "due" if max(self.due_at, self.not_before) <= now else "waiting"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to crawl a site, and to request its server group, for some seconds.

    Attributes:
        site: its name.
        group: its server group, of which nobody else holds a site.
        epoch: the number of this claim of the site.
        seconds: how long the lease lasts, counted from before it was asked for.
        profile_version: the newest version of the profile; 0 when there is none.
        storage: where the archive of the site is: its own place, else that of the fleet; "" when neither is set.
        abandoned: how many leases before it, in a row, ended without a word from their worker.
    """

    site: str
    group: str
    epoch: int
    seconds: float
    profile_version: int
    storage: str
    abandoned: int = 0


@dataclass(frozen=True, slots=True)
class FleetProfile:
    """A version of a profile. Versions of a profile are counted from 1."""

    name: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class FleetCounts:
    """How many sites are in each state, and how many groups and workers there are."""

    sites: int = 0
    groups: int = 0
    due: int = 0
    waiting: int = 0
    held: int = 0
    paused: int = 0
    failing: int = 0
    workers: int = 0


class Leases(Protocol):
    """The control database of a fleet. Methods may be called from any thread.

    Each method raises FleetUnavailable when the database cannot be asked; then nothing is known about what was done.
    """

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(self, *raised: object) -> None:
        """Close the connection."""

    def close(self) -> None:
        """Close the connection."""

    def add(self, sites: Sequence[NewSite]) -> int:
        """Add sites, due at once, and return how many were new. A known site gets the new group and delay.

        Raises:
            SiteBusy: a site is held, and its group would change. Nothing was added.
        """

    def remove(self, site: str) -> bool:
        """Forget a site, but not its profiles. Return False when it is not known.

        Raises:
            SiteBusy: it is held.
        """

    def sites(self, site: str | None = None) -> tuple[datetime, list[FleetSite]]:
        """Return the present moment of the database, and all sites by name, or only one."""

    def storage(self) -> str:
        """Return the address of the object storage that has the archives of all sites; "" when it was not set."""

    def set_storage(self, address: str) -> None:
        """Set the address of the object storage for the sites that have no own one. Nothing is moved."""

    def claim(self, worker: str, seconds: float, most: int = 1) -> list[Lease]:
        """Take the leases of the sites that have been due longest, one of each free group, at most `most`."""

    def claim_site(self, site: str, worker: str, seconds: float) -> Lease:
        """Take the lease of one site, also when it is not due or paused.

        Raises:
            SiteBusy: its group is held, or may not be requested yet.
            UsageError: it is not in the fleet.
        """

    def renew(self, worker: str, held: Mapping[str, int], seconds: float) -> dict[str, float]:
        """Let leases last `seconds` from now; return the seconds of each. A site that is missing is lost.

        Args:
            worker: the holder.
            held: the epoch of each site.
            seconds: how long the leases are to last.
        """

    def finish(
        self, site: str, epoch: int, due_in: float, *, wait: float | None = None, shard: ShardState | None = None
    ) -> bool:
        """End a lease after a crawl. Return whether it was still held; if not, nothing is changed.

        Args:
            site: its name.
            epoch: that of the lease.
            due_in: seconds until the site is to be crawled again.
            wait: seconds in which nobody may request the group; None: its delay.
            shard: the archive as it is now; None leaves what was said before.
        """

    def release(self, site: str, epoch: int, due_at: datetime, *, shard: ShardState | None = None) -> bool:
        """End a lease in which nothing was requested. Return whether it was still held; if not, nothing is changed.

        The failures of the site stay as they are, and its group may be requested at once.

        Args:
            site: its name.
            epoch: that of the lease.
            due_at: when it is due; may be in the past, as before the claim.
            shard: the archive as it is now; None leaves what was said before.
        """

    def fail(self, site: str, epoch: int, why: str, retry_in: float, *, wait: float | None = None) -> bool:
        """End a lease after a crawl that failed. Return whether it was still held; if not, nothing is changed.

        Args:
            site: its name.
            epoch: that of the lease.
            why: the reason, in one line.
            retry_in: seconds until the next try after the first failure; doubled after each further one, up to a day.
            wait: seconds in which nobody may request the group; None: its delay.
        """

    def move(self, site: str, epoch: int, storage: str) -> bool:
        """Change where the archive of a site is; "": where the fleet's are. Return whether the lease was still held."""

    def pause(self, site: str) -> bool:
        """Let nobody claim a site from now on; a running lease goes on. Return False when it is not known."""

    def resume(self, site: str) -> bool:
        """Let a site be claimed again, and forget its failures. Return False when it is not known."""

    def due(self) -> float | None:
        """Return the seconds until a site can be claimed, 0 when one can be now; None when all are paused."""

    def put_profile(self, name: str, text: str) -> int:
        """Keep a profile, and return its version: a new one only when the text is not that of the newest."""

    def profile(self, name: str, version: int | None = None) -> FleetProfile | None:
        """Return a version of a profile, the newest by default; None when there is none."""


def why_busy(site: str, held: tuple[str, str, datetime] | None, not_before: datetime) -> str:
    """Return why a site cannot be claimed now, in one line.

    Args:
        site: its name.
        held: the lease of its group: the worker, the site that it holds, and the end; None: there is none.
        not_before: when the group may be requested again.
    """
    if held is None:
        return f"{site}: its server may not be requested before {written(not_before)} UTC; try again then"
    holder, held_site, until = held
    which = "it" if held_site == site else f"{held_site}, which has the same server,"
    return f"{site}: {holder} holds {which} until {written(until)} UTC; try again then"


def failure_backoff(retry_in: float, failures: int) -> float:
    """Return the seconds until the next try. `failures`: how many there were in a row, at least 1."""
    return min(retry_in * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), max(retry_in, LONGEST_BACKOFF))


def abandoned_backoff(abandoned: int) -> float:
    """Return the seconds for which a site is left alone when its worker dies. `abandoned`: how often it was before."""
    return failure_backoff(ABANDONED_BACKOFF, abandoned) if abandoned else 0.0


def bounded(seconds: float) -> float:
    """Return a span that every database can add to a moment: 0 to ten years, in seconds."""
    return min(max(seconds, 0.0), _TEN_YEARS)


def count_sites(now: datetime, sites: Sequence[FleetSite]) -> FleetCounts:
    """Count sites by what they do at a moment of the database's clock."""
    states = [each.state(now) for each in sites]
    return FleetCounts(
        sites=len(sites),
        groups=len({each.group for each in sites}),
        due=states.count("due"),
        waiting=states.count("waiting"),
        held=states.count("held"),
        paused=states.count("paused"),
        failing=sum(bool(each.failures) for each in sites),
        workers=len({each.holder for each in sites if each.holder is not None}),
    )
