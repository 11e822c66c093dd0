"""The working copy of a held site's archive on this machine, for the commands of a fleet."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from archiver.app.fleet.hold_site import SiteHold
from archiver.errors import FleetUnavailable, SiteBusy, StorageUnavailable, UsageError
from archiver.extract.profile import is_slug
from archiver.fleet.object_storage import ObjectStorage, open_storage
from archiver.maintain.generations.shard_copy import Generation, ShardCopy
from archiver.model.clock import Clock
from archiver.model.lease import ShardState
from archiver.store.archive import vault_path

T = TypeVar("T")
_WAITS = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between two tries of something for which object storage or the control database do not answer."""


def storage_of(site: str, address: str) -> ObjectStorage:
    """Return the object storage that has a site's archive.

    Raises:
        UsageError: the fleet has none.
    """
    if not address:
        raise UsageError(f"{site}: the fleet has no place for archives; `archiver fleet init --storage PLACE` sets it")
    return open_storage(address)


@contextmanager
def locked_copy(hold: SiteHold, folder: Path, clock: Clock) -> Iterator[ShardCopy]:
    """Yield the working copy of a held site in a folder, which no other process uses meanwhile.

    Raises:
        SiteBusy: another process of this machine uses this copy: one that lost its lease and has not noticed it yet.
        UsageError: the folder cannot be written, or the name of the site cannot be that of a folder.
    """
    site = hold.lease.site
    if not is_slug(site):
        raise UsageError(f"{site!r}: not a name of a site; `archiver fleet remove` takes it from the fleet")
    own = folder / site
    lock = FileLock(folder / f".{site}.lock")
    try:
        own.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise SiteBusy(f"{site}: another process uses the working copy {own}; try again when it has ended") from None
    except OSError as error:
        raise UsageError(f"--shards {folder}: cannot be written: {error.strerror}; name another folder") from error
    try:
        yield ShardCopy(own, storage_of(site, hold.lease.storage), site, clock)
    finally:
        lock.release()


def patiently(work: Callable[[], T], hold: SiteHold) -> T:
    """Return the result of `work`; repeat it a few times when object storage or the control database do not answer.

    Raises:
        LeaseOver: the lease is over meanwhile.
        StorageUnavailable, FleetUnavailable: as `work`, at the last try.
    """
    for wait in _WAITS:
        try:
            return work()
        except (StorageUnavailable, FleetUnavailable):
            time.sleep(wait)
            hold.check()
    return work()


def shard_state(copy: ShardCopy, generation: Generation) -> ShardState:
    """Return what the control database is told about an archive."""
    paths = (copy.path, vault_path(copy.path))
    size = sum(path.stat().st_size for path in paths if path.exists())
    return ShardState(generation.number, generation.visits, size)
