"""An archive that exists becomes the shard of a site: its first generation."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.app.archive import Archive
from archiver.app.fleet.hold_site import hold_site, name_of_command
from archiver.app.fleet.working_copy import storage_of
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, UsageError
from archiver.maintain.backup.backup import back_up
from archiver.maintain.generations.restore import newest_epoch
from archiver.maintain.generations.shard_copy import ShardCopy, newest_generation
from archiver.model.clock import written
from archiver.model.lease import Leases, ShardState
from archiver.settings import Settings, package_version
from archiver.store.archive import vault_path

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class AddedArchive:
    """An archive that became a shard: the place of its storage, without secrets, and what it is there."""

    place: str
    state: ShardState


def add_archive(leases: Leases, site: str, settings: Settings, progress: Progress) -> AddedArchive:
    """Publish an archive as the first generation of a site. The archive stays as it is, and may be in use.

    A site that is new in the fleet is published before it is added, so that no worker begins an archive of its own.

    Args:
        leases: the control database.
        site: the name of the site.
        settings: those of the archive.
        progress: called with the present step.

    Raises:
        UsageError: the archive has other sites, or not this one; the shard exists already; or there is no storage.
        SiteBusy: a worker holds the site.
        ArchiveError: the archive cannot be read, or is damaged.
        StorageUnavailable: the storage does not answer.
    """
    _demand_one_site(site, settings)
    _, known = leases.sites(site)
    if not known:
        return _publish(leases.storage(), site, settings, 0, lambda: None, progress)
    with hold_site(leases, site, name_of_command("add")) as hold:
        lease = hold.lease
        done = _publish(lease.storage, site, settings, lease.epoch, hold.check, progress)
        hold.shard = done.state
        return done


def _demand_one_site(site: str, settings: Settings) -> None:
    with ArchiveReader(settings) as archive:
        found = sorted(row["name"] for row in archive.store.history.sites())
    others = [name for name in found if name != site]
    if others:
        raise UsageError(
            f"--from {settings.archive}: it also has {', '.join(others[:5])}, and a shard has one site; "
            f"`archiver export warc --site {site}` and `archiver import warc` make an archive of {site} alone"
        )
    if not found:
        raise UsageError(f"--from {settings.archive}: this archive has no site; leave out --from")


def _publish(
    address: str, site: str, settings: Settings, epoch: int, check: Callable[[], None], progress: Progress
) -> AddedArchive:
    storage = storage_of(site, address)
    if newest_generation(storage, site) is not None:
        raise UsageError(
            f"{site}: {storage.place} has an archive of this site already; nothing was changed. Without --from, "
            "`archiver fleet add` goes on with that one"
        )
    with tempfile.TemporaryDirectory(prefix="archiver-add.") as scratch:
        copied = _copied(settings, Path(scratch) / "copy", progress)
        with ShardCopy(Path(scratch) / "shard", storage, site, settings.clock) as shard:
            shard.begin(epoch or newest_epoch(storage, site) + 1, name_of_command("add"))
            with shard.recording():
                copied.rename(shard.path)
                vault_path(copied).rename(vault_path(shard.path))
            progress(f"storing {site}", 0, None)
            shipped = shard.ship(check, 0)  # no version of the fleet has read it
    if shipped is None:
        raise ArchiveDamaged(f"{settings.archive}: its copy was empty; run `archiver verify`")
    return AddedArchive(storage.place, shipped.state)


def _copied(settings: Settings, folder: Path, progress: Progress) -> Path:
    """Return a copy of the archive that no other program writes to."""
    made = back_up(
        settings.archive,
        folder,
        made_at=written(settings.clock()),
        version=package_version(),
        progress=progress,
    )
    if made.damaged:
        raise ArchiveDamaged(
            f"{settings.archive}: {len(made.damaged)} visits are damaged; `archiver repair`, then run this again"
        )
    path = folder / settings.archive.name
    with Archive(replace(settings, archive=path)):  # a backup has no write-ahead log, a shard needs it
        return path
