"""An archive that is opened twice in one process keeps the locks of both: POSIX drops them with any closed descriptor."""

import subprocess
import sys
from pathlib import Path

import pytest

from archiver.model.profile import SiteInfo
from archiver.store.archive import Store
from archiver.store.raw_reads import _connections, _descriptors, first_bytes

_COUNT = """
import sys
from pathlib import Path
from archiver.store.archive import Store
with Store.open(Path(sys.argv[1])) as store:
    print(len(store.history.sites()))
"""


def sites_seen_by_another_process(path: Path) -> int:
    command = [sys.executable, "-c", _COUNT, str(path)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def add_site(store: Store, name: str) -> None:
    with store.transaction():
        store.pages.put_site(SiteInfo(name, name, f"http://{name}.example/"))


def test_commits_are_seen_after_the_archive_was_opened_twice(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Store.open(path) as store:
        add_site(store, "one")
        Store.open(path, write=False).close()
        first_bytes(path, 16)
        assert sites_seen_by_another_process(path) == 1
        assert path.with_name("archive.db-wal").exists(), "the other process was not the last one"
        add_site(store, "two")
        assert sites_seen_by_another_process(path) == 2
    assert sites_seen_by_another_process(path) == 2


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists descriptors there")
def test_one_descriptor_is_kept_however_often_an_archive_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Store.open(path):
        Store.open(path, write=False).close()
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            Store.open(path, write=False).close()
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Store.open(path):
        file = (path.stat().st_dev, path.stat().st_ino)
        for _ in range(3):
            Store.open(path, write=False).close()
        assert _descriptors[file]
    assert file not in _descriptors
    assert not _connections[file]
    assert first_bytes(path, 15) == b"SQLite format 3"
    assert file not in _descriptors, "no connection needs it"
