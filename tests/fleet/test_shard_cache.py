"""The folder of the working copies: one for each process, and bounded."""

import os
from pathlib import Path

import pytest

from archiver.app.fleet.worker.shard_cache import ShardCache
from archiver.errors import UsageError


def copy(cache: ShardCache, site: str, size: int, used_at: int) -> Path:
    folder = cache.folder(site)
    (folder / "archive.db").write_bytes(bytes(size))
    os.utime(folder, (used_at, used_at))
    return folder


def test_no_two_workers_use_one_folder_and_the_next_one_finds_the_copies(tmp_path: Path) -> None:
    with ShardCache(tmp_path / "shards", 100) as one, ShardCache(tmp_path / "shards", 100) as two:
        assert one.folder("a") == tmp_path / "shards" / "1" / "a"
        assert two.folder("a") == tmp_path / "shards" / "2" / "a"
        copy(one, "b", 10, 1)
    with ShardCache(tmp_path / "shards", 100) as next_one:
        assert (next_one.folder("b") / "archive.db").stat().st_size == 10


def test_the_copies_that_were_not_used_for_longest_are_deleted(tmp_path: Path) -> None:
    with ShardCache(tmp_path, 100) as cache:
        folders = {site: copy(cache, site, 40, place) for place, site in enumerate("abcd")}
        assert cache.trim({"a"}) == ["b"], "of b, c and d the oldest; a is in use"
        assert [site for site, folder in folders.items() if folder.exists()] == ["a", "c", "d"]
        cache.folder("c")
        copy(cache, "e", 40, 99)
        assert cache.trim(()) == ["d", "a"], "c was used again"


@pytest.mark.parametrize("name", ["..", ".", "a/b", "/etc", "", "A"])
def test_what_is_no_name_of_a_site_is_no_folder(tmp_path: Path, name: str) -> None:
    with ShardCache(tmp_path, 100) as cache, pytest.raises(UsageError, match="not a name of a site"):
        cache.folder(name)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(UsageError, match=r"--shards .*file/shards: cannot be written"),
        ShardCache(tmp_path / "file" / "shards", 100),
    ):
        pass
