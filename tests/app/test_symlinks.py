"""An archive behind symbolic links: one archive by any name, with the vault and the locks next to the real file."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.crawling.run import lock_site
from archiver.cli import run
from archiver.demo.portal import Portal
from archiver.errors import ArchiveError, SiteBusy
from archiver.maintain.repair.repair import repair
from archiver.maintain.verify.verify import verify
from archiver.settings import Settings, bundled_profiles, find_settings
from archiver.store.archive import Store, vault_path
from archiver.store.real_file import real_file
from filled import fill

Link = Callable[[Path], Path]


def to_file(folder: Path) -> Path:
    """`links/other.db` is a link to `real/archive.db`."""
    (folder / "links").mkdir()
    (folder / "links" / "other.db").symlink_to(folder / "real" / "archive.db")
    return folder / "links" / "other.db"


def relative(folder: Path) -> Path:
    (folder / "archive.db").symlink_to(Path("real") / "archive.db")
    return folder / "archive.db"


def to_folder(folder: Path) -> Path:
    (folder / "data").symlink_to(folder / "real")
    return folder / "data" / "archive.db"


def to_link(folder: Path) -> Path:
    """A link to a link, in a folder that is a link."""
    first = to_file(folder)
    (folder / "links" / "again.db").symlink_to(first)
    (folder / "more").symlink_to(folder / "links")
    return folder / "more" / "again.db"


@pytest.fixture
def real(tmp_path: Path) -> Path:
    (tmp_path / "real").mkdir()
    return tmp_path / "real" / "archive.db"


@pytest.mark.parametrize("link", [to_file, relative, to_folder, to_link])
def test_every_command_finds_the_vault(tmp_path: Path, real: Path, link: Link) -> None:
    name = link(tmp_path)
    around = {path.name for path in name.parent.iterdir()}
    with Portal(articles=2) as portal:
        text = (
            (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").replace("http://127.0.0.1:8911/", portal.url)
        )
        (tmp_path / "demo.toml").write_text(text, encoding="utf-8")
        url = portal.address(portal.items[0])
        commands: list[list[str]] = [
            ["capture", url, "--site", "demo"], ["crawl", "demo"], ["verify", "--deep"], ["show", url], ["stats"], ["extract"],
            ["backup", str(tmp_path / "copy")], ["repair", "--from", str(tmp_path / "copy")], ["export", "csv", "-", "--view", "visits"], ["head"],
            ["show", url, "--format", "raw"], ["verify", "--clean"],
        ]  # fmt: skip
        for command in commands:
            assert run(["--archive", str(name), "--selectors", str(tmp_path), *command]) == 0, command
    assert vault_path(real).is_file()
    if name.parent.resolve() != real.parent:
        new = {path.name for path in name.parent.iterdir()} - around
        assert not [each for each in new if "vault" in each or each.startswith(".") or "-wal" in each]
    assert verify(name, deep=True).whole
    with closing(sqlite3.connect(real)) as connection:
        assert connection.execute("SELECT count(*) FROM _visit").fetchone()[0] > 2


@pytest.mark.parametrize("link", [to_file, relative, to_folder, to_link])
def test_two_names_of_one_archive_share_a_lock(tmp_path: Path, real: Path, link: Link) -> None:
    fill(real, rounds=1)
    name = link(tmp_path)
    one, other = Settings(real).archive, Settings(name).archive
    with lock_site(one, "demo"), pytest.raises(SiteBusy), lock_site(other, "demo"):
        pass
    with lock_site(other, "demo"), pytest.raises(SiteBusy), lock_site(one, "demo"):
        pass


@pytest.mark.parametrize("link", [to_file, relative, to_folder, to_link])
def test_all_files_of_an_archive_follow_links(tmp_path: Path, real: Path, link: Link) -> None:
    fill(real, rounds=2)
    name = link(tmp_path)
    assert find_settings(name).archive.resolve() == real.resolve()
    with Store.open(name) as store:
        assert len(store.evidence.block(1)) > 100
    assert repair(name, stamp="20221021090000").whole
    assert real.is_file()
    assert name.exists()


def test_a_dangling_link_creates_the_archive_at_its_target(tmp_path: Path, real: Path) -> None:
    Store.open(to_file(tmp_path)).close()
    assert real.is_file()
    assert vault_path(real).is_file()


def test_a_vault_next_to_the_link_is_used(tmp_path: Path, real: Path) -> None:
    fill(real, rounds=1)
    name = relative(tmp_path)
    vault_path(real).rename(vault_path(name))
    assert real_file(name) == name
    assert Settings(name).archive == name


def test_a_link_to_itself_is_a_one_line_error(tmp_path: Path) -> None:
    loop = tmp_path / "loop.db"
    loop.symlink_to(loop)
    assert real_file(loop) == loop
    with pytest.raises(ArchiveError, match=r"loop\.db"):
        Store.open(loop)
