"""The working copy of a held site's archive on this machine, for the commands of a fleet."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from archiver.app.fleet.hold_site import SiteHold
from archiver.errors import FleetUnavailable, StorageUnavailable, UsageError
from archiver.extract.profile import is_slug
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.clock import Clock
from archiver.model.stored_object import ObjectStorage

T = TypeVar("T")
_WAITS = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between two tries of something for which object storage or the control database do not answer."""


def storage_of(site: str, address: str) -> ObjectStorage:
    """Return the object storage that has a site's archive.

    Raises:
        UsageError: the fleet has none, or the name cannot be that of a site.
    """
    if not is_slug(site):
        raise UsageError(f"{site!r}: not a name of a site; `archiver fleet remove` takes it from the fleet")
    if not address:
        raise UsageError(f"{site}: the fleet has no place for archives; `archiver fleet init --storage PLACE` sets it")
    return open_storage(address)


def working_copy(hold: SiteHold, folder: Path, clock: Clock) -> ShardCopy:
    """Return the working copy of a held site, in a folder of its own in `folder`.

    Raises:
        UsageError: the fleet has no storage, or the name of the site cannot be that of a folder.
    """
    site = hold.lease.site
    storage = storage_of(site, hold.lease.storage)
    return ShardCopy(folder / site, storage, site, clock)


def patiently(work: Callable[[], T], hold: SiteHold) -> T:
    """Return the result of `work`; repeat it a few times when object storage or the control database do not answer.

    Raises:
        ShardFenced: the lease is over meanwhile.
        StorageUnavailable, FleetUnavailable: as `work`, at the last try.
    """
    for wait in _WAITS:
        try:
            return work()
        except (StorageUnavailable, FleetUnavailable):
            time.sleep(wait)
            hold.check()
    return work()
