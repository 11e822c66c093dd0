"""The mirror: a folder of this machine with the exported tables that questions need. Only missing files are fetched.

The folder has the keys of the storage as paths. A file appears when it is complete and its digest is right; files that
the newest manifests neither use nor keep for readers are deleted.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from archiver.app.fleet.tables.manifest import (
    TableFile,
    TableManifest,
    is_over,
    manifest_key,
    newest_numbers,
    parse_manifest,
)
from archiver.errors import ArchiveDamaged, ObjectMissing, UsageError
from archiver.model.stored_object import ObjectStorage

_FETCHING = 8  # files at once
_MANIFESTS = "tables/manifests"

Show = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class MirroredTables:
    """Tables on this machine, as of the newest manifests of their sites.

    Attributes:
        folder: that has all files.
        files: the Parquet files of each view that was asked for.
        is_mixed: some sites were exported by another version of archiver; their views may have other columns.
        missing: sites that have no tables.
    """

    folder: Path
    files: dict[str, list[Path]]
    is_mixed: bool
    missing: tuple[str, ...]


class Mirror:
    """The mirror of a storage.

    Args:
        folder: of the mirror; it need not exist.
        storage: of the tables; None: only what is there is used.
    """

    def __init__(self, folder: Path, storage: ObjectStorage | None) -> None:
        self._folder = folder
        self._storage = storage

    def tables(self, views: Collection[str], sites: Sequence[str], show: Show) -> MirroredTables:
        """Bring some views up to date.

        Args:
            views: their names.
            sites: of the fleet.
            show: called with the files that are there, and how many are needed.

        Raises:
            StorageUnavailable: the storage does not answer.
            ArchiveDamaged: a manifest or a file is not what it must be.
            UsageError: there is no storage, and files are missing; or the folder cannot be written.
        """
        try:
            manifests = {each.site: each for each in self._manifests(sites)}
            wanted = [(each.site, file) for each in manifests.values() for file in each.files if file.view in views]
            with ThreadPoolExecutor(_FETCHING) as threads:
                for done, _ in enumerate(threads.map(lambda each: self._fetch(*each), wanted), 1):
                    show(done, len(wanted))
        except OSError as error:
            raise UsageError(f"{self._folder}: the mirror of the tables cannot be written ({error})") from error
        files: dict[str, list[Path]] = {view: [] for view in views}
        for site, file in wanted:
            files[file.view].append(self._folder / file.key(site))
        is_mixed = len({each.views for each in manifests.values()}) > 1
        missing = tuple(site for site in sites if site not in manifests)
        return MirroredTables(self._folder, files, is_mixed, missing)

    def _manifests(self, sites: Sequence[str]) -> Iterator[TableManifest]:
        mirrored = dict(self._mirrored())
        newest = mirrored if self._storage is None else newest_numbers(self._storage)
        for site in sites:
            if site in newest:
                yield self._manifest(site, newest[site], mirrored.get(site))

    def _mirrored(self) -> Iterator[tuple[str, int]]:
        for path in sorted(self._folder.glob(f"{_MANIFESTS}/site=*/*.json")):
            if path.stem.isdecimal():
                yield path.parent.name.removeprefix("site="), int(path.stem)

    def _manifest(self, site: str, number: int, mirrored: int | None) -> TableManifest:
        path = self._folder / manifest_key(site, number)
        if self._storage is None:
            return parse_manifest(path.read_bytes(), site, number)
        former = None if mirrored is None else self._former(site, mirrored)
        if former is not None and former.number == number:
            return former
        body = self._read(manifest_key(site, number), site)
        manifest = parse_manifest(body, site, number)
        _write(path, body)
        if former is not None:
            self._forget(former, manifest)
        return manifest

    def _former(self, site: str, number: int) -> TableManifest | None:
        """Return a mirrored manifest; None: its file is damaged, and was deleted."""
        path = self._folder / manifest_key(site, number)
        try:
            return parse_manifest(path.read_bytes(), site, number)
        except ArchiveDamaged:
            path.unlink(missing_ok=True)
            return None

    def _forget(self, former: TableManifest, manifest: TableManifest) -> None:
        """Delete a former manifest, and its files that nobody reads any more."""
        site = manifest.site
        kept = {each.key(site) for each in manifest.files}
        kept.update(key for key, since in manifest.retired.items() if not is_over(since, manifest.made_at))
        for key in {each.key(site) for each in former.files} | set(former.retired):
            if key not in kept:
                (self._folder / key).unlink(missing_ok=True)
        (self._folder / former.key).unlink(missing_ok=True)

    def _fetch(self, site: str, file: TableFile) -> None:
        path = self._folder / file.key(site)
        if path.is_file() and path.stat().st_size == file.bytes:
            return
        if self._storage is None:
            raise UsageError(f"{path}: is not here yet; leave out --no-update")
        body = self._read(file.key(site), site)
        if len(body) != file.bytes or hashlib.sha256(body).hexdigest() != file.sha256:
            what = f"{self._storage.place}/{file.key(site)}: has other bytes than its manifest says"
            raise ArchiveDamaged(f"{what}; `archiver fleet export {site} --again` writes it again")
        _write(path, body)

    def _read(self, key: str, site: str) -> bytes:
        assert self._storage is not None  # noqa: S101  (the callers ask)
        try:
            return self._storage.read(key)
        except ObjectMissing as error:
            again = f"run the command again; if that does not help, `archiver fleet export {site} --again`"
            raise ArchiveDamaged(f"{self._storage.place}/{key}: is missing; {again}") from error


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
