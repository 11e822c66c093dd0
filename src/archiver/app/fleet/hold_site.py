"""Hold one named site of a fleet for the work of a command, and give it back as it was due."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from archiver.app.fleet.held_leases import HeldLease, HeldLeases
from archiver.errors import FleetUnavailable, SiteBusy, UsageError
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
    """

    held: HeldLease
    site: FleetSite
    shard: ShardState | None = None

    @property
    def lease(self) -> Lease:
        """The lease."""
        return self.held.lease

    def check(self) -> None:
        """Do nothing while the lease is held.

        Raises:
            LeaseOver: it is over.
        """
        self.held.check()


@contextmanager
def hold_site(
    leases: Leases,
    site: str,
    holder: str,
    *,
    seconds: float = LEASE_SECONDS,
    patience: float = PATIENCE,
    wait: float | None = 0.0,
    note: Callable[[str], None] = lambda _line: None,
) -> Iterator[SiteHold]:
    """Claim a site, renew its lease during the body of the `with` statement, and give it back, due as before.

    Args:
        leases: the control database.
        site: the name of the site. It may be paused.
        holder: the name of the holder.
        seconds: how long a lease lasts without a renewal.
        patience: seconds for which a site that is busy is waited for.
        wait: seconds for which its server must be left alone afterwards; None: the delay of its server group.
        note: called with a line when renewing fails.

    Raises:
        SiteBusy: another one holds it, or a site of the same server.
        UsageError: it is not in the fleet.
        FleetUnavailable: the control database does not answer.
    """
    with HeldLeases(leases, holder, seconds, note) as holding:
        known, held, due_in = _claimed(leases, holding, site, patience)
        begun = steady_seconds()
        hold = SiteHold(held, known)
        try:
            yield hold
        finally:
            left = max(0.0, due_in - (steady_seconds() - begun))
            holding.forget(held)
            with suppress(FleetUnavailable):  # then the lease ends by itself
                leases.finish(site, held.lease.epoch, left, wait=wait, shard=hold.shard)


def _claimed(leases: Leases, holding: HeldLeases, site: str, patience: float) -> tuple[FleetSite, HeldLease, float]:
    """Return the site as it was before, its lease, and the seconds until it is due."""
    ends = steady_seconds() + patience
    while True:
        now, found = leases.sites(site)
        if not found:
            raise UsageError(f"{site}: not in the fleet; see `archiver fleet list`")
        try:
            held = holding.claim_site(site)
        except SiteBusy:
            if steady_seconds() >= ends:
                raise
            time.sleep(_LOOK_AGAIN)
        else:
            return found[0], held, (found[0].due_at - now).total_seconds()
