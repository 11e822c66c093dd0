"""A copy of a shard to read, without a lease."""

from pathlib import Path

from filelock import FileLock, Timeout

from archiver.errors import ArchiveReadOnly, ObjectMissing, ShardDamaged, SiteBusy
from archiver.maintain.generations.marker import LOCK, demand_own
from archiver.maintain.generations.restore import bring_to, newest_number, read_generation
from archiver.model.generation import Generation
from archiver.model.stored_object import ObjectStorage

_TRIES = 3
"""How often the newest generation is tried, while a redaction deletes the one that is being read."""


def fetch_shard(storage: ObjectStorage, site: str, folder: Path, number: int | None = None) -> Generation:
    """Bring a folder to a generation of a shard, without a lease: to read it. A folder with an older one gets what it lacks.

    Args:
        storage: where the shard is.
        site: whose shard.
        folder: of this copy alone; created when it is missing.
        number: which generation; None: the newest.

    Raises:
        ObjectMissing: there is no such generation, or none at all.
        ShardDamaged: it cannot be restored.
        StorageUnavailable: the storage does not answer.
        SiteBusy: another process uses the folder.
        ArchiveLocked: another program has the copy open.
        UsageError: the folder holds an archive that is no working copy.
    """
    lock = FileLock(folder / LOCK)
    lock_folder(lock, folder)
    try:
        demand_own(folder)
        for _ in range(_TRIES):
            before = newest_number(storage, site)
            try:
                return _fetched(storage, site, folder, before if number is None else number)
            except (ShardDamaged, ObjectMissing):
                if number is not None or newest_number(storage, site) == before:
                    raise
        return _fetched(storage, site, folder, newest_number(storage, site))
    finally:
        lock.release()


def _fetched(storage: ObjectStorage, site: str, folder: Path, number: int) -> Generation:
    found, digest = read_generation(storage, site, number) if number > 0 else (None, "")
    if found is None or found.is_empty:
        raise ObjectMissing(f"{storage.place}: nothing is stored of {site} yet")
    bring_to(storage, folder, found, digest, lambda: None)
    return found


def lock_folder(lock: FileLock, folder: Path) -> None:
    """Take the lock of a folder, which is created when it is missing.

    Raises:
        SiteBusy: another process has it.
        ArchiveReadOnly: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise SiteBusy(f"{folder}: another process uses this copy; let it finish, or name another folder") from None
    except OSError as error:
        raise ArchiveReadOnly(f"{folder}: cannot be written: {error.strerror}; name another folder") from error
