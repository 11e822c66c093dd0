"""A fleet of two sites for the tests of questions: a control database, object storage, and the archives of both sites."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import archiver
from archiver.app.archive import Archive
from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.app.fleet.shard_places import ShardPlace
from archiver.app.fleet.tables.export_site import SiteJob
from archiver.app.fleet.tables.export_sites import export_sites
from archiver.app.fleet.tables.manifest import TableManifest, published
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.extract.profile import parse_profile
from archiver.fleet.object_storage import open_storage
from archiver.model.clock import SettableClock
from archiver.model.lease import NewSite
from archiver.model.policy import Retries
from archiver.settings import Settings
from archiver.store.columns import READABLE
from archiver.store.partitions import IDS_OF_A_SHARD, is_id
from shipped import shipping
from two_months import SITES, archive_of

_IDS = {name for view in READABLE for name in view.columns if is_id(view, name)}
Row = tuple[Any, ...]


@dataclass
class Fleet:
    """The fleet, as of a moment that tests set."""

    folder: Path
    storage: str
    clock: SettableClock
    capsys: pytest.CaptureFixture[str]
    sites: tuple[str, ...] = SITES
    err: str = ""

    @property
    def address(self) -> str:
        return f"sqlite:///{self.folder}/fleet.db"

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run `archiver fleet …`; return what it prints."""
        return self._run(Settings(clock=self.clock), ["fleet", *words, "--fleet", self.address], code)

    def on(self, site: str, *words: str, code: int = 0) -> str:
        """Run a command on the archive of a site, and publish the archive."""
        with self.shipping(site) as path:
            return self._run(Settings(path, clock=self.clock), list(words), code)

    def _run(self, settings: Settings, words: list[str], code: int) -> str:
        GLOBAL_OPTIONS.settings = settings
        try:
            got = run(words)
        finally:
            GLOBAL_OPTIONS.settings = None
        printed = self.capsys.readouterr()
        self.err = printed.err
        assert got == code, printed
        return printed.out

    def redact(self, site: str, url: str) -> None:
        """Redact a page in the archive of a site. Its bytes are erased when the generation is published."""
        self.on(site, "redact", url, "--reason", "court order 12/2022", "--yes", code=1)

    def json(self, *words: str, code: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*words, "--json", code=code).splitlines()]

    def archive(self, site: str) -> Path:
        """The archive of a site in its working copy."""
        return self.folder / "archives" / site / "archive.db"

    def create(self) -> None:
        create_fleet(self.address)
        with open_leases(self.address, self.clock) as leases:
            leases.set_storage(self.storage)
            leases.add([NewSite(site, f"{site}.example", 1.0) for site in self.sites])
        if self.storage.startswith("s3:"):
            for site in self.sites:
                with self.shipping(site) as path:
                    archive_of(site, path.parent)
        else:
            shutil.copytree(_made() / "archives", self.folder / "archives")
            shutil.copytree(_made() / "storage" / "shards", Path(self.storage, "shards"))

    def export(self) -> None:
        """Export the tables of all sites. They are made once in each process."""
        shutil.copytree(_made() / "storage" / "tables", Path(self.storage, "tables"))

    def shipping(self, site: str) -> AbstractContextManager[Path]:
        """Yield the archive of a site; what the block writes to it is published."""
        return shipping(self.storage, site, self.archive(site).parent)

    def manifest(self, site: str) -> TableManifest:
        found = published(open_storage(self.storage), site).newest
        assert found is not None
        return found

    def keys(self, prefix: str = "tables") -> set[str]:
        return {each.key for each in open_storage(self.storage).objects(prefix)}

    def rows(self, site: str, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Ask one archive; ids are those of the fleet."""
        first = self.manifest(site).shard * IDS_OF_A_SHARD
        with closing(archiver.open(self.archive(site), write=False)) as ours:
            for row in ours.sql(sql, params or {}):
                yield tuple(
                    first + value if name in _IDS and value is not None else value for name, value in row.items()
                )

    def union(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Ask each archive in turn."""
        return [row for site in self.sites for row in self.rows(site, sql, params)]


@cache
def _made() -> Path:
    """Return a folder with the working copies of both sites, and a storage with their shards and tables."""
    folder = Path(tempfile.mkdtemp(prefix="archiver-questioned."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    storage = str(folder / "storage")
    for site in SITES:
        with shipping(storage, site, folder / "archives" / site) as path:
            archive_of(site, path.parent)
    places = [ShardPlace(site, storage) for site in SITES]
    jobs = [SiteJob(place, storage, folder / "copies", "2022-12-01 00:00:00") for place in places]
    assert {each.state for each in export_sites(jobs, 1)} == {"exported"}
    return folder


def visit_again(fleet: Fleet, site: str) -> None:
    """Visit some pages once more: the portal is gone, so the visits fail."""
    with (
        fleet.shipping(site) as path,
        Archive(Settings(path, clock=fleet.clock, retries=Retries(1, 0.0, 0.01)), write=True) as archive,
    ):
        site_id = archive.store.pages.site_id(site)
        assert site_id is not None
        extractor = archive.store.pages.current_extractor(site_id)
        assert extractor is not None
        profile = parse_profile(extractor.profile, "stored")
        for row in list(archive.sql("SELECT url FROM pages LIMIT 2")):
            archive.capture(row["url"], site=profile)
