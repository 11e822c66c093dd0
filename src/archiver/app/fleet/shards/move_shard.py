"""Move the archive of a site to another object storage, under a lease. The old objects stay until they are deleted."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from archiver.app.fleet.hold_site import SiteHold, hold_site, name_of_command
from archiver.app.fleet.working_copy import patiently, storage_of
from archiver.errors import ObjectMissing, ShardDamaged, SiteBusy, UsageError
from archiver.fleet.object_storage import check_storage, full_address, open_storage
from archiver.maintain.generations.manifest import generations_of, manifest_key, number_of
from archiver.maintain.generations.restore import read_generation
from archiver.model.lease import Leases
from archiver.model.stored_object import ObjectStorage

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class MovedShard:
    """A site whose archive was moved.

    Attributes:
        site: its name.
        old, new: the places, without secrets.
        generation: the newest; 0 when there was none.
        objects: of the archive; `copied`: those that were not in the new place yet; `bytes`: of all.
        deleted: whether the old objects were deleted.
    """

    site: str
    old: str
    new: str
    generation: int
    objects: int
    copied: int
    bytes: int
    deleted: bool


def move_shard(leases: Leases, site: str, to: str, *, delete_old: bool, progress: Progress) -> MovedShard:
    """Copy all generations that are kept to another storage, then let the fleet use that one.

    When it is interrupted, the fleet uses the old place, and the next call copies what is missing.

    Args:
        leases: the control database.
        site: the name of the site.
        to: the address of the storage; a folder is made absolute.
        delete_old: delete the objects in the old place at the end.
        progress: called with the present step.

    Raises:
        SiteBusy: a worker holds the site.
        UsageError: it is not in the fleet, it is in this place already, or this is no address of a storage.
        ShardDamaged: an object does not match its digest; `archiver fleet rescue` says what is whole.
        StorageUnavailable, ShardFenced: the fleet uses the old place.
    """
    to = full_address(to)
    target = open_storage(to)
    check_storage(target)
    with hold_site(leases, site, name_of_command("move")) as hold:
        source = storage_of(site, hold.lease.storage)
        if hold.lease.storage == to or source.place == target.place:
            raise UsageError(f"{site}: its archive is in {target.place} already; name another place")
        copying = _Copying(source, target, site, hold)
        for done, number in enumerate(copying.numbers, 1):
            copying.copy(number)
            progress(f"copying {site}", done, len(copying.numbers))
        hold.check()
        if not leases.move(site, hold.lease.epoch, "" if to == leases.storage() else to):
            raise SiteBusy(f"{site}: the lease was lost; the fleet uses the old place; run this again")
        if delete_old:
            source.delete(copying.keys)
    return MovedShard(
        site,
        source.place,
        target.place,
        copying.numbers[-1] if copying.numbers else 0,
        len(copying.keys),
        copying.copied,
        copying.bytes,
        delete_old,
    )


class _Copying:
    """Copies the generations of a site, the oldest first, so that what is there can always be restored."""

    def __init__(self, source: ObjectStorage, target: ObjectStorage, site: str, hold: SiteHold) -> None:
        self._source, self._target, self._site, self._hold = source, target, site, hold
        found = (number_of(each.key) for each in source.objects(generations_of(site)))
        self.numbers = sorted(number for number in found if number is not None)
        self._there = {each.key for each in target.objects(f"shards/{site}")}
        self.keys: list[str] = []
        self.copied = self.bytes = 0

    def copy(self, number: int) -> None:
        """Copy the packs of a generation, then its manifest."""
        self._hold.check()
        generation, digest = patiently(lambda: read_generation(self._source, self._site, number), self._hold)
        for pack in generation.packs:
            self._copy(pack.key, pack.sha256)
        self._copy(manifest_key(self._site, number), digest)

    def _copy(self, key: str, sha256: str) -> None:
        """Copy an object, whose digest is checked; one that is there already is read back."""
        storage = self._target if key in self._there else self._source
        self._hold.check()
        try:
            body = patiently(lambda: storage.read(key), self._hold)
        except ObjectMissing:
            raise ShardDamaged(f"{storage.place}: {key} is missing; {_RESCUE.format(self._site)}") from None
        if hashlib.sha256(body).hexdigest() != sha256:
            raise ShardDamaged(f"{storage.place}: {key} does not match its digest; {_RESCUE.format(self._site)}")
        if storage is self._source:
            self._hold.check()
            patiently(lambda: self._target.create(key, body), self._hold)
            self.copied += 1
        self.keys.append(key)
        self.bytes += len(body)


_RESCUE = "the fleet uses the old place; `archiver fleet rescue {}` says what is whole"
