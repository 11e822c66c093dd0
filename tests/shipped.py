"""Shards in object storage for tests: an archive is written in a working copy, and published as the next generation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import ShardCopy


@contextmanager
def shipping(storage: str, site: str, folder: Path) -> Iterator[Path]:
    """Yield the path of the archive in a working copy; what the block writes to it is published afterwards."""
    with ShardCopy(folder, open_storage(storage), site) as copy:
        copy.begin(1, "tests")
        with copy.recording():
            yield copy.path
        copy.ship(lambda: None, profile_version=1)
