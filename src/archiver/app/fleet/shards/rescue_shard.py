"""Find the newest generation of an archive that is whole; write it to a folder, or let the fleet go on from it."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app.fleet.hold_site import SiteHold, hold_site, name_of_command
from archiver.app.fleet.working_copy import patiently, storage_of
from archiver.errors import (
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveReadOnly,
    ArchiveTooNew,
    ObjectMissing,
    ShardDamaged,
    UsageError,
)
from archiver.maintain.generations.fetch_shard import fetch_shard
from archiver.maintain.generations.manifest import rescue_advice
from archiver.maintain.generations.marker import LOCK, MARKER
from archiver.maintain.generations.reinstate import ReinstatedCopy
from archiver.maintain.generations.restore import newest_number, read_generation
from archiver.maintain.verify.verify import verify
from archiver.model.clock import Clock
from archiver.model.generation import Generation
from archiver.model.lease import FleetSite, Leases
from archiver.model.stored_object import ObjectStorage

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Rescued:
    """What is whole of a site's archive.

    Attributes:
        site: its name.
        place: its storage, without secrets.
        newest: the number of the newest generation.
        sound: the newest that restores and verifies whole.
        damaged: newer ones that do not, each with the reason.
        lost_visits: how many visits the newest had more; None when that is not known.
        published: the number of the generation with the sound state; None: the newest is sound, or nothing was changed.
        archive: the archive that was written; None without `to`.
    """

    site: str
    place: str
    newest: int
    sound: Generation
    damaged: Sequence[tuple[int, str]]
    lost_visits: int | None
    published: int | None = None
    archive: Path | None = None


def write_rescued(site: FleetSite, storage_address: str, to: Path, progress: Progress) -> Rescued:
    """Write the newest sound state of a site's archive to a folder, as an ordinary archive. Nothing else changes.

    Args:
        site: the site.
        storage_address: of the fleet's storage.
        to: a folder that is empty or does not exist.
        progress: called with the present step.

    Raises:
        UsageError: the folder is not empty, or nothing was stored of the site yet.
        ShardDamaged: no generation is whole.
        ArchiveError: the folder cannot be written, or its disk is full.
        StorageUnavailable: the storage does not answer.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(f"--to {to}: not an empty folder; name another one")
    try:
        found = _find(storage_of(site.site, site.storage or storage_address), site, to, progress)
    except BaseException:
        shutil.rmtree(to, ignore_errors=True)  # it was empty
        raise
    for name in (MARKER, LOCK):
        (to / name).unlink(missing_ok=True)
    return _with(found, archive=to / "archive.db")


def rescue_shard(leases: Leases, site: FleetSite, folder: Path, clock: Clock, progress: Progress) -> Rescued:
    """Let the fleet go on from the newest sound state; publish it again when the newest generation is damaged.

    The failures of the site are forgotten.

    Args:
        leases: the control database.
        site: the site.
        folder: for working copies.
        clock: for the time in the manifest.
        progress: called with the present step.

    Raises:
        SiteBusy: a worker holds the site.
        UsageError: nothing was stored of the site yet.
        ShardDamaged: no generation is whole.
        StorageUnavailable: the storage does not answer.
    """
    with hold_site(leases, site.site, name_of_command("rescue")) as hold:
        storage, own = storage_of(site.site, hold.lease.storage), folder / site.site
        try:
            found = _find(storage, site, own, progress)
            if found.damaged:
                shipped = _publish(hold, storage, own, clock, found)
                found, hold.shard = _with(found, published=shipped.number), shipped.state
            else:
                hold.shard = found.sound.state
            hold.is_mended = True
        finally:
            shutil.rmtree(own, ignore_errors=True)
    return found


def _publish(hold: SiteHold, storage: ObjectStorage, own: Path, clock: Clock, found: Rescued) -> Generation:
    with ReinstatedCopy(own, storage, found.site, clock) as copy:
        copy.begin_again(found.sound.number, hold.lease.epoch, name_of_command("rescue"), hold.check)
        with copy.recording():
            pass
        shipped = patiently(lambda: copy.ship(hold.check, found.sound.profile_version), hold)
    if shipped is None:
        raise ShardDamaged(f"{found.site}: the state of generation {found.sound.number} is empty")
    return shipped


def _with(found: Rescued, *, published: int | None = None, archive: Path | None = None) -> Rescued:
    return Rescued(
        found.site, found.place, found.newest, found.sound, found.damaged, found.lost_visits, published, archive
    )


def _find(storage: ObjectStorage, site: FleetSite, folder: Path, progress: Progress) -> Rescued:
    """Return the newest sound generation, which is then in the folder."""
    newest = number = newest_number(storage, site.site)
    damaged: list[tuple[int, str]] = []
    redactions = _redactions(storage, site.site, newest)
    while number > 0:
        progress(f"checking generation {number} of {site.site}", len(damaged), None)
        is_before = _redactions(storage, site.site, number, redactions) < redactions
        why = "it is from before a redaction" if is_before else _fault(storage, site.site, number, folder)
        if not why:
            sound = read_generation(storage, site.site, number)[0]
            return Rescued(
                site.site, storage.place, newest, sound, damaged, _lost(storage, site, newest, sound.head.visits)
            )
        damaged.append((number, why))
        number = _restorable_before(storage, site.site, number, folder)
    if all(why == _EMPTY for _, why in damaged):
        raise UsageError(f"{site.site}: nothing is stored in {storage.place} yet, so nothing is lost there")
    raise ShardDamaged(
        f"{storage.place}: no generation of {site.site} is whole (the newest: {damaged[0][1]}); restore the objects "
        f"from a copy of the storage; or move shards/{site.site}/ out of it, and `archiver fleet add {site.site} "
        "--from ARCHIVE` begins with a backup that you have"
    )


_EMPTY = "nothing was stored"
_OF_THIS_MACHINE = (ArchiveFull, ArchiveLocked, ArchiveReadOnly, ArchiveTooNew)
"""Errors that say nothing about what is stored: an older generation must not take its place for them."""


def _fault(storage: ObjectStorage, site: str, number: int, folder: Path) -> str:
    """Restore a generation and verify all of it; return what is wrong with it, or ""."""
    try:
        fetch_shard(storage, site, folder, number)
        result = verify(folder / "archive.db", deep=True)
    except ObjectMissing:
        return _EMPTY
    except _OF_THIS_MACHINE:
        raise
    except ArchiveError as error:
        return str(error).removeprefix(f"{storage.place}: ").removesuffix(f"; {rescue_advice(site)}")
    if result.whole:
        return ""
    return f"{result.all_findings.counts.total()} faults found by verify, the first: {result.findings[0].what}"


def _redactions(storage: ObjectStorage, site: str, number: int, unknown: int = 0) -> int:
    """Return the id of the last redaction in a generation. `unknown`: when its manifest cannot be read."""
    try:
        return read_generation(storage, site, number)[0].head.redactions
    except (ShardDamaged, ObjectMissing):
        return unknown


def _restorable_before(storage: ObjectStorage, site: str, number: int, folder: Path) -> int:
    """Return the newest generation before a damaged one that restores, as far as its chain can be read; else 0."""
    try:
        full = read_generation(storage, site, number)[0].full
    except (ShardDamaged, ObjectMissing):
        return number - 1
    best = 0
    for each in range(full, number) if full else ():
        try:
            fetch_shard(storage, site, folder, each)
        except _OF_THIS_MACHINE:
            raise
        except (ArchiveError, ObjectMissing):
            break
        best = each
    return best or (full or number) - 1


def _lost(storage: ObjectStorage, site: FleetSite, newest: int, visits: int) -> int | None:
    """Return how many visits are lost; None when neither the newest manifest nor the control database says it."""
    try:
        had = read_generation(storage, site.site, newest)[0].head.visits
    except (ShardDamaged, ObjectMissing):
        had = site.shard.visits if site.shard else -1
    return had - visits if had >= 0 else None
