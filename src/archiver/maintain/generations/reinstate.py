"""Publishes an older generation of a shard again, as a full one, when newer ones are damaged."""

from collections.abc import Callable
from dataclasses import replace

from archiver.errors import ShardDamaged
from archiver.maintain.generations.manifest import LARGEST_MANIFEST, digest_of, manifest_key
from archiver.maintain.generations.restore import bring_to, newest_number, read_generation
from archiver.maintain.generations.shard_copy import ShardCopy


class ReinstatedCopy(ShardCopy):
    """The working copy of a shard whose newest generations may be damaged."""

    def begin_again(self, number: int, epoch: int, worker: str, check: Callable[[], None]) -> None:
        """Fence off older epochs, and bring the copy to an older generation; `ship` then publishes all of it anew.

        Args:
            number: of the older generation.
            epoch: of the lease.
            worker: its holder.
            check: called before each request; raises when the lease is over.

        Raises:
            ShardDamaged: the older generation cannot be restored.
            ShardFenced, StorageUnavailable, SiteBusy, UsageError: as `begin`.
        """
        self._take_folder()
        self._epoch, self._worker = epoch, worker
        older, digest = read_generation(self._storage, self._site, number)
        try:
            newest, self._digest = self._fence(check)
        except ShardDamaged:  # the newest manifest itself; the control database gave an epoch that is newer
            last = newest_number(self._storage, self._site, number)
            newest = replace(older, number=last)
            self._digest = digest_of(self._storage.read(manifest_key(self._site, last), LARGEST_MANIFEST))
        bring_to(self._storage, self._folder, older, digest, check)
        self._newest = replace(
            newest,
            full=0,
            files=(),
            head=older.head,
            profile_version=older.profile_version,
            reader=older.reader,
            read_whole=older.read_whole,
        )
