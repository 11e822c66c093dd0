"""Advice on an archive: its disk, clock, schedule, readings, verification and backup. Nothing is fetched or changed."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.app import profiles
from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.current_alarms import current_alarms
from archiver.errors import ArchiverError
from archiver.maintain.backup.manifest import read_manifest
from archiver.model.clock import written
from archiver.text.clean import counted

_LEAST_FREE = 1_000_000_000  # bytes
_OVERDUE = timedelta(days=2)
_VERIFY_EVERY = timedelta(days=30)
_BACKUP_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do.

    Attributes:
        topic: disk, clock, schedule, profiles, drift, reading, verification or backup.
        text: what is wrong, in words.
        command: what mends it, or shows more.
    """

    topic: str
    text: str
    command: str

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return asdict(self)


def advise(archive: ArchiveReader, backup: Path | None = None) -> list[Advice]:
    """Return the advice on an archive, the most urgent first.

    Args:
        archive: the archive.
        backup: the folder of its backup; None: its age is not checked.
    """
    now = archive.settings.clock()
    return [
        *_disk(archive),
        *_clock(archive, now),
        *_bodies(archive, now),
        *_backup(archive, backup, now),
        *_profiles(archive),
        *_drift(archive),
        *_reading(archive),
        *_schedule(archive, now),
    ]


def _disk(archive: ArchiveReader) -> Iterator[Advice]:
    path = archive.settings.archive
    main, vault = archive.file_sizes()
    size = main + (vault or 0)
    free = shutil.disk_usage(path.resolve().parent).free
    if free < max(_LEAST_FREE, size // 10):
        yield Advice("disk", f"{free:,} bytes are free where the archive is, which has {size:,}", "free some space")
    if vault is None and archive.store.vault_size() is None:
        yield Advice("disk", "the bodies of the archive are missing", "archiver repair --from COPY")


def _clock(archive: ArchiveReader, now: datetime) -> Iterator[Advice]:
    if late := archive.store.history.later_than(written(now)):
        visits = f"{counted(late, 'visit')} {'is' if late == 1 else 'are'} dated later than now"
        yield Advice("clock", f"{visits}: the clock of this machine is or was wrong", "set the clock; archiver verify")


def _bodies(archive: ArchiveReader, now: datetime) -> Iterator[Advice]:
    verified = archive.store.browsing.about.verified()
    if not archive.store.browsing.doctor.visits()[1]:
        return
    if verified is None:
        yield Advice("verification", "the archive was never verified", "archiver verify")
    elif verified["verified_at"] < written(now - _VERIFY_EVERY):
        yield Advice("verification", f"the last verification was at {verified['verified_at']} UTC", "archiver verify")


def _backup(archive: ArchiveReader, folder: Path | None, now: datetime) -> Iterator[Advice]:
    if folder is None:
        return
    command = f"archiver backup {folder}"
    try:
        manifest = read_manifest(folder)
    except ArchiverError as error:
        yield Advice("backup", str(error), f"{command} --check")
        return
    visits, last = archive.store.browsing.doctor.visits()
    if manifest is None:
        yield Advice("backup", f"{folder} has no backup", command)
    elif manifest.archive_id != archive.store.archive_id:
        yield Advice("backup", f"{folder} is the backup of another archive", "name another folder")
    elif manifest.made_at < written(now - _BACKUP_EVERY) and manifest.last_visit < last:
        missing = counted(visits - manifest.visits, "visit")
        yield Advice("backup", f"the backup in {folder} is of {manifest.made_at} UTC and lacks {missing}", command)


def _profiles(archive: ArchiveReader) -> Iterator[Advice]:
    folders = archive.settings.selectors
    stored = [row["site"] for row in archive.store.browsing.sites.sites()]
    names = sorted(profiles.own_names(folders) | {name for name in stored if profiles.is_named(name, folders)})
    for error in profiles.load_profiles(names, folders)[1]:
        yield Advice("profiles", f"{error.source} has faults, and its site is not crawled", "archiver site check")


def _drift(archive: ArchiveReader) -> Iterator[Advice]:
    for alarm in current_alarms(archive):
        told = ": ".join(filter(None, (alarm.site, alarm.kind, alarm.field, alarm.told)))
        yield Advice("drift", told, f"archiver site health {alarm.site}")


def _reading(archive: ArchiveReader) -> Iterator[Advice]:
    if captures := archive.store.browsing.doctor.unreadable():
        yield Advice("reading", f"{counted(captures, 'capture')} could not be read", "archiver extract")


def _schedule(archive: ArchiveReader, now: datetime) -> Iterator[Advice]:
    for row in archive.store.browsing.doctor.broken_off(written(now - _OVERDUE)):
        text = f"{row['site']}: run {row['run_id']} did not end"
        yield Advice("schedule", text, f"archiver crawl {row['site']}")
    for row in archive.store.browsing.doctor.late(written(now - _OVERDUE)):
        text = f"{row['site']}: {counted(row['pages'], 'page')} due since {row['since']} UTC"
        yield Advice("schedule", text, f"archiver crawl {row['site']}")
