"""Write a data package of an archive or of one of its sites: tables, a SQLite file, profiles, the chain's head."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.app.exporting.export import Exported
from archiver.app.reading.find import known_site
from archiver.errors import UsageError
from archiver.export.about import PackageInfo
from archiver.export.compressed import write_zip
from archiver.export.endings import STDOUT, checked_ending
from archiver.export.notebook import READERS
from archiver.export.package import Package, is_package
from archiver.export.tables import Style, Written, measured
from archiver.export.whole import pending, pending_folder
from archiver.maintain.backup.rows_only import compact, keep_only
from archiver.maintain.verify.heads import head_of
from archiver.model.clock import written
from archiver.model.event import Listener, Progress
from archiver.settings import Settings, package_version
from archiver.store.archive import Store, migrate_rows
from archiver.store.columns import TABLES
from archiver.store.tables import Tables, tables_of

PACKAGE_FORMATS = tuple(READERS)
"""The formats that the notebook of a package can read."""


@dataclass(frozen=True, slots=True)
class PackageChoice:
    """What a package has.

    Attributes:
        site: only of this site; None for all.
        form: the format of the tables: csv or parquet.
        without: pages that are left out, because of an embargo.
    """

    site: str | None = None
    form: str = "csv"
    without: tuple[int, ...] = ()


def export_package(
    store: Store, settings: Settings, dest: Path, wanted: PackageChoice, *, force: bool, listen: Listener
) -> Exported:
    """Write a data package: a folder, or NAME.zip with its files, that appears when it is complete.

    Args:
        store: the archive.
        settings: the archive's path and the clock.
        dest: the folder; it does not exist yet, or is empty.
        wanted: what it has.
        force: replace a package that exists.
        listen: called with progress events.

    Raises:
        UsageError: the folder or file cannot be made or exists, or there is no such format.
        NotInArchive: there is no such site.
        ArchiveError: the archive cannot be read, or visits are missing from it.
    """
    if str(dest) == STDOUT:
        raise UsageError("-: a package is a folder or a ZIP file; name it")
    if not dest.exists():
        checked_ending(dest, ("zip",), "export package")
    if dest.suffix.lower() == ".zip" and not dest.is_dir():
        return _zipped(store, settings, dest, wanted, force=force, listen=listen)
    site, form = wanted.site, wanted.form
    if form not in PACKAGE_FORMATS:
        raise UsageError(f"{form}: not a format of a package's tables; use {' or '.join(PACKAGE_FORMATS)}")
    Style(form).check()
    about = _about(store, settings, known_site(store, site), form)
    with pending_folder(dest, is_package, force=force) as folder, tables_of(store.path, wanted.without) as tables:
        package = Package(folder, about, [view.name for view in TABLES])
        for table in tables.views(site):
            package.put(table, listen)
        _put_rows(tables, folder / "archive.db", wanted, listen)
        package.put_profiles(tables.profiles(site))
        files = package.finish()
    return Exported(tuple(_placed(each, dest) for each in files), embargoed=store.embargoes.count(wanted.without))


def _zipped(
    store: Store, settings: Settings, dest: Path, wanted: PackageChoice, *, force: bool, listen: Listener
) -> Exported:
    """Write a data package as a ZIP file: its files are in a folder of the same name."""
    with pending(force=force) as files:
        place = files.path(dest)
        with tempfile.TemporaryDirectory(prefix=".package-", dir=place.parent) as scratch:
            folder = Path(scratch) / dest.stem
            export_package(store, settings, folder, wanted, force=False, listen=listen)
            members = sorted(path for path in folder.rglob("*") if path.is_file())
            write_zip(place, ((path.relative_to(scratch).as_posix(), path) for path in members))
        return Exported((measured(place, dest),), embargoed=store.embargoes.count(wanted.without))


def _about(store: Store, settings: Settings, site: str | None, form: str) -> PackageInfo:
    now = written(settings.clock())
    head: dict[str, Any] = dict(head_of(settings.archive, now).values)
    sites = [(row["name"], row["title"], row["home"]) for row in store.history.sites() if site in (None, row["name"])]
    return PackageInfo(package_version(), now, tuple(sites), site, head, form)


def _put_rows(tables: Tables, path: Path, wanted: PackageChoice, listen: Listener) -> None:
    """Write an archive without a vault: all rows, or those of a site, without pages under an embargo."""
    tables.copy(path, lambda done, total: listen(Progress(path.name, done, total)))
    migrate_rows(path)
    if wanted.site is not None or wanted.without:
        keep_only(path, wanted.site, wanted.without)
    compact(path)


def _placed(file: Written, dest: Path) -> Written:
    return Written(dest / file.path, file.rows, file.bytes, file.sha256, file.made_safe, file.mended, file.cut)
