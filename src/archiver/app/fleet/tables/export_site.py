"""Export the tables of one site: read its shard, and publish the Parquet files that changed, then a new manifest.

The files of all months are made again from a copy of the shard, and only those whose digest is new are uploaded. So
whatever changes rows reaches the export: new visits, a new reading, redactions, embargoes. Files that are no longer
used are deleted by a later export, a day after the manifest that replaced them; after a redaction, at once.
"""

import hashlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from archiver.app.fleet.shard_places import ShardPlace, current_copy
from archiver.app.fleet.tables.manifest import (
    FORMAT,
    PublishedTables,
    TableFile,
    TableManifest,
    begin_key,
    generation_of,
    is_over,
    over_at,
    published,
    table_folder,
)
from archiver.app.fleet.tables.shard_numbers import new_shard_number
from archiver.app.fleet.tables.upload import FileUpload
from archiver.errors import ArchiveError, ObjectExists
from archiver.export.partitions import PartitionFile, write_partitions
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import newest_generation
from archiver.model.generation import Generation
from archiver.model.stored_object import ObjectStorage
from archiver.store.archive import Store
from archiver.store.columns import READABLE
from archiver.store.partitions import IDS_OF_A_SHARD, partition_sql
from archiver.store.tables import tables_of

_KEPT_MANIFESTS = 8

ExportState = Literal["exported", "unchanged", "empty", "failed"]


@dataclass(frozen=True, slots=True)
class SiteJob:
    """What to export, and where to.

    Attributes:
        place: where the shard is.
        tables: the address of the storage of the tables.
        copies: the folder of copies of shards on this machine.
        at: the present moment (UTC text).
        again: also when nothing is new; upload all files, and replace those that have other bytes than they must.
    """

    place: ShardPlace
    tables: str
    copies: Path
    at: str
    again: bool = False

    @property
    def site(self) -> str:
        """The name of the site."""
        return self.place.site


@dataclass(frozen=True, slots=True)
class SiteExport:
    """What was done for a site.

    Attributes:
        site: its name.
        state: exported, unchanged, empty (there is no shard yet) or failed.
        generation: of the shard; 0 when there is none, or it is not known.
        files: how many files the tables have.
        rows: how many rows they have.
        new_files: how many files were uploaded.
        new_bytes: their size.
        embargoed: how many pages were left out because of an embargo.
        why: it failed.
    """

    site: str
    state: ExportState
    generation: int = 0
    files: int = 0
    rows: int = 0
    new_files: int = 0
    new_bytes: int = 0
    embargoed: int = 0
    why: str = ""


def views_digest() -> str:
    """Return a digest of what makes rows of an archive: the views of this version, and how they are divided."""
    parts = [f"{FORMAT}", *(f"{view.sql}\n{partition_sql(view)}" for view in READABLE)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def state_of(generation: Generation) -> str:
    """Return a digest of what a generation has: the same for one that only continues it, such as a fence."""
    parts = (generation.archive_id, generation.full, generation.full_bytes, generation.changed_bytes, generation.head)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def up_to_date(job: SiteJob) -> SiteExport | None:
    """Return what there is to say of a site without a new generation; None: it has to be exported.

    Files of such a site that nobody reads any more are deleted.

    Raises:
        StorageUnavailable: a storage does not answer.
        ArchiveDamaged: the manifest of its tables is not valid.
    """
    newest = newest_generation(open_storage(job.place.storage), job.site)
    if newest is None:
        if error := job.place.missing():
            raise error
        return SiteExport(job.site, "empty")
    if job.again:
        return None
    storage = open_storage(job.tables)
    before = published(storage, job.site)
    known = before.newest
    if known is None or (known.state, known.views) != (state_of(newest), views_digest()):
        return None
    if known.embargoed_until is not None and known.embargoed_until <= job.at:
        return None
    if known.redactions and any(each < known.generation for each in before.begun):
        return None  # an interrupted export may have left files from before the redaction
    if _delete_old(storage, before, job.at):
        _publish(storage, replace(known, number=known.number + 1, retired=_retired(known, known.files, job)))
    rows = sum(each.rows for each in known.files)
    return SiteExport(job.site, "unchanged", newest.number, len(known.files), rows)


def export_site(job: SiteJob) -> SiteExport:
    """Export the tables of a site.

    Raises:
        StorageUnavailable: a storage does not answer.
        ArchiveError: the shard or the manifest is damaged, or another export of this site was faster.
        UsageError: pyarrow is not installed.
    """
    storage = open_storage(job.tables)
    before = published(storage, job.site)
    known = before.newest
    _delete_old(storage, before, job.at)
    shard = new_shard_number(storage, job.site) if known is None else known.shard
    with current_copy(job.place, job.copies) as (archive, found):
        generation = found.number
        hidden, until, embargoed = _embargoed(archive, job.at)
        storage.create(begin_key(job.site, generation), b"")
        reused = () if known is None or job.again else known.files
        upload = FileUpload(storage, job.site, generation, reused)
        with tempfile.TemporaryDirectory(prefix="archiver-tables.") as scratch:
            made = _files(archive, job.site, shard * IDS_OF_A_SHARD, hidden, Path(scratch))
            files = upload.all(made)
    number = 1 if known is None else known.number + 1
    redactions = found.head.redactions
    retired = {**_retired(known, files, job), **_left_over(storage, job, before.begun, files)}
    if redactions and (
        known is None or known.redactions < redactions or min(before.begun, default=generation) < generation
    ):
        retired = dict.fromkeys(retired, over_at(job.at))  # they may have what was redacted
    manifest = TableManifest(
        *(job.site, number, shard, generation, state_of(found), redactions),
        *(job.at, views_digest(), until, files, retired),
    )
    _publish(storage, manifest)
    storage.delete([key for key, since in retired.items() if is_over(since, job.at)])
    storage.delete([begin_key(job.site, each) for each in {*before.begun, generation}])
    rows = sum(each.rows for each in files)
    return SiteExport(job.site, "exported", generation, len(files), rows, upload.new_files, upload.new_bytes, embargoed)


def _embargoed(archive: Path, at: str) -> tuple[list[int], str | None, int]:
    """Return the pages that are left out, when that has to be decided again, and how many are left out."""
    with closing(Store.open(archive, write=False)) as store:
        hidden = store.embargoes.pages(at)
        ends = [each.until for each in store.embargoes.standing(at)]
        return hidden, min(ends) if hidden else None, store.embargoes.count(hidden)


def _publish(storage: ObjectStorage, manifest: TableManifest) -> None:
    try:
        storage.create(manifest.key, manifest.body())
    except ObjectExists as error:
        raise ArchiveError(f"{manifest.site}: another export of this site was faster; run the command again") from error


def _files(archive: Path, site: str, first_id: int, hidden: list[int], scratch: Path) -> Iterator[PartitionFile]:
    with tables_of(archive, hidden) as tables:
        for view in READABLE:
            yield from write_partitions(tables.partitions(view, site, first_id), scratch)


def _retired(known: TableManifest | None, files: Iterable[TableFile], job: SiteJob) -> Mapping[str, str]:
    """Return the keys of files that are no longer used, and since when; without those that were deleted."""
    if known is None:
        return {}
    used = {each.key(job.site) for each in files}
    since = {each.key(job.site): job.at for each in known.files}
    since.update((key, moment) for key, moment in known.retired.items() if not is_over(moment, job.at))
    return {key: moment for key, moment in since.items() if key not in used}


def _left_over(
    storage: ObjectStorage, job: SiteJob, begun: Collection[int], files: Iterable[TableFile]
) -> Mapping[str, str]:
    """Return the keys of files that interrupted exports have uploaded, with the present moment."""
    used = {each.key(job.site) for each in files} if begun else set()
    return {
        each.key: job.at
        for view in (READABLE if begun else ())
        for each in storage.objects(table_folder(view.name, job.site))
        if generation_of(each.key) in begun and each.key not in used
    }


def _delete_old(storage: ObjectStorage, before: PublishedTables, at: str) -> bool:
    """Delete files that no manifest has named for a day, and old manifests; return whether there were such files."""
    if before.newest is None:
        return False
    old = [key for key, moment in before.newest.retired.items() if is_over(moment, at)]
    storage.delete([*old, *before.keys[:-_KEPT_MANIFESTS]])
    return bool(old)
