"""A fleet for tests: a control database in a file, object storage in a folder, and two sites with archives of a month."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.fleet.open_leases import open_leases
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import fetch_shard, newest_generation
from archiver.model.clock import system_clock
from archiver.model.generation import Generation
from archiver.model.lease import FleetSite, Leases
from archiver.model.stored_object import ObjectStorage
from shell import Commands
from two_months import archive_of

_TITLE = 'title = "h3.tieude"'


class Fleet(Commands):
    """The commands on a fleet. `place`: the folder of the object storage, unless an address of another is given."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, storage: str = ""
    ) -> None:
        super().__init__(folder / "archive.db", folder / "profiles", capsys)
        self.folder, self.place = folder, folder / "storage"
        self.selectors.mkdir()
        self.address = str(folder / "fleet.db")
        monkeypatch.setenv("ARCHIVER_FLEET", self.address)
        monkeypatch.setenv("ARCHIVER_STATE", str(folder / "state"))
        self._storage = storage or str(self.place)
        self("fleet", "init", "--storage", self._storage)

    @property
    def storage(self) -> ObjectStorage:
        return open_storage(self._storage)

    def leases(self) -> Leases:
        return open_leases(self.address, system_clock)

    def site(self, name: str) -> FleetSite:
        with self.leases() as leases:
            (found,) = leases.sites(name)[1]
        return found

    def newest(self, site: str) -> Generation:
        found = newest_generation(self.storage, site)
        assert found is not None
        return found

    def begin(self, site: str) -> Path:
        """Add a site with its archive of a month, and return that archive."""
        path = archive_of(site, self.folder / f"{site}-before")
        with closing(sqlite3.connect(path)) as connection:
            (text,) = connection.execute("SELECT profile FROM _extractor ORDER BY extractor_id DESC").fetchone()
        text = text.replace("[crawl]\n", f'[crawl]\nserver = "{site}"\n')
        (self.selectors / f"{site}.toml").write_text(text, encoding="utf-8")
        self("fleet", "add", site, "--from", str(path))
        with self.leases() as leases:
            leases.finish(site, leases.claim_site(site, "before", 60).epoch, 3600, wait=0.0)
        return path

    def change_profile(self, site: str) -> None:
        """Push a version of a profile that reads other titles."""
        file = self.selectors / f"{site}.toml"
        text = file.read_text(encoding="utf-8")
        assert _TITLE in text
        file.write_text(text.replace(_TITLE, r"title = { css = 'h3.tieude', pattern = '(\S+)' }"), encoding="utf-8")
        self("fleet", "add", site)

    def fetched(self, site: str, number: int | None = None) -> Path:
        """Return a new copy of the shard."""
        folder = self.folder / f"{site}-fetched-{len(list(self.folder.iterdir()))}"
        fetch_shard(self.storage, site, folder, number)
        return folder / "archive.db"


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()
