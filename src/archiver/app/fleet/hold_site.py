"""Hold one named site of a fleet for the work of a command, and give it back as it was due."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from archiver.app.fleet.held_leases import HeldLease, HeldLeases
from archiver.errors import FleetUnavailable, ShardFenced, SiteBusy, UsageError
from archiver.model.deadline import steady_seconds
from archiver.model.lease import FleetSite, Lease, Leases, ShardState

LEASE_SECONDS = 120.0
PATIENCE = 20.0
"""Seconds for which a site that is busy is waited for. Most waits are the delay of a server."""
_LOOK_AGAIN = 1.0


def name_of_command(what: str) -> str:
    """Return a name for the holder of a lease: `extract@HOST:PID:RANDOM`."""
    return f"{what}@{socket.gethostname()[:60]}:{os.getpid()}:{os.urandom(3).hex()}"


@dataclass
class SiteHold:
    """A site that is held.

    Attributes:
        held: its lease.
        site: what the control database knew about it before.
        shard: to be set when its archive has changed; told to the control database at the end.
        is_mended: to be set when the failures of the site are to be forgotten.
        has_requested: to be set when its server was requested; its group is then left alone for its delay.
    """

    held: HeldLease
    site: FleetSite
    shard: ShardState | None = None
    is_mended: bool = False
    has_requested: bool = False

    @property
    def lease(self) -> Lease:
        """The lease."""
        return self.held.lease

    def check(self) -> None:
        """Do nothing while the lease is held.

        Raises:
            ShardFenced: it is over.
        """
        try:
            self.held.demand()
        except ShardFenced as over:
            raise ShardFenced(f"{over}, and nothing was stored after that; run this again") from over


@contextmanager
def hold_site(
    leases: Leases,
    site: str,
    holder: str,
    *,
    seconds: float = LEASE_SECONDS,
    patience: float = PATIENCE,
    note: Callable[[str], None] = lambda _line: None,
) -> Iterator[SiteHold]:
    """Claim a site, renew its lease during the body of the `with` statement, and give it back, due as before.

    Args:
        leases: the control database.
        site: the name of the site. It may be paused.
        holder: the name of the holder.
        seconds: how long a lease lasts without a renewal.
        patience: seconds for which a site that is busy is waited for.
        note: called with a line when renewing fails.

    Raises:
        SiteBusy: another one holds it, or a site of the same server.
        UsageError: it is not in the fleet.
        FleetUnavailable: the control database does not answer.
    """
    with HeldLeases(leases, holder, seconds, note) as holding:
        hold = SiteHold(*_claimed(leases, holding, site, patience))
        try:
            yield hold
        finally:
            holding.forget(hold.held)
            with suppress(FleetUnavailable):  # then the lease ends by itself
                _give_back(leases, hold)


def _give_back(leases: Leases, hold: SiteHold) -> None:
    site, epoch = hold.lease.site, hold.lease.epoch
    if hold.is_mended or hold.has_requested:
        now, _ = leases.sites(site)
        wait = None if hold.has_requested else 0.0
        leases.finish(site, epoch, (hold.site.due_at - now).total_seconds(), wait=wait, shard=hold.shard)
    else:
        leases.release(site, epoch, hold.site.due_at, shard=hold.shard)


def _claimed(leases: Leases, holding: HeldLeases, site: str, patience: float) -> tuple[HeldLease, FleetSite]:
    """Return the lease of a site, and the site as it was before."""
    ends = steady_seconds() + patience
    while True:
        _, found = leases.sites(site)
        if not found:
            raise UsageError(f"{site}: not in the fleet; see `archiver fleet list`")
        try:
            held = holding.claim_site(site)
        except SiteBusy:
            if steady_seconds() >= ends:
                raise
            time.sleep(_LOOK_AGAIN)
        else:
            return held, found[0]
