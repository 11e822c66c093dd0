"""The working copy of a shard: brought to the newest generation, written by a crawl, and published as the next one.

    begin      publish a fence, fetch what is missing, check it
    recording  a slice of the crawl; which pages change is noted
    ship       pack the changed pages, upload them, publish their manifest
    close      end the work; `discard` also deletes the copy

The number of a generation is the compare-and-swap: its manifest is created only if there is none of that number. See
docs/decisions/0021-generations-in-object-storage.md.

A copy is used by one thread at a time; the lock of its folder keeps other processes out, from `begin` to `close`.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from filelock import FileLock

from archiver.errors import ObjectExists, ShardDamaged, ShardFenced
from archiver.extract.reader_version import reader_version
from archiver.maintain.generations.fetch_shard import fetch_shard, lock_folder
from archiver.maintain.generations.manifest import FILES, digest_of, manifest_bytes, manifest_key, pack_key
from archiver.maintain.generations.marker import (
    LOCK,
    MARKER,
    delete_files,
    delete_outgoing,
    demand_own,
    write_marker,
)
from archiver.maintain.generations.page_packs import LocalPack
from archiver.maintain.generations.prune import prune_redacted, prune_when_due
from archiver.maintain.generations.restore import bring_to, newest_generation, newest_number, read_generation
from archiver.maintain.generations.slice_changes import SliceChanges
from archiver.model.clock import Clock, system_clock, written
from archiver.model.generation import Generation, Pack, ShardHead
from archiver.model.stored_object import ObjectStorage
from archiver.text.digest import GENESIS

__all__ = ["ShardCopy", "fetch_shard", "newest_generation"]

_TRIES = 20
"""How often a fence is tried while other workers publish."""
_NOTHING = ShardHead(visits=0, last_visit=0, chain=GENESIS, redactions=0, redaction_chain=GENESIS)


@dataclass(slots=True)
class _Outgoing:
    """A generation that is being published. Its packs are in files, so that publishing can be tried again."""

    generation: Generation
    packs: list[LocalPack]
    uploaded: set[str] = field(default_factory=set)


class ShardCopy:
    """The working copy of a shard in a folder of this machine. A context manager that closes it.

    Args:
        folder: of this copy alone; created when it is missing.
        storage: where the shard is.
        site: whose shard it is.
        clock: for the times in manifests.

    Attributes:
        path: of `archive.db`.

    Raises:
        ValueError: not the name of a site.
    """

    def __init__(self, folder: Path, storage: ObjectStorage, site: str, clock: Clock = system_clock) -> None:
        manifest_key(site, 1)
        self.path = folder / FILES[0]
        self._folder, self._storage, self._site, self._clock = folder, storage, site, clock
        self._lock = FileLock(folder / LOCK)
        self._newest: Generation | None = None
        self._digest = ""
        self._epoch, self._worker = 0, ""
        self._changes: SliceChanges | None = None
        self._outgoing: _Outgoing | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()

    def begin(self, epoch: int, worker: str, check: Callable[[], None] = lambda: None) -> Generation | None:
        """Fence off older epochs, bring the copy to the newest generation, and check it.

        Args:
            epoch: of the lease.
            worker: its holder.
            check: called before each request; raises when the lease is over.

        Returns:
            The generation that the copy now equals; None: the shard is empty, and there is no file.

        Raises:
            ShardFenced: a newer epoch has it.
            ShardDamaged: the newest generation cannot be restored.
            StorageUnavailable: the storage does not answer.
            SiteBusy: another process uses the folder.
            UsageError: the folder holds an archive that is no working copy.
        """
        self._take_folder()
        self._epoch, self._worker = epoch, worker
        self._newest, self._digest = self._fence(check)
        bring_to(self._storage, self._folder, self._newest, self._digest, check)
        prune_redacted(self._storage, self._newest, self._clock(), check)
        return None if self._newest.is_empty else self._newest

    def _take_folder(self) -> None:
        lock_folder(self._lock, self._folder)
        demand_own(self._folder)
        self._forget_changes()

    def _fence(self, check: Callable[[], None]) -> tuple[Generation, str]:
        """Publish a generation without new pages, after which no older epoch can publish."""
        known = 0
        for _ in range(_TRIES):
            check()
            known = newest_number(self._storage, self._site, known)
            newest, digest = read_generation(self._storage, self._site, known) if known else (None, "")
            if newest is not None and newest.epoch > self._epoch:
                raise self._fenced(newest)
            if newest is not None and (newest.epoch, newest.worker) == (self._epoch, self._worker):
                return newest, digest
            fence = self._next(newest, digest)
            check()
            with suppress(ObjectExists):  # an older epoch published before the fence: go on from there
                return fence, self._publish(fence)
        raise ShardDamaged(
            f"{self._storage.place}: {self._site}: no generation can be published; others do so all the time"
        )

    def _next(self, newest: Generation | None, digest: str) -> Generation:
        """Return the generation after another one, without new pages."""
        made_at = written(self._clock())
        if newest is None:
            return Generation(
                *(self._site, 1, self._epoch, self._worker, made_at, "", 0, 0, 0, ""),
                *(_NOTHING, 0, "", False, (), ()),
            )
        return replace(
            newest,
            number=newest.number + 1,
            epoch=self._epoch,
            worker=self._worker,
            made_at=made_at,
            previous=digest,
            packs=(),
        )

    def _publish(self, generation: Generation) -> str:
        manifest = manifest_bytes(generation)
        self._storage.create(manifest_key(self._site, generation.number), manifest)
        return digest_of(manifest)

    @contextmanager
    def recording(self, *, rewritten: bool = False) -> Iterator[None]:
        """Write to the archive only inside this block: which pages change is noted until the next `ship`.

        The copy equals no generation until then. When the process dies, it is fetched anew.

        Args:
            rewritten: a program is to rewrite the files, and must have them alone. The next generation has all pages.
        """
        if self._newest is None or self._outgoing is not None:
            raise ValueError("`begin` first, and `ship` what was recorded")
        if self._changes is None:
            write_marker(self._folder, self._site)
            self._changes = SliceChanges(self._folder, self._newest, rewritten=rewritten)
        yield

    def ship(self, check: Callable[[], None], profile_version: int) -> Generation | None:
        """Publish what changed. After StorageUnavailable it may be called again, and goes on.

        Args:
            check: called before each request; raises an ArchiverError when the lease is over.
            profile_version: of the profile that the slice was crawled with.

        Returns:
            The new generation; None: nothing changed.

        Raises:
            ShardFenced: another worker published since. The copy was deleted.
            StorageUnavailable: the storage does not answer.
            ArchiveLocked: another program writes to the copy, or reads an older state of it.
        """
        before = self._newest
        if before is None:
            raise ValueError("`begin` first")
        if self._outgoing is None and not self._pack(before, profile_version):
            return None
        published = self._upload(check)
        self._newest = published
        prune_when_due(self._storage, before, published, self._clock(), check)
        return published

    def note_reading(self, check: Callable[[], None], profile_version: int) -> Generation:
        """Publish that a version of the profile and this reader have read all captures, where no generation says so.

        Args:
            check: called before the request; raises an ArchiverError when the lease is over.
            profile_version: of the profile.

        Raises:
            ShardFenced, StorageUnavailable: as `ship`.
        """
        before = self._newest
        if before is None or self._changes is not None or self._outgoing is not None:
            raise ValueError("`ship` first")
        if _is_read(before, profile_version):
            return before
        noted = replace(
            self._next(before, self._digest), profile_version=profile_version, reader=reader_version(), read_whole=True
        )
        check()
        try:
            self._digest = self._publish(noted)
        except ObjectExists:
            raise self._overtaken(noted.number) from None
        self._newest = noted
        write_marker(self._folder, self._site, noted.number, self._digest)
        return noted

    def _pack(self, before: Generation, profile_version: int) -> bool:
        """Write the packs of the next generation to files; return whether anything changed."""
        if self._changes is None or not self.path.exists():
            return False
        packed = self._changes.pack()
        self._changes = None
        if packed is None:
            write_marker(self._folder, self._site, before.number, self._digest)
            return False
        token, following = secrets.token_hex(8), self._next(before, self._digest)
        size = sum(each.bytes for each in packed.packs)
        names = (pack_key(self._site, following.number, self._epoch, token, part) for part in range(len(packed.packs)))
        generation = replace(
            following,
            full=following.number if packed.is_full else before.full,
            full_bytes=size if packed.is_full else before.full_bytes,
            changed_bytes=0 if packed.is_full else before.changed_bytes + size,
            archive_id=packed.archive_id,
            head=packed.head,
            profile_version=profile_version,
            reader=reader_version(),
            read_whole=not before.head.visits or _is_read(before, profile_version),
            files=packed.files,
            packs=tuple(Pack(name, each.bytes, each.sha256) for name, each in zip(names, packed.packs, strict=True)),
        )
        self._outgoing = _Outgoing(generation, packed.packs)
        return True

    def _upload(self, check: Callable[[], None]) -> Generation:
        outgoing = self._outgoing
        if outgoing is None:
            raise ValueError("nothing is to be published")
        for pack, local in zip(outgoing.generation.packs, outgoing.packs, strict=True):
            if pack.key not in outgoing.uploaded:
                body = local.path.read_bytes()
                if hashlib.sha256(body).hexdigest() != pack.sha256:
                    raise ShardDamaged(
                        f"{local.path}: this file was damaged before it was uploaded; fetch the shard anew"
                    )
                check()
                self._storage.create(pack.key, body)
                outgoing.uploaded.add(pack.key)
        check()
        try:
            self._digest = self._publish(outgoing.generation)
        except ObjectExists:
            raise self._overtaken(outgoing.generation.number) from None
        self._outgoing = None
        delete_outgoing(self._folder)
        write_marker(self._folder, self._site, outgoing.generation.number, self._digest)
        return outgoing.generation

    def _overtaken(self, number: int) -> ShardFenced:
        """Delete the copy: another worker published this number, so what was recorded cannot be published."""
        fenced = self._fenced(read_generation(self._storage, self._site, number)[0])
        self.discard()
        return fenced

    def _fenced(self, newest: Generation) -> ShardFenced:
        return ShardFenced(
            f"{self._site}: {newest.worker} has published generation {newest.number} with epoch {newest.epoch}; the epoch of "
            f"{self._worker} is {self._epoch}, and its work since then is dropped"
        )

    def discard(self) -> None:
        """Delete the copy, and close it. Nothing is written: the disk may be full."""
        try:
            self._forget_changes()
            if (self._folder / MARKER).exists():  # last: when this is interrupted, its stamps match no file
                delete_files(self._folder)
                (self._folder / MARKER).unlink()
        finally:
            self.close()

    def close(self) -> None:
        """Let other processes use the folder. What was recorded and not shipped is lost. A second call does nothing."""
        self._forget_changes()
        self._newest = None
        self._lock.release(force=True)  # `begin` may have been called twice

    def _forget_changes(self) -> None:
        if self._changes is not None:
            self._changes.close()
        self._changes = self._outgoing = None


def _is_read(generation: Generation, profile_version: int) -> bool:
    """Whether a version of the profile and this reader have read all captures of a generation."""
    found = (generation.read_whole, generation.profile_version, generation.reader)
    return found == (True, profile_version, reader_version())
