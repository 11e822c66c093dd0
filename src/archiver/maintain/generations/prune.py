"""Deletes generations that a newer full one has replaced for a week, and packs that were never published.

What a redaction deleted must not stay in older generations. The generation after a redaction has all pages, and all
before it are deleted as soon as it is published: their packs first, so that their manifests tell until the end that
something is left.

Everything that is deleted stays garbage whatever other workers do meanwhile, so a worker that has lost its lease without
knowing may prune as well: a generation is replaced for good, and a pack is for one number, whose manifest never changes.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from archiver.errors import ArchiverError, ObjectMissing, ShardDamaged
from archiver.maintain.generations.manifest import (
    generations_of,
    manifest_key,
    number_of,
    number_of_pack,
    packs_of,
)
from archiver.maintain.generations.restore import read_generation
from archiver.model.clock import instant
from archiver.model.generation import Generation
from archiver.model.stored_object import ObjectStorage

KEPT = timedelta(days=7)
"""How long older generations can be restored after a full copy replaced them."""
_EXAMINED = 50
"""In how many of the newest generations packs that were not published are searched: each costs a request, every day. Older
ones are deleted with their generation."""


def prune_redacted(storage: ObjectStorage, newest: Generation, now: datetime, check: Callable[[], None]) -> None:
    """Complete what was interrupted after a redaction. What fails is done the next time. Arguments: as `prune`."""
    with suppress(ArchiverError):
        if has_redacted_bytes(storage, newest):
            prune(storage, newest, now, check)


def has_redacted_bytes(storage: ObjectStorage, newest: Generation) -> bool:
    """Return whether generations from before the last redaction are still stored.

    Args:
        storage: where the shard is.
        newest: its newest generation.

    Raises:
        StorageUnavailable: the storage cannot be read.
    """
    if not newest.head.redactions:
        return False
    numbers = (number_of(each.key) for each in storage.objects(generations_of(newest.site)))
    oldest = min((number for number in numbers if number is not None), default=newest.number)
    if oldest >= newest.full:
        return False
    try:
        return read_generation(storage, newest.site, oldest)[0].head.redactions < newest.head.redactions
    except (ShardDamaged, ObjectMissing):
        return True


def prune_when_due(
    storage: ObjectStorage, before: Generation, published: Generation, now: datetime, check: Callable[[], None]
) -> None:
    """Prune after the first generation of each day, and after a full one. What fails is done the next time.

    Args:
        storage: where the shard is.
        before: the generation before.
        published: the newest, published by the caller.
        now: the present time.
        check: called before each request; raises when the lease is over.
    """
    is_full = published.full == published.number
    if is_full or before.made_at[:10] != published.made_at[:10]:
        with suppress(ArchiverError):
            prune(storage, published, now, check)


def prune(storage: ObjectStorage, newest: Generation, now: datetime, check: Callable[[], None]) -> int:
    """Delete what is replaced or was never published; return the number of objects.

    Args:
        storage: where the shard is.
        newest: its newest generation, published by the caller.
        now: the present time.
        check: called before each request; raises when the lease is over.

    Raises:
        StorageUnavailable: the storage cannot be read or written. What was not deleted is deleted the next time.
    """
    check()
    numbers = sorted(n for each in storage.objects(generations_of(newest.site)) if (n := number_of(each.key)))
    first, is_redacted = _first_kept(storage, newest, numbers, now, check)
    old = [manifest_key(newest.site, number) for number in reversed(numbers) if number < first]
    packs = _unused_packs(storage, newest, first, check)
    for key in [*packs, *old] if is_redacted else [*old, *packs]:  # the newest first: what remains can be restored
        check()
        storage.delete([key])
    return len(old) + len(packs)


def _first_kept(
    storage: ObjectStorage, newest: Generation, numbers: list[int], now: datetime, check: Callable[[], None]
) -> tuple[int, bool]:
    """Return the first generation to keep, and whether those before have bytes that were redacted since.

    It is the newest full one that is a week old, or a newer one that follows a redaction.
    """
    full = newest.full
    while full and numbers and full >= numbers[0]:
        check()
        if now - instant(read_generation(storage, newest.site, full)[0].made_at) >= KEPT:
            return full, False
        if full == numbers[0]:
            break
        check()
        try:
            before = read_generation(storage, newest.site, full - 1)[0]
        except (ShardDamaged, ObjectMissing):
            if newest.head.redactions:
                return full, True
            raise
        if before.head.redactions < newest.head.redactions:
            return full, True
        full = before.full
    return numbers[0] if numbers else 0, False


def _unused_packs(storage: ObjectStorage, newest: Generation, first: int, check: Callable[[], None]) -> list[str]:
    """Return the packs of deleted generations, and those of published numbers that their manifest does not name."""
    named: dict[int, set[str]] = {newest.number: {pack.key for pack in newest.packs}}
    unused = []
    check()
    for each in list(storage.objects(packs_of(newest.site))):
        number = number_of_pack(each.key)
        if number is None or number > newest.number:
            continue
        if number >= max(first, newest.number - _EXAMINED):
            if number not in named:
                check()
                named[number] = _packs_of_number(storage, newest.site, number)
            if each.key in named[number]:
                continue
        elif number >= first:
            continue
        unused.append(each.key)
    return unused


def _packs_of_number(storage: ObjectStorage, site: str, number: int) -> set[str]:
    try:
        return {pack.key for pack in read_generation(storage, site, number)[0].packs}
    except ObjectMissing:
        return set()
