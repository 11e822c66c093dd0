"""Where the shards of a fleet are, and copies of them on this machine that questions read."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from archiver.app.fleet.manage import sites_of_fleet
from archiver.errors import ArchiveError, ArchiverError, UsageError
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import fetch_shard
from archiver.model.generation import Generation
from archiver.model.lease import Leases
from archiver.settings import cache_folder

ARCHIVE = "archive.db"


@dataclass(frozen=True, slots=True)
class ShardPlace:
    """Where a shard is.

    Attributes:
        site: its site.
        storage: the address of the storage.
        generation: the newest that the control database knows of; 0: no worker has published one yet.
    """

    site: str
    storage: str
    generation: int = 0

    def missing(self) -> ArchiverError | None:
        """Return the error for a storage that has nothing of the shard; None: no worker has published anything yet."""
        if not self.generation:
            return None
        return ArchiveError(
            f"{self.site}: the storage has nothing of it, and a worker published generation {self.generation}; "
            "see whether `archiver fleet status` names the right storage; `archiver fleet remove` and `add` begin anew"
        )


@dataclass(frozen=True, slots=True)
class ShardPlaces:
    """The shards that a question is about.

    Attributes:
        tables: the address of the storage of the fleet, which has the exported tables.
        shards: the sites.
    """

    tables: str
    shards: tuple[ShardPlace, ...]


def shard_places(leases: Leases, names: Sequence[str] = ()) -> ShardPlaces:
    """Return where the shards of some sites are, or of all.

    Raises:
        UsageError: the fleet has no storage, or no such site.
        FleetUnavailable: the control database does not answer.
    """
    storage, sites = sites_of_fleet(leases, names)
    if not storage:
        raise UsageError("the fleet has no place for archives; `archiver fleet init --storage PLACE` sets it")
    shards = (
        ShardPlace(each.site, each.storage or storage, each.shard.generation if each.shard else 0) for each in sites
    )
    return ShardPlaces(storage, tuple(shards))


def cached(kind: str, storage: str) -> Path:
    """Return the folder of the cache for what comes from a storage: `copies` of shards, or `tables`."""
    return cache_folder() / kind / hashlib.sha256(storage.encode()).hexdigest()[:16]


@contextmanager
def current_copy(place: ShardPlace, copies: Path) -> Iterator[tuple[Path, Generation]]:
    """Bring the copy of a shard up to date; yield its archive and its generation. No other question changes it.

    Args:
        place: the shard.
        copies: the folder of all copies.

    Raises:
        StorageUnavailable: the storage does not answer; ObjectMissing: nothing was published yet.
        ArchiveError: the shard is damaged, or the copies cannot be written.
    """
    with _alone(place, copies):
        generation = fetch_shard(open_storage(place.storage), place.site, copies / place.site)
        yield copies / place.site / ARCHIVE, generation


@contextmanager
def former_copy(place: ShardPlace, copies: Path) -> Iterator[Path]:
    """Yield the archive of a copy as it is.

    Raises:
        ArchiveError: there is no copy, or the copies cannot be written.
    """
    with _alone(place, copies):
        path = copies / place.site / ARCHIVE
        if not path.is_file():
            raise ArchiveError(f"{place.site}: no copy in {copies}; leave out --no-update")
        yield path


@contextmanager
def _alone(place: ShardPlace, copies: Path) -> Iterator[None]:
    lock = FileLock(copies / f".{place.site}.lock")  # no site begins with a dot
    try:
        copies.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise ArchiveError(
            f"{copies}: cannot be written ({error.strerror}); name another folder by --copies"
        ) from error
    try:
        yield
    finally:
        lock.release()
