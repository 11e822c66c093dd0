"""Advice on an archive: its disk, clock, schedule, readings, verification and backup. Nothing is fetched or changed."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.app import profiles
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiverError
from archiver.maintain.backup.manifest import read_manifest
from archiver.model.clock import written
from archiver.text.clean import counted

_LEAST_FREE = 1_000_000_000  # bytes
_OVERDUE = timedelta(days=2)
_VERIFY_EVERY = timedelta(days=30)
_BACKUP_EVERY = timedelta(days=7)
_LATE = (
    "SELECT s.name AS site, count(*) AS pages, min(f.due_at) AS since FROM _frontier f JOIN _site s USING (site_id) "
    "JOIN _page p USING (page_id) WHERE f.due_at < ? AND p.last_visited IS NOT NULL GROUP BY 1 ORDER BY 1"
)
_ALARMS = (
    "SELECT a.site, a.problem FROM alarms a JOIN (SELECT site, max(run_id) AS run_id FROM runs WHERE kind = 'crawl' "
    "GROUP BY site) r ON r.site = a.site AND r.run_id = a.run_id ORDER BY 1, 2"
)
_UNREAD = "SELECT count(*) AS visits FROM visits WHERE cause = 'reader_failed'"
_VERIFIED = "SELECT max(verified_at) AS at FROM _verification"
_VISITS = "SELECT count(*) AS visits, max(visit_id) AS last FROM _visit"
_BROKEN_OFF = "SELECT site, run_id FROM runs WHERE finished_at IS NULL AND started_at < ? ORDER BY run_id"


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
    found = archive.stats()
    size = found["archive_bytes"] + (found["vault_bytes"] or 0)
    free = shutil.disk_usage(path.resolve().parent).free
    if free < max(_LEAST_FREE, size // 10):
        yield Advice("disk", f"{free:,} bytes are free where the archive is, which has {size:,}", "free some space")
    if found["vault_bytes"] is None:
        yield Advice("disk", "the bodies of the archive are missing", "archiver repair --from COPY")


def _clock(archive: ArchiveReader, now: datetime) -> Iterator[Advice]:
    if late := archive.store.history.later_than(written(now)):
        visits = f"{counted(late, 'visit')} {'is' if late == 1 else 'are'} dated later than now"
        yield Advice("clock", f"{visits}: the clock of this machine is or was wrong", "set the clock; archiver verify")


def _bodies(archive: ArchiveReader, now: datetime) -> Iterator[Advice]:
    (row,) = archive.store.sql(_VERIFIED)
    (visits,) = archive.store.sql(_VISITS)
    if not visits["visits"]:
        return
    if row["at"] is None:
        yield Advice("verification", "the archive was never verified", "archiver verify")
    elif row["at"] < written(now - _VERIFY_EVERY):
        yield Advice("verification", f"the last verification was at {row['at']} UTC", "archiver verify")


def _backup(archive: ArchiveReader, folder: Path | None, now: datetime) -> Iterator[Advice]:
    if folder is None:
        return
    command = f"archiver backup {folder}"
    try:
        manifest = read_manifest(folder)
    except ArchiverError as error:
        yield Advice("backup", str(error), f"{command} --check")
        return
    (row,) = archive.store.sql(_VISITS)
    if manifest is None:
        yield Advice("backup", f"{folder} has no backup", command)
    elif manifest.archive_id != archive.store.archive_id:
        yield Advice("backup", f"{folder} is the backup of another archive", "name another folder")
    elif manifest.made_at < written(now - _BACKUP_EVERY) and manifest.last_visit < (row["last"] or 0):
        missing = counted(row["visits"] - manifest.visits, "visit")
        yield Advice("backup", f"the backup in {folder} is of {manifest.made_at} UTC and lacks {missing}", command)


def _profiles(archive: ArchiveReader) -> Iterator[Advice]:
    folders = archive.settings.selectors
    stored = [row["name"] for row in archive.store.history.sites()]
    names = sorted(profiles.own_names(folders) | {name for name in stored if profiles.is_named(name, folders)})
    for error in profiles.load_profiles(names, folders)[1]:
        yield Advice("profiles", f"{error.source} has faults, and its site is not crawled", "archiver site check")


def _drift(archive: ArchiveReader) -> Iterator[Advice]:
    for row in archive.store.sql(_ALARMS):
        yield Advice("drift", f"{row['site']}: {row['problem']}", f"archiver site health {row['site']}")


def _reading(archive: ArchiveReader) -> Iterator[Advice]:
    (row,) = archive.store.sql(_UNREAD)
    if row["visits"]:
        yield Advice("reading", f"{counted(row['visits'], 'capture')} could not be read", "archiver extract")


def _schedule(archive: ArchiveReader, now: datetime) -> Iterator[Advice]:
    for row in archive.store.sql(_BROKEN_OFF, (written(now - _OVERDUE),)):
        text = f"{row['site']}: run {row['run_id']} did not end"
        yield Advice("schedule", text, f"archiver crawl {row['site']}")
    for row in archive.store.sql(_LATE, (written(now - _OVERDUE),)):
        text = f"{row['site']}: {counted(row['pages'], 'page')} due since {row['since']} UTC"
        yield Advice("schedule", text, f"archiver crawl {row['site']}")
