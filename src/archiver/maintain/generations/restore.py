"""Brings a folder to a generation: the pages of all generations from the newest full one on, or only those it lacks."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked, ObjectMissing, ShardDamaged
from archiver.maintain.generations.manifest import (
    FILES,
    LARGEST_MANIFEST,
    digest_of,
    generations_of,
    manifest_key,
    number_of,
    parse_manifest,
    rescue_advice,
)
from archiver.maintain.generations.marker import Marker, delete_files, read_marker, write_marker
from archiver.maintain.generations.page_packs import PageFile, apply_pack
from archiver.maintain.generations.shard_head import read_head
from archiver.model.generation import Generation, ShardFile
from archiver.model.stored_object import ObjectStorage
from archiver.store.plain_files import open_plain

Check = Callable[[], None]
"""Called before each request; raises when there is no right to go on."""


def read_generation(storage: ObjectStorage, site: str, number: int) -> tuple[Generation, str]:
    """Return a generation, and the digest of its manifest.

    Raises:
        ObjectMissing: there is none of this number.
        ShardDamaged: its manifest is damaged.
        StorageUnavailable: the storage cannot be read.
    """
    data = storage.read(manifest_key(site, number), LARGEST_MANIFEST)
    return parse_manifest(data, site, number, storage.place), digest_of(data)


def newest_number(storage: ObjectStorage, site: str, known: int = 0) -> int:
    """Return the number of the newest generation; 0 when there is none.

    Args:
        storage: where it is.
        site: whose.
        known: a number that exists; only those from it on are listed.
    """
    after = manifest_key(site, known - 1) if known > 1 else ""
    numbers = (number_of(each.key) for each in storage.objects(generations_of(site), after))
    return max((number for number in numbers if number is not None), default=0)


def newest_generation(storage: ObjectStorage, site: str) -> Generation | None:
    """Return the newest generation of a shard; None when nothing was stored yet.

    Raises:
        ShardDamaged: its manifest is damaged.
        StorageUnavailable: the storage cannot be read.
    """
    number = newest_number(storage, site)
    found = read_generation(storage, site, number)[0] if number else None
    return None if found is None or found.is_empty else found


def newest_epoch(storage: ObjectStorage, site: str) -> int:
    """Return the epoch of the newest generation of a shard; 0 when there is none.

    Raises:
        ShardDamaged: its manifest is damaged.
        StorageUnavailable: the storage cannot be read.
    """
    number = newest_number(storage, site)
    return read_generation(storage, site, number)[0].epoch if number else 0


def bring_to(storage: ObjectStorage, folder: Path, target: Generation, digest: str, check: Check) -> None:
    """Make the files of a folder equal a generation. Its marker then says so.

    Args:
        storage: where the generation is.
        folder: with a working copy of this shard, or without files.
        target: the generation.
        digest: of its manifest.
        check: called before each request.

    Raises:
        ShardDamaged: objects are missing or damaged, or the files are not the archive that the manifest describes.
        StorageUnavailable: the storage cannot be read.
        ArchiveFull: the disk is full.
        ArchiveLocked: another program has the files open.
    """
    marker = read_marker(folder, target.site)
    if marker is not None and (marker.number, marker.manifest) == (target.number, digest):
        return
    _demand_closed(folder / FILES[0])
    write_marker(folder, target.site)
    if marker is not None and target.full <= marker.number < target.number:
        try:
            _apply_all(storage, folder, target, digest, marker, check)
        except (ShardDamaged, ObjectMissing):
            pass  # the copy may be the cause, or the storage was replaced by another
        else:
            write_marker(folder, target.site, target.number, digest)
            return
    delete_files(folder)
    if not target.is_empty:
        _apply_all(storage, folder, target, digest, None, check)
    write_marker(folder, target.site, target.number, digest)


def _demand_closed(path: Path) -> None:
    """Raise ArchiveLocked when another program has an archive open: pages are replaced without SQLite's locks."""
    if not path.is_file():
        return
    try:
        with closing(open_plain(path, write=True, wait=0.0)) as archive:
            archive.execute("PRAGMA locking_mode=EXCLUSIVE")
            archive.execute("BEGIN IMMEDIATE")
            archive.execute("ROLLBACK")
    except ArchiveLocked:
        raise ArchiveLocked(f"{path}: another program has this copy open; end it, then run this again") from None
    except ArchiveError:
        pass  # a damaged copy is replaced


def _apply_all(
    storage: ObjectStorage, folder: Path, target: Generation, digest: str, marker: Marker | None, check: Check
) -> None:
    files: tuple[ShardFile, ...] | None = None
    if marker is not None:
        check()
        files = read_generation(storage, target.site, marker.number)[0].files
    for generation in _chain(storage, target, digest, marker, check):
        _apply(storage, folder, generation, files, check)
        files = generation.files
    _check_archive(folder, target, storage.place)


def _chain(
    storage: ObjectStorage, target: Generation, digest: str, marker: Marker | None, check: Check
) -> Iterator[Generation]:
    """Yield the generations to apply, in order; each names the digest of the manifest before it."""
    previous = marker.manifest if marker is not None else ""
    epoch = 0
    for number in range(marker.number + 1 if marker is not None else target.full, target.number + 1):
        check()
        try:
            found, its_digest = read_generation(storage, target.site, number)
        except ObjectMissing:
            raise _damaged(storage, target, f"generation {number} is missing") from None
        is_next = (not previous or found.previous == previous) and found.epoch >= epoch and found.full == target.full
        if not is_next or (found.archive_id, len(found.files)) != (target.archive_id, len(target.files)):
            raise _damaged(storage, target, f"generation {number} does not continue the one before")
        yield found
        previous, epoch = its_digest, found.epoch
    if previous != digest:
        raise _damaged(storage, target, "its manifest was replaced")


def _apply(
    storage: ObjectStorage, folder: Path, generation: Generation, before: tuple[ShardFile, ...] | None, check: Check
) -> None:
    is_full = generation.number == generation.full
    old = (
        before
        if before and not is_full
        else tuple(ShardFile(each.name, each.page_size, 0) for each in generation.files)
    )
    opened: list[PageFile] = []
    is_whole = False
    try:
        for was, each in zip(old, generation.files, strict=True):
            if was.page_size != each.page_size:
                raise _damaged(storage, generation, f"the pages of {each.name} have another size than before")
            opened.append(PageFile(folder / each.name, each.page_size, was.pages, each.pages))
        for body, what in _packs(storage, generation, check):
            apply_pack(body, opened, what)
        is_whole = all(file.is_complete for file in opened)
        if not is_whole:
            raise _damaged(storage, generation, "pages are missing")
    except OSError as error:
        raise ArchiveFull(f"{folder}: cannot be written: {error.strerror}; make room, then run this again") from error
    finally:
        for file in opened:
            file.close(is_whole=is_whole)


def _packs(storage: ObjectStorage, generation: Generation, check: Check) -> Iterator[tuple[bytes, str]]:
    """Yield the packs of a generation, checked, each with its place for messages."""
    for pack in generation.packs:
        check()
        try:
            body = storage.read(pack.key, pack.bytes)
        except ObjectMissing:
            raise _damaged(storage, generation, f"{pack.key} is missing") from None
        if len(body) != pack.bytes or hashlib.sha256(body).hexdigest() != pack.sha256:
            raise _damaged(storage, generation, f"{pack.key} does not match its digest")
        yield body, f"{storage.place}: {pack.key}"


def _check_archive(folder: Path, target: Generation, place: str) -> None:
    """Check that the files are the archive of a generation: their lengths, identity, and the heads of the chains."""
    for each in target.files:
        if (folder / each.name).stat().st_size != each.page_size * each.pages:
            raise ShardDamaged(
                f"{place}: generation {target.number} of {target.site}: pages of {each.name} are missing"
            )
    try:
        with (
            closing(open_plain(folder / FILES[0], write=True).raw) as rows,
            closing(open_plain(folder / FILES[1], write=True).raw) as vault,
        ):
            found = read_head(rows, vault)
    except ArchiveFull:
        raise
    except ArchiveError as error:
        raise ShardDamaged(f"{place}: generation {target.number} of {target.site} is no archive: {error}") from error
    if found != (target.archive_id, target.head):
        raise ShardDamaged(
            f"{place}: generation {target.number} of {target.site} is another archive than its manifest says"
        )


def _damaged(storage: ObjectStorage, generation: Generation, what: str) -> ArchiveDamaged:
    return ShardDamaged(
        f"{storage.place}: generation {generation.number} of {generation.site} cannot be restored: {what}; "
        f"{rescue_advice(generation.site)}"
    )
